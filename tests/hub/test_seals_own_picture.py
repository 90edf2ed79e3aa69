"""An imported seal is shown as its own picture says, a PNG, a JPEG or an OFD, and not as its name would be drawn."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path as File

import pytest
from PIL import Image as Pillow

from hub.signing.fonts import FontSet
from hub.signing.layout import Colour, Image, Layout, Page, Path, SealPlace
from hub.signing.ofd.write import render_ofd
from hub.signing.pdf_impressions import print_seal
from hub.signing.pdf_render import render_pdf
from hub.signing.pdf_show import page_png
from hub.signing.placing import Impression
from hub.signing.seal_drawing import SealShape, draw_seal, seal_marks
from hub.signing.seal_own_picture import picture_marks
from hub.signing.seal_picture import seal_picture
from hub.signing.ses_structures import parse_seal
from hub.signing.ses_values import Picture
from tests.seal_desk import DRAWING, sample

NAMED = SealShape("示例机关", "行政审批专用章", 40, demonstration=False)
BLANK = Layout((Page(()),), SealPlace(0, 105, 150), title="", author="", subject="")
DPI, MM = 72, 72 / 25.4


@pytest.fixture(scope="module")
def fonts(font_file: File) -> FontSet:
    return FontSet(font_file)


def raster(form: str, colour: tuple[int, ...]) -> bytes:
    """A picture of one colour."""
    file = io.BytesIO()
    Pillow.new("RGBA" if len(colour) == 4 else "RGB", (40, 40), colour).save(file, form)
    return file.getvalue()


def shown(picture: Picture, fonts: FontSet, *, x: float = 105, y: float = 150) -> tuple[int, ...]:
    """The colour at a place of a page on which the seal stands in the middle, in millimetres."""
    drawing = draw_seal(replace(NAMED, picture=picture), fonts)
    pdf = print_seal(render_pdf(BLANK, fonts), drawing, [Impression(page=0, x_mm=85, y_mm=130, side_mm=40)])
    page = Pillow.open(io.BytesIO(page_png(pdf, 0, DPI))).convert("RGB")
    colour = page.getpixel((round(x * MM), round(y * MM)))
    assert isinstance(colour, tuple)
    return colour


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_an_image_is_what_the_seal_looks_like(fonts: FontSet, form: str) -> None:
    red, green, blue = shown(Picture(form, raster(form, (0, 0, 255)), 40, 40), fonts, x=87, y=132)
    assert blue > 240 and red < 10 and green < 10


def test_what_is_transparent_in_the_picture_shows_the_page(fonts: FontSet) -> None:
    assert shown(Picture("PNG", raster("PNG", (0, 0, 255, 0)), 40, 40), fonts) == (255, 255, 255)


def test_a_picture_that_is_less_high_than_wide_keeps_its_form(fonts: FontSet) -> None:
    flat = Picture("PNG", raster("PNG", (0, 0, 255)), 40, 20)
    assert shown(flat, fonts, y=135) == (255, 255, 255) and shown(flat, fonts, y=145) == (0, 0, 255)


def test_a_seal_of_another_maker_is_shown_as_its_picture(fonts: FontSet) -> None:
    picture = parse_seal(sample("UserV4.esl")).picture
    (mark,) = seal_marks(draw_seal(replace(NAMED, picture=picture), fonts), 100, 100)
    assert isinstance(mark, Image) and (mark.x_mm, mark.y_mm, mark.width_mm) == (80, 80, 40)


def test_an_ofd_of_ours_comes_back_as_the_same_outlines(fonts: FontSet) -> None:
    drawing = draw_seal(NAMED, fonts)
    marks = picture_marks(seal_picture(drawing, fonts, "章"), 40, fonts)
    assert len(marks) == len(drawing.fills) + 1 and all(isinstance(mark, Path) for mark in marks)
    assert shown(seal_picture(drawing, fonts, "章"), fonts, y=149) == shown_by_name(fonts, y=149) != (255, 255, 255)


def shown_by_name(fonts: FontSet, *, y: float) -> tuple[int, ...]:
    """The colour where the seal is drawn from its name."""
    pdf = print_seal(
        render_pdf(BLANK, fonts), draw_seal(NAMED, fonts), [Impression(page=0, x_mm=85, y_mm=130, side_mm=40)]
    )
    colour = Pillow.open(io.BytesIO(page_png(pdf, 0, DPI))).convert("RGB").getpixel((round(105 * MM), round(y * MM)))
    assert isinstance(colour, tuple)
    return colour


def test_an_image_inside_an_ofd_picture_is_placed(fonts: FontSet) -> None:
    layout = replace(
        BLANK, width_mm=40, height_mm=40, pages=(Page((Image(raster("PNG", (0, 0, 255)), 10, 10, 20, 20),)),)
    )
    picture = Picture("ofd", render_ofd(layout, fonts), 40, 40)
    assert shown(picture, fonts) == (0, 0, 255) and shown(picture, fonts, x=88, y=133) == (255, 255, 255)


def test_a_hole_in_an_outline_stays_a_hole(fonts: FontSet) -> None:
    def square(half: float) -> tuple[tuple[str, tuple[float, ...]], ...]:
        corners = ((-half, -half), (half, -half), (half, half), (-half, half))
        return (*(("L" if n else "M", (20 + x, 20 + y)) for n, (x, y) in enumerate(corners)), ("Z", ()))

    ring = Path((*square(15), *square(5)), fill=Colour(0, 0, 1), even_odd=True)
    picture = Picture(
        "ofd", render_ofd(replace(BLANK, width_mm=40, height_mm=40, pages=(Page((ring,)),)), fonts), 40, 40
    )
    assert shown(picture, fonts) == (255, 255, 255) and shown(picture, fonts, x=95, y=140) == (0, 0, 255)


@pytest.mark.parametrize(
    "picture",
    [
        Picture("SVG", DRAWING, 42, 42),
        Picture("ofd", b"no package", 42, 42),
        Picture("PNG", b"no image", 42, 42),
        Picture("PNG", raster("PNG", (0, 0, 255))[:60], 42, 42),
        Picture("PNG", raster("PNG", (0, 0, 255)), 0, 42),
    ],
)
def test_a_picture_that_cannot_be_shown_leaves_the_drawing_of_the_name(fonts: FontSet, picture: Picture) -> None:
    assert not draw_seal(replace(NAMED, picture=picture), fonts).own
