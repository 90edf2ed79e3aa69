"""A page of anybody's OFD is shown as pure SVG: outlines, images as data, seals in place; no script, reference or font gets through."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as File

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from lxml import etree

from hub.signing.fonts import FontSet
from hub.signing.gbt9704 import lay_out
from hub.signing.layout import Image, Layout, Page, SealPlace, Text
from hub.signing.ofd.faults import OfdPageMissing, OfdTooComplex, XmlTooDeep
from hub.signing.ofd.glyphs import EmbeddedFont
from hub.signing.ofd.package import Package, read_package, write_package
from hub.signing.ofd.show import page_count, page_svg
from hub.signing.ofd.svg_picture import plain_shapes
from hub.signing.ofd.write import render_ofd
from hub.signing.placing import Impression
from hub.signing.ses_making import Picture
from tests.seal_desk import PLACE, SealDesk, found_seal_desk, sample, small_ofd
from tests.signing_desk import decision

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
SHAPES = {"svg", "defs", "g", "path", "use", "image", "rect", "circle", "clipPath", "text"}
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
SAMPLES = ("DigitalSign", "SESV4SignDoc", "allprotected", "helloworld", "namespace_no_std", "path_unstd")


@pytest.fixture(scope="module")
def fonts(font_file: File) -> FontSet:
    return FontSet(font_file)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> SealDesk:
    return found_seal_desk(tmp_path_factory.mktemp("desk"))


def shown(package: Package, fonts: FontSet | None = None, page: int = 0) -> etree._Element:
    return etree.fromstring(page_svg(package, page, fonts).encode())


def with_entry(ofd: bytes, contents: Mapping[str, bytes]) -> Package:
    return Package({**read_package(ofd).entries, **contents})


def with_content(body: str, **files: bytes) -> Package:
    """The smallest sample with another content of its page; `files` go into its resources' folder."""
    content = f"<Page><Content><Layer>{body}</Layer></Content></Page>".encode()
    return with_entry(sample("helloworld.ofd"), {"Doc_0/Pages/Page_0/Content.xml": content, **files})


def sealed_with(desk: SealDesk, picture: Picture, places: tuple[Impression, ...] = (PLACE,)) -> Package:
    seal = desk.seal(replace(desk.wanted(), picture=picture))
    return read_package(desk.sealed(desk.act(seal=seal, timestamp=None, places=places)))


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("with_fonts", [True, False])
def test_every_sample_is_shown_with_nothing_but_shapes(name: str, fonts: FontSet, *, with_fonts: bool) -> None:
    package = read_package(sample(f"{name}.ofd"))
    for page in range(page_count(package)):
        picture = shown(package, fonts if with_fonts else None, page)
        assert {each.tag.removeprefix(SVG) for each in picture.iter()} <= SHAPES
        assert all(
            each.get(LINK).startswith(("#", "data:image/png;base64,")) for each in picture.iter() if each.get(LINK)
        )


def test_every_character_of_a_layout_is_drawn_as_an_outline(fonts: FontSet) -> None:
    layout = lay_out(decision(), fonts)
    picture = shown(read_package(render_ofd(layout, fonts)))
    wanted = "".join(mark.text for mark in layout.pages[0].marks if isinstance(mark, Text)).replace(" ", "")
    assert sum(1 for _ in picture.iter(f"{SVG}use")) == len(wanted) and not list(picture.iter(f"{SVG}text"))


def test_embedded_and_named_fonts_look_the_same_with_the_hubs_fonts(fonts: FontSet) -> None:
    layout = lay_out(decision(), fonts)
    assert page_svg(read_package(render_ofd(layout, fonts, embed=False)), 0, fonts) == page_svg(
        read_package(render_ofd(layout, fonts)), 0, fonts
    )


def test_without_fonts_text_stays_text_and_is_escaped() -> None:
    picture = shown(
        with_content("<TextObject Size='5'><TextCode X='1' Y='2' DeltaX='5'>&lt;字</TextCode></TextObject>")
    )
    text = next(picture.iter(f"{SVG}text"))
    assert (text.text, text.get("x"), text.get("y")) == ("<字", "1 6", "2 2")


def test_a_character_no_font_has_is_seen_to_be_missing(fonts: FontSet) -> None:
    picture = shown(with_content("<TextObject Size='5'><TextCode>\u0e01</TextCode></TextObject>"), fonts)
    assert len(list(picture.iter(f"{SVG}use"))) == 1


