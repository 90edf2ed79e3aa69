"""A worker killed while it makes licenses' files: nothing is lost, nothing is sealed twice, no orphan stays."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hub.approvals.queue import sweep_orphans
from hub.clock import FixedClock
from hub.database import Database
from hub.licenses.intents import LEASE
from hub.licenses.issuing import INTENDED, PUBLISHED, STORED, make_due
from hub.seals.records import SealUse
from tests.license_works import Works, open_works

KILLED = -signal.SIGKILL
COUNT = 3
LATER = LEASE + timedelta(minutes=2)  # the lease has ended, and the sweep's grace with it


@pytest.fixture
def works(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Works:
    opened = open_works(database, clock, tmp_path, font_file)
    opened.room.authorise(kinds=["license"])
    return opened


def _killed_at(step: str) -> Callable[[str], None]:
    def reached(now: str) -> None:
        if now == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


def _make_and_kill(works: Works, step: str) -> None:
    """Make files in a process of its own, which dies by kill -9 when it has reached `step`."""

    def worker() -> None:
        own = Database(works.room.database.url)  # connections are not inherited
        make_due(replace(works.desk, database=own, reached=_killed_at(step)))

    works.room.database.close()
    process = multiprocessing.get_context("fork").Process(target=worker)
    process.start()
    process.join()
    assert process.exitcode == KILLED


@pytest.mark.parametrize("step", [INTENDED, STORED, PUBLISHED])
def test_after_a_kill_at_any_step_each_license_has_one_seal_use_and_two_files(works: Works, step: str) -> None:
    licenses = [works.bureau.issue() for _ in range(COUNT)]
    _make_and_kill(works, step)
    works.bureau.clock.advance(LATER)
    make_due(works.desk)
    assert [len(works.files_of(license)) for license in licenses] == [2] * COUNT
    assert works.bureau.count(SealUse) == COUNT


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("step", [INTENDED, STORED])
def test_while_the_dead_workers_lease_lasts_nobody_takes_its_licenses(works: Works, step: str) -> None:
    works.bureau.issue()
    _make_and_kill(works, step)
    assert make_due(works.desk).made == 0
    assert works.bureau.count(SealUse) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_killed_worker_stored_and_did_not_publish_is_swept(works: Works) -> None:
    license = works.bureau.issue()
    _make_and_kill(works, STORED)
    works.bureau.clock.advance(LATER)
    make_due(works.desk)
    assert sweep_orphans(works.room.database, works.desk.files, clock=works.bureau.clock) == 2
    assert works.room.stored() == sorted(file.sha256 for file in works.files_of(license))
