"""Anybody's OFD is read: odd order, namespaces, paths, run lengths, templates and layers; what is malformed has a code and nothing crashes."""

from __future__ import annotations

import random

import pytest

from hub.errors import HubError
from hub.signing.ofd.faults import (
    OfdEntryMissing,
    OfdMalformed,
    OfdPageMissing,
    OfdTooComplex,
    XmlMalformed,
    XmlTooDeep,
)
from hub.signing.ofd.package import Package, read_package
from hub.signing.ofd.read import open_document, page_text, page_view
from hub.signing.ofd.show import page_svg
from hub.signing.ofd.units import CompositeUnit, PathUnit, TextUnit, Unit
from hub.signing.ofd.values import Ink, advances, box, ink, matrix, number, steps
from tests.seal_desk import sample

HELLO = "你好呀，OFD Reader&Writer！"
ROOT = "<OFD><DocBody><DocInfo>{info}</DocInfo><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>"
DOCUMENT = (
    "<Document><Pages><Page BaseLoc='P.xml' ID='1'/></Pages><CommonData>{shared}"
    "<PageArea><PhysicalBox>0 0 100 200</PhysicalBox></PageArea></CommonData>{rest}</Document>"
)


def package(content: str, *, shared: str = "", rest: str = "", info: str = "", **files: str) -> Package:
    """A package of one page without namespaces; `files` are further entries of the document's folder."""
    entries = {
        "OFD.xml": ROOT.format(info=info),
        "Doc_0/Document.xml": DOCUMENT.format(shared=shared, rest=rest),
        "Doc_0/P.xml": f"<Page>{content}</Page>",
    } | {f"Doc_0/{name}.xml": text for name, text in files.items()}
    return Package({name: text.encode() for name, text in entries.items()})


def units(content: str, **parts: str) -> list[Unit]:
    view = page_view(open_document(package(f"<Content><Layer>{content}</Layer></Content>", **parts)), 0)
    return [unit for block in view.blocks for unit in block.units]


def text_unit(content: str, **parts: str) -> TextUnit:
    found = units(content, **parts)[0]
    assert isinstance(found, TextUnit)
    return found


@pytest.mark.parametrize("name", ["DigitalSign", "SESV4SignDoc", "allprotected", "helloworld", "namespace_no_std"])
def test_the_text_of_the_samples_is_read(name: str) -> None:
    assert page_text(open_document(read_package(sample(f"{name}.ofd"))), 0) == HELLO


def test_a_vendor_file_with_odd_paths_is_read_with_its_templates_and_metadata() -> None:
    document = open_document(read_package(sample("path_unstd.ofd")))
    kinds = {type(unit) for unit in page_view(document, 1).blocks[0].units}
    assert len(document.pages) == 2 and document.metadata["元数据名称_2"] == "立案决定书"
    assert "犯罪嫌疑人" in page_text(document, 1) and {TextUnit, PathUnit} <= kinds


def test_a_file_without_namespace_or_greatest_id_is_read_in_any_order() -> None:
    unit = text_unit(
        "<TextObject Boundary='1 2 3 4' Size='5' Font='7'><TextCode X='1' Y='4'>字</TextCode></TextObject>"
    )
    assert unit.place.box == (1, 2, 3, 4) and (unit.size, unit.font, unit.runs[0].text) == (5, "7", "字")


def test_misspelt_metadata_of_licenses_is_read() -> None:
    info = "<CuslomDatas><CuslomData name='ZZMC'>证</CuslomData></CuslomDatas>"
    assert open_document(package("", info=info)).metadata == {"ZZMC": "证"}


def test_layers_are_painted_from_background_to_foreground_about_the_templates() -> None:
    def layer(kind: str, text: str) -> str:
        return f"<Layer Type='{kind}'><TextObject><TextCode>{text}</TextCode></TextObject></Layer>"

    layers = "".join(layer(*each) for each in (("Foreground", "4"), ("Body", "3"), ("Background", "2")))
    content = f"<Template TemplateID='2'/><Template TemplateID='3'/><Content>{layers}</Content>"
    shared = "<TemplatePage ID='2' BaseLoc='T.xml'/><TemplatePage ID='3' BaseLoc='U.xml' ZOrder='Foreground'/>"
    templates = {
        name: f"<Page><Content>{layer('Body', text)}</Content></Page>" for name, text in (("T", "1"), ("U", "5"))
    }
    assert page_text(open_document(package(content, shared=shared, **templates)), 0) == "1\n2\n3\n4\n5"


def test_annotations_are_read_at_their_place() -> None:
    annotation = "<PageAnnot><Annot><Appearance Boundary='5 6 7 8'><PathObject/></Appearance></Annot></PageAnnot>"
    files = {"A": "<Annotations><Page PageID='1'><FileLoc>B.xml</FileLoc></Page></Annotations>", "B": annotation}
    view = page_view(open_document(package("", rest="<Annotations>A.xml</Annotations>", **files)), 0)
    assert view.blocks[1].origin == (5, 6, 7, 8) and len(view.blocks[1].units) == 1


def test_drawing_parameters_fill_in_what_a_unit_leaves_out() -> None:
    resources = (
        "<Res><DrawParams><DrawParam ID='1' LineWidth='2'><StrokeColor Value='1 2 3'/></DrawParam>"
        "<DrawParam ID='2' Relative='1'><FillColor Value='4 5 6'/></DrawParam></DrawParams></Res>"
    )
    found = units("<PathObject DrawParam='2' Fill='true'/>", shared="<PublicRes>R.xml</PublicRes>", R=resources)[0]
    assert isinstance(found, PathUnit)
    assert (found.brush.width, found.brush.stroke, found.brush.fill) == (2, Ink(1, 2, 3), Ink(4, 5, 6))