def test_the_size_of_the_picture_is_that_of_the_page() -> None:
    picture = shown(read_package(sample("helloworld.ofd")))
    assert (picture.get("width"), picture.get("height"), picture.get("viewBox")) == ("210mm", "297mm", "0 0 210 297")


def test_an_image_is_shown_as_data_of_its_kind_and_once(fonts: FontSet) -> None:
    layout = Layout((Page((Image(PNG, 9, 9, 9, 9), Image(PNG, 9, 29, 9, 9))),), SealPlace(0, 9, 9), "", "", "")
    picture = shown(read_package(render_ofd(layout, fonts)))
    images = list(picture.iter(f"{SVG}image"))
    assert len(images) == 1 and images[0].get(LINK) == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert len(list(picture.iter(f"{SVG}use"))) == 2


def test_an_image_of_another_kind_is_left_out(fonts: FontSet) -> None:
    layout = Layout((Page((Image(PNG, 9, 9, 9, 9),)),), SealPlace(0, 9, 9), "", "", "")
    package = with_entry(render_ofd(layout, fonts), {"Doc_0/Res/Image_0.png": b"<svg onload='alert(1)'/>"})
    assert "alert" not in page_svg(package, 0) and not list(shown(package).iter(f"{SVG}image"))


@pytest.mark.parametrize("name", ["SESV4SignDoc.ofd", "allprotected.ofd"])
def test_the_seal_of_a_sample_stands_where_its_signature_puts_it(name: str) -> None:
    picture = page_svg(read_package(sample(name)), 0)
    assert 'transform="translate(50 50)"' in picture and 'transform="scale(40 40)"' in picture


def test_a_seal_drawn_as_a_document_is_shown_as_its_paths(desk: SealDesk, fonts: FontSet) -> None:
    inner = render_ofd(Layout((Page(()),), SealPlace(0, 1, 1), "", "", "", 42, 42), fonts)
    path = "<PathObject Fill='true'><AbbreviatedData>M 1 2 L 3 4 C</AbbreviatedData></PathObject>"
    content = f"<Page><Content><Layer>{path}</Layer></Content></Page>".encode()
    drawn = with_entry(inner, {"Doc_0/Pages/Page_0/Content.xml": content})
    package = sealed_with(desk, Picture("ofd", write_package(drawn.entries), 42, 42))
    assert "M1 2L3 4Z" in page_svg(package, 0) and f"translate({PLACE.x_mm:g} {PLACE.y_mm:g})" in page_svg(package, 0)


def test_a_strip_of_a_seal_is_clipped(desk: SealDesk) -> None:
    place = replace(PLACE, strip=(0.0, 10.5))
    picture = shown(sealed_with(desk, Picture("PNG", PNG, 42, 42), places=(place,)))
    clip = next(picture.iter(f"{SVG}clipPath"))[0]
    assert [clip.get(name) for name in ("x", "y", "width", "height")] == ["0", "0", "10.5", "42"]


def test_a_seal_that_came_as_svg_keeps_only_plain_shapes() -> None:
    hostile = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="42mm" height="42mm" onload="alert(1)"><script>alert(2)</script>'
        b'<style>*{fill:url(http://localhost/x)}</style><image href="http://localhost/a.png"/><foreignObject><a/></foreignObject>'
        b'<g transform="rotate(3)" onclick="x()"><path d="M0 0L1 1" fill="url(#x)" stroke="#f00"/></g><a href="x"><path d="M2 2"/></a></svg>'
    )
    box, shapes = plain_shapes(hostile)
    assert box == (0, 0, 42, 42)
    assert shapes == '<g transform="rotate(3)"><path d="M0 0L1 1" stroke="#f00"></path></g>'


@pytest.mark.parametrize(
    "picture",
    [
        Picture("ofd", b"PK", 42, 42),
        Picture("svg", b"<x/>", 42, 42),
        Picture("GIF", b"GIF89a", 42, 42),
        Picture("PNG", b"", 42, 42),
    ],
)
def test_a_seal_whose_picture_cannot_be_shown_leaves_an_empty_stamp(desk: SealDesk, picture: Picture) -> None:
    assert "stroke-dasharray" in page_svg(sealed_with(desk, picture), 0)


