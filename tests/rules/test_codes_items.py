"""GB/T 39554.1-2020: item codes seen in public systems, case numbers, and those that must be refused."""

from datetime import date

import pytest

from hub.codes import items
from hub.codes.faults import CodeCharacter, CodeCheckCharacter, CodeInvalid, CodeLength, CodePart

IMPLEMENTATION = "11610100MB0000000J4000172149001"


@pytest.mark.parametrize(
    "code",
    ["000172149001", "000172143001", "000172102000", "002072023000", "000132038001", "650116013001", "442199806003"],
)
def test_a_published_base_code_is_read(code: str) -> None:
    assert items.parse_base(code).text == code


def test_the_parts_of_a_base_code_are_those_of_the_standard() -> None:
    base = items.parse_base("000172149001")
    assert (base.region_prefix, base.item_type, base.main_item, base.department, base.sub_item) == (
        "00", "01", "72149", "72", "001",
    )  # fmt: skip


@pytest.mark.parametrize(
    "code", ["11650000010183859F2650116013001", "12441500196720244T3442199806003", "11100000MB0341032Y1000172149001"]
)
def test_a_published_implementation_code_is_read(code: str) -> None:
    read = items.parse_implementation(code)
    assert (read.body, str(read.level), read.base.text) == (code[:18], code[18], code[19:])


@pytest.mark.parametrize("base", ["000172149001", "002072023000"])
def test_a_published_handling_code_is_read(base: str) -> None:
    read = items.parse_handling(f"11100000MB0341032Y1{base}01")
    assert (read.implementation.base.text, read.sequence) == (base, 1)


def test_a_case_number_is_the_item_the_day_and_a_serial() -> None:
    number = items.mint_case(IMPLEMENTATION, date(2026, 11, 24), 7)
    assert number.text == IMPLEMENTATION + "202611240007"
    read = items.parse_case(number.text)
    assert (read.implementation.text, read.day, read.serial) == (IMPLEMENTATION, date(2026, 11, 24), 7)


@pytest.mark.parametrize("serial", [0, 10000])
def test_a_daily_serial_outside_four_digits_is_refused(serial: int) -> None:
    with pytest.raises(CodePart):
        items.mint_case(IMPLEMENTATION, date(2026, 11, 24), serial)


@pytest.mark.parametrize("tail", ["202602300001", "202611240000", "00000101 0001".replace(" ", "")])
def test_a_case_number_of_no_day_or_no_serial_is_refused(tail: str) -> None:
    with pytest.raises(CodePart):
        items.parse_case(IMPLEMENTATION + tail)


@pytest.mark.parametrize("code", ["00017214900", "0001721490011", ""])
def test_a_base_code_of_another_length_is_refused(code: str) -> None:
    with pytest.raises(CodeLength):
        items.parse_base(code)


@pytest.mark.parametrize(("code", "position"), [("990172149001", 1), ("001172149001", 3)])
def test_an_unknown_prefix_or_type_is_refused_with_its_position(code: str, position: int) -> None:
    with pytest.raises(CodePart) as refusal:
        items.parse_base(code)
    assert refusal.value.position == position


def test_a_type_of_a_province_is_not_refused() -> None:
    assert items.parse_base("442199806003").item_type == "21"


def test_an_unknown_department_is_not_refused() -> None:
    assert items.parse_base("000198001000").department == "98"


@pytest.mark.parametrize("level", ["0", "7", "A"])
def test_an_exercise_level_outside_the_list_is_refused(level: str) -> None:
    with pytest.raises(CodeCharacter) as refusal:
        items.parse_implementation(f"11610100MB0000000J{level}000172149001")
    assert refusal.value.position == 19


def test_a_body_with_a_wrong_check_character_is_refused() -> None:
    with pytest.raises(CodeCheckCharacter):
        items.parse_implementation("11610100MB0000000K4000172149001")


def test_a_letter_in_the_base_part_is_named_by_its_place_in_the_whole_code() -> None:
    with pytest.raises(CodeCharacter) as refusal:
        items.parse_implementation("11610100MB0000000J40001721490O1")
    assert refusal.value.position == 30


def test_full_width_and_small_letters_are_made_normal() -> None:
    assert items.parse_implementation(" 11610100mb0000000j４０００172149001 ").text == IMPLEMENTATION


def test_minting_and_reading_agree_from_base_to_handling_code() -> None:
    base = items.mint_base("00", "01", "72149", "001").text
    implementation = items.mint_implementation("11610100MB0000000J", 4, base).text
    assert implementation == IMPLEMENTATION
    assert items.mint_handling(implementation, 1).text == IMPLEMENTATION + "01"


@pytest.mark.parametrize("sequence", [0, 100])
def test_a_handling_sequence_outside_two_digits_is_refused(sequence: int) -> None:
    with pytest.raises(CodePart):
        items.mint_handling(IMPLEMENTATION, sequence)


def test_a_full_width_minus_or_blank_inside_is_refused() -> None:
    with pytest.raises(CodeInvalid):
        items.parse_base("0001 2149001")
