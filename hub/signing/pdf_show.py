"""Shows a page of a PDF as a PNG, with PDFium: the engine browsers show PDFs with, loaded when first asked.

The picture is for looking at; nothing is verified by it. PDFium is not safe for threads, so one page at a time is drawn in a process.
"""

from __future__ import annotations

import io
import threading
from typing import Any

from hub.errors import HubError

MAX_PIXELS = 25_000_000  # A4 at 500 dpi, 100 MB while drawn
MAX_DPI = 600
POINTS_PER_INCH = 72
_DRAWING = threading.Lock()


class PdfNotShown(HubError):
    """The PDF does not open, has no such page, or the picture asked for is too large.

    Cure: check the file, the page (counted from 0) and the resolution.
    """

    code = "pdf.not_shown"

    def __init__(self, reason_zh: str, reason_en: str) -> None:
        super().__init__(f"PDF 无法显示：{reason_zh}。", f"The PDF cannot be shown: {reason_en}.")


def page_count(pdf: bytes) -> int:
    """Return how many pages the PDF has; raise PdfNotShown."""
    import pypdfium2

    with _DRAWING:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise PdfNotShown("文件无法打开", "the file does not open") from error
        try:
            return len(document)
        finally:
            document.close()


def page_png(pdf: bytes, page: int, dpi: int = 96) -> bytes:
    """Return the page (from 0) as a PNG of at most 25 million pixels, annotations and seals included; raise PdfNotShown."""
    import pypdfium2

    if not 1 <= dpi <= MAX_DPI:
        raise PdfNotShown("分辨率超出范围", "resolution out of range")
    with _DRAWING:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise PdfNotShown("文件无法打开", "the file does not open") from error
        try:
            return _drawn(document, page, dpi / POINTS_PER_INCH)
        except pypdfium2.PdfiumError as error:
            raise PdfNotShown("页面无法打开", "the page does not open") from error
        finally:
            document.close()


def _drawn(document: Any, page: int, scale: float) -> bytes:
    if not 0 <= page < len(document):
        raise PdfNotShown("没有这一页", "no such page")
    opened = document[page]
    width, height = opened.get_size()
    if not 0 < width * height * scale * scale <= MAX_PIXELS:
        raise PdfNotShown("图像太大", "the picture would be too large")
    output = io.BytesIO()
    opened.render(scale=scale).to_pil().save(output, "PNG")
    return output.getvalue()