def test_drawing_parameters_in_a_circle_are_followed_no_further_than_needed() -> None:
    resources = "<Res><DrawParams><DrawParam ID='1' Relative='1'/></DrawParams></Res>"
    assert units("<PathObject DrawParam='1'/>", shared="<PublicRes>R.xml</PublicRes>", R=resources)


def test_a_composite_is_left_as_a_reference() -> None:
    assert isinstance(units("<CompositeObject ResourceID='9'/>")[0], CompositeUnit)


def test_glyph_numbers_are_read_by_position() -> None:
    unit = text_unit(
        "<TextObject><CGTransform CodePosition='1' CodeCount='2' GlyphCount='2'><Glyphs>70 71</Glyphs></CGTransform>"
        "<TextCode>甲乙丙</TextCode></TextObject>"
    )
    assert unit.glyphs == {1: 70, 2: 71}


@pytest.mark.parametrize(
    ("written", "most", "wanted"),
    [
        ("g 4 6.5332", 9, (6.5332,) * 4),
        ("1 g 2 3 4", 9, (1, 3, 3, 4)),
        ("g 9999999 1", 3, (1, 1, 1)),
        ("g 2", 3, (0, 0)),
        ("1 2 3", 2, (1, 2)),
        ("g -5 1", 3, None),
        ("", 3, None),
        (None, 3, None),
    ],
)
def test_run_lengths_never_make_more_than_can_be_used(
    written: str | None, most: int, wanted: tuple[float, ...] | None
) -> None:
    assert advances(written, most) == wanted


def test_path_data_is_read_with_every_operator_and_a_broken_end() -> None:
    found = list(steps("M 0 0L1 2 Q 1 2 3 4 B1 2 3 4 5 6 A 1 1 0 0 1 9 9 C S 1 -.5 M 1"))
    assert [kind for kind, _ in found] == ["M", "L", "Q", "B", "A", "C", "S"] and found[6][1] == (1, -0.5)


@pytest.mark.parametrize(
    ("written", "alpha", "wanted"),
    [
        ("255 0 16", None, Ink(255, 0, 16)),
        ("#ff #00 #10", "51", Ink(255, 0, 16, 0.2)),
        ("128", None, Ink(128, 128, 128)),
        ("0 255 255 0", None, Ink(255, 0, 0)),
        ("999 -5 0", "9999", Ink(255, 0, 0)),
        ("1 2", None, None),
        (None, None, None),
    ],
)
def test_colours_of_one_three_or_four_values_are_read(
    written: str | None, alpha: str | None, wanted: Ink | None
) -> None:
    assert ink(written, alpha) == wanted


@pytest.mark.parametrize("written", ["nan", "inf", "-1e300", "1e99999", "zwei", "1,5", "0x10"])
def test_what_is_no_finite_number_is_refused(written: str) -> None:
    with pytest.raises(XmlMalformed):
        number(written)


def test_boxes_and_matrices_of_the_wrong_length_count_as_none() -> None:
    assert box("1 2 3") is None and box(None) is None and matrix("1 2 3") == (1, 0, 0, 1, 0, 0)


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (lambda: Package({}), OfdEntryMissing),
        (lambda: Package({"OFD.xml": b"<OFD/>"}), XmlMalformed),
        (lambda: Package({"OFD.xml": ROOT.format(info="").encode()}), OfdEntryMissing),
        (lambda: Package({"OFD.xml": ROOT.format(info="").encode(), "Doc_0/Document.xml": b"<D/>"}), XmlMalformed),
        (lambda: package("<Content><Layer><PathObject CTM='1 2 3 4 5 x'/></Layer></Content>"), XmlMalformed),
        (lambda: package("<Content><Layer>" + "<PathObject/>" * 50_001 + "</Layer></Content>"), OfdTooComplex),
        (lambda: package("<Content>" + "<Layer>" * 40 + "</Layer>" * 40 + "</Content>"), XmlTooDeep),
        (
            lambda: package(
                f"<Content><Layer><TextObject><TextCode>{'字' * 500_001}</TextCode></TextObject></Layer></Content>"
            ),
            OfdTooComplex,
        ),
    ],
)
def test_each_fault_of_a_document_has_its_own_code(made: object, fault: type[OfdMalformed]) -> None:
    with pytest.raises(OfdMalformed) as refused:
        page_view(open_document(made()), 0)  # type: ignore[operator]
    assert type(refused.value) is fault


@pytest.mark.parametrize("page", [-1, 1, 10**9])
def test_a_page_that_is_not_there_is_named_as_missing(page: int) -> None:
    with pytest.raises(OfdPageMissing):
        page_view(open_document(package("")), page)


@pytest.mark.parametrize("name", ["path_unstd.ofd", "SESV4SignDoc.ofd"])
def test_damaged_parts_raise_coded_errors_and_nothing_else(name: str) -> None:
    chance = random.Random(20261125)
    original = dict(read_package(sample(name)).entries)
    refused = 0
    for _ in range(250):
        entry = chance.choice([each for each in original if len(original[each]) > 4])
        content = bytearray(original[entry])
        for _ in range(chance.randint(1, 6)):
            content[chance.randrange(len(content))] = chance.choice(b"<>\"'/ =0123456789-eE.ABCgMQ&;\x00\xff")
        try:
            page_svg(Package(original | {entry: bytes(content)}), 0)
        except HubError as error:
            refused += 1
            assert error.code.startswith("ofd.")
    assert 0 < refused < 250
