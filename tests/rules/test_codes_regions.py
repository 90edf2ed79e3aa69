"""Region codes: the form of each scheme, and no translation between schemes."""

import pytest

from hub.codes import regions
from hub.codes.faults import CodeCharacter, CodeInvalid, CodeLength, CodePart


@pytest.mark.parametrize(
    ("scheme", "code"),
    [
        ("GB2260", "610402"), ("NBS12", "610112002000"), ("FISCAL9", "610150104"),
        ("PLATFORM12", "610402000000"), ("PARTNER:sx-procurement", "6169"),
    ],
)  # fmt: skip
def test_a_code_of_a_known_scheme_is_read(scheme: str, code: str) -> None:
    assert regions.parse(scheme, code) == regions.RegionCode(scheme, code)


def test_platforms_pad_a_division_with_zeros() -> None:
    assert regions.platform_code("610402").text == "610402000000"


def test_the_divisions_above_are_city_and_province() -> None:
    assert [regions.parents(code) for code in ("610402", "610400", "610000")] == [("610400", "610000"), ("610000",), ()]


@pytest.mark.parametrize("code", ["61040", "6104020", ""])
def test_a_code_of_another_length_is_refused(code: str) -> None:
    with pytest.raises(CodeLength):
        regions.parse("GB2260", code)


def test_a_letter_is_refused_with_its_position() -> None:
    with pytest.raises(CodeCharacter) as refusal:
        regions.parse("GB2260", "61O402")
    assert refusal.value.position == 3


def test_a_leading_zero_is_refused() -> None:
    with pytest.raises(CodePart):
        regions.parse("GB2260", "010402")


@pytest.mark.parametrize("scheme", ["", "gb2260", "PARTNER:", "PARTNER:Caps", "ISO3166"])
def test_an_unknown_scheme_is_refused(scheme: str) -> None:
    with pytest.raises(CodeInvalid):
        regions.parse(scheme, "610402")


@pytest.mark.parametrize("code", ["", "a b", "中", "x" * 41])
def test_a_partner_code_with_other_characters_is_refused(code: str) -> None:
    with pytest.raises(CodePart):
        regions.parse("PARTNER:own", code)


def test_full_width_digits_are_made_normal() -> None:
    assert regions.parse("GB2260", "６１０４０２ ").text == "610402"
