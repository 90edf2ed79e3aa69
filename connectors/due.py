"""When a connector is due: its schedule as data, computed in Asia/Shanghai by APScheduler's triggers.

Schedules are {"every_seconds": n}, on a grid all processes share, or {"cron": "minute hour day month weekday"} with the
weekdays of crontab (0 and 7 are Sunday). It keeps nothing and starts nothing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from connectors.faults import ScheduleInvalid
from hub.clock import SHANGHAI

GRID: Final = datetime(2020, 1, 1, tzinfo=SHANGHAI)
MAX_EVERY_SECONDS: Final = 31 * 24 * 3600
MAX_PASSED: Final = 1000
RETRY_FIRST: Final = timedelta(seconds=10)

_WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY_PART: Final = re.compile(r"(\*|[0-7])(?:-([0-7]))?(?:/([1-9]))?", re.ASCII)


def next_due(schedule: Any, after: datetime) -> datetime | None:
    """Return the first due time later than `after`, aware, in UTC; None for an empty schedule. Raises ScheduleInvalid."""
    if not schedule:
        return None
    return _next(_trigger(schedule), after)


def passed_due(schedule: Any, first: datetime, now: datetime) -> tuple[datetime, int]:
    """Return the newest due time not later than `now`, and how many there are from `first` on, itself included.

    `first` is taken as due whatever the schedule says (a retry, or a schedule that was changed). Of a cron schedule at most
    1,000 are counted. Raises ScheduleInvalid.
    """
    trigger = _trigger(schedule)
    if isinstance(trigger, IntervalTrigger):
        return _passed_interval(timedelta(seconds=schedule["every_seconds"]), first, now)
    newest, count = first, 1
    while count < MAX_PASSED:
        following = _next(trigger, newest)
        if following is None or following > now:
            break
        newest, count = following, count + 1
    return newest, count


def next_retry(attempt: int, now: datetime) -> datetime:
    """Return when a run that failed in its `attempt` (from 1) is tried again: after 10, 20, 40, 80 seconds."""
    return now + RETRY_FIRST * (1 << (attempt - 1))


def _passed_interval(every: timedelta, first: datetime, now: datetime) -> tuple[datetime, int]:
    last = GRID + (now - GRID) // every * every
    if last <= first:
        return first, 1
    return last.astimezone(UTC), 1 + (last - GRID) // every - (first - GRID) // every


def _next(trigger: BaseTrigger, after: datetime) -> datetime | None:
    # One microsecond more: APScheduler answers with the due time that is not earlier.
    found: datetime | None = trigger.get_next_fire_time(None, (after + timedelta(microseconds=1)).astimezone(SHANGHAI))
    return None if found is None else found.astimezone(UTC)


def _trigger(schedule: Any) -> BaseTrigger:
    if isinstance(schedule, dict) and set(schedule) == {"every_seconds"}:
        seconds = schedule["every_seconds"]
        if isinstance(seconds, int) and not isinstance(seconds, bool) and 1 <= seconds <= MAX_EVERY_SECONDS:
            return IntervalTrigger(seconds=seconds, start_date=GRID, timezone=SHANGHAI)
    elif isinstance(schedule, dict) and set(schedule) == {"cron"} and isinstance(schedule["cron"], str):
        return _cron(schedule["cron"])
    raise _invalid()


def _cron(expression: str) -> CronTrigger:
    parts = expression.split()
    if len(parts) != 5:
        raise _invalid()
    minute, hour, day, month, weekday = parts
    try:
        return CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=SHANGHAI
        )
    except ValueError as error:
        raise _invalid() from error


def _weekdays(field: str) -> str:
    """Return crontab's weekdays by name: APScheduler counts from Monday, crontab from Sunday."""
    if field == "*" or field[0].isalpha():
        return field
    names: list[str] = []
    for part in field.split(","):
        found = _WEEKDAY_PART.fullmatch(part)
        if found is None:
            raise _invalid()
        first = 0 if found[1] == "*" else int(found[1])
        last = 6 if found[1] == "*" else int(found[2] or found[1])
        names += [_WEEKDAYS[day] for day in range(first, last + 1, int(found[3] or 1))]
    return ",".join(dict.fromkeys(names))


def _invalid() -> ScheduleInvalid:
    return ScheduleInvalid(
        '计划应为 {"every_seconds": 秒数} 或 {"cron": "分 时 日 月 周"}。',
        'A schedule is {"every_seconds": n} or {"cron": "minute hour day month weekday"}.',
    )
