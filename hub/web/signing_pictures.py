"""Pictures of the pages of a PDF that somebody uploaded, for the signer to look at; drawn by PDFium, within bounds.

What is signed is the file, never its picture: a file that cannot be drawn can still be kept and read elsewhere. The library is loaded when
a page is first drawn.
"""

from __future__ import annotations

import io
import threading

MAX_PAGES = 20
WIDTH_PIXELS = 900
MAX_RATIO = 4
"""How many times longer than wide a page may be and still be drawn."""

_one_at_a_time = threading.Lock()  # PDFium must not be entered by two threads


def shown_pages(content: bytes) -> int:
    """Return how many pages can be drawn, at most 20; 0 when the document does not open."""
    import pypdfium2

    with _one_at_a_time:
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError:
            return 0
        try:
            return min(len(document), MAX_PAGES)
        finally:
            document.close()


def drawn_page(content: bytes, number: int) -> bytes | None:
    """Return the page `number`, counted from 0, as PNG 900 pixels wide; None when there is no such page or it cannot be drawn."""
    import pypdfium2

    with _one_at_a_time:
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError:
            return None
        try:
            return _drawn(document, number) if number < min(len(document), MAX_PAGES) else None
        except pypdfium2.PdfiumError:
            return None
        finally:
            document.close()


def _drawn(document: object, number: int) -> bytes | None:
    page = document[number]  # type: ignore[index]
    width, height = page.get_size()
    if not width > 0 or not 0 < height <= MAX_RATIO * width:
        return None
    image = page.render(scale=WIDTH_PIXELS / width).to_pil()
    kept = io.BytesIO()
    image.convert("RGB").save(kept, "PNG")
    return kept.getvalue()
