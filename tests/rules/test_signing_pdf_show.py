"""A page of a PDF is shown as a PNG of bounded size, by threads at once as by one; what does not open says so."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from hub.signing.fonts import FontSet
from hub.signing.gbt9704 import lay_out
from hub.signing.pdf_render import render_pdf
from hub.signing.pdf_show import PdfNotShown, page_png
from tests.signing_desk import decision


@pytest.fixture(scope="module")
def pdf(font_file: Path) -> bytes:
    fonts = FontSet(font_file)
    return render_pdf(lay_out(decision(), fonts), fonts)


def test_a_page_is_as_large_as_its_resolution_says(pdf: bytes) -> None:
    assert Image.open(io.BytesIO(page_png(pdf, 0, 96))).size == (794, 1123)


def test_pages_asked_for_at_once_are_all_drawn(pdf: bytes) -> None:
    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(lambda _: page_png(pdf, 0, 30), range(12)))
    assert len(set(drawn)) == 1


@pytest.mark.parametrize(("page", "dpi"), [(-1, 96), (1, 96), (0, 0), (0, 601)])
def test_what_is_not_there_or_too_large_is_refused(pdf: bytes, page: int, dpi: int) -> None:
    with pytest.raises(PdfNotShown):
        page_png(pdf, page, dpi)


def test_a_page_of_monstrous_size_is_refused(pdf: bytes) -> None:
    monstrous = pdf.replace(b"595.276", b"14000.0").replace(b"841.89", b"14000.")
    assert monstrous != pdf
    with pytest.raises(PdfNotShown):
        page_png(monstrous, 0, 600)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04"])
def test_what_is_no_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(PdfNotShown):
        page_png(content, 0, 96)
