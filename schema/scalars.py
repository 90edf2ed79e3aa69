"""Scalars whose written form is a promise: instants in UTC to the second, whole numbers past 2^31, decimal strings."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from hub.clock import iso
from schema.declare import words

MAX_WHOLE = 2**53 - 1  # what JSON readers keep exactly (RFC 8259, 6)

Long = NewType("Long", int)


def decimal_text(value: Decimal) -> str:
    """Return the figure as a plain decimal string without trailing zeros: `220000`, `72.6`."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _long(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_WHOLE:
        raise ValueError("Long cannot represent this value.")
    return value


def _instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("DateTime cannot represent this value.")
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("DateTime needs a time zone.")
    return instant.astimezone(UTC)


def _day(value: Any) -> date:
    if not isinstance(value, str):
        raise ValueError("Date cannot represent this value.")
    return date.fromisoformat(value)


SCALARS: dict[object, ScalarDefinition] = {
    date: strawberry.scalar(
        name="Date",
        description=words("民用日期（北京时间）：2026-11-25。", "A civil date in Asia/Shanghai: 2026-11-25."),
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=date.isoformat,
        parse_value=_day,
    ),
    Long: strawberry.scalar(
        name="Long",
        description=words("±(2^53-1) 以内的整数。", "A whole number within ±(2^53-1)."),
        serialize=_long,
        parse_value=_long,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description=words(
            "时刻，UTC，精确到秒：2026-11-25T02:00:00Z。", "An instant in UTC, to the second: 2026-11-25T02:00:00Z."
        ),
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=iso,
        parse_value=_instant,
    ),
}
