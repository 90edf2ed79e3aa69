"""The hub's own housekeeping: what is due is done, and one chore's failure keeps no other from being done."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.addresses import AddressBook
from connectors.housekeeping import DAILY, HOURLY, Chore, Housekeeper, chores_of
from connectors.schedule import Scheduler
from connectors.transport import Transport
from hub.access.actors import Actor
from hub.access.records import ActorKind
from hub.access.replay import remember, remembered
from hub.clock import FixedClock
from hub.errors import Conflict
from hub.signatures.shelf import Shelf
from tests.connectors.workshop import Workshop


def refused() -> None:
    """A chore that meets what was foreseen."""
    raise Conflict("冲突。", "A conflict.")


def broken() -> None:
    """A chore that meets what nobody foresaw."""
    raise KeyError("unforeseen")


@pytest.fixture
def chores(workshop: Workshop, tmp_path: Path) -> tuple[Chore, ...]:
    """The housekeeping of a hub."""
    return chores_of(
        workshop.database,
        workshop.clock,
        files=workshop.files,
        shelf=Shelf(tmp_path / "signatures"),
        transport=lambda: Transport(AddressBook([])),
    )


def test_a_job_that_fails_is_told_by_its_code_and_keeps_no_other_from_being_done(
    clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []
    table = [Chore("a", HOURLY, refused), Chore("b", HOURLY, broken), Chore("c", HOURLY, lambda: done.append("c"))]
    assert Housekeeper(table, clock).carry_out_due() == {"a": "record.conflict", "b": "housekeeping.broke"}
    assert done == ["c"]
    assert "[record.conflict]" in caplog.text and "[housekeeping.broke]" in caplog.text


def test_a_job_is_done_after_the_start_and_then_every_so_often(clock: FixedClock) -> None:
    done: list[str] = []
    table = [
        Chore("hourly", HOURLY, lambda: done.append("hourly")),
        Chore("daily", DAILY, lambda: done.append("daily")),
    ]
    keeper = Housekeeper(table, clock)
    for passed in (timedelta(0), timedelta(minutes=59), timedelta(minutes=1), timedelta(hours=23)):
        clock.advance(passed)
        keeper.carry_out_due()
    assert done == ["hourly", "daily", "hourly", "hourly", "daily"]


def test_a_scheduler_that_was_stopped_begins_no_job(workshop: Workshop) -> None:
    done: list[str] = []
    keeper = Housekeeper([Chore("a", HOURLY, lambda: done.append("a"))], workshop.clock)
    keeper.stop()
    assert (keeper.carry_out_due(), done) == ({}, [])


def test_every_job_of_a_hub_can_be_done(workshop: Workshop, chores: tuple[Chore, ...]) -> None:
    assert Housekeeper(chores, workshop.clock).carry_out_due() == {}
    assert len(chores) == len({chore.name for chore in chores})


def test_remembered_requests_are_forgotten_when_nobody_repeats_them_any_more(
    workshop: Workshop, chores: tuple[Chore, ...]
) -> None:
    asker, clock = Actor(ActorKind.OPERATOR, "operator-1", "甲"), workshop.clock
    with workshop.database.transaction() as session:
        remember(session, actor=asker, mutation="m", key="k", arguments={}, subject="s", clock=clock)
    clock.advance(timedelta(days=31))
    Housekeeper(chores, clock).carry_out_due()
    with workshop.database.reading() as session:
        assert remembered(session, actor=asker, mutation="m", key="k", arguments={}) is None


def test_files_that_no_row_names_are_swept_every_day(workshop: Workshop, chores: tuple[Chore, ...]) -> None:
    orphan = workshop.files.put(b"left by a crash")
    Housekeeper(chores, workshop.clock).carry_out_due()
    assert orphan not in workshop.files.shard(orphan[:2])


def test_the_scheduler_does_the_housekeeping_beside_its_runs(workshop: Workshop) -> None:
    done = threading.Event()
    made = Scheduler(workshop.place, chores=[Chore("a", HOURLY, done.set)], round_seconds=0.1)
    made.start()
    try:
        assert done.wait(20)
    finally:
        made.stop()
