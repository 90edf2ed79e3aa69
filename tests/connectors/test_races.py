"""Many workers, one effect: threads and processes that want the same due time, and a process that is killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from connectors.claims import Claim, claim_due, reclaim
from connectors.records import Outcome, Run, SourceRecord
from connectors.run import carry_out
from hub.database import Database
from tests.connectors.workshop import Listed, Workshop, place_row

WORKER = Path(__file__).with_name("worker.py")
ROOT = Path(__file__).parents[2]


def process(url: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a worker process."""
    return subprocess.Popen(
        [sys.executable, str(WORKER), url, str(folder), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def runs(workshop: Workshop) -> int:
    """Return how many runs there are."""
    with workshop.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Run)) or 0


def test_threads_that_claim_one_due_time_make_one_run(workshop: Workshop) -> None:
    workshop.connect()
    connector_id, together = workshop.connector().id, threading.Barrier(6)

    def contend(number: int) -> Claim | None:
        together.wait()
        with workshop.database.transaction() as session:
            return claim_due(session, connector_id, owner=f"thread-{number}", clock=workshop.clock)

    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(contend, range(6)))
    assert sum(claim is not None for claim in claims) == 1
    assert runs(workshop) == 1


def test_processes_that_claim_one_due_time_make_one_run(workshop: Workshop) -> None:
    workshop.connect()
    arguments = ("claim", str(workshop.connector().id), workshop.clock.now().isoformat())
    workers = [process(workshop.database.url, workshop.folder, *arguments) for _ in range(3)]
    printed = [worker.communicate(timeout=120)[0].strip() for worker in workers]
    assert sum(bool(line) for line in printed) == 1
    assert runs(workshop) == 1


def test_the_same_work_delivered_again_later_has_no_second_effect(workshop: Workshop) -> None:
    workshop.connect()
    workshop.sources["places"] = Listed([place_row("a")])
    connector_id = workshop.connector().id
    with workshop.database.transaction() as session:
        claim = claim_due(session, connector_id, owner="one", clock=workshop.clock)
    assert claim is not None
    carry_out(workshop.place, claim)
    again = carry_out(workshop.place, claim)
    assert (again.outcome, again.code) == (Outcome.ABANDONED, "run.lease_lost")
    assert workshop.entries("a") == 1


def test_two_runs_of_one_source_at_once_write_each_record_once(workshop: Workshop) -> None:
    """Even if a lease was lost without the loser noticing yet, its next page is refused."""
    rows = [place_row(f"r{number}") for number in range(10)]
    workshop.connect()
    taken_over = threading.Event()

    def take_over() -> None:
        with workshop.database.transaction() as session:
            session.execute(update(Run).values(lease_until=workshop.clock.now().replace(year=2020)))
        with workshop.database.transaction() as session:
            reclaim(session, clock=workshop.clock)
        workshop.sources["places"] = Listed(rows)
        workshop.run()
        taken_over.set()

    workshop.sources["places"] = Listed(rows, then={1: take_over})
    assert workshop.run().outcome is Outcome.ABANDONED
    assert taken_over.is_set()
    assert all(workshop.entries(row["id"]) == 1 for row in rows)


def test_a_run_killed_after_five_of_twenty_is_taken_back_and_ends_with_twenty(workshop: Workshop) -> None:
    rows = "".join(f"r{number:02},大厅,路,,public\n" for number in range(20))
    (workshop.folder / "places.csv").write_text(f"id,title,address,phone,openness\n{rows}", encoding="utf-8")
    workshop.connect("killed", adapter="file", source="places.csv")
    worker = process(workshop.database.url, workshop.folder, "run", "killed", "5")
    assert worker.stdout is not None and worker.stdout.readline() == "paused\n"
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    assert len(workshop.public()) == 5

    _let_the_lease_pass(workshop.database)
    with workshop.database.transaction() as session:
        [dead] = reclaim(session, clock=workshop.clock)
    ended = workshop.run("killed")
    assert workshop.counts(ended) == {"seen": 20, "created": 15, "unchanged": 5}
    assert all(workshop.entries(f"r{number:02}") == 1 for number in range(20))
    with workshop.database.reading() as session:
        assert session.get_one(Run, dead).outcome is Outcome.ABANDONED
        assert session.scalar(select(func.count()).select_from(SourceRecord)) == 20


def _let_the_lease_pass(database: Database) -> None:
    """Stand where the database's clock will be in a minute."""
    with database.transaction() as session:
        run = session.scalars(select(Run).where(Run.outcome == Outcome.RUNNING)).one()
        run.lease_until -= timedelta(minutes=1)
