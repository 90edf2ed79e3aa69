"""GB 11643-1999: the standard's two samples, and numbers with a date that cannot exist; none other is made."""

import pytest

from hub.codes import citizens
from hub.codes.faults import CodeCharacter, CodeCheckCharacter, CodeInvalid, CodeLength, CodePart

SAMPLE = "11010519491231002X"


@pytest.mark.parametrize("number", [SAMPLE, "440524188001010014"])
def test_the_samples_of_the_standard_are_read(number: str) -> None:
    assert citizens.parse(number).text == number


def test_the_parts_of_a_sample_are_those_of_the_standard() -> None:
    number = citizens.parse(SAMPLE)
    assert (number.region, number.born.isoformat(), number.male) == ("110105", "1949-12-31", False)


def test_a_small_or_full_width_x_is_made_a_capital() -> None:
    assert citizens.parse(" 11010519491231002x").text == citizens.parse("11010519491231002Ｘ").text == SAMPLE


def test_a_wrong_check_digit_is_refused() -> None:
    with pytest.raises(CodeCheckCharacter):
        citizens.parse("110105194912310021")


@pytest.mark.parametrize("day", ["19490230", "19491301", "00000101", "19000229"])
def test_a_date_that_does_not_exist_is_refused(day: str) -> None:
    first = f"110105{day}002"
    with pytest.raises(CodePart):
        citizens.parse(first + citizens.check_character(first))


def test_an_x_is_allowed_in_the_last_place_only() -> None:
    with pytest.raises(CodeCharacter) as refusal:
        citizens.parse("1101051949123100X2")
    assert refusal.value.position == 17


def test_fifteen_digits_are_read_as_history_only() -> None:
    assert citizens.parse_legacy("110105491231002").text == SAMPLE
    with pytest.raises(CodeLength):
        citizens.parse("110105491231002")


def test_eighteen_characters_pass_through_the_reader_of_history() -> None:
    assert citizens.parse_legacy(SAMPLE) == citizens.parse(SAMPLE)


def test_neither_form_shows_the_whole_number() -> None:
    number = citizens.parse(SAMPLE)
    assert SAMPLE not in repr(number)
    assert number.masked == "110105************"


@pytest.mark.parametrize(
    "wrong", ["110105194912310021", "110105194902300020", "1101051949123100A1", "11010519491231002", "x" + SAMPLE]
)
def test_no_refusal_repeats_more_than_one_character_of_the_number(wrong: str) -> None:
    with pytest.raises(CodeInvalid) as refusal:
        citizens.parse(wrong)
    told = str(refusal.value) + repr(refusal.value)
    assert not any(wrong[start : start + 4] in told for start in range(len(wrong) - 3))
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
