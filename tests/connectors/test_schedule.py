"""The scheduler: what is due runs once, what was missed runs once for all, and nothing keeps the others waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from connectors.faults import ConnectorUnknown, RunStopped
from connectors.housekeeping import sweep_runs
from connectors.records import Connector, Outcome, Run
from connectors.schedule import Scheduler
from connectors.work import Work
from hub.clock import SystemClock
from tests.connectors.stub import Answer, serving
from tests.connectors.test_run import breaking, hub_run
from tests.connectors.workshop import Listed, Workshop, place_row

ONE = [place_row("a")]


def until(true: Callable[[], bool], seconds: float = 20) -> bool:
    """Wait until something is true; say whether it became so."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


@contextmanager
def scheduler(workshop: Workshop, *, workers: int = 4) -> Iterator[Scheduler]:
    """Yield a scheduler that ticks when the test says so."""
    made = Scheduler(workshop.place, workers=workers)
    yield made
    made.stop()


def all_runs(workshop: Workshop, name: str = "places") -> list[Run]:
    """Return a connector's runs in the order they were started."""
    with workshop.database.reading() as session:
        wanted = select(Run).join(Connector, Connector.id == Run.connector_id).where(Connector.name == name)
        return list(session.scalars(wanted.order_by(Run.started_at, Run.due_at)))


def ended(workshop: Workshop, name: str = "places") -> list[Run]:
    """Return a connector's runs that have ended."""
    return [run for run in all_runs(workshop, name) if run.ended_at is not None]


def test_a_connector_that_never_ran_is_due_at_once(workshop: Workshop) -> None:
    workshop.connect(schedule={"cron": "15 2 * * *"})
    workshop.sources["places"] = Listed(ONE)
    with scheduler(workshop) as made:
        assert len(made.tick()) == 1
        assert until(lambda: len(ended(workshop)) == 1)
    assert workshop.public() == {"a": "大厅 a"}


def test_nothing_runs_before_it_is_due(workshop: Workshop) -> None:
    workshop.connect()
    workshop.sources["places"] = Listed(ONE)
    with scheduler(workshop) as made:
        made.tick()
        assert until(lambda: len(ended(workshop)) == 1)
        assert made.tick() == []
        workshop.clock.advance(timedelta(seconds=60))
        assert len(made.tick()) == 1


def test_missed_due_times_become_one_run_that_says_so(workshop: Workshop) -> None:
    workshop.connect()
    workshop.sources["places"] = Listed(ONE)
    with scheduler(workshop) as made:
        made.tick()
        assert until(lambda: len(ended(workshop)) == 1)
        workshop.clock.advance(timedelta(minutes=10))
        assert len(made.tick()) == 1
        assert until(lambda: len(ended(workshop)) == 2)
    last = ended(workshop)[-1]
    assert last.stands_for == 10
    assert "late by" in (last.message_en or "") and "补跑" in (last.message_zh or "")


def test_a_poisonous_connector_keeps_nobody_waiting(workshop: Workshop) -> None:
    workshop.extra["broken"] = breaking
    workshop.connect("a-poison", adapter="broken")
    workshop.connect("b")
    workshop.connect("c")
    workshop.sources["b"], workshop.sources["c"] = Listed([place_row("b")]), Listed([place_row("c")])
    with scheduler(workshop) as made:
        assert len(made.tick()) == 3
        assert until(lambda: all(ended(workshop, name) for name in ("a-poison", "b", "c")))
    assert [ended(workshop, name)[0].outcome for name in ("a-poison", "b", "c")] == [
        Outcome.FAILED,
        Outcome.SUCCEEDED,
        Outcome.SUCCEEDED,
    ]
    assert ended(workshop, "a-poison")[0].code == "run.broke"


def test_a_connector_whose_adapter_is_gone_is_kept_and_shown(workshop: Workshop) -> None:
    workshop.connect("renamed", adapter="renamed-away")
    with scheduler(workshop) as made:
        made.tick()
        assert until(lambda: len(ended(workshop, "renamed")) == 1)
    assert ended(workshop, "renamed")[0].code == "connector.adapter_unknown"
    assert workshop.connector("renamed").next_due_at is not None


def test_a_schedule_that_cannot_be_read_keeps_nobody_waiting(workshop: Workshop) -> None:
    workshop.connect("a-odd")
    workshop.connect("b")
    workshop.sources["b"] = Listed(ONE)
    with workshop.database.transaction() as session:
        session.execute(update(Connector).where(Connector.name == "a-odd").values(schedule={"weekly": 1}))
    with scheduler(workshop) as made:
        assert len(made.tick()) == 1
        assert until(lambda: len(ended(workshop, "b")) == 1)
    assert workshop.connector("a-odd").schedule == {"weekly": 1}


def test_a_paused_connector_does_not_run(workshop: Workshop) -> None:
    workshop.connect()
    with workshop.database.transaction() as session:
        session.execute(update(Connector).values(paused_at=workshop.clock.now()))
    with scheduler(workshop) as made:
        assert made.tick() == []


def test_a_connector_without_a_schedule_runs_only_when_asked(workshop: Workshop) -> None:
    workshop.connect(schedule={})
    workshop.sources["places"] = Listed(ONE)
    with scheduler(workshop) as made:
        assert made.tick() == []
        made.run_now("places")
    assert [run.outcome for run in all_runs(workshop)] == [Outcome.SUCCEEDED]


