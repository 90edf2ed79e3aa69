"""Where a limit in working days ends."""

from __future__ import annotations

from datetime import date

import pytest

from hub.workdays import Calendar, DueDay, LimitOutOfRange, add_working_days


def test_counting_begins_on_the_day_after() -> None:
    assert add_working_days(date(2026, 11, 25), 1) == DueDay(date(2026, 11, 26), provisional=False)


def test_a_weekend_is_not_counted() -> None:
    assert add_working_days(date(2026, 11, 27), 1).day == date(2026, 11, 30)


def test_a_limit_of_no_days_ends_on_the_same_day() -> None:
    assert add_working_days(date(2026, 11, 28), 0).day == date(2026, 11, 28)


def test_national_day_is_skipped_and_the_saturday_worked_in_exchange_counts() -> None:
    assert add_working_days(date(2026, 9, 30), 3).day == date(2026, 10, 10)


def test_a_limit_that_ends_in_a_published_year_is_certain() -> None:
    assert not add_working_days(date(2026, 11, 25), 20).provisional


def test_a_limit_that_runs_into_an_unpublished_year_is_provisional() -> None:
    assert add_working_days(date(2039, 12, 30), 3) == DueDay(date(2040, 1, 4), provisional=True)


def test_a_loaded_day_overrides_the_published_calendar() -> None:
    calendar = Calendar({date(2026, 11, 26): False})
    assert add_working_days(date(2026, 11, 25), 1, calendar=calendar).day == date(2026, 11, 27)


def test_loaded_days_of_an_unpublished_year_are_certain() -> None:
    calendar = Calendar({date(2040, 1, 2): False, date(2040, 1, 3): True})
    assert not add_working_days(date(2040, 1, 1), 1, calendar=calendar).provisional


@pytest.mark.parametrize("days", [-1, 1001])
def test_a_limit_outside_zero_to_a_thousand_is_refused(days: int) -> None:
    with pytest.raises(LimitOutOfRange):
        add_working_days(date(2026, 1, 1), days)
