"""The unified social credit code of an organisation (统一社会信用代码).

GB 32100-2015: registration authority (1), category (1), registration region (6), organisation code of GB 11714 (9),
check (1). The inner check of GB 11714 warns and does not refuse: codes with a wrong inner check are in force. The
license identifier of GB/T 36904 has another, larger alphabet (`hub.codes.licenses`); the tables are never shared.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.codes.faults import DIGITS, CodeCharacter, CodeCheckCharacter, Name, clean, require_alphabet, require_length

NAME = Name("统一社会信用代码", "unified social credit code")
LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
INNER_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
INNER_CHECKS = "0123456789X"
MISTAKEN = {"I": "1", "O": "0", "S": "5", "Z": "2", "V": "U 或 Y"}
INNER_CHECK_WARNING = "codes.uscc_inner_check"


@dataclass(frozen=True)
class Uscc:
    """A code that passed the check of GB 32100.

    `warnings` is () or (INNER_CHECK_WARNING,): the organisation code inside fails GB 11714.
    """

    text: str
    warnings: tuple[str, ...] = ()

    @property
    def authority(self) -> str:
        """Return the registration authority, 1 character: 1 establishment, 5 civil affairs, 9 market supervision."""
        return self.text[0]

    @property
    def category(self) -> str:
        """Return the category inside the registration authority, 1 character."""
        return self.text[1]

    @property
    def region(self) -> str:
        """Return the region of registration, 6 digits of GB/T 2260 as it was then."""
        return self.text[2:8]

    @property
    def organisation(self) -> str:
        """Return the organisation code of GB 11714, 9 characters."""
        return self.text[8:17]

    @property
    def sole_trader(self) -> bool:
        """Say whether it is an individual business (92), whose name is often its owner's and so personal."""
        return self.text.startswith("92")


def parse(text: str) -> Uscc:
    """Return the code in capitals, half-width and trimmed.

    Raises `CodeLength`, `CodeCharacter` or `CodeCheckCharacter`; GB 32100-2015 clause 4 and annex A.
    """
    code = clean(text)
    require_length(NAME, code, LENGTH)
    _refuse_mistaken_letters(code)
    require_alphabet(NAME, code, ALPHABET)
    require_alphabet(NAME, code[2:8], DIGITS, first=3)
    expected = check_character(code[:17])
    if code[17] != expected:
        raise CodeCheckCharacter(
            NAME, 18, Name(f"校验码应为“{expected}”", f"the check character should be '{expected}'")
        )
    sound = code[16] == inner_check_character(code[8:16])
    return Uscc(code, () if sound else (INNER_CHECK_WARNING,))


def check_character(first: str) -> str:
    """Return the check character for the first 17 characters, all in `ALPHABET`."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(first, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def inner_check_character(body: str) -> str:
    """Return the check character of GB 11714 for the 8 characters of an organisation code's body."""
    total = sum(INNER_ALPHABET.index(character) * weight for character, weight in zip(body, INNER_WEIGHTS, strict=True))
    return INNER_CHECKS[-total % 11]


def mint(authority: str, category: str, region: str, body: str) -> Uscc:
    """Return a code whose two check characters are right; `body` is the 8 characters of the organisation code.

    Raises what `parse` raises. Minting registers nothing: such a code is for demonstrations and tests.
    """
    first = clean(authority + category + region + body)
    require_length(NAME, first, 16)
    _refuse_mistaken_letters(first)
    require_alphabet(NAME, first, ALPHABET)
    first += inner_check_character(first[8:16])
    return parse(first + check_character(first))


def _refuse_mistaken_letters(code: str) -> None:
    for position, character in enumerate(code, 1):
        meant = MISTAKEN.get(character)
        if meant:
            zh = f"不使用字母“{character}”，可能是“{meant}”"
            en = f"the letter '{character}' is not used; perhaps '{meant.replace('或', 'or')}' was meant"
            raise CodeCharacter(NAME, position, Name(zh, en))
