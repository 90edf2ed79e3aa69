"""A published document as a picture, page by page, for whoever holds a link to it: what is in the file, seal in place.

A picture proves nothing, and the page says so; it leads to the file and to its verification. Links are those of `hub.web.files`: short-lived,
signed, for one file. Only files this hub published are drawn, so that no stranger's PDF reaches the engine that draws them.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from flask import Blueprint, Response, render_template

from hub.access.policy import Level
from hub.errors import HubError, NotFound
from hub.signing.ofd import show
from hub.signing.ofd.package import read_package
from hub.signing.ofd.verify import looks_like_ofd
from hub.signing.ses_files import looks_like_seal
from hub.web.authentication import answers, this_hub
from hub.web.compose import Hub
from hub.web.files import LinkInvalid, named_by
from hub.web.published import Published, PublishedFile, published_by_file

documents = Blueprint("documents", __name__)

DPI = 144
MAX_SHOWN = 20
MAX_PREVIEWED = 3
SVG, PNG = "image/svg+xml", "image/png"
# An SVG opened by itself is a document: it gets no right to anything.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


@dataclass(frozen=True)
class Shown:
    """What a page about a file shows: the document, the file, how many pages are drawn of how many."""

    document: Published
    file: PublishedFile
    pages: int
    all_pages: int


class PageMissing(NotFound):
    """The document has no page of that number, or it is past the first twenty.

    Cure: download the file and open it in a reader.
    """

    code = "document.page_missing"

    def __init__(self) -> None:
        super().__init__(
            "没有这一页；超过二十页的请下载查看。", "There is no such page; past twenty, download the file."
        )


@documents.get("/documents/<link>")
@answers(Level.PUBLIC)
def page(link: str) -> Response:
    """Show the file a link names as pictures; raises LinkInvalid, LinkExpired, StoredFileLost."""
    hub = this_hub()
    sha256 = named_by(hub, link)
    shown = _shown(hub, sha256)
    answer = Response(render_template("document.html", shown=shown, link=link), mimetype="text/html")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@documents.get("/documents/<link>/<int:number>")
@answers(Level.PUBLIC)
def picture(link: str, number: int) -> Response:
    """Answer one page, from 1, as a picture: SVG of an OFD, PNG of a PDF. Raises PageMissing and as `page` does."""
    hub = this_hub()
    sha256 = named_by(hub, link)
    shown = _shown(hub, sha256)
    if not 1 <= number <= shown.pages:
        raise PageMissing
    media_type, content = drawn(hub.files.read(sha256), number - 1, fonts=hub)
    answer = Response(content, mimetype=media_type, headers={"Content-Security-Policy": PICTURE_POLICY})
    answer.headers["Cache-Control"] = "private, max-age=900"
    return answer


def drawn(content: bytes, number: int, *, fonts: Hub) -> tuple[str, bytes]:
    """Return media type and picture of a page (from 0) of a PDF or OFD; raises what showing it raises."""
    if content.startswith(b"%PDF-"):
        from hub.signing.pdf_show import page_png

        return PNG, page_png(content, number, DPI)
    return SVG, show.page_svg(read_package(content), number, fonts.fonts).encode()


def pictures_of(content: bytes, hub: Hub, *, ours: bool) -> tuple[str, ...]:
    """Return the first pages of a file as `data:` addresses; () for a PDF that is not ours, and for what cannot be shown."""
    if content.startswith(b"%PDF-") and not ours:
        return ()  # no stranger's file reaches the engine that draws PDFs
    if not (content.startswith(b"%PDF-") or looks_like_ofd(content)):
        return ()
    try:
        shown = [drawn(content, number, fonts=hub) for number in range(min(pages_of(content), MAX_PREVIEWED))]
    except HubError:  # the verdict says what is wrong with it
        return ()
    return tuple(f"data:{media_type};base64,{base64.b64encode(body).decode()}" for media_type, body in shown)


def form_of(content: bytes) -> str | None:
    """Return OFD, PDF or ESL (a bare e-seal) by what the bytes look like, None for anything else."""
    if content.startswith(b"%PDF-"):
        return "PDF"
    if looks_like_ofd(content):
        return "OFD"
    return "ESL" if looks_like_seal(content) else None


def pages_of(content: bytes) -> int:
    """Return how many pages a PDF or OFD has; raises what showing it raises."""
    if content.startswith(b"%PDF-"):
        from hub.signing.pdf_show import page_count

        return page_count(content)
    return show.page_count(read_package(content))


def _shown(hub: Hub, sha256: str) -> Shown:
    with hub.database.reading() as session:
        document = published_by_file(session, sha256, on=hub.clock.today())
    if document is None:
        raise LinkInvalid
    file = next(each for each in document.files if each.sha256 == sha256)
    count = pages_of(hub.files.read(sha256))
    return Shown(document, file, min(count, MAX_SHOWN), count)
