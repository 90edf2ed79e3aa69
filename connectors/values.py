"""From what a source wrote to what a target's field holds: tolerant in form, exact in value.

A number written as text, a number where text is wanted, a null where a list is wanted are taken with a warning; what would
have to be guessed is refused. Decimals stay decimal text (never binary floating point), dates civil dates.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final


class FieldType(enum.StrEnum):
    """What a target's field can hold."""

    TEXT = "text"
    INT = "int"
    DECIMAL = "decimal"
    DATE = "date"
    TRUTH = "truth"
    LIST = "list"


class Unfit(ValueError):
    """The value cannot be taken for the type; the text says what would be, in Chinese and in English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


Warn = Callable[[str, str], None]
"""Told, in Chinese and in English, what was taken although it is not quite what was agreed."""

SAFE_INT: Final = 2**53 - 1
_INT: Final = re.compile(r"[+-]?\d{1,16}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,24}(\.\d{1,12})?", re.ASCII)
_TOO_MUCH: Final = Decimal(10) ** 18
_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_TRUTHS: Final = {
    "true": True,
    "1": True,
    "是": True,
    "yes": True,
    "false": False,
    "0": False,
    "否": False,
    "no": False,
}


def converted(wanted: FieldType, value: Any, warn: Warn, *, separator: str = "；") -> Any:
    """Return `value` as JSON of the wanted type: text, int, decimal text, `YYYY-MM-DD`, bool or list. Raises Unfit.

    `value` is not empty, save for a list; `separator` splits a list written as text.
    """
    if isinstance(value, str):
        value = value.strip()
    return _CONVERSIONS[wanted](value, warn, separator)


def decimal_text(number: Decimal) -> str:
    """Return the number in digits, without exponent and without zeros that say nothing."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def writable(value: Any) -> bool:
    """Say whether every text in the JSON `value` can be kept everywhere: no NUL, no half of a surrogate pair."""
    if isinstance(value, str):
        return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(writable(key) and writable(each) for key, each in value.items())
    return all(writable(each) for each in value) if isinstance(value, list) else True


def _text(value: Any, warn: Warn, separator: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise Unfit("应为文字", "text was expected")
    warn("应为文字，来源给的是数字", "a number stood where text was expected")
    return decimal_text(Decimal(value))


def _int(value: Any, warn: Warn, separator: str) -> int:
    number = _number(value)
    if number != number.to_integral_value() or abs(number) > SAFE_INT:
        raise Unfit("应为整数", "a whole number was expected")
    if isinstance(value, str) and not _INT.fullmatch(value):
        warn("整数的写法不规范", "the whole number was written unusually")
    return int(number)


def _decimal(value: Any, warn: Warn, separator: str) -> str:
    return decimal_text(_number(value))


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise Unfit("应为数字", "a number was expected")
    if isinstance(value, str):
        value = unicodedata.normalize("NFKC", value)  # full-width digits
        if not _NUMBER.fullmatch(value):  # no thousands' commas: 1,234 is two numbers to somebody
            raise Unfit("应为数字", "a number was expected")
    number = Decimal(value)
    if abs(number) >= _TOO_MUCH:
        raise Unfit("数字过大", "the number is too large")
    return number


def _date(value: Any, warn: Warn, separator: str) -> str:
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        day = None
    if day is None:
        raise Unfit("应为日期（年-月-日）", "a date was expected (year-month-day)")
    return day.isoformat()


def _truth(value: Any, warn: Warn, separator: str) -> bool:
    if isinstance(value, bool):
        return value
    truth = _TRUTHS.get(str(value).lower()) if isinstance(value, (str, int)) else None
    if truth is None:
        raise Unfit("应为“是”或“否”", "yes or no was expected")
    return truth


def _list(value: Any, warn: Warn, separator: str) -> list[Any]:
    if value is None:
        warn("应为列表，来源给的是空值", "a null stood where a list was expected")
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(separator) if part.strip()]
    if not isinstance(value, list):
        raise Unfit("应为列表", "a list was expected")
    return value


_CONVERSIONS: Final[dict[FieldType, Callable[[Any, Warn, str], Any]]] = {
    FieldType.TEXT: _text,
    FieldType.INT: _int,
    FieldType.DECIMAL: _decimal,
    FieldType.DATE: _date,
    FieldType.TRUTH: _truth,
    FieldType.LIST: _list,
}
