"""GB 32100-2015 and GB 11714: real codes seen in public sources, and codes that must be refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.codes import uscc
from hub.codes.faults import CodeCharacter, CodeCheckCharacter, CodeInvalid, CodeLength
from hub.errors import ValidationFailed

REAL = [
    "11100000000013338W",
    "11430000006122244L",
    "11220000013544541J",
    "11330105002500287C",
    "11100000MB03271699",
    "11100000MB0341032Y",
    "12441500196720244T",
    "11650000010183859F",
    "11420503087246977F",
    "91370406L24894136J",
    "91610800064834709T",
    "113700000045030270",
    "91350100M000100Y43",
]


@pytest.mark.parametrize("code", [*REAL, "11610100MB0000000J", "11100000000013127D", "11100000000013661B"])
def test_a_code_with_the_right_check_character_is_read(code: str) -> None:
    assert uscc.parse(code) == uscc.Uscc(code)


def test_the_parts_are_those_of_the_standard() -> None:
    code = uscc.parse("91350100M000100Y43")
    assert (code.authority, code.category, code.region, code.organisation) == ("9", "1", "350100", "M000100Y4")


def test_a_wrong_check_character_is_refused_with_the_right_one_named() -> None:
    with pytest.raises(CodeCheckCharacter) as refusal:
        uscc.parse("91500106MA2CE71F65")
    assert (refusal.value.position, "“6”" in refusal.value.message_zh, "'6'" in refusal.value.message_en) == (
        18,
        True,
        True,
    )


@pytest.mark.parametrize("letter", "IOSVZ")
def test_a_letter_the_alphabet_leaves_out_is_named_with_its_position(letter: str) -> None:
    with pytest.raises(CodeCharacter) as refusal:
        uscc.parse(f"11610100{letter}B0000000J")
    assert refusal.value.position == 9
    assert letter in refusal.value.message_zh


def test_full_width_small_letters_and_blanks_are_made_normal() -> None:
    assert uscc.parse("　１１６１０１００mb0000000j \n").text == "11610100MB0000000J"


def test_a_letter_of_another_script_is_refused_though_it_capitalises_to_ascii() -> None:
    with pytest.raises(CodeCharacter):
        uscc.parse("91350100\u017f000100Y43")


def test_digits_of_another_script_are_refused_with_their_position() -> None:
    with pytest.raises(CodeCharacter) as refusal:
        uscc.parse("1161010\u0660MB0000000J")
    assert refusal.value.position == 8


def test_a_letter_in_the_region_part_is_refused() -> None:
    first = "1161A100MB0000000"
    with pytest.raises(CodeCharacter) as refusal:
        uscc.parse(first + uscc.check_character(first))
    assert refusal.value.position == 5


@pytest.mark.parametrize("code", ["", "11610100MB0000000", "11610100MB0000000JJ", "1161 0100MB0000000J"])
def test_a_code_of_another_length_is_refused(code: str) -> None:
    with pytest.raises(CodeLength):
        uscc.parse(code)


def test_a_wrong_inner_check_warns_and_does_not_refuse() -> None:
    first = "11610100MB0000001"
    assert uscc.parse(first + uscc.check_character(first)).warnings == (uscc.INNER_CHECK_WARNING,)


@given(st.text(uscc.ALPHABET, min_size=8, max_size=8))
def test_a_minted_code_is_always_accepted_without_a_warning(body: str) -> None:
    assert uscc.mint("1", "1", "610100", body).warnings == ()


@given(st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_every_single_miscopied_character_is_noticed(place: int, other: str) -> None:
    right = "91350100M000100Y43"
    if other != right[place]:
        with pytest.raises(CodeInvalid):
            uscc.parse(right[:place] + other + right[place + 1 :])


def test_the_owner_of_a_sole_trader_code_is_known_to_be_personal() -> None:
    assert uscc.mint("9", "2", "610100", "MA000001").sole_trader


def test_the_refusals_are_failures_of_validation_with_a_code_each() -> None:
    assert issubclass(CodeInvalid, ValidationFailed)
    assert len({kind.code for kind in (CodeInvalid, CodeLength, CodeCharacter, CodeCheckCharacter)}) == 4
