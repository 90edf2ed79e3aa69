"""What an officer may write into a decision document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub.approvals.faults import CharacterWithoutGlyph, TextMissing, TextTooLong
from hub.approvals.rules import ApprovalKind
from hub.approvals.texts import (
    MAX_BODY,
    MAX_OPINION,
    MAX_PARAGRAPHS,
    MAX_TEXT,
    MAX_TITLE,
    WORDINGS,
    Addressee,
    DocumentText,
    Paragraph,
    checked_opinion,
    checked_text,
)
from hub.codes.faults import CodeInvalid
from hub.signing.fonts import FontSet, missing_characters

TEXT = DocumentText(
    "关于设立示例餐馆的批复",
    Addressee("示例企业（演示）", "91350100M000100Y43", "001"),
    (Paragraph(None, "你单位申请收悉。经审查，准予许可。"),),
)


@pytest.fixture
def fonts(font_file: Path) -> FontSet:
    return FontSet(font_file)


def _with_body(*texts: str) -> DocumentText:
    return replace(TEXT, body=tuple(Paragraph(None, text) for text in texts))


def test_a_sound_text_is_returned_as_it_is(fonts: FontSet) -> None:
    assert checked_text(TEXT, fonts) == TEXT


def test_blanks_around_a_text_are_taken_away(fonts: FontSet) -> None:
    assert checked_text(replace(TEXT, title="　关于设立的批复 "), fonts).title == "关于设立的批复"


def test_line_ends_of_every_kind_become_one_kind(fonts: FontSet) -> None:
    assert checked_text(_with_body("一\r\n二\r三"), fonts).body[0].text == "一\n二\n三"


def test_a_title_of_blanks_is_missing(fonts: FontSet) -> None:
    with pytest.raises(TextMissing) as refused:
        checked_text(replace(TEXT, title="　 "), fonts)
    assert refused.value.path == "title"


def test_a_document_without_a_body_is_refused(fonts: FontSet) -> None:
    with pytest.raises(TextMissing):
        checked_text(replace(TEXT, body=()), fonts)


@pytest.mark.parametrize(
    "text",
    [
        replace(TEXT, title="批" * (MAX_TITLE + 1)),
        _with_body("文" * (MAX_TEXT + 1)),
        _with_body(*["文"] * (MAX_PARAGRAPHS + 1)),
        _with_body(*["文" * MAX_TEXT] * (MAX_BODY // MAX_TEXT + 1)),
    ],
    ids=["title", "paragraph", "paragraphs", "body"],
)
def test_a_text_over_its_limit_is_refused(text: DocumentText, fonts: FontSet) -> None:
    with pytest.raises(TextTooLong):
        checked_text(text, fonts)


def test_a_text_of_just_its_limit_is_accepted(fonts: FontSet) -> None:
    checked_text(replace(TEXT, title="批" * MAX_TITLE), fonts)


def test_a_character_without_a_glyph_is_named_with_its_code_point(fonts: FontSet) -> None:
    with pytest.raises(CharacterWithoutGlyph) as refused:
        checked_text(_with_body("申请人𠀀收悉。"), fonts)
    assert refused.value.characters == ("U+20000 𠀀",)


def test_a_character_without_a_glyph_is_found_in_the_addressees_name(fonts: FontSet) -> None:
    with pytest.raises(CharacterWithoutGlyph) as refused:
        checked_text(replace(TEXT, addressee=replace(TEXT.addressee, name="张𬎆")), fonts)
    assert refused.value.path == "addressee.name"


def test_a_control_character_is_refused_by_its_code_point(fonts: FontSet) -> None:
    with pytest.raises(CharacterWithoutGlyph) as refused:
        checked_text(_with_body("一\x07二"), fonts)
    assert refused.value.characters == ("U+0007",)


def test_a_line_end_in_a_title_is_refused(fonts: FontSet) -> None:
    with pytest.raises(CharacterWithoutGlyph):
        checked_text(replace(TEXT, title="关于\n设立的批复"), fonts)


def test_an_addressees_credit_code_is_checked(fonts: FontSet) -> None:
    with pytest.raises(CodeInvalid) as refused:
        checked_text(replace(TEXT, addressee=replace(TEXT.addressee, code="91350100M000100Y44")), fonts)
    assert refused.value.path == "addressee.code"


def test_a_code_of_a_type_without_a_check_character_is_taken_as_it_is(fonts: FontSet) -> None:
    checked_text(replace(TEXT, addressee=Addressee("某人", "E12345678", "414")), fonts)


@pytest.mark.parametrize("kind", ApprovalKind)
def test_the_sentence_of_legal_result_of_every_kind_can_be_printed(kind: ApprovalKind, fonts: FontSet) -> None:
    wording = WORDINGS[kind]
    assert missing_characters(wording.name_zh + wording.result_zh, fonts) == []


def test_an_opinion_over_its_limit_is_refused() -> None:
    with pytest.raises(TextTooLong):
        checked_opinion("言" * (MAX_OPINION + 1))


def test_an_opinion_of_blanks_is_no_opinion() -> None:
    assert checked_opinion(" \n") is None
