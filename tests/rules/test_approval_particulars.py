"""What each kind of document must contain, and how it reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hub.approvals.faults import CharacterWithoutGlyph, CorrectionDayPast, PartOutOfPlace, TextMissing, TextTooLong
from hub.approvals.particulars import (
    MAX_GAP,
    MAX_GAPS,
    MAX_REASONS,
    Part,
    Particulars,
    Remedies,
    checked_particulars,
    kept_particulars,
    particulars_of,
)
from hub.approvals.rules import ApprovalKind
from hub.approvals.texts import (
    WORDINGS,
    Addressee,
    DocumentText,
    Paragraph,
    checked_for_kind,
    printed_paragraphs,
    remedies_sentence,
)
from hub.signing.fonts import FontSet

TODAY = date(2026, 11, 25)
REMEDIES = Remedies("陕西省西咸新区开发建设管理委员会（演示）", "西安铁路运输法院（演示）")
GAPS = Particulars(gaps=("营业场所平面图", "食品安全管理制度"), correct_by=date(2026, 12, 10))
TEXT = DocumentText(
    "关于示例企业申请的决定", Addressee("示例企业（演示）", "91350100M000100Y43", "001"), (Paragraph(None, "收悉。"),)
)
REFUSALS = (ApprovalKind.NOT_ACCEPTED, ApprovalKind.DENIAL, ApprovalKind.WITHDRAWAL)


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_needs_reasons_and_tells_remedies(kind: ApprovalKind) -> None:
    assert WORDINGS[kind].needs == {Part.REASONS, Part.REMEDIES}
    with pytest.raises(TextMissing) as refused:
        checked_particulars(Particulars(reasons=" \n"), WORDINGS[kind].needs, today=TODAY)
    assert refused.value.path == "reasons"


@pytest.mark.parametrize("kind", [kind for kind in ApprovalKind if kind not in REFUSALS])
def test_what_grants_tells_no_remedies(kind: ApprovalKind) -> None:
    assert Part.REMEDIES not in WORDINGS[kind].needs


@pytest.mark.parametrize(
    ("particulars", "path"),
    [
        (replace(GAPS, gaps=()), "gaps"),
        (replace(GAPS, correct_by=None), "correctBy"),
        (replace(GAPS, gaps=("一", " ")), "gaps.1"),
    ],
)
def test_a_notice_of_correction_needs_all_gaps_and_a_day(particulars: Particulars, path: str) -> None:
    with pytest.raises(TextMissing) as refused:
        checked_particulars(particulars, {Part.GAPS}, today=TODAY)
    assert refused.value.path == path


@pytest.mark.parametrize(
    "particulars",
    [
        replace(GAPS, gaps=("缺",) * (MAX_GAPS + 1)),
        replace(GAPS, gaps=("缺" * (MAX_GAP + 1),)),
        replace(GAPS, reasons="因" * (MAX_REASONS + 1)),
    ],
    ids=["gaps", "gap", "reasons"],
)
def test_particulars_over_their_limit_are_refused(particulars: Particulars) -> None:
    with pytest.raises(TextTooLong):
        checked_particulars(particulars, {Part.GAPS}, today=TODAY)


def test_the_day_for_corrections_is_not_today() -> None:
    with pytest.raises(CorrectionDayPast):
        checked_particulars(replace(GAPS, correct_by=TODAY), {Part.GAPS}, today=TODAY)


def test_gaps_are_out_of_place_in_a_grant() -> None:
    with pytest.raises(PartOutOfPlace):
        checked_particulars(GAPS, WORDINGS[ApprovalKind.GRANT].needs, today=TODAY)


def test_a_character_without_a_glyph_is_found_in_reasons_too(font_file: Path) -> None:
    text = replace(TEXT, particulars=Particulars(reasons="申请人𠀀不符合条件。"))
    with pytest.raises(CharacterWithoutGlyph) as refused:
        checked_for_kind(text, ApprovalKind.DENIAL, today=TODAY, fonts=FontSet(font_file))
    assert refused.value.path == "reasons"


def test_particulars_survive_being_kept() -> None:
    written = replace(GAPS, reasons="材料不齐。")
    assert particulars_of(kept_particulars(written, REMEDIES)) == written
    assert particulars_of(None) == Particulars()


def test_a_text_without_particulars_keeps_its_old_digest() -> None:
    assert set(TEXT.to_json()) == {"title", "addressee", "body"}


def test_a_notice_of_correction_lists_the_gaps_and_the_last_day() -> None:
    printed = printed_paragraphs(ApprovalKind.CORRECTION_NOTICE, [{"heading": None, "text": "收悉。"}], GAPS.to_json())
    assert printed[1] == ("需要补正的内容", "1. 营业场所平面图\n2. 食品安全管理制度")
    assert printed[-1][1].endswith("请于2026年12月10日前补正。")


def test_a_refusal_gives_its_reasons_before_the_sentence_of_legal_result() -> None:
    printed = printed_paragraphs(
        ApprovalKind.DENIAL, [{"heading": None, "text": "收悉。"}], {"reasons": "不符合条件。"}
    )
    assert [heading for heading, _ in printed] == [None, "理由", None]


def test_remedies_name_authority_and_court_with_their_terms() -> None:
    sentence = remedies_sentence(kept_particulars(Particulars(), REMEDIES)) or ""
    assert "六十日内向陕西省西咸新区开发建设管理委员会（演示）申请行政复议" in sentence
    assert "六个月内依法向西安铁路运输法院（演示）提起行政诉讼" in sentence


def test_other_kinds_have_no_sentence_on_remedies() -> None:
    assert remedies_sentence(None) is None
