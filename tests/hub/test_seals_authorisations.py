"""What the signing queue may use a seal for, and how uses are counted, listed and told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from hub.clock import FixedClock
from hub.database import Database
from hub.seals.custody import (
    SealedDocument,
    record_use,
    suspend,
)
from hub.seals.faults import (
    AuthorisationMissing,
    CeilingReached,
    SealNotActive,
)
from hub.seals.permits import Permit, permit_by_hand, permit_for_queue, stop_queue
from hub.seals.queries import authorisations, register, seals, uses_count
from tests.approval_desk import KEEPER, REGION, Room, open_room


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    return open_room(database, clock, tmp_path, font_file)


def _by_hand(room: Room, kind: str = "GRANT", region: str = REGION) -> Permit:
    with room.database.transaction() as session:
        return permit_by_hand(session, room.seal_id, kind=kind, region=region, actor=KEEPER, clock=room.clock)


def _for_queue(room: Room, kind: str = "GRANT") -> Permit:
    with room.database.transaction() as session:
        return permit_for_queue(session, kind=kind, region=REGION, clock=room.clock)


def _use(room: Room, document: str, permit: Permit) -> None:
    with room.database.transaction() as session:
        record_use(
            session,
            permit=permit,
            document=SealedDocument(document, "GRANT", "0" * 64, None),
            at=room.clock.now(),
            on=room.clock.today(),
            clock=room.clock,
        )


def _suspend(room: Room) -> None:
    with room.database.transaction() as session:
        suspend(session, room.seal_id, by=KEEPER, clock=room.clock)


def test_the_queue_uses_nothing_without_an_authorisation(room: Room) -> None:
    with pytest.raises(AuthorisationMissing):
        _for_queue(room)


def test_the_queue_uses_a_seal_under_an_authorisation(room: Room) -> None:
    authorisation = room.authorise()
    assert _for_queue(room).authorisation_id == authorisation


def test_an_authorisation_covers_only_the_kinds_it_names(room: Room) -> None:
    room.authorise(kinds=["REPLY"])
    with pytest.raises(AuthorisationMissing):
        _for_queue(room, "GRANT")


def test_an_authorisation_ends_at_its_end(room: Room) -> None:
    room.authorise(days=1)
    room.clock.advance(timedelta(days=1))
    with pytest.raises(AuthorisationMissing):
        _for_queue(room)


def test_one_switch_stops_every_authorisation_of_a_seal(room: Room) -> None:
    room.authorise(kinds=["GRANT"])
    room.authorise(kinds=["REPLY"])
    with room.database.transaction() as session:
        assert stop_queue(session, room.seal_id, by=KEEPER, clock=room.clock) == 2
    for kind in ("GRANT", "REPLY"):
        with pytest.raises(AuthorisationMissing):
            _for_queue(room, kind)


def test_a_suspended_seal_is_not_used_by_the_queue(room: Room) -> None:
    room.authorise()
    _suspend(room)
    with pytest.raises(SealNotActive):
        _for_queue(room)


def test_the_daily_ceiling_stops_the_queue(room: Room) -> None:
    room.authorise(ceiling=1)
    _use(room, "approval:a:1", _for_queue(room))
    with pytest.raises(CeilingReached):
        _for_queue(room)


def test_the_ceiling_is_counted_anew_on_the_next_civil_day(room: Room) -> None:
    room.authorise(ceiling=1)
    _use(room, "approval:a:1", _for_queue(room))
    room.clock.advance(timedelta(hours=14))  # midnight in Shanghai, 16:00 UTC on the same UTC date
    assert _for_queue(room).used_by == "queue"


def test_documents_being_sealed_count_towards_the_ceiling(room: Room) -> None:
    authorisation = room.authorise(ceiling=1)
    with room.database.transaction() as session, pytest.raises(CeilingReached):
        permit_for_queue(session, kind="GRANT", region=REGION, clock=room.clock, in_flight={authorisation: 1})


def test_use_by_hand_does_not_count_towards_the_queues_ceiling(room: Room) -> None:
    room.authorise(ceiling=1)
    room.grant()
    _use(room, "approval:a:1", _by_hand(room))
    _for_queue(room)


def test_one_document_is_never_in_the_register_twice(room: Room) -> None:
    room.authorise()
    _use(room, "approval:a:1", _for_queue(room))
    with pytest.raises(IntegrityError):
        _use(room, "approval:a:1", _for_queue(room))


def test_a_use_is_told_in_the_exchange_ledger(room: Room) -> None:
    room.authorise()
    _use(room, "approval:a:1", _for_queue(room))
    assert room.entries("seal_use") == 1


def test_uses_are_counted_per_seal_and_unused_seals_count_nothing(room: Room) -> None:
    room.authorise()
    _use(room, "approval:a:1", _for_queue(room))
    with room.database.reading() as session:
        assert uses_count(session, [room.seal_id, "f" * 32]) == {room.seal_id: 1, "f" * 32: 0}


def test_the_register_lists_the_uses_of_a_seal(room: Room) -> None:
    room.authorise()
    _use(room, "approval:a:1", _for_queue(room))
    with room.database.reading() as session:
        assert [use.document for use in session.scalars(register(seal_id=room.seal_id))] == ["approval:a:1"]


def test_seals_are_listed_by_region(room: Room) -> None:
    with room.database.reading() as session:
        assert [seal.id for seal in session.scalars(seals(region=REGION))] == [room.seal_id]
        assert list(session.scalars(seals(region="xianyang-qindu"))) == []


def test_stopped_authorisations_stay_listed(room: Room) -> None:
    room.authorise()
    with room.database.transaction() as session:
        stop_queue(session, room.seal_id, by=KEEPER, clock=room.clock)
    with room.database.reading() as session:
        assert [given.stopped_at for given in authorisations(session, room.seal_id)] == [room.clock.now()]
