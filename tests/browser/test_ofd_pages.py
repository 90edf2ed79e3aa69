"""What an OFD of ours looks like: the same as the PDF of its layout, and in a reader that is not ours the text and the seal in place."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageChops

from hub.signing.fonts import FontSet
from hub.signing.gbt9704 import lay_out
from hub.signing.layout import Layout, Text
from hub.signing.ofd.package import read_package
from hub.signing.ofd.show import page_svg
from hub.signing.ofd.write import render_ofd
from hub.signing.pdf_render import render_pdf
from hub.signing.pdf_show import page_png
from hub.signing.placing import Impression
from hub.signing.seal_drawing import SealShape, draw_seal
from hub.signing.seal_picture import seal_picture
from tests.browser.ofd_js import show_with_ofd_js
from tests.seal_desk import found_seal_desk
from tests.signing_desk import ISSUER, decision

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTH, HEIGHT, DPI = 794, 1123, 96
SIDE = 42.0
PIXELS_PER_MM = DPI / 25.4
COARSE = (53, 75)  # pictures are compared as a person does from a step away: 15 pixels to one
Picture = Image.Image


@dataclass(frozen=True)
class Sealed:
    """A laid-out decision, its sealed OFD, and the box of its seal in millimetres."""

    layout: Layout
    fonts: FontSet
    content: bytes
    box: tuple[float, float]


@pytest.fixture(scope="module")
def sealed(font_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    fonts = FontSet(font_file)
    desk = found_seal_desk(tmp_path_factory.mktemp("desk"))
    layout = lay_out(decision(), fonts)
    drawing = draw_seal(SealShape(ISSUER, "行政审批专用章", SIDE, demonstration=True), fonts)
    wanted = replace(desk.wanted(), picture=seal_picture(drawing, fonts, "沣东新城行政审批专用章"))
    corner = layout.seal.x_mm - SIDE / 2, layout.seal.y_mm - SIDE / 2
    place = Impression(layout.seal.page, *corner, SIDE)
    act = desk.act(seal=desk.seal(wanted), places=(place,), timestamp=None)
    return Sealed(layout, fonts, desk.sealed(act, render_ofd(layout, fonts)), corner)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    yield context.new_page()
    context.close()


def photographed(page: Page) -> Picture:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def svg_picture(page: Page, content: bytes, fonts: FontSet | None = None) -> Picture:
    page.set_content(f"<body style='margin:0'>{page_svg(read_package(content), 0, fonts)}</body>")
    return photographed(page)


def unlikeness(one: Picture, other: Picture) -> float:
    """Return the mean difference of two pictures seen coarsely, from 0 to 255."""
    difference = ImageChops.difference(one.resize(COARSE), other.resize(COARSE)).convert("L")
    values = difference.tobytes()
    return sum(values) / len(values)


def redness(picture: Picture, box: tuple[float, float, float, float]) -> float:
    """Return the share of red pixels in a box of millimetres."""
    cut = picture.crop(tuple(round(value * PIXELS_PER_MM) for value in box))  # type: ignore[arg-type]
    values = cut.tobytes()
    pixels = list(zip(values[::3], values[1::3], values[2::3], strict=True))
    return sum(red > 180 and green < 120 and blue < 120 for red, green, blue in pixels) / len(pixels)


@pytest.mark.parametrize("embed", [True, False])
def test_an_ofd_looks_like_the_pdf_of_its_layout(page: Page, sealed: Sealed, *, embed: bool) -> None:
    content = render_ofd(sealed.layout, sealed.fonts, embed=embed)
    pdf = Image.open(io.BytesIO(page_png(render_pdf(sealed.layout, sealed.fonts), 0, DPI))).convert("RGB")
    blank = Image.new("RGB", pdf.size, "white")
    shown = svg_picture(page, content, sealed.fonts)
    assert unlikeness(shown, pdf) < 1.5 < 4 * 1.5 < unlikeness(shown, blank)


def test_our_own_picture_has_the_seal_over_issuer_and_date(page: Page, sealed: Sealed) -> None:
    x, y = sealed.box
    unsealed = svg_picture(page, render_ofd(sealed.layout, sealed.fonts))
    shown = svg_picture(page, sealed.content)
    box = (x, y, x + SIDE, y + SIDE)
    assert redness(shown, box) > 0.1 and redness(unsealed, box) < 0.01


@pytest.fixture
def stranger(page: Page, sealed: Sealed) -> Iterator[tuple[Page, list[str]]]:
    """The sealed document as ofd.js shows it, with what it said about it."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    show_with_ofd_js(page, sealed.content, WIDTH + 10)
    yield page, said


def test_a_reader_that_is_not_ours_shows_the_text(stranger: tuple[Page, list[str]], sealed: Sealed) -> None:
    wanted = "".join(mark.text for mark in sealed.layout.pages[0].marks if isinstance(mark, Text))
    assert "".join(stranger[0].locator("body").inner_text().split()) == "".join(wanted.split())


def test_a_reader_that_is_not_ours_shows_the_seal_in_place(stranger: tuple[Page, list[str]], sealed: Sealed) -> None:
    page, _ = stranger
    seal = page.locator("[name=seal_img_div]").bounding_box()
    sheet = page.locator("body > div").first.bounding_box()
    assert seal is not None and sheet is not None
    scale = sheet["width"] / sealed.layout.width_mm
    corner = (seal["x"] - sheet["x"]) / scale, (seal["y"] - sheet["y"]) / scale
    assert corner == pytest.approx(sealed.box, abs=1.0)
    sides = [value / PIXELS_PER_MM for value in (seal["x"], seal["y"], seal["width"], seal["height"])]
    box = (sides[0], sides[1], sides[0] + sides[2], sides[1] + sides[3])
    assert redness(photographed(page), box) > 0.03


def test_a_reader_that_is_not_ours_finds_the_signature_good(stranger: tuple[Page, list[str]]) -> None:
    assert any("verifyRet: true" in each for each in stranger[1])
