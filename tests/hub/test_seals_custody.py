"""The life of a seal, and who may use it on what."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from hub.access.records import Role
from hub.clock import FixedClock
from hub.database import Database
from hub.errors import NotPermitted
from hub.ledger.records import LedgerEntry
from hub.seals.custody import (
    SealedDocument,
    activate,
    cancel,
    open_seal,
    record_use,
    suspend,
)
from hub.seals.faults import (
    AuthorisationMissing,
    CeilingReached,
    SealElsewhere,
    SealExpired,
    SealMissing,
    SealMoveRefused,
    SealNotActive,
    SealNotGranted,
    TermsInvalid,
)
from hub.seals.making import NewSeal, Workshop, make_own_seal
from hub.seals.permits import Permit, permit_by_hand, permit_for_queue, revoke_grants, stop_queue
from hub.seals.queries import authorisations, register, seal_by_id, seals, uses_count
from hub.seals.records import Seal, SealMove
from hub.seals.rules import SealStatus
from hub.signing.keys import P256, Purpose
from tests.approval_desk import EXAMINER, KEEPER, OWNER, REGION, Room, officer, open_room

YEARS_LATER = timedelta(days=3 * 365 + 1)
ELSEWHERE = officer("keeper-2", Role.SEAL_KEEPER, region="xianyang-qindu")


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    return open_room(database, clock, tmp_path, font_file)


def _workshop(room: Room) -> Workshop:
    return Workshop(room.keys, room.fonts, P256, 4)


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


def test_making_the_demonstration_seal_again_returns_the_same_seal(room: Room) -> None:
    with room.database.transaction() as session:
        again = make_own_seal(session, NewSeal(REGION, OWNER), by=KEEPER, workshop=_workshop(room), clock=room.clock)
        assert again.id == room.seal_id


def test_a_key_left_by_a_crash_is_taken_up_when_the_seal_is_made(room: Room) -> None:
    with room.database.transaction() as session:
        kept = session.get_one(Seal, room.seal_id)
        session.execute(delete(SealMove))
        session.delete(kept)
        session.flush()
        made = make_own_seal(session, NewSeal(REGION, OWNER), by=KEEPER, workshop=_workshop(room), clock=room.clock)
        assert made.certificate_sha256 == kept.certificate_sha256


def test_the_demonstration_seal_says_that_it_is_one(room: Room) -> None:
    with room.database.reading() as session:
        assert seal_by_id(session, room.seal_id).demonstration


def test_only_a_keeper_of_the_region_makes_its_seal(room: Room) -> None:
    with room.database.transaction() as session, pytest.raises(NotPermitted):
        make_own_seal(session, NewSeal(REGION, OWNER), by=ELSEWHERE, workshop=_workshop(room), clock=room.clock)


def test_only_a_keeper_moves_a_seal(room: Room) -> None:
    with room.database.transaction() as session, pytest.raises(NotPermitted):
        suspend(session, room.seal_id, by=EXAMINER, clock=room.clock)


def test_every_move_of_a_seal_is_told_in_the_public_ledger(room: Room) -> None:
    _suspend(room)
    with room.database.reading() as session:
        told = session.scalars(
            select(LedgerEntry.content).where(LedgerEntry.kind == "seal_status").order_by(LedgerEntry.version)
        ).all()
    assert [json.loads(content or b"{}")["status"] for content in told] == ["REGISTERED", "ACTIVE", "SUSPENDED"]


def test_a_suspended_seal_may_return(room: Room) -> None:
    _suspend(room)
    with room.database.transaction() as session:
        assert activate(session, room.seal_id, by=KEEPER, clock=room.clock).status is SealStatus.ACTIVE


def test_a_cancelled_seal_never_returns(room: Room) -> None:
    with room.database.transaction() as session:
        cancel(session, room.seal_id, by=KEEPER, clock=room.clock)
    with room.database.transaction() as session, pytest.raises(SealMoveRefused):
        activate(session, room.seal_id, by=KEEPER, clock=room.clock)


def test_an_unknown_seal_is_missing(room: Room) -> None:
    with room.database.transaction() as session, pytest.raises(SealMissing):
        suspend(session, "0" * 32, by=KEEPER, clock=room.clock)


def test_a_keeper_without_a_grant_may_not_seal(room: Room) -> None:
    with pytest.raises(SealNotGranted):
        _by_hand(room)


def test_a_keeper_with_a_grant_opens_the_seals_own_key(room: Room) -> None:
    room.grant()
    opened = open_seal(_by_hand(room), keys=room.keys)
    assert opened.key.public_key_der == room.keys.open(Purpose.SEAL, opened.permit.key_name).public_key_der


def test_a_grant_covers_only_the_kinds_it_names(room: Room) -> None:
    room.grant(kinds=["REPLY"])
    with pytest.raises(SealNotGranted):
        _by_hand(room, "GRANT")


def test_a_grant_ends_at_its_end(room: Room) -> None:
    room.grant(days=1)
    room.clock.advance(timedelta(days=1))
    with pytest.raises(SealNotGranted):
        _by_hand(room)


def test_a_grant_taken_back_no_longer_counts(room: Room) -> None:
    room.grant()
    with room.database.transaction() as session:
        revoke_grants(session, room.seal_id, officer=KEEPER.code, by=KEEPER, clock=room.clock)
    with pytest.raises(SealNotGranted):
        _by_hand(room)


def test_a_grant_needs_an_end_within_a_year(room: Room) -> None:
    with pytest.raises(TermsInvalid):
        room.grant(days=400)


def test_a_seal_is_not_put_on_another_regions_document(room: Room) -> None:
    room.grant(ELSEWHERE)
    with room.database.transaction() as session, pytest.raises(SealElsewhere):
        permit_by_hand(session, room.seal_id, kind="GRANT", region="xianyang-qindu", actor=ELSEWHERE, clock=room.clock)


def test_a_suspended_seal_is_not_used_by_hand(room: Room) -> None:
    room.grant()
    _suspend(room)
    with pytest.raises(SealNotActive):
        _by_hand(room)


def test_an_expired_seal_is_not_used_by_hand(room: Room) -> None:
    room.clock.advance(YEARS_LATER)
    room.grant()
    with pytest.raises(SealExpired):
        _by_hand(room)


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
