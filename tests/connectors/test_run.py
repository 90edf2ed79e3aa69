"""A run's own life: it ends, it ends in time, its pages are whole, and its trouble is nobody else's."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from connectors.adapters.hub import HubAdapter
from connectors.addresses import AddressBook
from connectors.claims import claim_due, claim_now, reclaim
from connectors.deadline import Deadline
from connectors.faults import ConnectorRunning, ConnectorUnknown
from connectors.pulling import pages_of
from connectors.records import Outcome, Run
from connectors.run import carry_out, run_now
from connectors.transport import Transport
from connectors.work import Work
from tests.connectors.stub import Answer, serving
from tests.connectors.workshop import Listed, Workshop, place_row

ROWS = [place_row(f"r{number:02}") for number in range(20)]


def breaking(_work: Work) -> None:
    """A carrier nobody foresaw."""
    raise RuntimeError("password=hunter2 at /srv/app/db.py")


def test_an_unforeseen_error_ends_the_run_and_is_told_without_its_text(workshop: Workshop) -> None:
    workshop.extra["broken"] = breaking
    workshop.connect("broken", adapter="broken")
    ended = workshop.run("broken")
    told = workshop.told(ended)
    assert (told.outcome, told.code) == (Outcome.FAILED, "run.broke")
    assert ended.run_id in (told.message_en or "")
    assert "hunter2" not in f"{told.message_zh}{told.message_en}"


def test_an_adapter_this_program_has_not_is_told_and_the_connector_kept(workshop: Workshop) -> None:
    workshop.connect("old", adapter="renamed-away")
    ended = workshop.run("old")
    assert (ended.outcome, ended.code) == (Outcome.FAILED, "connector.adapter_unknown")
    assert workshop.connector("old").adapter == "renamed-away"


def test_a_connector_nobody_configured_is_unknown(workshop: Workshop) -> None:
    with pytest.raises(ConnectorUnknown):
        run_now(workshop.place, "nobody")


def test_a_crash_in_a_page_keeps_the_pages_before_it(workshop: Workshop) -> None:
    def broken() -> None:
        raise OSError("gone")

    workshop.connect()
    workshop.sources["places"] = Listed(ROWS, then={2: broken})
    ended = workshop.run()
    assert workshop.counts(ended) == {"seen": 10, "created": 10}
    assert (ended.outcome, len(workshop.public())) == (Outcome.FAILED, 10)


def test_the_run_after_a_crash_writes_only_what_is_new(workshop: Workshop) -> None:
    def broken() -> None:
        raise OSError("gone")

    workshop.connect()
    workshop.sources["places"] = Listed(ROWS, then={2: broken})
    workshop.run()
    ended = workshop.run("places", *ROWS)
    assert workshop.counts(ended) == {"seen": 20, "created": 10, "unchanged": 10}
    assert all(workshop.entries(row["id"]) == 1 for row in ROWS)


def hub_run(url: str, pair: str) -> Any:
    """Return a carrier that pulls a hub at `url` and takes nothing of it."""

    def carry(work: Work) -> None:
        adapter = HubAdapter(Transport(AddressBook([pair]), timeout_seconds=30), url, token="x")
        list(pages_of(adapter, {"public": 0}, work.deadline))

    return carry


def test_a_source_that_hangs_ends_the_run_by_its_deadline(workshop: Workshop) -> None:
    with serving(lambda _path: Answer(hang=True)) as stub:
        workshop.extra["hub"] = hub_run(stub.url, stub.pair)
        workshop.connect("slow", adapter="hub", deadline_seconds=1)
        ended = workshop.run("slow")
    assert (ended.outcome, ended.code) == (Outcome.TIMED_OUT, "run.timed_out")


def test_after_a_timeout_the_next_run_starts_as_ever(workshop: Workshop) -> None:
    answers = iter([Answer(hang=True), Answer(b"{}\n")])
    with serving(lambda _path: next(answers)) as stub:
        workshop.extra["hub"] = hub_run(stub.url, stub.pair)
        workshop.connect("slow", adapter="hub", deadline_seconds=1)
        outcomes = [workshop.run("slow").outcome, workshop.run("slow").outcome]
    assert outcomes == [Outcome.TIMED_OUT, Outcome.SUCCEEDED]


def test_an_adapter_that_never_returns_cannot_keep_the_run(workshop: Workshop) -> None:
    release = threading.Event()
    workshop.connect(deadline_seconds=1)
    workshop.sources["places"] = Listed(ROWS, then={1: lambda: release.wait(20)})
    ended = workshop.run()
    release.set()
    assert (ended.outcome, workshop.counts(ended)["created"]) == (Outcome.TIMED_OUT, 5)


def test_the_adapter_is_stopped_when_the_run_ends(workshop: Workshop) -> None:
    workshop.connect()
    workshop.run("places", *ROWS)
    source = workshop.sources["places"]
    assert isinstance(source, Listed) and source.stopped == 1


def test_two_runs_of_one_connector_never_overlap(workshop: Workshop) -> None:
    workshop.connect()
    with workshop.database.transaction() as session:
        claim_now(session, "places", owner="other", clock=workshop.clock, dry_run=False)
    with pytest.raises(ConnectorRunning):
        run_now(workshop.place, "places")


def lapse(workshop: Workshop) -> list[str]:
    """Let every lease lapse and take the runs back."""
    with workshop.database.transaction() as session:
        session.execute(update(Run).values(lease_until=workshop.clock.at.replace(year=2020)))
    with workshop.database.transaction() as session:
        return reclaim(session, clock=workshop.clock)


def test_a_run_that_was_taken_back_writes_nothing_more(workshop: Workshop) -> None:
    workshop.connect()
    workshop.sources["places"] = Listed(ROWS, then={2: lambda: lapse(workshop)})
    ended = workshop.run()
    told = workshop.told(ended)
    assert (ended.outcome, told.outcome, told.code) == (Outcome.ABANDONED, Outcome.ABANDONED, "run.abandoned")
    assert len(workshop.public()) == 10


def test_a_run_with_a_living_lease_is_not_taken_back(workshop: Workshop) -> None:
    workshop.connect()
    with workshop.database.transaction() as session:
        claim_now(session, "places", owner="other", clock=workshop.clock, dry_run=False)
    with workshop.database.transaction() as session:
        assert reclaim(session, clock=workshop.clock) == []


def test_a_dead_run_is_tried_again_with_its_attempt_counted(workshop: Workshop) -> None:
    workshop.connect()
    workshop.sources["places"] = Listed(ROWS)
    with workshop.database.transaction() as session:
        claim_now(session, "places", owner="dead", clock=workshop.clock, dry_run=False)
    assert len(lapse(workshop)) == 1
    workshop.clock.at = workshop.connector().next_due_at or workshop.clock.at
    with workshop.database.transaction() as session:
        again = claim_due(session, workshop.connector().id, owner="next", clock=workshop.clock)
    assert again is not None and again.attempt == 2
    assert carry_out(workshop.place, again).outcome is Outcome.SUCCEEDED


def test_attempts_are_capped_and_begin_again_with_the_schedule(workshop: Workshop) -> None:
    workshop.extra["broken"] = breaking
    workshop.connect("broken", adapter="broken", schedule={"cron": "0 3 * * *"})
    attempts: list[int] = []
    waits: list[float] = []
    for _ in range(7):
        started = workshop.clock.now()
        with workshop.database.transaction() as session:
            claim = claim_due(session, workshop.connector("broken").id, owner="workshop", clock=workshop.clock)
        assert claim is not None
        attempts.append(claim.attempt)
        carry_out(workshop.place, claim)
        workshop.clock.at = workshop.connector("broken").next_due_at or workshop.clock.at
        waits.append((workshop.clock.at - started).total_seconds())
    assert attempts == [1, 2, 3, 4, 5, 1, 2]
    assert waits[:4] == [10, 20, 40, 80] and waits[4] > 3600


def test_a_stopped_service_resumes_where_it_was(workshop: Workshop) -> None:
    workshop.connect()
    deadline = Deadline(60)
    workshop.sources["places"] = Listed(ROWS, then={2: deadline.cancel})
    with workshop.database.transaction() as session:
        claim = claim_now(session, "places", owner="workshop", clock=workshop.clock, dry_run=False)
    ended = carry_out(workshop.place, claim, deadline)
    assert (ended.outcome, ended.code) == (Outcome.ABANDONED, "run.stopped")
    assert workshop.counts(workshop.run("places", *ROWS)) == {"seen": 20, "created": 10, "unchanged": 10}


def test_a_file_source_that_vanished_is_a_failure_and_no_empty_source(workshop: Workshop, tmp_path: Path) -> None:
    workshop.connect("file", adapter="file", source="gone.csv")
    ended = workshop.run("file")
    assert (ended.outcome, ended.code) == (Outcome.FAILED, "file.refused")
    assert str(tmp_path) not in (workshop.told(ended).message_en or "")


def test_one_due_time_has_one_run(workshop: Workshop) -> None:
    workshop.connect()
    connector = workshop.connector()
    found = []
    for owner in ("one", "two"):
        with workshop.database.transaction() as session:
            found.append(claim_due(session, connector.id, owner=owner, clock=workshop.clock))
    assert [claim is not None for claim in found] == [True, False]
    with workshop.database.reading() as session:
        assert len(session.scalars(select(Run)).all()) == 1