def test_no_more_runs_at_once_than_there_are_workers(workshop: Workshop) -> None:
    go = threading.Event()

    def waiting(_work: Work) -> None:
        go.wait(20)

    workshop.extra["waiting"] = waiting
    for name in ("a", "b", "c"):
        workshop.connect(name, adapter="waiting")
    with scheduler(workshop, workers=2) as made:
        first = made.tick()
        none = made.tick()
        running = made.heartbeat().running
        go.set()
        assert until(lambda: made.heartbeat().running == 0)
        third = made.tick()
    assert (len(first), len(none), running, len(third)) == (2, 0, 2, 1)


def test_a_hung_run_times_out_and_the_next_tick_starts_normally(workshop: Workshop) -> None:
    answers = iter([Answer(hang=True), Answer(b"{}\n")])
    with serving(lambda _path: next(answers)) as stub:
        workshop.extra["hub"] = hub_run(stub.url, stub.pair)
        workshop.connect("slow", adapter="hub", deadline_seconds=1)
        with scheduler(workshop) as made:
            made.tick()
            assert until(lambda: len(ended(workshop, "slow")) == 1)
            workshop.clock.advance(timedelta(minutes=1))
            made.tick()
            assert until(lambda: len(ended(workshop, "slow")) == 2)
    assert [run.outcome for run in ended(workshop, "slow")] == [Outcome.TIMED_OUT, Outcome.SUCCEEDED]


def test_the_tick_takes_back_what_a_dead_process_left(workshop: Workshop) -> None:
    workshop.connect()
    workshop.sources["places"] = Listed(ONE)
    with scheduler(workshop) as made:
        made.tick()
        assert until(lambda: len(ended(workshop)) == 1)
        with workshop.database.transaction() as session:
            session.execute(
                update(Run).values(
                    outcome=Outcome.RUNNING, ended_at=None, lease_until=workshop.clock.at.replace(year=2020)
                )
            )
        workshop.clock.advance(timedelta(minutes=1))
        made.tick()
        assert until(lambda: len(ended(workshop)) == 2)
    assert [(run.outcome, run.attempt) for run in ended(workshop)] == [(Outcome.ABANDONED, 1), (Outcome.SUCCEEDED, 2)]


def test_a_run_asked_for_is_answered_with_its_end(workshop: Workshop) -> None:
    workshop.connect()
    workshop.sources["places"] = Listed(ONE)
    with scheduler(workshop) as made:
        run_id = made.run_now("places", dry_run=True)
    [run] = all_runs(workshop)
    assert (run.id, run.dry_run, run.outcome, run.created) == (run_id, True, Outcome.SUCCEEDED, 1)
    with pytest.raises(ConnectorUnknown):
        Scheduler(workshop.place).run_now("nobody")


def test_stopping_ends_the_runs_under_way_soon(workshop: Workshop) -> None:
    begun = threading.Event()

    def patient(work: Work) -> None:
        begun.set()
        while True:
            work.deadline.check()
            time.sleep(0.01)

    workshop.extra["patient"] = patient
    workshop.connect("long", adapter="patient")
    with scheduler(workshop) as made:
        made.tick()
        assert begun.wait(20)
    assert [(run.outcome, run.code) for run in all_runs(workshop, "long")] == [(Outcome.ABANDONED, "run.stopped")]


def test_a_scheduler_that_was_stopped_begins_no_run_and_claims_none(workshop: Workshop) -> None:
    workshop.connect()
    workshop.sources["places"] = Listed(ONE)
    with scheduler(workshop) as made:
        made.stop()
        assert made.tick() == []
        with pytest.raises(RunStopped):
            made.run_now("places")
    assert all_runs(workshop) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_started_scheduler_ticks_by_itself_and_shows_it_lives(workshop: Workshop) -> None:
    workshop.connect()
    workshop.sources["places"] = Listed(ONE)
    workshop.clock = SystemClock()  # type: ignore[assignment]
    made = Scheduler(workshop.place)
    before = made.heartbeat().alive
    made.start()
    try:
        assert until(lambda: made.heartbeat().alive and len(ended(workshop)) == 1)
    finally:
        made.stop()
    assert (before, made.heartbeat().alive) == (False, False)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_four_schedulers_make_one_run_for_each_due_time(workshop: Workshop) -> None:
    workshop.connect(schedule={"every_seconds": 1})
    workshop.sources["places"] = Listed(ONE)
    workshop.clock = SystemClock()  # type: ignore[assignment]
    made = [Scheduler(workshop.place) for _ in range(4)]
    for each in made:
        each.start()
    time.sleep(5)
    for each in made:
        each.stop()
    due = [run.due_at for run in all_runs(workshop)]
    assert len(due) == len(set(due)) and 2 <= len(due) <= 7
    assert {run.outcome for run in all_runs(workshop)} <= {Outcome.SUCCEEDED, Outcome.ABANDONED}


def test_uneventful_runs_are_swept_and_eventful_ones_stay(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", *ONE)
    for _ in range(3):
        workshop.run()
    workshop.clock.advance(timedelta(days=2))
    with workshop.database.transaction() as session:
        assert sweep_runs(session, clock=workshop.clock) == 2
    assert [run.created for run in all_runs(workshop)] == [1, 0]
