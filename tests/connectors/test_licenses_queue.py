"""Licenses' files and status lists run as a connector: made on schedule, told like every other run, quiet when nothing is due."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event, select

from connectors.claims import Claim
from connectors.configuring import configure
from connectors.deadline import Deadline
from connectors.license_files import carry_licenses
from connectors.records import Outcome, Reject, Run
from connectors.run import run_now
from connectors.work import Work, Workplace
from hub.clock import FixedClock
from hub.database import Database
from hub.licenses.issuing import LicenseDesk
from hub.licenses.life import LicenseAct
from hub.licenses.publishing import STATUS_LIST
from hub.seals.permits import stop_queue
from tests.approval_desk import KEEPER, no_time_stamp
from tests.license_office import REGION
from tests.license_works import Works, open_works

PACE = 60
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def works(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Works:
    """A hub with licenses to issue, its queue authorised, and the connector that runs it."""
    made = open_works(database, clock, tmp_path, font_file)
    with database.transaction() as session:
        configure(
            session,
            "licenses",
            adapter="licenses",
            source="licenses",
            settings={"status_lists_seconds": PACE},
            schedule={"every_seconds": 5},
            clock=clock,
        )
    return made


def place_of(works: Works, desk: LicenseDesk | None = None) -> Workplace:
    return Workplace(
        database=works.room.database,
        clock=works.bureau.clock,
        owner="test",
        carriers={"licenses": partial(carry_licenses, region=REGION, desk=lambda: desk or works.desk)},
    )


def run(works: Works, desk: LicenseDesk | None = None, *, dry_run: bool = False) -> tuple[Run, list[Reject]]:
    """Run the connector once, six seconds after the last time; return the run and what it could not make."""
    works.bureau.clock.advance(timedelta(seconds=6))
    ended = run_now(place_of(works, desk), "licenses", dry_run=dry_run)
    with works.room.database.reading() as session:
        rejects = session.scalars(select(Reject).where(Reject.run_id == ended.run_id)).all()
        return session.get_one(Run, ended.run_id), list(rejects)


def lists(works: Works) -> int:
    return len(works.bureau.entries(STATUS_LIST.kind))


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    told: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            told.append(statement)

    engines = database.engine, database.read_engine
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def test_licenses_that_got_their_files_count_as_created(works: Works) -> None:
    works.room.authorise(kinds=["license"])
    licenses = [works.bureau.issue(), works.bureau.issue()]
    told, _ = run(works)
    assert (told.outcome, told.created) == (Outcome.SUCCEEDED, 2)
    assert [len(works.files_of(license)) for license in licenses] == [2, 2]


@ONE_DATABASE
def test_a_run_with_nothing_to_do_costs_two_statements_and_no_desk(works: Works) -> None:
    def no_desk() -> LicenseDesk:
        raise AssertionError("nothing is due")

    at = works.bureau.clock.now()
    claim = Claim("r", "test", 1, "licenses", "licenses", "licenses", {}, None, 60, at, at, 1, 1)
    with statements(works.room.database) as told:
        carry_licenses(Work(place_of(works), claim, Deadline(60)), region=REGION, desk=no_desk)
    assert len(told) == 2


@ONE_DATABASE
def test_a_license_whose_files_were_not_made_is_told_with_its_reason(works: Works) -> None:
    works.room.authorise(kinds=["license"])
    license = works.bureau.issue()
    told, [reject] = run(works, replace(works.desk, timestamp=no_time_stamp))
    assert (told.outcome, told.rejected, reject.remote_id) == (Outcome.FINISHED_WITH_REJECTS, 1, license.identifier)
    assert reject.code == "row.files_not_made" and "license.time_stamp_unavailable" in reject.reason_en


@ONE_DATABASE
def test_what_fails_again_and_again_holds_no_other_license_up(works: Works) -> None:
    works.room.authorise(kinds=["license"])
    works.bureau.issue()
    run(works, replace(works.desk, timestamp=no_time_stamp))
    second = works.bureau.issue()
    steps: list[str] = []
    run(works, replace(works.desk, reached=steps.append))
    assert len(works.files_of(second)) == 2


@ONE_DATABASE
def test_with_the_keepers_stop_switch_thrown_licenses_wait_and_the_run_says_so(works: Works) -> None:
    works.room.authorise(kinds=["license"])
    with works.room.database.transaction() as session:
        stop_queue(session, works.room.seal_id, by=KEEPER, clock=works.bureau.clock)
    license = works.bureau.issue()
    told, _ = run(works)
    assert "seal.authorisation_missing" in str(told.warnings)
    assert works.files_of(license) == []


@ONE_DATABASE
def test_a_rehearsal_makes_and_publishes_nothing(works: Works) -> None:
    works.room.authorise(kinds=["license"])
    license = works.bureau.issue()
    run(works, dry_run=True)
    assert (works.files_of(license), lists(works)) == ([], 0)


def test_status_lists_that_changed_are_published_at_a_bounded_pace(works: Works) -> None:
    works.room.authorise(kinds=["license"])
    license = works.bureau.issue()
    told, _ = run(works)
    assert (told.updated, lists(works)) == (1, 1)
    works.bureau.act(license, LicenseAct.SUSPEND)
    run(works)
    assert lists(works) == 1
    works.bureau.clock.advance(timedelta(seconds=PACE))
    run(works)
    assert lists(works) == 2
