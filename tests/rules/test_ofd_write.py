"""A layout becomes an OFD: the same bytes each time, its texts where they belong, in schema order, with what GB/T 36905 asks to be in it."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from datetime import date
from pathlib import Path as File

import pytest
from fontTools.ttLib import TTFont

from hub.signing.fonts import Face, FontSet
from hub.signing.gbt9704 import lay_out
from hub.signing.layout import (
    OFFICIAL_RED,
    Code,
    Image,
    ImageRefused,
    Layout,
    Mark,
    Page,
    Path,
    Rule,
    SealPlace,
    Text,
)
from hub.signing.ofd.fonts import subset
from hub.signing.ofd.package import is_canonical, read_package
from hub.signing.ofd.read import open_document, page_text, page_view
from hub.signing.ofd.units import ImageUnit, PathUnit, TextUnit
from hub.signing.ofd.write import Attachment, render_ofd
from hub.signing.ofd.xml import child, children, name_of, parsed
from hub.signing.pdf_render import render_pdf
from tests.signing_desk import decision

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
METADATA = {"ZZMC": "食品经营许可证", "ZZBH": 'JY<1>&"2"', "KZ_ZT": "有效"}


@pytest.fixture(scope="module")
def fonts(font_file: File) -> FontSet:
    return FontSet(font_file)


def layout_of(*marks: Mark) -> Layout:
    return Layout((Page(marks),), SealPlace(0, 100, 100), "题目", "作者", "主题")


def texts(content: bytes, page: int = 0) -> list[TextUnit]:
    view = page_view(open_document(read_package(content)), page)
    return [unit for block in view.blocks for unit in block.units if isinstance(unit, TextUnit)]


def test_the_same_arguments_give_the_same_bytes(fonts: FontSet) -> None:
    layout = lay_out(decision(), fonts)
    first = render_ofd(layout, fonts, metadata=METADATA, attachments=[Attachment("数据", b"<a/>")])
    subset.cache_clear()
    assert render_ofd(layout, fonts, metadata=METADATA, attachments=[Attachment("数据", b"<a/>")]) == first


def test_the_document_id_follows_the_content(fonts: FontSet) -> None:
    def identifier(content: bytes) -> str:
        root = parsed(read_package(content).entries["OFD.xml"], "OFD.xml")
        found = child(root, "DocBody", "DocInfo", "DocID")
        assert found is not None and found.text is not None
        return str(found.text)

    layout = layout_of(Text("一", 20, 20, 12))
    made = [render_ofd(layout, fonts), render_ofd(replace(layout, title="其他"), fonts)]
    made.append(render_ofd(layout, fonts, metadata={"ZZMC": "证"}))
    assert len({identifier(each) for each in made}) == 3 and all(len(identifier(each)) == 32 for each in made)


def test_the_container_is_canonical(fonts: FontSet) -> None:
    content = render_ofd(lay_out(decision(), fonts), fonts)
    assert is_canonical(content, read_package(content))


@pytest.mark.parametrize("embed", [True, False])
def test_the_text_read_back_is_the_text_laid_out(fonts: FontSet, *, embed: bool) -> None:
    layout = lay_out(decision(paragraphs=12), fonts)
    document = open_document(read_package(render_ofd(layout, fonts, embed=embed)))
    for number, page in enumerate(layout.pages):
        laid = [mark.text for mark in page.marks if isinstance(mark, Text)]
        assert page_text(document, number) == "\n".join(laid)


def test_every_character_stands_where_the_layout_puts_it(fonts: FontSet) -> None:
    mark = Text("批复AV第12号", 30, 50, 16, spacing_mm=0.3)
    unit = texts(render_ofd(layout_of(mark), fonts))[0]
    run = unit.runs[0]
    assert unit.place.box.x + run.x == pytest.approx(30, abs=0.002)
    assert unit.place.box.y + run.y == pytest.approx(50, abs=0.002)
    ems = sum(fonts.width(each, Face.BODY) for each in mark.text[:-1])
    assert run.across is not None and len(run.across) == len(mark.text) - 1
    assert sum(run.across) == pytest.approx(ems * 16 * 25.4 / 72 + 0.3 * 7, abs=0.002)


def test_a_turned_text_is_turned_anticlockwise_about_its_start(fonts: FontSet) -> None:
    unit = texts(render_ofd(layout_of(Text("样张", 40, 60, 16, angle=90)), fonts))[0]
    assert unit.place.matrix == pytest.approx((0, -1, 1, 0, 40, 60))


def test_a_character_beyond_the_basic_plane_stands_alone(fonts: FontSet) -> None:
    units = texts(render_ofd(layout_of(Text("王\U00020bb7\U00020bb7", 9, 9, 9)), fonts))
    assert [run.text for unit in units for run in unit.runs] == ["王", "\U00020bb7", "\U00020bb7"]


def test_an_embedded_subset_has_the_tables_readers_insist_on(font_file: File) -> None:
    content = subset(font_file, "批复ABC，。")
    font = TTFont(io.BytesIO(content), checkChecksums=2)
    assert {"OS/2", "cmap", "name", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "post"} <= set(font.keys())
    assert sorted(font.getBestCmap()) == sorted(map(ord, "批复ABC，。"))
    assert font["name"].getDebugName(1) == "Noto Serif SC"


def test_outlines_of_the_subset_are_those_of_the_font(font_file: File) -> None:
    with TTFont(io.BytesIO(subset(font_file, "批复Á"))) as small, TTFont(font_file, lazy=True) as whole:
        for character in "批复Á":
            drawn = [
                font["glyf"][font.getBestCmap()[ord(character)]].getCoordinates(font["glyf"])[0]
                for font in (small, whole)
            ]
            assert list(drawn[0]) == list(drawn[1])


def test_a_named_font_embeds_nothing(fonts: FontSet) -> None:
    entries = read_package(render_ofd(layout_of(Text("一", 9, 9, 9)), fonts, embed=False)).entries
    assert not any(name.endswith(".ttf") for name in entries) and "宋体".encode() in entries["Doc_0/PublicRes.xml"]


def test_the_metadata_is_read_back_under_its_short_names(fonts: FontSet) -> None:
    content = render_ofd(layout_of(), fonts, metadata=METADATA, created=date(2026, 11, 25))
    assert dict(open_document(read_package(content)).metadata) == METADATA
    assert b"<ofd:CreationDate>2026-11-25<" in read_package(content).entries["OFD.xml"]


def test_the_children_of_each_file_are_in_the_order_of_the_schema(fonts: FontSet) -> None:
    marks = (Text("一", 9, 9, 9, tag="ZZMC"), Image(PNG, 9, 9, 9, 9))
    content = render_ofd(layout_of(*marks), fonts, metadata=METADATA, attachments=[Attachment("数据", b"1")])
    entries = read_package(content).entries
    document = parsed(entries["Doc_0/Document.xml"], "")
    shared = child(document, "CommonData")
    assert [name_of(each) for each in document] == ["CommonData", "Pages", "CustomTags", "Attachments"]
    assert shared is not None
    assert [name_of(each) for each in shared] == ["MaxUnitID", "PageArea", "PublicRes", "DocumentRes"]


def test_ids_are_unique_and_none_is_above_the_greatest(fonts: FontSet) -> None:
    entries = read_package(render_ofd(lay_out(decision(paragraphs=12), fonts), fonts)).entries
    trees = [
        parsed(content, name) for name, content in entries.items() if name.startswith("Doc_0") and name.endswith(".xml")
    ]
    named = [each for tree in trees for each in tree.iter() if each.get("ID")]
    ids = [int(each.get("ID")) for each in named]
    greatest = next(each.text for tree in trees for each in tree.iter() if name_of(each) == "MaxUnitID")
    assert len(ids) == len(set(ids)) and max(ids) == int(greatest)


def test_the_index_of_face_elements_points_at_their_texts(fonts: FontSet) -> None:
    marks = (Text("食品", 9, 9, 9, tag="ZZMC"), Text("经营", 9, 19, 9, tag="ZZMC"), Text("某某", 9, 29, 9, tag="CZZT"))
    entries = read_package(render_ofd(layout_of(*marks), fonts)).entries
    index = parsed(entries["Doc_0/Tags/Tag_Certificate.xml"], "")
    found = {name_of(each): [ref.text for ref in children(each, "ObjectRef")] for each in index}
    ids = [unit.id for unit in texts(render_ofd(layout_of(*marks), fonts))]
    assert found == {"ZZMC": ids[:2], "CZZT": ids[2:]}


def test_attachments_are_carried_byte_for_byte(fonts: FontSet) -> None:
    content = render_ofd(layout_of(), fonts, attachments=[Attachment("申请 <表>.xml", b"<a/>\r\n")])
    entries = read_package(content).entries
    listed = next(children(parsed(entries["Doc_0/Attachs/Attachments.xml"], ""), "Attachment"))
    assert listed.get("Name") == "申请 <表>.xml" and entries["Doc_0/Attachs/Attach_0.xml"] == b"<a/>\r\n"


def test_an_equal_image_is_stored_once(fonts: FontSet) -> None:
    content = render_ofd(layout_of(Image(PNG, 9, 9, 9, 9), Image(PNG, 29, 9, 9, 9)), fonts)
    units = page_view(open_document(read_package(content)), 0).blocks[0].units
    assert [unit.resource for unit in units if isinstance(unit, ImageUnit)] == [units[0].resource] * 2  # type: ignore[union-attr]
    assert [name for name in read_package(content).entries if name.endswith(".png")] == ["Doc_0/Res/Image_0.png"]


def test_an_image_that_is_neither_png_nor_jpeg_is_refused(fonts: FontSet) -> None:
    layout = layout_of(Image(b"GIF89a", 9, 9, 9, 9))
    for render in (render_ofd, render_pdf):
        with pytest.raises(ImageRefused):
            render(layout, fonts)


def test_paths_and_rules_keep_their_places(fonts: FontSet) -> None:
    outline = (("M", (10.0, 20.0)), ("L", (30.0, 20.0)), ("C", (30.0, 40.0, 20.0, 40.0, 10.0, 30.0)), ("Z", ()))
    content = render_ofd(layout_of(Path(outline, fill=OFFICIAL_RED), Rule(5, 6, 50, 6, 1.0)), fonts)
    drawn, rule = page_view(open_document(read_package(content)), 0).blocks[0].units
    assert isinstance(drawn, PathUnit) and isinstance(rule, PathUnit)
    assert drawn.place.box[:2] == (10, 20) and [kind for kind, _ in drawn.steps] == ["M", "L", "B", "C"]
    assert rule.place.box[1] + rule.steps[0][1][1] == pytest.approx(6) and rule.brush.width == 1


def test_every_kind_of_mark_is_drawn_in_a_pdf_the_same_each_time(fonts: FontSet) -> None:
    outline = (("M", (10.0, 20.0)), ("L", (30.0, 20.0)), ("Z", ()))
    marks = (Path(outline, stroke=OFFICIAL_RED), Image(PNG, 9, 9, 9, 9), Code("https://hub.example", 50, 50, 25))
    assert render_pdf(layout_of(*marks), fonts) == render_pdf(layout_of(*marks), fonts)


def test_text_that_xml_cannot_hold_is_left_out(fonts: FontSet) -> None:
    content = render_ofd(layout_of(Text("a\x00b\ud800<&", 9, 9, 9)), fonts, metadata={"ZZMC": "\x0b证"})
    assert texts(content)[0].runs[0].text == "ab<&" and open_document(read_package(content)).metadata["ZZMC"] == "证"
