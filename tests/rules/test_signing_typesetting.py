"""Lines break as Chinese typesetting wants it."""

from __future__ import annotations

from hub.signing.typesetting import NOT_AT_END, NOT_AT_START, balanced, break_lines


def em(text: str) -> float:
    """Full characters one em wide, Latin ones half."""
    return sum(0.5 if ord(character) < 0x80 else 1.0 for character in text)


def test_a_full_line_holds_28_characters() -> None:
    assert [len(line.text) for line in break_lines("字" * 60, 28, em)] == [28, 28, 4]


def test_the_first_line_of_a_paragraph_is_indented() -> None:
    first, second = break_lines("字" * 40, 28, em, indent_em=2)
    assert (first.indent_em, len(first.text), second.indent_em) == (2, 26, 0)


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() -> None:
    text = "甲乙丙丁。《戊己》，“庚辛”（壬癸）" * 20
    for measure in range(6, 29):
        lines = [line.text for line in break_lines(text, measure, em)]
        assert not [line for line in lines[1:] if line[0] in NOT_AT_START]
        assert not [line for line in lines[:-1] if line[-1] in NOT_AT_END]


def test_no_character_is_lost_between_lines() -> None:
    text = "依据《办法》第12条，编号FD-2026-000128的申请（共3份）予以受理。" * 5
    assert "".join(line.text for line in break_lines(text, 17, em)) == text


def test_no_line_is_wider_than_the_measure() -> None:
    text = "依据《办法》第12条，编号FD-2026-000128的申请（共3份）予以受理。" * 5
    assert all(line.indent_em + em(line.text) <= 17 for line in break_lines(text, 17, em, indent_em=2))


def test_a_latin_word_stays_whole() -> None:
    lines = [line.text for line in break_lines("字" * 9 + "FD-2026-000128" + "字" * 9, 12, em)]
    assert [line for line in lines if "FD-2026-000128" in line]


def test_a_latin_word_longer_than_a_line_is_broken() -> None:
    address = "https://hub.example/verify/" + "x" * 60
    assert "".join(line.text for line in break_lines(address, 20, em)) == address


def test_a_line_pushed_short_is_stretched_to_an_even_edge() -> None:
    first = break_lines("字" * 9 + "，字" + "字" * 9, 9, em)[0]
    assert round(em(first.text) + first.spacing_em * (len(first.text) - 1), 6) == 9


def test_a_title_is_divided_evenly() -> None:
    assert [len(line) for line in balanced("题" * 22, 18, em)] == [11, 11]


def test_an_empty_paragraph_gives_no_line() -> None:
    assert break_lines("", 28, em) == []
