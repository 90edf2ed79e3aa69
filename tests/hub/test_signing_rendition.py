"""A rendition shows the seal as print and is signed by the hub; a cross-page seal is printed within what the organ seals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub.signing.gbt9704 import lay_out
from hub.signing.keys import Purpose
from hub.signing.layout import Layout
from hub.signing.pades import RenditionAct, SealingAct, seal_pdf, sign_rendition
from hub.signing.pdf_impressions import print_seal
from hub.signing.pdf_render import render_pdf
from hub.signing.placing import across_edges, impression_at
from hub.signing.seal_drawing import SealDrawing, SealShape, draw_seal
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from tests.signing_desk import ISSUER, SIGNED, SigningDesk, decision, found_desk, voice

REASON = "阅览件，以 OFD 原件为准"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> SigningDesk:
    return found_desk(tmp_path_factory.mktemp("rendition"), font_file)


@pytest.fixture(scope="module")
def layout(desk: SigningDesk) -> Layout:
    return lay_out(decision(paragraphs=12), desk.fonts)


@pytest.fixture(scope="module")
def drawing(desk: SigningDesk) -> SealDrawing:
    return draw_seal(SealShape(ISSUER, "行政审批专用章", 42.0, demonstration=True), desk.fonts)


@pytest.fixture(scope="module")
def rendition(desk: SigningDesk, layout: Layout, drawing: SealDrawing) -> bytes:
    act = RenditionAct(
        key=desk.store.open(Purpose.SEAL, "bureau"),
        chain=desk.seal_chain,
        drawing=drawing,
        impressions=[impression_at(layout.seal, 42.0)],
        signed_at=SIGNED,
        timestamp=desk.client().token,
        reason=REASON,
    )
    return sign_rendition(render_pdf(layout, desk.fonts), act)


@pytest.fixture(scope="module")
def across(desk: SigningDesk, layout: Layout, drawing: SealDrawing) -> bytes:
    act = SealingAct(
        key=desk.store.open(Purpose.SEAL, "bureau"),
        chain=desk.seal_chain,
        drawing=drawing,
        place=layout.seal,
        signed_at=SIGNED,
        timestamp=desk.client().token,
        reason="批复",
        strips=across_edges(layout, 42.0),
    )
    return seal_pdf(render_pdf(layout, desk.fonts), act)


def red_pixels(pdf: bytes, folder: Path, *, page: int, box: tuple[int, int, int, int]) -> int:
    """Return how many pixels of the box (left, top, right, bottom, in millimetres) are the seal's red at 72 dpi, as Poppler draws it."""
    (folder / "shown.pdf").write_bytes(pdf)
    said = voice(
        "pdftoppm",
        "poppler-utils",
        "-r",
        "72",
        "-f",
        str(page + 1),
        "-l",
        str(page + 1),
        "-singlefile",
        folder / "shown.pdf",
        folder / "shown",
    )
    pixels = (folder / "shown.ppm").read_bytes()
    assert not said
    width, height = (int(part) for part in pixels.split(b"\n", 3)[1].split())
    body = pixels[-3 * width * height :]
    left, top, right, bottom = (round(mm / 25.4 * 72) for mm in box)
    points = (body[3 * (y * width + x) :][:3] for y in range(top, bottom) for x in range(left, min(right, width)))
    return sum(red > 190 and green < 120 and blue < 120 for red, green, blue in points)


def test_a_rendition_passes_as_what_it_is(desk: SigningDesk, rendition: bytes) -> None:
    assert verify_document(rendition, desk.anchors, SIGNED).outcome is Outcome.PASSED


def test_the_signature_of_a_rendition_shows_nothing(rendition: bytes) -> None:
    assert b"Rendition1" in rendition and b"Seal1" not in rendition and b"/AP" not in rendition.split(b"%%EOF")[-2]


def test_pdfsig_finds_the_rendition_valid_over_the_total_document(rendition: bytes, tmp_path: Path) -> None:
    (tmp_path / "rendition.pdf").write_bytes(rendition)
    said = voice("pdfsig", "poppler-utils", tmp_path / "rendition.pdf")
    assert "Signature is Valid." in said and "Total document signed" in said


def test_a_rendition_shows_the_seal_in_its_place(rendition: bytes, layout: Layout, tmp_path: Path) -> None:
    x, y = round(layout.seal.x_mm), round(layout.seal.y_mm)
    box = (x - 22, y - 22, x + 22, y + 22)
    assert red_pixels(rendition, tmp_path, page=layout.seal.page, box=box) > 1000


def test_a_cross_page_seal_shows_on_the_right_edge_of_every_page(across: bytes, layout: Layout, tmp_path: Path) -> None:
    assert len(layout.pages) > 1
    for page in range(len(layout.pages)):
        assert red_pixels(across, tmp_path, page=page, box=(195, 127, 210, 170)) > 50


def test_a_cross_page_seal_is_within_what_is_sealed(desk: SigningDesk, across: bytes) -> None:
    assert verify_document(across, desk.anchors, SIGNED).outcome is Outcome.PASSED


def test_a_strip_shows_only_its_own_part(
    desk: SigningDesk, layout: Layout, drawing: SealDrawing, tmp_path: Path
) -> None:
    plain = render_pdf(replace(layout, pages=layout.pages[:2]), desk.fonts)
    shown = print_seal(plain, drawing, across_edges(replace(layout, pages=layout.pages[:2]), 42.0))
    assert red_pixels(shown, tmp_path, page=1, box=(150, 127, 188, 170)) == 0


def test_printing_a_seal_signs_nothing(desk: SigningDesk, layout: Layout, drawing: SealDrawing) -> None:
    shown = print_seal(render_pdf(layout, desk.fonts), drawing, [impression_at(layout.seal, 42.0)])
    assert b"/ByteRange" not in shown and shown.startswith(render_pdf(layout, desk.fonts))
