"""The identifier of an electronic license (电子证照标识) and the code of its type (证照类型代码).

GB/T 36904-2018: ROOT.TYPE.ISSUER.SERIAL.VERSION.CHECK, the check character by ISO/IEC 7064 MOD 37,36 over the four
middle parts without dots and without the root. All 26 letters count, unlike in GB 32100.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.codes import uscc
from hub.codes.faults import (
    DIGITS,
    CodeCheckCharacter,
    CodeInvalid,
    CodePart,
    Name,
    clean,
    require_alphabet,
    require_length,
)

NAME = Name("电子证照标识", "license identifier")
TYPE_NAME = Name("证照类型代码", "license type code")
ROOT = "1.2.156.3005.2"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SERIAL_MAX = 32
ISSUER_IS_REGION = "codes.license_issuer_is_region"


@dataclass(frozen=True)
class TypeCode:
    """The code of a license type: the defining authority's USCC (18) and a sequence inside that authority (3)."""

    text: str

    @property
    def authority(self) -> str:
        """Return the defining authority's USCC, 18 characters."""
        return self.text[:18]

    @property
    def sequence(self) -> int:
        """Return the sequence inside the defining authority, 0 to 999."""
        return int(self.text[18:])


@dataclass(frozen=True)
class LicenseIdentifier:
    """An identifier whose check character is right.

    `original` is the text as it came; `warnings` is () or (ISSUER_IS_REGION,): the issuer part is a region code.
    """

    type_code: TypeCode
    issuer: str
    serial: str
    version: int
    original: str
    warnings: tuple[str, ...] = ()

    @property
    def lineage(self) -> str:
        """Return what all versions of one license share: type, issuer and serial, joined by full stops."""
        return f"{self.type_code.text}.{self.issuer}.{self.serial}"

    @property
    def body(self) -> str:
        """Return what the check character is computed over."""
        return f"{self.type_code.text}{self.issuer}{self.serial}{self.version:03d}"

    @property
    def text(self) -> str:
        """Return the identifier in its normal form: capitals, root and check character included."""
        parts = (ROOT, self.type_code.text, self.issuer, self.serial, f"{self.version:03d}", check_character(self.body))
        return ".".join(parts)

    @property
    def file_name(self) -> str:
        """Return the file name the provincial platforms use: the whole identifier and `.OFD`."""
        return f"{self.text}.OFD"


def parse_type(text: str) -> TypeCode:
    """Return a type code; raises `CodeInvalid` when its length, its authority's USCC or its sequence is wrong."""
    code = clean(text)
    require_length(TYPE_NAME, code, 21)
    uscc.parse(code[:18])
    require_alphabet(TYPE_NAME, code[18:], DIGITS, first=19)
    return TypeCode(code)


def mint_type(authority: str, sequence: int) -> TypeCode:
    """Return the type code number `sequence` (1 to 999) of the authority with that USCC; raises `CodeInvalid`."""
    if not 1 <= sequence <= 999:
        raise CodePart(TYPE_NAME, 19, Name("顺序号应在1至999之间", "the sequence must be from 1 to 999"))
    return parse_type(f"{uscc.parse(authority).text}{sequence:03d}")


def parse(text: str) -> LicenseIdentifier:
    """Return the parts of an identifier, in capitals, with the text as it came in `original`.

    Raises `CodePart` for another root, a wrong number of parts or a part of the wrong form, `CodeCharacter` for a
    character outside 0-9A-Z, `CodeCheckCharacter`, and whatever `uscc.parse` raises for the type's authority or an
    18-character issuer.
    """
    whole = clean(text)
    parts = _parts(whole)
    type_text, issuer, serial, version, check = parts
    for part, first in zip(parts, _starts(parts), strict=True):
        require_alphabet(NAME, part, ALPHABET, first=first)
    _require_forms(parts)
    body = type_text + issuer + serial + version
    expected = check_character(body)
    if check != expected:
        reason = Name(f"校验位应为“{expected}”", f"the check character should be '{expected}'")
        raise CodeCheckCharacter(NAME, len(whole), reason)
    return LicenseIdentifier(parse_type(type_text), issuer, serial, int(version), text, _issuer_warnings(issuer))


def mint(type_code: str, issuer: str, serial: str, version: int = 1) -> LicenseIdentifier:
    """Return the identifier for one version (1 to 999) of a license; raises `CodeInvalid` when a part is wrong.

    `issuer` must be an organisation's USCC here: the region codes seen in the wild are read and never made.
    """
    parts = (parse_type(type_code).text, uscc.parse(issuer).text, clean(serial), f"{version:03d}")
    body = "".join(parts)
    require_alphabet(NAME, body, ALPHABET)
    return parse(".".join((ROOT, *parts, check_character(body))))


def next_version(identifier: LicenseIdentifier) -> LicenseIdentifier:
    """Return the identifier of the next version of the same license; raises `CodePart` after version 999."""
    return mint(identifier.type_code.text, identifier.issuer, identifier.serial, identifier.version + 1)


def check_character(body: str) -> str:
    """Return the check character of ISO/IEC 7064 hybrid system MOD 37,36; `body` is all in `ALPHABET`."""
    product = 36
    for character in body:
        product = ((product + ALPHABET.index(character)) % 36 or 36) * 2 % 37
    return ALPHABET[(37 - product) % 36]


def is_identifier(text: str) -> bool:
    """Say whether `parse` would accept the text."""
    try:
        parse(text)
    except CodeInvalid:
        return False
    return True


def _parts(text: str) -> list[str]:
    if not text.startswith(f"{ROOT}."):
        raise CodePart(NAME, 1, Name(f"应以“{ROOT}.”开头", f"it must begin with '{ROOT}.'"))
    parts = text[len(ROOT) + 1 :].split(".")
    if len(parts) != 5:
        reason = Name(
            f"根之后应有5段，实有{len(parts)}段", f"5 parts are needed after the root and {len(parts)} were given"
        )
        raise CodePart(NAME, len(ROOT) + 2, reason)
    return parts


def _starts(parts: list[str]) -> list[int]:
    """Return where each part begins in the whole identifier, counted from 1."""
    starts = [len(ROOT) + 2]
    for part in parts[:-1]:
        starts.append(starts[-1] + len(part) + 1)
    return starts


def _require_forms(parts: list[str]) -> None:
    _, _, serial, version, check = parts
    *_, serial_at, version_at, check_at = _starts(parts)
    if not 1 <= len(serial) <= SERIAL_MAX:
        raise CodePart(
            NAME, serial_at, Name(f"流水号应为1至{SERIAL_MAX}位", f"the serial has 1 to {SERIAL_MAX} characters")
        )
    if len(version) != 3 or not set(version) <= DIGITS or version == "000":
        raise CodePart(NAME, version_at, Name("版本号应为001至999的3位数字", "the version is 3 digits from 001 to 999"))
    if len(check) != 1:
        raise CodePart(NAME, check_at, Name("校验位应为1位", "the check is one character"))


def _issuer_warnings(issuer: str) -> tuple[str, ...]:
    if len(issuer) == 6 and set(issuer) <= DIGITS:
        return (ISSUER_IS_REGION,)
    uscc.parse(issuer)
    return ()
