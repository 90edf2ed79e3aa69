"""A verdict is as bad as its worst finding, and every finding can be read by people in both languages."""

from __future__ import annotations

from string import Formatter

import pytest

from hub.signing.finding_texts import TEXTS
from hub.signing.verdict import Outcome, finding, verdict, worst


def test_one_failure_fails_the_whole() -> None:
    assert worst([Outcome.PASSED, Outcome.CANNOT_TELL, Outcome.FAILED]) is Outcome.FAILED


def test_doubt_is_never_shown_as_passed() -> None:
    assert worst([Outcome.PASSED, Outcome.CANNOT_TELL]) is Outcome.CANNOT_TELL


def test_nothing_found_is_no_pass() -> None:
    assert verdict([], [], "").outcome is Outcome.CANNOT_TELL


def test_the_worst_findings_come_first_and_each_once() -> None:
    bad, remark = finding("SIG_VALUE", Outcome.FAILED), finding("time_stamp_same_operator", Outcome.PASSED)
    assert verdict([remark, bad, bad, remark], [], "").findings == (bad, remark)


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_every_finding_speaks_chinese_and_english_with_the_same_facts(code: str) -> None:
    fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in TEXTS[code]]
    chinese = [any("一" <= character <= "鿿" for character in text) for text in TEXTS[code]]
    assert chinese == [True, False, True, False] and fields[0] == fields[1] and not fields[2] | fields[3]


def test_a_fact_named_in_both_languages_is_said_in_the_language_of_its_sentence() -> None:
    said = finding("applicant_drawn", Outcome.PASSED, signer="张三丰", provider=("示例机构", "Sample Provider"))
    assert "“示例机构”" in said.message_zh and "the Sample Provider;" in said.message_en
