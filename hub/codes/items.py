"""Codes of government service items (政务服务事项) and of cases (办件).

GB/T 39554.1-2020: base code, 12 (region prefix 2, item type 2, main item 5, sub-item 3); implementation code, 31
(implementing body's USCC 18, exercise level 1, base code 12); handling item code, 33 (31 and a sequence of 2). A case
number is the implementation code, the civil date and a daily serial of 4: 43. Unknown departments inside a base code
are not refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hub.codes import uscc
from hub.codes.faults import DIGITS, CodePart, Name, clean, require_alphabet, require_length

BASE = Name("基本编码", "base code")
IMPLEMENTATION = Name("实施编码", "implementation code")
HANDLING = Name("业务办理项编码", "handling item code")
CASE = Name("办件编号", "case number")

ITEM_TYPES = {
    "01": "行政许可", "02": "行政处罚", "03": "行政强制", "04": "行政征收", "05": "行政给付",
    "06": "行政检查", "07": "行政确认", "08": "行政奖励", "09": "行政裁决", "10": "其他行政权力", "20": "公共服务",
    "30": "政府内部审批", "31": "依申请便民服务", "32": "主题服务",
}  # fmt: skip
# Provinces add types of their own (30 to 32, and others in real codes): theirs are not refused.
NATIONAL_TYPES = frozenset({*(f"{number:02d}" for number in range(1, 11)), "20"})
APPLIED_FOR = frozenset({"01", "05", "07", "08", "09", "10"})
LEVELS = {1: "国家级", 2: "省级", 3: "市级", 4: "县级", 5: "镇（乡、街道）级", 6: "村（社区）级"}
NATIONAL = "00"
PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
    ]
)
SERIAL_MAX = 9999


@dataclass(frozen=True)
class BaseCode:
    """A basic item of the national (`00`) or a provincial catalogue, 12 digits."""

    text: str

    @property
    def region_prefix(self) -> str:
        """Return `00` for the national catalogue, else the first two digits of the province."""
        return self.text[:2]

    @property
    def item_type(self) -> str:
        """Return the item type, a key of `ITEM_TYPES`."""
        return self.text[2:4]

    @property
    def main_item(self) -> str:
        """Return the main item, 5 digits; the first two behave as the guiding central department."""
        return self.text[4:9]

    @property
    def department(self) -> str:
        """Return the two digits that behave as the guiding central department; unknown ones are allowed."""
        return self.text[4:6]

    @property
    def sub_item(self) -> str:
        """Return the sub-item, 3 digits; `000` when there is none."""
        return self.text[9:]


@dataclass(frozen=True)
class ImplementationCode:
    """One body's implementation of a basic item, 31 characters."""

    text: str

    @property
    def body(self) -> str:
        """Return the implementing body's USCC, 18 characters."""
        return self.text[:18]

    @property
    def level(self) -> int:
        """Return the exercise level, a key of `LEVELS`."""
        return int(self.text[18])

    @property
    def base(self) -> BaseCode:
        """Return the basic item implemented."""
        return BaseCode(self.text[19:])


@dataclass(frozen=True)
class HandlingCode:
    """One way an implemented item is handled, 33 characters."""

    text: str

    @property
    def implementation(self) -> ImplementationCode:
        """Return the implemented item."""
        return ImplementationCode(self.text[:31])

    @property
    def sequence(self) -> int:
        """Return the sequence inside the implemented item, 0 to 99."""
        return int(self.text[31:])


@dataclass(frozen=True)
class CaseNumber:
    """The number of one case, 43 characters."""

    text: str

    @property
    def implementation(self) -> ImplementationCode:
        """Return the implemented item the case is about."""
        return ImplementationCode(self.text[:31])

    @property
    def day(self) -> date:
        """Return the civil date the number was given on."""
        return _date(self.text[31:39])

    @property
    def serial(self) -> int:
        """Return the serial inside that day, 1 to 9999."""
        return int(self.text[39:])


def parse_base(text: str) -> BaseCode:
    """Return a base code; raises `CodeInvalid` for its length, a non-digit, an unknown region prefix or national type."""
    code = clean(text)
    require_length(BASE, code, 12)
    _require_base(BASE, code, first=1)
    return BaseCode(code)


def parse_implementation(text: str) -> ImplementationCode:
    """Return an implementation code; raises `CodeInvalid` for its length or one of its parts."""
    code = clean(text)
    require_length(IMPLEMENTATION, code, 31)
    _require_implementation(IMPLEMENTATION, code)
    return ImplementationCode(code)


def parse_handling(text: str) -> HandlingCode:
    """Return a handling item code; raises as `parse_implementation` does, or for the sequence."""
    code = clean(text)
    require_length(HANDLING, code, 33)
    _require_implementation(HANDLING, code)
    require_alphabet(HANDLING, code[31:], DIGITS, first=32)
    return HandlingCode(code)


def parse_case(text: str) -> CaseNumber:
    """Return a case number; raises `CodeInvalid` as `parse_implementation` does, or for the date or the serial."""
    code = clean(text)
    require_length(CASE, code, 43)
    _require_implementation(CASE, code)
    require_alphabet(CASE, code[31:], DIGITS, first=32)
    _date(code[31:39])
    if code[39:] == "0000":
        raise CodePart(CASE, 40, Name("日流水号从0001开始", "the daily serial begins at 0001"))
    return CaseNumber(code)


def mint_base(region_prefix: str, item_type: str, main_item: str, sub_item: str = "000") -> BaseCode:
    """Return the base code made of its four parts; raises `CodeInvalid` when one is wrong."""
    return parse_base(region_prefix + item_type + main_item + sub_item)


def mint_implementation(body: str, level: int, base: str) -> ImplementationCode:
    """Return the implementation code of a body (USCC) at a level for a base code; raises `CodeInvalid`."""
    return parse_implementation(f"{uscc.parse(body).text}{level}{parse_base(base).text}")


def mint_handling(implementation: str, sequence: int) -> HandlingCode:
    """Return handling item number `sequence` (1 to 99) of an implemented item; raises `CodeInvalid`."""
    if not 1 <= sequence <= 99:
        raise CodePart(HANDLING, 32, Name("序号应在1至99之间", "the sequence must be from 1 to 99"))
    return parse_handling(f"{parse_implementation(implementation).text}{sequence:02d}")


def mint_case(implementation: str, day: date, serial: int) -> CaseNumber:
    """Return the number of case `serial` (1 to 9999) of the civil date `day`; raises `CodeInvalid`."""
    if not 1 <= serial <= SERIAL_MAX:
        raise CodePart(CASE, 40, Name("日流水号应在1至9999之间", "the daily serial must be from 1 to 9999"))
    return parse_case(f"{parse_implementation(implementation).text}{day:%Y%m%d}{serial:04d}")


def _require_implementation(name: Name, code: str) -> None:
    uscc.parse(code[:18])
    require_alphabet(name, code[18], frozenset("123456"), first=19)
    _require_base(name, code[19:31], first=20)


def _require_base(name: Name, code: str, *, first: int) -> None:
    require_alphabet(name, code, DIGITS, first=first)
    if code[:2] != NATIONAL and code[:2] not in PROVINCES:
        raise CodePart(
            name, first, Name("应为00或省级代码前两位", "00 or the first two digits of a province are needed")
        )
    if code[:2] == NATIONAL and code[2:4] not in NATIONAL_TYPES:
        raise CodePart(name, first + 2, Name("国家目录没有这一事项类型", "there is no such national item type"))


def _date(text: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise CodePart(CASE, 32, Name("不是存在的日期", "this is not a date that exists")) from None