def test_a_seal_within_a_seal_is_not_followed(desk: SealDesk) -> None:
    inner = desk.sealed(
        desk.act(seal=desk.seal(replace(desk.wanted(), picture=Picture("PNG", PNG, 42, 42))), timestamp=None)
    )
    assert not list(shown(sealed_with(desk, Picture("ofd", inner, 42, 42))).iter(f"{SVG}image"))


def test_signatures_that_cannot_be_read_leave_the_page_as_it_is(desk: SealDesk) -> None:
    sealed = desk.sealed()
    list_name = next(name for name in read_package(sealed).entries if name.endswith("Signatures.xml"))
    assert page_svg(with_entry(sealed, {list_name: b"<"}), 0) == page_svg(read_package(small_ofd()), 0)


def composites(count: int, each: int) -> bytes:
    """Composite units that each hold `each` references to the next."""
    made = "".join(
        f"<CompositeGraphicUnit ID='{number + 10}'><Content>"
        + f"<CompositeObject ResourceID='{number + 11}'/>" * each
        + "</Content></CompositeGraphicUnit>"
        for number in range(count)
    )
    return f"<Res><CompositeGraphicUnits>{made}</CompositeGraphicUnits></Res>".encode()


def test_composites_nested_too_deep_are_refused() -> None:
    package = with_content("<CompositeObject ResourceID='10'/>", **{"Doc_0/PublicRes.xml": composites(20, 1)})
    with pytest.raises(XmlTooDeep):
        page_svg(package, 0)


def test_composites_that_multiply_are_refused() -> None:
    package = with_content("<CompositeObject ResourceID='10'/>", **{"Doc_0/PublicRes.xml": composites(7, 30)})
    with pytest.raises(OfdTooComplex):
        page_svg(package, 0)


def test_a_picture_grows_no_larger_than_its_bound() -> None:
    path = f"<PathObject><AbbreviatedData>{'L 1 2 ' * 100_000}</AbbreviatedData></PathObject>"
    unit = f"<CompositeGraphicUnit ID='10'><Content>{path}</Content></CompositeGraphicUnit>"
    resources = {"Doc_0/PublicRes.xml": f"<Res><CompositeGraphicUnits>{unit}</CompositeGraphicUnits></Res>".encode()}
    with pytest.raises(OfdTooComplex):
        page_svg(with_content("<CompositeObject ResourceID='10'/>" * 60, **resources), 0)


def test_a_page_that_is_not_there_is_refused() -> None:
    with pytest.raises(OfdPageMissing):
        page_svg(read_package(small_ofd()), 1)


def test_a_damaged_font_is_no_font_and_the_hubs_own_is_used(fonts: FontSet) -> None:
    content = render_ofd(lay_out(decision(), fonts), fonts)
    whole = read_package(content).entries["Doc_0/Res/Font_0.ttf"]
    for damaged in (
        b"",
        b"\x00\x01\x00\x00",
        whole[:200],
        whole[:4] + b"\xff" * 300,
        whole[:-9000],
        b"OTTO" + whole[4:],
    ):
        picture = shown(with_entry(content, {"Doc_0/Res/Font_0.ttf": damaged}), fonts)
        assert len(list(picture.iter(f"{SVG}use"))) > 100


def test_a_glyph_made_of_ever_more_parts_has_no_outline() -> None:
    names = [".notdef", *(f"g{number}" for number in range(30))]
    glyphs = {".notdef": TTGlyphPen(None).glyph(), "g29": TTGlyphPen(None).glyph()}
    for number in range(29):
        pen = TTGlyphPen(dict.fromkeys(names))
        for _ in range(2):
            pen.addComponent(f"g{number + 1}", (1, 0, 0, 1, 0, 0))
        glyphs[f"g{number}"] = pen.glyph()
        vars(glyphs[f"g{number}"]).update(xMin=0, yMin=0, xMax=9, yMax=9)  # fontTools would draw it to find out
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({65: "g0"})
    builder.setupGlyf(glyphs, calcGlyphBounds=False)
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.font.recalcBBoxes = False
    output = io.BytesIO()
    builder.save(output)
    assert EmbeddedFont(output.getvalue()).glyph("A", None) is None


def test_no_number_in_a_picture_has_an_exponent(fonts: FontSet) -> None:
    picture = page_svg(
        with_content(
            "<PathObject Boundary='0.00000001 1234567 1 1'><AbbreviatedData>M 1e-9 1e6</AbbreviatedData></PathObject>"
        ),
        0,
        fonts,
    )
    assert not re.search(r"\de[-+]?\d", picture)
