"""Pictures of the pages of a document that somebody uploaded, for the signer to look at: a PDF as PNG, an OFD as pure SVG, within bounds.

What is signed is the file, never its picture: a file that cannot be drawn can still be kept and read elsewhere.
"""

from __future__ import annotations

from hub.errors import HubError, NotFound
from hub.signatures.materials import OFD, PDF, PNG
from hub.signing.fonts import FontSet
from hub.signing.ofd import show
from hub.signing.ofd.package import read_package
from hub.signing.pdf_show import page_count, page_png

MAX_PAGES = 20
DPI = 110  # an A4 page is then 909 pixels wide: sharp on a phone that shows it at 375
SVG = "image/svg+xml"


def shown_pages(content: bytes, media_type: str) -> int:
    """Return how many pages can be looked at, at most 20; 0 when the document does not open here."""
    try:
        count = page_count(content) if media_type == PDF else show.page_count(read_package(content))
    except HubError:
        return 0
    return min(count, MAX_PAGES)


def drawn_page(content: bytes, media_type: str, number: int, *, fonts: FontSet) -> tuple[bytes, str]:
    """Return the picture of the page `number`, counted from 0, and its media type; raises NotFound when it cannot be drawn."""
    if number < MAX_PAGES:
        try:
            if media_type == PDF:
                return page_png(content, number, DPI), PNG
            if media_type == OFD:
                return show.page_svg(read_package(content), number, fonts).encode(), SVG
        except HubError:
            pass
    raise NotFound("没有这一页的画面。", "There is no picture of this page.")
