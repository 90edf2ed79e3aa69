"""The signing queue run as a connector: sealed on schedule, told like every other run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.configuring import configure
from connectors.records import Outcome, Reject, Run
from connectors.run import run_now
from connectors.sealing import carry_sealing
from connectors.work import Workplace
from hub.approvals.rules import ApprovalStage
from hub.clock import FixedClock
from hub.database import Database
from tests.approval_desk import Room, no_time_stamp, open_room


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    """A hub with a seal, its queue authorised, and the connector that runs it."""
    made = open_room(database, clock, tmp_path, font_file)
    made.authorise()
    with database.transaction() as session:
        configure(
            session,
            "sealing",
            adapter="sealing",
            source="sealing",
            settings={},
            schedule={"every_seconds": 3},
            clock=clock,
        )
    return made


def run(room: Room, *, dry_run: bool = False) -> tuple[Run, list[Reject]]:
    """Run the queue once; return the run and what it could not seal."""
    place = Workplace(
        database=room.database,
        clock=room.clock,
        owner="test",
        carriers={"sealing": partial(carry_sealing, desk=lambda: room.desk)},
    )
    ended = run_now(place, "sealing", dry_run=dry_run)
    with room.database.reading() as session:
        rejects = session.scalars(select(Reject).where(Reject.run_id == ended.run_id)).all()
        return session.get_one(Run, ended.run_id), list(rejects)


def test_what_was_sealed_counts_as_created(room: Room) -> None:
    approval = room.approved()
    told, _ = run(room)
    assert (told.outcome, told.seen, told.created) == (Outcome.SUCCEEDED, 1, 1)
    assert room.stage(approval) is ApprovalStage.SEALED


def test_an_empty_queue_is_an_uneventful_run(room: Room) -> None:
    told, _ = run(room)
    assert (told.outcome, told.seen) == (Outcome.SUCCEEDED, 0)


def test_what_could_not_be_sealed_is_told_with_its_reason(room: Room) -> None:
    approval = room.approved()
    silent = replace(room, desk=replace(room.desk, timestamp=no_time_stamp))
    told, [reject] = run(silent)
    assert (told.outcome, told.rejected, reject.remote_id) == (Outcome.FINISHED_WITH_REJECTS, 1, approval.id)
    assert reject.code == "row.not_sealed" and reject.reason_en
    assert room.stage(approval) is ApprovalStage.APPROVED


def test_a_rehearsal_seals_nothing(room: Room) -> None:
    approval = room.approved()
    told, _ = run(room, dry_run=True)
    assert (told.created, len(told.warnings or [])) == (0, 1)
    assert room.stage(approval) is ApprovalStage.APPROVED
