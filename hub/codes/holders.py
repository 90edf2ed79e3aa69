"""The types of code that name the holder of a license (持证主体代码类型), and the check each type's codes allow.

GB/T 36903-2018 annex A: three digits; 001 and 099 for organisations, the others for natural persons. Only 001 and 111 have
a check character; of the others length and alphabet are all that is checked, because their standards say no more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType

from hub.codes import citizens, uscc
from hub.codes.faults import (
    DIGITS,
    CodeCharacter,
    CodeInvalid,
    CodeLength,
    CodePart,
    Name,
    clean,
    require_alphabet,
    require_length,
)

CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
OTHER_MAX = 64
TYPE_NAME = Name("持证主体代码类型", "holder code type")


@dataclass(frozen=True)
class HolderCodeType:
    """One type of the annex; `natural` says whether its codes name a natural person."""

    code: str
    name_zh: str
    name_en: str
    natural: bool


@dataclass(frozen=True)
class HolderCode:
    """A holder's code in its normal form.

    `personal` is true for a natural person's, and for a sole trader's (USCC 92), whose register entry is a person's.
    """

    type: HolderCodeType
    text: str = field(repr=False)

    @property
    def personal(self) -> bool:
        """Say whether the code leads to a natural person."""
        return self.type.natural or (self.type.code == "001" and self.text.startswith("92"))


TYPES = MappingProxyType(
    {
        code: HolderCodeType(code, name_zh, name_en, natural=natural)
        for code, name_zh, name_en, natural in (
            ("001", "统一社会信用代码", "unified social credit code", False),
            ("099", "其他法人或其他组织有效证件代码", "other valid code of an organisation", False),
            ("111", "公民身份号码", "citizen identity number", True),
            ("114", "中国人民解放军军官证号码", "PLA officer certificate number", True),
            ("115", "中国人民武装警察部队警官证号码", "Armed Police officer certificate number", True),
            ("118", "中国人民解放军士兵证号码", "PLA soldier certificate number", True),
            ("119", "中国人民武装警察部队士兵证号码", "Armed Police soldier certificate number", True),
            ("120", "中国人民解放军文职人员证号码", "PLA civilian staff certificate number", True),
            ("122", "中国人民武装警察部队文职人员证号码", "Armed Police civilian staff certificate number", True),
            ("411", "外交护照号码", "diplomatic passport number", True),
            ("412", "公务护照号码", "service passport number", True),
            ("413", "公务普通护照号码", "public-affairs ordinary passport number", True),
            ("414", "普通护照号码", "ordinary passport number", True),
            ("511", "台湾居民来往大陆通行证号码", "mainland travel permit number, Taiwan", True),
            ("516", "港澳居民来往内地通行证号码", "mainland travel permit number, Hong Kong and Macao", True),
            ("999", "其他自然人有效证件代码", "other valid code of a natural person", True),
        )
    }
)
"""The annex, in the order of its codes."""


def parse_code_type(text: str) -> HolderCodeType:
    """Return the type of that three-digit code; raises `CodeLength`, `CodeCharacter`, or `CodePart` for one the annex lacks."""
    code = clean(text)
    require_length(TYPE_NAME, code, 3)
    require_alphabet(TYPE_NAME, code, DIGITS)
    found = TYPES.get(code)
    if found is None:
        raise CodePart(TYPE_NAME, 1, Name("GB/T 36903 附录 A 没有这一类型", "annex A of GB/T 36903 has no such type"))
    return found


def parse(code_type: str, text: str) -> HolderCode:
    """Return a holder's code in the normal form of its type: half-width, capitals, trimmed.

    Raises `CodeInvalid` for the type, or for whatever its type's check refuses at which position.
    """
    found = parse_code_type(code_type)
    return HolderCode(found, CHECKS.get(found.code, _other)(found, text))


def fitting(text: str) -> list[HolderCode]:
    """Return the code in every type whose check accepts it, in the order of the annex; raises `CodeLength` when none does."""
    found = []
    for code_type in TYPES:
        try:
            found.append(parse(code_type, text))
        except CodeInvalid:
            continue
    if not found:
        raise CodeLength(Name("持证主体代码", "holder code"), None, Name("没有这种代码", "no type has such a code"))
    return found


def _uscc(_type: HolderCodeType, text: str) -> str:
    return uscc.parse(text).text


def _citizen(_type: HolderCodeType, text: str) -> str:
    return citizens.parse(text).text


def _passport(type_: HolderCodeType, text: str) -> str:
    """Return a passport number: 5 to 15 digits and capitals (ICAO 9303 allows 9; older and foreign ones differ)."""
    name, code = _name(type_), clean(text)
    _require_between(name, code, 5, 15)
    require_alphabet(name, code, CAPITALS | DIGITS)
    return code


def _taiwan(type_: HolderCodeType, text: str) -> str:
    """Return the number of a permit for Taiwan residents: 8 digits (10 on the older booklet)."""
    name, code = _name(type_), clean(text)
    require_length(name, code, 8, 10)
    require_alphabet(name, code, DIGITS)
    return code


def _hongkong_macao(type_: HolderCodeType, text: str) -> str:
    """Return the number of a permit for Hong Kong (H) and Macao (M) residents: the letter and 8 digits (10 with the re-issue)."""
    name, code = _name(type_), clean(text)
    require_length(name, code, 9, 11)
    require_alphabet(name, code[0], frozenset("HM"))
    require_alphabet(name, code[1:], DIGITS, first=2)
    return code


def _other(type_: HolderCodeType, text: str) -> str:
    """Return any other code as it is written, full-width forms made half-width: 1 to 64 printable characters."""
    name, code = _name(type_), clean(text)
    _require_between(name, code, 1, OTHER_MAX)
    for position, character in enumerate(code, 1):
        if not character.isprintable():
            reason = Name("不允许不可见字符", "a character that cannot be seen is not allowed")
            raise CodeCharacter(name, position, reason)
    return code


def _require_between(name: Name, code: str, least: int, most: int) -> None:
    if not least <= len(code) <= most:
        zh = f"应为{least}至{most}位，实为{len(code)}位"
        raise CodeLength(name, None, Name(zh, f"{least} to {most} characters are needed and {len(code)} were given"))


def _name(type_: HolderCodeType) -> Name:
    return Name(type_.name_zh, type_.name_en)


CHECKS: dict[str, Callable[[HolderCodeType, str], str]] = {
    "001": _uscc,
    "111": _citizen,
    **dict.fromkeys(("411", "412", "413", "414"), _passport),
    "511": _taiwan,
    "516": _hongkong_macao,
}
