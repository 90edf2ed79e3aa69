"""The life of a seal, and who may use it on what."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from hub.access.records import Role
from hub.clock import FixedClock
from hub.database import Database
from hub.errors import NotPermitted
from hub.ledger.records import LedgerEntry
from hub.seals.custody import (
    activate,
    cancel,
    open_seal,
    suspend,
)
from hub.seals.faults import (
    SealElsewhere,
    SealExpired,
    SealMissing,
    SealMoveRefused,
    SealNotActive,
    SealNotGranted,
    TermsInvalid,
)
from hub.seals.making import NewSeal, Workshop, make_own_seal
from hub.seals.permits import Permit, permit_by_hand, revoke_grants
from hub.seals.queries import seal_by_id
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
