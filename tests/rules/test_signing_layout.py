"""A decision is laid out after GB/T 9704, and a demonstration says what it is on each page."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from hub.signing.fonts import CharactersMissing, FontMissing, FontSet, missing_characters
from hub.signing.gbt9704 import lay_out
from hub.signing.gbt9704_measures import AREA_BOTTOM, AREA_LEFT, AREA_RIGHT, AREA_TOP, LINE_PITCH, LINES
from hub.signing.layout import Code, Layout, Rule, Text
from tests.signing_desk import ISSUER, decision

RARE = "\U00020bb7"  # 𠮷, beyond the basic plane


@pytest.fixture(scope="module")
def fonts(font_file: Path) -> FontSet:
    return FontSet(font_file)


@pytest.fixture(scope="module")
def rare_font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TrueType font that has one character."""
    pen = TTGlyphPen(None)
    for move, point in enumerate([(0, 0), (900, 0), (900, 800), (0, 800)]):
        (pen.lineTo if move else pen.moveTo)(point)
    pen.closePath()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "rare"])
    builder.setupCharacterMap({ord(RARE): "rare"})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "rare": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "rare": (1000, 0)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Rare", "styleName": "Regular", "psName": "Rare-Regular"})
    builder.setupOS2()
    builder.setupPost()
    path = tmp_path_factory.mktemp("fonts") / "rare.ttf"
    builder.save(path)
    return path


def texts(layout: Layout, page: int) -> list[Text]:
    return [mark for mark in layout.pages[page].marks if isinstance(mark, Text)]


def everything(layout: Layout, page: int) -> str:
    return "".join(mark.text for mark in texts(layout, page))


@pytest.mark.parametrize("paragraphs", range(1, 24))
def test_the_page_with_the_seal_carries_text_above_it(fonts: FontSet, paragraphs: int) -> None:
    layout = lay_out(decision(paragraphs=paragraphs), fonts)
    running = [
        mark for mark in texts(layout, layout.seal.page) if mark.angle == 0 and mark.baseline_mm < layout.seal.y_mm - 21
    ]
    assert running


@pytest.mark.parametrize("paragraphs", range(1, 24))
def test_no_heading_stands_alone_at_the_foot_of_a_page(fonts: FontSet, paragraphs: int) -> None:
    layout = lay_out(decision(paragraphs=paragraphs), fonts)
    for page in range(len(layout.pages) - 1):
        area = [mark for mark in texts(layout, page) if mark.angle == 0 and AREA_TOP < mark.baseline_mm < AREA_BOTTOM]
        assert not max(area, key=lambda mark: mark.baseline_mm).text.startswith("第")


@pytest.mark.parametrize("paragraphs", range(1, 24))
def test_the_seal_stays_on_the_page(fonts: FontSet, paragraphs: int) -> None:
    seal = lay_out(decision(paragraphs=paragraphs), fonts).seal
    assert 21 < seal.x_mm < 210 - 21 and 21 < seal.y_mm < 275 - 21


def test_the_seal_goes_over_issuer_and_date(fonts: FontSet) -> None:
    layout = lay_out(decision(), fonts)
    closing = [
        mark
        for mark in texts(layout, layout.seal.page)
        if mark.text in (ISSUER, "2026年11月25日") and mark.size_pt < 20
    ]
    inside = [
        mark for mark in closing if abs(mark.baseline_mm - layout.seal.y_mm) < 21 and mark.x_mm < layout.seal.x_mm
    ]
    assert [mark.text for mark in inside] == [ISSUER, "2026年11月25日"]


def test_a_full_page_has_22_lines_within_the_margins(fonts: FontSet) -> None:
    layout = lay_out(decision(paragraphs=30), fonts)
    pages = [[m for m in texts(layout, page) if m.angle == 0 and m.baseline_mm < AREA_BOTTOM] for page in (1, 2)]
    body = [mark for page in pages for mark in page]
    assert max(len({round(mark.baseline_mm, 3) for mark in page}) for page in pages) == LINES
    assert all(AREA_LEFT <= mark.x_mm < AREA_RIGHT for mark in body)


def test_lines_stand_one_pitch_apart(fonts: FontSet) -> None:
    body = [mark for mark in texts(lay_out(decision(paragraphs=30), fonts), 1) if mark.angle == 0]
    assert body[2].baseline_mm - body[1].baseline_mm == pytest.approx(LINE_PITCH)


def test_pages_after_the_first_are_numbered(fonts: FontSet) -> None:
    layout = lay_out(decision(paragraphs=30), fonts)
    assert (
        "— 1 —" not in everything(layout, 0) and "— 2 —" in everything(layout, 1) and "— 3 —" in everything(layout, 2)
    )


def test_the_head_has_issuer_number_and_red_rules(fonts: FontSet) -> None:
    layout = lay_out(decision(), fonts)
    rules = [mark for mark in layout.pages[0].marks if isinstance(mark, Rule)]
    assert ISSUER in everything(layout, 0) and "沣东审批〔2026〕128号" in everything(layout, 0)
    assert len(rules) == 4 and all(rule.colour.red > 0.8 and rule.x2_mm - rule.x1_mm == 170 for rule in rules)


def test_a_demonstration_says_so_across_every_page(fonts: FontSet) -> None:
    layout = lay_out(decision(paragraphs=30), fonts)
    assert all("样张 无法律效力" in everything(layout, page) for page in range(len(layout.pages)))


def test_a_document_that_is_no_demonstration_bears_no_such_words(fonts: FontSet) -> None:
    layout = lay_out(decision(paragraphs=30, demonstration=False), fonts)
    assert not any("样" in everything(layout, page) for page in range(len(layout.pages)))


def test_the_code_opens_the_address_that_is_printed_beside_it(fonts: FontSet) -> None:
    layout = lay_out(decision(), fonts)
    code = next(mark for mark in layout.pages[layout.seal.page].marks if isinstance(mark, Code))
    assert code.payload == decision().verify_url and code.payload[-8:] in everything(layout, layout.seal.page)


def test_the_kind_is_printed_when_the_title_does_not_say_it(fonts: FontSet) -> None:
    assert "批复" in [mark.text for mark in texts(lay_out(decision(title="关于食品经营许可申请"), fonts), 0)]


def test_a_character_without_a_glyph_is_named_with_its_code_point(fonts: FontSet) -> None:
    assert missing_characters(f"王{RARE}同志{RARE}\n\x07", fonts) == [f"U+20BB7 {RARE}", "U+0007"]


def test_a_document_with_such_a_character_is_refused(fonts: FontSet) -> None:
    with pytest.raises(CharactersMissing) as refused:
        lay_out(decision(title=f"关于{RARE}野家的批复"), fonts)
    assert refused.value.characters == (f"U+20BB7 {RARE}",)


def test_a_second_font_supplies_rare_characters(font_file: Path, rare_font: Path) -> None:
    fonts = FontSet(font_file, rare=rare_font)
    assert f"关于{RARE}野家的批复" in everything(lay_out(decision(title=f"关于{RARE}野家的批复"), fonts), 0)


def test_a_font_that_is_not_there_is_named_as_missing(tmp_path: Path) -> None:
    with pytest.raises(FontMissing):
        missing_characters("字", FontSet(tmp_path / "absent.ttf"))
