"""Schemes by which regions are coded, and the form each scheme allows.

GB/T 2260 knows administrative divisions only; new areas, new towns and high-tech zones have no code in it, and every
system that needs one made its own. So a region is known by pairs (scheme, code), and this module checks forms and
never translates between schemes. `PARTNER:<id>` is the scheme of one partner's own system.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hub.codes.faults import CodePart, Name, clean, require_alphabet, require_length

GB2260: Final = "GB2260"
NBS12: Final = "NBS12"
FISCAL9: Final = "FISCAL9"
PLATFORM12: Final = "PLATFORM12"
PARTNER_PREFIX: Final = "PARTNER:"
LENGTHS = {GB2260: 6, NBS12: 12, FISCAL9: 9, PLATFORM12: 12}
NAMES = {
    GB2260: Name("行政区划代码（GB/T 2260）", "division code (GB/T 2260)"),
    NBS12: Name("统计用区划代码", "statistical division code"),
    FISCAL9: Name("财政区划代码", "public finance division code"),
    PLATFORM12: Name("政务服务平台区划代码", "service platform division code"),
}
SCHEME = Name("区划代码体系", "region code scheme")
PARTNER = Name("合作方自有区划代码", "partner's own region code")
_DIGITS = frozenset("0123456789")
_PARTNER_SCHEME = re.compile(r"PARTNER:[a-z0-9][a-z0-9-]{0,39}")
_PARTNER_CODE = re.compile(r"[0-9A-Za-z._-]{1,40}")


@dataclass(frozen=True)
class RegionCode:
    """One code of a region in one scheme."""

    scheme: str
    text: str


def parse(scheme: str, text: str) -> RegionCode:
    """Return a code in the form its scheme allows; raises `CodeInvalid`, also for an unknown scheme.

    A partner's own code keeps its letter case and has 1 to 40 characters of 0-9, A-Z, a-z, full stop, hyphen,
    underscore.
    """
    if scheme.startswith(PARTNER_PREFIX):
        return _partner_code(scheme, text)
    if scheme not in LENGTHS:
        raise CodePart(SCHEME, None, Name("没有这一体系", "there is no such scheme"))
    code = clean(text)
    require_length(NAMES[scheme], code, LENGTHS[scheme])
    require_alphabet(NAMES[scheme], code, _DIGITS)
    if code.startswith("0"):
        raise CodePart(NAMES[scheme], 1, Name("不能以0开头", "it cannot begin with 0"))
    return RegionCode(scheme, code)


def platform_code(division: str) -> RegionCode:
    """Return the 12-digit form that service platforms use: the 6 digits of GB/T 2260 padded with zeros."""
    return RegionCode(PLATFORM12, parse(GB2260, division).text + "000000")


def parents(division: str) -> tuple[str, ...]:
    """Return the GB/T 2260 codes above a division, nearest first: () for a province, at most city and province."""
    code = parse(GB2260, division).text
    above = (code[:4] + "00", code[:2] + "0000")
    return tuple(dict.fromkeys(parent for parent in above if parent != code))


def _partner_code(scheme: str, text: str) -> RegionCode:
    if not _PARTNER_SCHEME.fullmatch(scheme):
        raise CodePart(
            SCHEME,
            None,
            Name("合作方的体系应为“PARTNER:”加小写标识", "a partner's scheme is 'PARTNER:' and a small-letter id"),
        )
    code = text.strip()
    if not _PARTNER_CODE.fullmatch(code):
        reason = Name("应为1至40位字母、数字或“._-”", "1 to 40 letters, digits or '._-' are needed")
        raise CodePart(PARTNER, None, reason)
    return RegionCode(scheme, code)
