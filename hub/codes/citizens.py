"""The citizen identity number (公民身份号码), 18 digits, and its 15-digit predecessor.

GB 11643-1999: region of first registration (6), date of birth (8), sequence (3, odd for men), check (1, may be X).
The region is historical and is not looked up. Nothing here shows or repeats a whole number: not a message, not a
`repr`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from hub.codes.faults import DIGITS, CodeCheckCharacter, CodePart, Name, clean, require_alphabet, require_length

NAME = Name("公民身份号码", "citizen identity number")
WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
CHECKS = "10X98765432"


@dataclass(frozen=True)
class CitizenNumber:
    """A number whose date exists and whose check character is right; personal information."""

    text: str = field(repr=False)

    @property
    def region(self) -> str:
        """Return the 6 digits of the place of first registration, as it was then."""
        return self.text[:6]

    @property
    def born(self) -> date:
        """Return the date of birth, a civil date."""
        return date(int(self.text[6:10]), int(self.text[10:12]), int(self.text[12:14]))

    @property
    def male(self) -> bool:
        """Say whether the sequence is odd, which the standard gives to men."""
        return int(self.text[16]) % 2 == 1

    @property
    def masked(self) -> str:
        """Return the number with its date of birth, sequence and check hidden: 6 digits and 12 asterisks."""
        return self.text[:6] + "*" * 12


def parse(text: str) -> CitizenNumber:
    """Return an 18-character number, a small x made capital.

    Raises `CodeLength` (15 digits too: see `parse_legacy`), `CodeCharacter`, `CodePart` for a date that does not
    exist, or `CodeCheckCharacter`.
    """
    number = clean(text)
    require_length(NAME, number, 18)
    require_alphabet(NAME, number[:17], DIGITS)
    require_alphabet(NAME, number[17], DIGITS | {"X"}, first=18)
    _require_date(number)
    if number[17] != check_character(number[:17]):
        raise CodeCheckCharacter(
            NAME, 18, Name("校验码与前17位不符", "the check character does not follow from the first 17")
        )
    return CitizenNumber(number)


def parse_legacy(text: str) -> CitizenNumber:
    """Return the 18-character form of a 15-digit number, or of an 18-character one as it is.

    For historical records only: 15-digit numbers have not been valid for business since 2013. The century is taken as
    19. Raises what `parse` raises.
    """
    number = clean(text)
    require_length(NAME, number, 15, 18)
    if len(number) == 18:
        return parse(number)
    require_alphabet(NAME, number, DIGITS)
    first = number[:6] + "19" + number[6:]
    return parse(first + check_character(first))


def check_character(first: str) -> str:
    """Return the check character for the first 17 digits."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(first, WEIGHTS, strict=True)) % 11]


def _require_date(number: str) -> None:
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        reason = Name("第7至14位不是存在的日期", "positions 7 to 14 are not a date that exists")
        raise CodePart(NAME, 7, reason) from None
