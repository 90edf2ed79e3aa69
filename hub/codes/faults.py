"""The family of refusals of a malformed code, and the cleaning that comes before every check.

A refusal says what kind of code, at which position (counted from 1) and why, in Chinese and English. It never repeats
the whole code: codes of citizens are personal information (PIPL art. 28), so no message of this family holds more
than the one character it is about.
"""

from __future__ import annotations

from typing import ClassVar

from hub.errors import ValidationFailed

FULL_WIDTH_TO_ASCII = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
SMALL_TO_CAPITAL = {ord(small): ord(small) - 32 for small in "abcdefghijklmnopqrstuvwxyz"}
BLANKS = " \t\r\n\u00a0\u200b\u2060\ufeff"
DIGITS = frozenset("0123456789")


class Name:
    """What a thing is called in Chinese and in English."""

    __slots__ = ("en", "zh")

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en


class CodeInvalid(ValidationFailed):
    """The text is not a code of the kind asked for; nothing was changed.

    Cure: compare the position named in the message with the certificate the code was copied from.
    """

    code: ClassVar[str] = "codes.invalid"

    def __init__(self, name: Name, position: int | None, reason: Name, *, path: str | None = None) -> None:
        at_zh = f"第{position}位：" if position else ""
        at_en = f"position {position}: " if position else ""
        super().__init__(f"{name.zh}{at_zh or '：'}{reason.zh}。", f"{name.en}, {at_en}{reason.en}.", path=path)
        self.name = name
        self.position = position


class CodeLength(CodeInvalid):
    """The code has too few or too many characters.

    Cure: copy the whole code, without spaces or other text.
    """

    code = "codes.length"


class CodeCharacter(CodeInvalid):
    """A character of the code is outside the alphabet its position allows.

    Cure: look for a letter read as a digit (O and 0, I and 1, S and 5, Z and 2).
    """

    code = "codes.character"


class CodeCheckCharacter(CodeInvalid):
    """The check character does not follow from the other characters, so at least one of them was miscopied.

    Cure: copy the code again from the certificate.
    """

    code = "codes.check_character"


class CodePart(CodeInvalid):
    """A part of the code has the right characters and a value that does not exist.

    Cure: correct the part named in the message (a date, a level, a type, a prefix).
    """

    code = "codes.part"


def clean(text: str) -> str:
    """Return `text` trimmed, half-width and, for a-z only, in capitals.

    Other scripts are left as they are, so that a letter which merely capitalises to an ASCII one (ı, ſ) is still
    refused.
    """
    return text.translate(FULL_WIDTH_TO_ASCII).strip(BLANKS).translate(SMALL_TO_CAPITAL)


def require_length(name: Name, text: str, *allowed: int) -> None:
    """Return when `text` has one of the `allowed` lengths; raise `CodeLength` otherwise."""
    if len(text) not in allowed:
        wanted = "或".join(str(length) for length in allowed)
        wanted_en = " or ".join(str(length) for length in allowed)
        reason = Name(
            f"应为{wanted}位，实为{len(text)}位", f"{wanted_en} characters are needed and {len(text)} were given"
        )
        raise CodeLength(name, None, reason)


def require_alphabet(name: Name, text: str, alphabet: str | frozenset[str], *, first: int = 1) -> None:
    """Return when every character is in `alphabet`; raise `CodeCharacter` at the first other one.

    `first` is the position, counted from 1, that the first character of `text` has in the whole code.
    """
    for position, character in enumerate(text, first):
        if character not in alphabet:
            seen = character if character.isprintable() and character != " " else f"U+{ord(character):04X}"
            raise CodeCharacter(name, position, Name(f"不允许字符“{seen}”", f"the character '{seen}' is not allowed"))
