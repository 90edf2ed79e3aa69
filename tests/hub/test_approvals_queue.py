"""The signing queue: what it seals, what it leaves waiting and why."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select

from hub.approvals.faults import SealingUncertain
from hub.approvals.queue import seal_due, sweep_orphans, waiting
from hub.approvals.rules import ApprovalKind, ApprovalStage
from hub.approvals.sealing import INTENDED, seal
from hub.clock import FixedClock
from hub.database import Database
from hub.errors import HubError
from hub.ledger.faults import AwaitingWitnesses, LedgerBehindWitness, LedgerForked
from hub.ledger.names import LOST, LedgerName
from hub.ledger.queries import ledger_named
from hub.ledger.records import LedgerEntry
from hub.ledger.standing import mark
from hub.seals.custody import suspend
from hub.seals.permits import stop_queue
from tests.approval_desk import DRAFT, KEEPER, Room, fresh_key, no_time_stamp, open_room


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    return open_room(database, clock, tmp_path, font_file)


def _stop(room: Room) -> None:
    with room.database.transaction() as session:
        stop_queue(session, room.seal_id, by=KEEPER, clock=room.clock)


def _suspend(room: Room) -> None:
    with room.database.transaction() as session:
        suspend(session, room.seal_id, by=KEEPER, clock=room.clock)


def test_the_queue_seals_what_is_approved(room: Room) -> None:
    room.authorise()
    approval = room.approved()
    report = seal_due(room.desk)
    assert (report.sealed, report.failed, report.waiting) == ((approval.id,), (), 0)


def test_a_second_run_finds_nothing_to_do(room: Room) -> None:
    room.authorise()
    room.approved()
    seal_due(room.desk)
    assert seal_due(room.desk).sealed == ()


def test_the_queue_leaves_alone_what_is_not_approved(room: Room) -> None:
    room.authorise()
    approval = room.draft()
    seal_due(room.desk)
    assert room.stage(approval) is ApprovalStage.EXAMINE


def test_without_an_authorisation_everything_waits_with_the_reason(room: Room) -> None:
    room.approved()
    report = seal_due(room.desk)
    assert (report.sealed, report.waiting, report.reasons) == ((), 1, {"seal.authorisation_missing": 1})


def test_the_stop_switch_stops_the_queue(room: Room) -> None:
    room.authorise()
    _stop(room)
    room.approved()
    assert seal_due(room.desk).reasons == {"seal.authorisation_missing": 1}


def test_the_stop_switch_pulled_while_one_is_being_signed_publishes_nothing(room: Room) -> None:
    room.authorise()
    approval = room.approved()
    report = seal_due(room.desk_with(reached=lambda step: _stop(room) if step == INTENDED else None))
    assert report.failed == ((approval.id, "seal.authorisation_missing"),)
    assert (room.stage(approval), room.uses(), room.stored()) == (ApprovalStage.APPROVED, 0, [])


def test_a_suspended_seal_lets_everything_wait(room: Room) -> None:
    room.authorise()
    _suspend(room)
    room.approved()
    assert seal_due(room.desk).reasons == {"seal.not_active": 1}


def test_an_expired_seal_lets_everything_wait(room: Room) -> None:
    room.clock.advance(timedelta(days=3 * 365 + 1))
    room.authorise()
    room.approved()
    assert seal_due(room.desk).reasons == {"seal.expired": 1}


def test_a_kind_outside_the_authorisation_waits_while_others_are_sealed(room: Room) -> None:
    room.authorise(kinds=["GRANT"])
    granted = room.approved()
    room.approved(replace(DRAFT, kind=ApprovalKind.REPLY))
    report = seal_due(room.desk)
    assert (report.sealed, report.waiting) == ((granted.id,), 1)


def test_the_daily_ceiling_holds_and_the_rest_waits(room: Room) -> None:
    room.authorise(ceiling=1)
    for _ in range(3):
        room.approved()
    report = seal_due(room.desk)
    assert (len(report.sealed), report.waiting) == (1, 2)
    assert {code for _, code in report.failed} == {"seal.ceiling_reached"}


def test_what_waited_for_the_ceiling_is_sealed_the_next_day(room: Room) -> None:
    room.authorise(ceiling=1)
    for _ in range(2):
        room.approved()
    seal_due(room.desk)
    room.clock.advance(timedelta(days=1))
    seal_due(room.desk)
    assert room.uses() == 2


def test_a_run_seals_no_more_than_its_limit(room: Room) -> None:
    room.authorise()
    for _ in range(3):
        room.approved()
    assert len(seal_due(room.desk, limit=2).sealed) == 2


def test_a_run_without_time_stamps_ends_at_the_first_refusal(room: Room) -> None:
    room.authorise()
    for _ in range(2):
        room.approved()
    report = seal_due(room.desk_with(timestamp=no_time_stamp))
    assert (len(report.failed), report.waiting) == (1, 2)


def test_what_failed_before_comes_after_what_was_never_tried(room: Room) -> None:
    room.authorise()
    room.approved()
    seal_due(room.desk_with(timestamp=no_time_stamp))
    fresh = room.approved()
    assert seal_due(room.desk, limit=1).sealed == (fresh.id,)


def test_the_queue_shows_what_waits_and_why(room: Room) -> None:
    room.authorise()
    approval = room.approved()
    seal_due(room.desk_with(timestamp=no_time_stamp))
    with room.database.reading() as session:
        shown = [(found.id, intent.last_error) for found, intent in session.execute(waiting())]
    assert shown == [(approval.id, "timestamp.unavailable")]


def test_when_time_stamps_return_the_queue_catches_up(room: Room) -> None:
    room.authorise()
    room.approved()
    seal_due(room.desk_with(timestamp=no_time_stamp))
    assert seal_due(room.desk).waiting == 0


def test_two_workers_at_once_seal_each_document_once(room: Room) -> None:
    room.authorise()
    for _ in range(3):
        room.approved()
    together = Barrier(2)

    def one() -> int:
        together.wait()
        return len(seal_due(room.desk).sealed)

    with ThreadPoolExecutor(2) as workers:
        counts = [outcome.result() for outcome in [workers.submit(one) for _ in range(2)]]
    assert sum(counts) == 3
    assert (room.uses(), len(room.published()), len(room.stored())) == (3, 6, 6)


def test_two_workers_at_once_do_not_pass_the_ceiling_together(room: Room) -> None:
    room.authorise(ceiling=1)
    for _ in range(2):
        room.approved()
    together = Barrier(2)

    def one() -> None:
        together.wait()
        seal_due(room.desk)

    with ThreadPoolExecutor(2) as workers:
        for outcome in [workers.submit(one) for _ in range(2)]:
            outcome.result()
    assert room.uses() == 1


def test_the_queue_leaves_alone_what_a_keeper_is_sealing(room: Room) -> None:
    room.authorise()
    room.grant()
    approval = room.approved()
    reports = []

    def meanwhile(step: str) -> None:
        if step == INTENDED:
            reports.append(seal_due(room.desk))

    seal(room.desk_with(reached=meanwhile), approval.id, seal_id=room.seal_id, actor=KEEPER, key=fresh_key())
    assert [report.sealed for report in reports] == [()]
    assert room.uses() == 1


def test_an_orphan_is_swept_and_a_published_file_is_kept(room: Room) -> None:
    room.authorise()
    room.approved()
    seal_due(room.desk)
    room.desk.files.put(b"an orphan")
    assert sweep_orphans(room.database, room.desk.files, clock=room.clock) == 1
    assert room.stored() == room.published()


def test_nothing_is_swept_while_somebody_is_sealing(room: Room) -> None:
    room.grant()
    approval = room.approved()
    room.desk.files.put(b"an orphan")
    swept: list[int] = []

    def meanwhile(step: str) -> None:
        if step == INTENDED:
            swept.append(sweep_orphans(room.database, room.desk.files, clock=room.clock))

    seal(room.desk_with(reached=meanwhile), approval.id, seal_id=room.seal_id, actor=KEEPER, key=fresh_key())
    assert swept == [0]


def _stop_signing(room: Room, code: str) -> None:
    with room.database.transaction() as session:
        mark(ledger_named(session, LedgerName.EXCHANGE), code=code, by="a witness", clock=room.clock)


@pytest.mark.parametrize("fault", [AwaitingWitnesses, LedgerBehindWitness, LedgerForked])
def test_an_old_copy_of_the_hub_seals_nothing(room: Room, fault: type[HubError]) -> None:
    room.authorise()
    room.approved()
    _stop_signing(room, fault.code)
    assert (seal_due(room.desk).reasons, room.uses()) == ({fault.code: 1}, 0)


def test_nobody_seals_by_hand_in_an_old_copy_of_the_hub(room: Room) -> None:
    room.grant()
    approval = room.approved()
    _stop_signing(room, LedgerBehindWitness.code)
    with pytest.raises(LedgerBehindWitness):
        seal(room.desk, approval.id, seal_id=room.seal_id, actor=KEEPER, key=fresh_key())


def _lose_an_entry(room: Room) -> None:
    """Add to the exchange ledger an entry as recovery leaves it when no partner held its content."""
    with room.database.transaction() as session:
        ledger = ledger_named(session, LedgerName.EXCHANGE)
        waiting = select(LedgerEntry).where(LedgerEntry.ledger_id == ledger.id).order_by(LedgerEntry.id)
        for index, entry in enumerate(session.scalars(waiting)):
            entry.index = index
        session.add(
            LedgerEntry(
                ledger_id=ledger.id,
                index=index + 1,
                kind=LOST,
                record_id="0" * 32,
                version=1,
                header=b"{}",
                addressees=[],
                added_at=room.clock.now(),
            )
        )


def test_the_queue_leaves_to_a_person_what_may_have_been_sealed_in_a_lost_entry(room: Room) -> None:
    room.authorise()
    approval = room.approved()
    _lose_an_entry(room)
    assert seal_due(room.desk).failed == ((approval.id, SealingUncertain.code),)


def test_a_person_may_seal_what_the_queue_left_after_a_loss(room: Room) -> None:
    room.grant()
    approval = room.approved()
    _lose_an_entry(room)
    seal(room.desk, approval.id, seal_id=room.seal_id, actor=KEEPER, key=fresh_key())
    assert room.stage(approval) is ApprovalStage.SEALED


def test_the_queue_seals_what_was_approved_after_a_loss(room: Room) -> None:
    room.authorise()
    _lose_an_entry(room)
    approval = room.approved()
    assert seal_due(room.desk).sealed == (approval.id,)
