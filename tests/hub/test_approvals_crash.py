"""A worker killed at any point of sealing: the next run seals once, and what was left behind is swept."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hub.approvals.intents import GRACE, LEASE, end_leases
from hub.approvals.queue import seal_due
from hub.approvals.rules import ApprovalStage
from hub.approvals.sealing import COMMITTED, INTENDED, SIGNED, STORED
from hub.clock import FixedClock
from hub.database import Database
from tests.approval_desk import Room, open_room

KILLED = -signal.SIGKILL
UNPUBLISHED = (INTENDED, SIGNED, STORED)


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    opened = open_room(database, clock, tmp_path, font_file)
    opened.authorise()
    return opened


def _killed_at(step: str) -> Callable[[str], None]:
    def reached(now: str) -> None:
        if now == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


def _run_and_kill(room: Room, step: str) -> None:
    """Run the queue in a process of its own, which dies by kill -9 when it has reached `step`."""

    def worker() -> None:
        own = Database(room.database.url)  # connections are not inherited
        seal_due(replace(room.desk, database=own, reached=_killed_at(step)))

    room.database.close()
    process = multiprocessing.get_context("fork").Process(target=worker)
    process.start()
    process.join()
    assert process.exitcode == KILLED


@pytest.mark.parametrize("step", UNPUBLISHED)
def test_a_worker_killed_before_the_commit_publishes_nothing(room: Room, step: str) -> None:
    approval = room.approved()
    _run_and_kill(room, step)
    assert (room.stage(approval), room.uses(), room.published()) == (ApprovalStage.APPROVED, 0, [])


@pytest.mark.parametrize("step", UNPUBLISHED)
def test_while_the_dead_workers_lease_lasts_nobody_takes_its_document(room: Room, step: str) -> None:
    room.approved()
    _run_and_kill(room, step)
    assert seal_due(room.desk).sealed == ()


@pytest.mark.parametrize("step", UNPUBLISHED)
def test_when_the_hub_itself_starts_anew_nobody_waits_for_the_dead_workers_lease(room: Room, step: str) -> None:
    approval = room.approved()
    _run_and_kill(room, step)
    with room.database.transaction() as session:
        end_leases(session, clock=room.clock)
    seal_due(room.desk)
    assert (room.stage(approval), room.uses()) == (ApprovalStage.SEALED, 1)
    assert room.stored() == room.published()


@pytest.mark.parametrize("step", (*UNPUBLISHED, COMMITTED))
def test_after_a_kill_at_any_step_the_next_run_leaves_one_use_and_one_file_set(room: Room, step: str) -> None:
    approval = room.approved()
    _run_and_kill(room, step)
    room.clock.advance(LEASE + GRACE)
    seal_due(room.desk)
    assert (room.stage(approval), room.uses(), len(room.published())) == (ApprovalStage.SEALED, 1, 2)


@pytest.mark.parametrize("step", (*UNPUBLISHED, COMMITTED))
def test_after_a_kill_at_any_step_no_orphan_is_left_in_the_store(room: Room, step: str) -> None:
    room.approved()
    _run_and_kill(room, step)
    room.clock.advance(LEASE + GRACE)
    seal_due(room.desk)
    assert room.stored() == room.published()


def test_the_orphans_of_a_killed_worker_are_counted_in_the_report(room: Room) -> None:
    room.approved()
    _run_and_kill(room, STORED)
    room.clock.advance(LEASE + GRACE)
    assert seal_due(room.desk).swept == 2
