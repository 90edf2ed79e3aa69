"""Holder code types of GB/T 36903 annex A, each with its own check, and the organisation code of GB 11714."""

import pytest

from hub.codes import holders, organisations, uscc
from hub.codes.faults import CodeCharacter, CodeCheckCharacter, CodeLength, CodePart

REAL_USCC = ["11100000000013338W", "11430000006122244L", "91350100M000100Y43", "12441500196720244T"]


def test_the_annex_has_sixteen_types_of_which_two_name_organisations() -> None:
    assert len(holders.TYPES) == 16
    assert [code for code, kind in holders.TYPES.items() if not kind.natural] == ["001", "099"]


@pytest.mark.parametrize(
    ("code_type", "text", "normal"),
    [
        ("001", "９１３５０１００m000100y43", "91350100M000100Y43"),
        ("111", "11010519491231002x", "11010519491231002X"),
        ("414", "e12345678", "E12345678"),
        ("511", "12345678", "12345678"),
        ("516", "h12345678", "H12345678"),
        ("114", "军字第0000000号", "军字第0000000号"),
        ("999", " 演示-1 ", "演示-1"),
    ],
)
def test_a_code_of_each_kind_is_brought_to_its_normal_form(code_type: str, text: str, normal: str) -> None:
    assert holders.parse(code_type, text).text == normal


def test_an_unknown_type_is_refused_as_a_part_that_does_not_exist() -> None:
    with pytest.raises(CodePart):
        holders.parse("002", "91350100M000100Y43")


@pytest.mark.parametrize("code_type", ["1", "0001", "A01"])
def test_a_type_that_is_no_three_digits_is_refused(code_type: str) -> None:
    with pytest.raises((CodeLength, CodeCharacter)):
        holders.parse_code_type(code_type)


def test_a_wrong_check_character_of_a_firm_is_refused_with_its_position() -> None:
    with pytest.raises(CodeCheckCharacter) as refused:
        holders.parse("001", "91500106MA2CE71F65")
    assert refused.value.position == 18


def test_a_permit_of_hong_kong_begins_with_h_or_m() -> None:
    with pytest.raises(CodeCharacter) as refused:
        holders.parse("516", "A12345678")
    assert refused.value.position == 1


@pytest.mark.parametrize("text", ["", "x" * 65])
def test_another_code_has_one_to_sixty_four_characters(text: str) -> None:
    with pytest.raises(CodeLength):
        holders.parse("999", text)


def test_a_character_nobody_can_see_is_refused_with_its_position() -> None:
    with pytest.raises(CodeCharacter) as refused:
        holders.parse("099", "ab\x07c")
    assert refused.value.position == 3


def test_a_sole_trader_and_a_citizen_are_personal_and_a_company_is_not() -> None:
    trader = uscc.mint("9", "2", "610402", "MA000001").text
    assert holders.parse("001", trader).personal
    assert holders.parse("111", "11010519491231002X").personal
    assert not holders.parse("001", "91350100M000100Y43").personal


def test_the_holder_s_code_is_not_shown_by_its_repr() -> None:
    assert "11010519491231002X" not in repr(holders.parse("111", "11010519491231002X"))


@pytest.mark.parametrize("code", REAL_USCC)
def test_the_organisation_code_inside_a_real_code_passes_gb_11714(code: str) -> None:
    inner = code[8:17]
    assert organisations.parse(inner) == inner
    assert organisations.parse(f"{inner[:8]}-{inner[8]}".lower()) == inner


def test_an_organisation_code_is_minted_with_the_check_it_is_read_with() -> None:
    assert organisations.mint("MB000000") == "MB0000000"
    assert organisations.parse(organisations.mint("00001333")) == "000013338"


def test_a_wrong_organisation_check_is_refused_and_the_right_one_named() -> None:
    with pytest.raises(CodeCheckCharacter) as refused:
        organisations.parse("000013339")
    assert refused.value.position == 9
    assert "8" in refused.value.message_zh


@pytest.mark.parametrize("code", ["00001333", "0000133-38", "00001333-8-", "0000１３３３中"])
def test_an_organisation_code_of_another_form_is_refused(code: str) -> None:
    with pytest.raises((CodeLength, CodeCharacter)):
        organisations.parse(code)
