"""China's working days: which civil day is one, and where a limit of so many of them ends.

Holidays are data: the calendar package holds what the State Council has published (weekends worked in exchange included), and `Calendar`
lets a loaded file override single days. Beyond the published years only weekends are known, and a result that leans on them says
`provisional` (待国务院公布). Must not know what the limits are for. Civil dates of Asia/Shanghai throughout; no instants.

Source: 行政许可法 art. 82 (limits count in working days, holidays excluded); 全国年节及纪念日放假办法.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from hub.errors import ValidationFailed

MAX_DAYS = 1000
_SATURDAY = 5


class LimitOutOfRange(ValidationFailed):
    """A limit in working days is negative or above 1000.

    Cure: give a limit between 0 and 1000 working days.
    """

    code = "workdays.limit_out_of_range"


@dataclass(frozen=True)
class DueDay:
    """Where a limit ends; `provisional` when a day on the way lies beyond the published years."""

    day: date
    provisional: bool


@dataclass(frozen=True)
class Calendar:
    """The published calendar, with single days overridden: `overrides[day]` is True for a working day."""

    overrides: Mapping[date, bool] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Say whether offices work on `day`; beyond the published years that means: it is no weekend."""
        if day in self.overrides:
            return self.overrides[day]
        published = _published()
        if day in published.worked:
            return True
        return day.weekday() < _SATURDAY and day not in published.free

    def is_published(self, day: date) -> bool:
        """Say whether `day` is known for certain: overridden, or inside the years the package holds."""
        published = _published()
        return day in self.overrides or published.first_year <= day.year <= published.last_year


@dataclass(frozen=True)
class _Published:
    worked: frozenset[date]
    free: frozenset[date]
    first_year: int
    last_year: int


def add_working_days(day: date, count: int, *, calendar: Calendar | None = None) -> DueDay:
    """Return the last day of a limit of `count` working days that begins on the day after `day`.

    `count` 0 answers `day` itself, working day or not. Raises LimitOutOfRange outside 0 to 1000.
    """
    if not 0 <= count <= MAX_DAYS:
        raise LimitOutOfRange(
            f"期限须为 0 到 {MAX_DAYS} 个工作日。", f"A limit lies between 0 and {MAX_DAYS} working days."
        )
    known = calendar or Calendar()
    provisional = False
    while count:
        day += timedelta(days=1)
        provisional = provisional or not known.is_published(day)
        count -= known.is_working_day(day)
    return DueDay(day, provisional)


@lru_cache(maxsize=1)
def _published() -> _Published:
    from chinese_calendar.constants import holidays, workdays  # 2 MB, on first use

    years = [day.year for day in holidays]
    return _Published(frozenset(workdays), frozenset(holidays), min(years), max(years))
