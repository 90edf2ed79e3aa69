"""A hub starts: what a dead process held is free on SQLite, and on PostgreSQL stays with whoever may be alive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import wsgi
from connectors.claims import claim_due
from connectors.configuring import configure
from connectors.records import Connector, Outcome, Run
from connectors.starting import take_up
from hub.clock import SystemClock
from hub.database import Database
from hub.web.compose import Hub
from tests.connectors.workshop import Workshop
from tests.services import copy_sqlite
from tests.web_hub import composed, open_ledgers

DEAD, OURS = "dead", "ours"


def begun(workshop: Workshop, owner: str, name: str = "places") -> str:
    """Let a process claim a run and say no more; return the run's id."""
    workshop.connect(name)
    with workshop.database.transaction() as session:
        claim = claim_due(session, workshop.connector(name).id, owner=owner, clock=workshop.clock)
    assert claim is not None
    return claim.run_id


def outcome(database: Database, run_id: str) -> Outcome:
    """Return how a run stands."""
    with database.reading() as session:
        return session.get_one(Run, run_id).outcome


def test_a_run_of_the_process_before_is_free_at_once_on_sqlite_alone(workshop: Workshop) -> None:
    run_id = begun(workshop, DEAD)
    take_up(workshop.database, owner=OURS, clock=workshop.clock)
    expected = Outcome.ABANDONED if workshop.database.is_sqlite else Outcome.RUNNING
    assert outcome(workshop.database, run_id) is expected


def test_a_run_that_was_taken_back_is_tried_again_soon(workshop: Workshop) -> None:
    if workshop.database.is_sqlite:
        begun(workshop, DEAD)
        take_up(workshop.database, owner=OURS, clock=workshop.clock)
        workshop.clock.advance(timedelta(seconds=10))
        with workshop.database.transaction() as session:
            claim = claim_due(session, workshop.connector().id, owner=OURS, clock=workshop.clock)
        assert claim is not None and claim.attempt == 2


def test_a_starting_process_ends_no_run_of_its_own(workshop: Workshop) -> None:
    run_id = begun(workshop, OURS)
    take_up(workshop.database, owner=OURS, clock=workshop.clock)
    assert outcome(workshop.database, run_id) is Outcome.RUNNING


@pytest.fixture
def hub(tmp_path: Path, sqlite_template: Path, font_file: Path) -> Iterator[Hub]:
    """A hub on SQLite whose ledgers are open, composed and not yet running."""
    made = composed(tmp_path, copy_sqlite(sqlite_template, tmp_path / "hub.db"), font_file, SystemClock())
    open_ledgers(made)
    with closing(made.database):
        yield made


def test_a_hub_that_runs_has_taken_up_what_its_predecessor_left(hub: Hub) -> None:
    with hub.database.transaction() as session:
        made = configure(
            session,
            "places",
            adapter="listed",
            source="x",
            settings={},
            schedule={"every_seconds": 60},
            clock=hub.clock,
        )
        claim = claim_due(session, made.id, owner=DEAD, clock=hub.clock)
    assert claim is not None
    with wsgi.running(hub):
        assert outcome(hub.database, claim.run_id) is Outcome.ABANDONED
    with hub.database.reading() as session:
        assert session.scalars(select(Connector.name)).all() == ["places"]


def test_a_hub_does_its_housekeeping_where_its_files_lie(hub: Hub) -> None:
    orphan = hub.files.put(b"left by a crash")
    assert wsgi.scheduler_of(hub).housekeeper.carry_out_due() == {}
    assert orphan not in hub.files.shard(orphan[:2])
