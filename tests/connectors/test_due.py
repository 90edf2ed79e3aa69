"""When a connector is due, in Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.due import next_due, next_retry, passed_due
from connectors.faults import ScheduleInvalid

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """Return an instant of 2026 by the clocks of Shanghai."""
    return (
        datetime(2026, month, day, (hour - 8) % 24, minute, tzinfo=UTC)
        if hour >= 8
        else datetime(2026, month, day - 1, hour + 16, minute, tzinfo=UTC)
    )


def test_a_cron_schedule_is_read_in_shanghai() -> None:
    assert next_due({"cron": "15 2 * * *"}, NOON) == at(26, 2, 15)


@pytest.mark.parametrize(
    ("weekdays", "day"),
    [("0", 29), ("7", 29), ("1", 30), ("4", 26), ("1-3", 30), ("sun", 29), ("thu-sat", 26), ("*/6", 28), ("5,0", 27)],
)
def test_weekdays_are_those_of_crontab(weekdays: str, day: int) -> None:
    assert next_due({"cron": f"0 9 * * {weekdays}"}, NOON) == at(day, 9)


def test_an_interval_falls_on_a_grid_that_every_process_shares() -> None:
    first = next_due({"every_seconds": 10}, NOON)
    assert first == NOON.replace(second=10)
    assert next_due({"every_seconds": 10}, NOON.replace(second=3)) == first


def test_a_due_time_is_never_its_own_successor() -> None:
    assert next_due({"cron": "0 12 * * *"}, NOON) == at(26, 12)


def test_missed_due_times_become_the_newest_one_with_their_number() -> None:
    now = NOON.replace(second=47)
    assert passed_due({"every_seconds": 10}, NOON, now) == (NOON.replace(second=40), 5)


def test_missed_nights_are_counted_too() -> None:
    assert passed_due({"cron": "15 2 * * *"}, at(22, 2, 15), NOON) == (at(25, 2, 15), 4)


def test_a_retry_off_the_grid_stands_for_itself() -> None:
    first = NOON.replace(second=3)
    assert passed_due({"every_seconds": 60}, first, NOON.replace(second=9)) == (first, 1)


def test_months_of_missed_seconds_are_counted_at_once() -> None:
    assert passed_due({"every_seconds": 1}, datetime(2026, 1, 1, tzinfo=UTC), NOON)[1] > 28_000_000


def test_retries_wait_twice_as_long_each_time() -> None:
    assert [(next_retry(attempt, NOON) - NOON).total_seconds() for attempt in (1, 2, 3, 4)] == [10, 20, 40, 80]


def test_an_empty_schedule_is_never_due() -> None:
    assert next_due({}, NOON) is None


@pytest.mark.parametrize(
    "schedule",
    [
        {"every_seconds": 0},
        {"every_seconds": "10"},
        {"every_seconds": True},
        {"every_seconds": 10, "cron": "* * * * *"},
        {"cron": "* * * *"},
        {"cron": "61 * * * *"},
        {"cron": "* * * * 8"},
        {"cron": 5},
        {"weekly": 1},
        [10],
        "hourly",
    ],
)
def test_a_schedule_that_cannot_be_read_is_told(schedule: Any) -> None:
    with pytest.raises(ScheduleInvalid):
        next_due(schedule, NOON)
