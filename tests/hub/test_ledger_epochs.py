"""A ledger that cannot be recovered begins a new epoch, which names the old one and is followed on a person's word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from hub.clock import FixedClock
from hub.ledger.applying import VerifiedEntry
from hub.ledger.entry import parse_header, parse_public, parse_public_content
from hub.ledger.epochs import new_epoch
from hub.ledger.faults import LedgerForked, OriginChanged
from hub.ledger.names import LedgerName
from hub.ledger.origin import parse_origin
from hub.ledger.recovery import recover
from tests.ledger_house import House, Reader, Rooms
from tests.ledger_loss import (
    QINDU,
    BackupOf,
    NewDatabase,
    brought_back,
    entries_of,
    taken_from,
    with_its_end_lost,
)


@pytest.fixture
def house(new_database: NewDatabase, tmp_path: Path, clock: FixedClock) -> House:
    return House.built(new_database(), tmp_path, clock)


@pytest.fixture
def reader(house: House, new_database: NewDatabase) -> Reader:
    return Reader.of(house, new_database())


def _new_epoch(house: House, last_note: str | None = None) -> None:
    with house.database.transaction() as session:
        new_epoch(session, name=LedgerName.PUBLIC, keys=house.keys, clock=house.clock, last_note=last_note)
    house.sequence()


def test_a_new_epoch_names_the_last_checkpoint_of_the_one_before(house: House) -> None:
    house.grow(3)
    note = house.note()
    _new_epoch(house)
    genesis = parse_public_content(entries_of(house)[0].content or b"")
    assert house.origin() == "tongban/xixian-fengdong/public/2"
    assert genesis["previous"]["origin"] == "tongban/xixian-fengdong/public/1"
    assert (genesis["previous"]["size"], genesis["previous"]["note"]) == (4, note)


def test_a_new_epoch_states_every_record_anew(house: House) -> None:
    house.grow(3)
    house.say("p0", {"code": "p0", "n": 2})
    house.say("never-sequenced", {"n": 1})
    _new_epoch(house)
    said = {one.record_id: (one.version, one.content) for one in entries_of(house)[1:]}
    assert set(said) == {"p0", "p1", "p2", "never-sequenced"}
    assert said["p0"] == (2, b'{"code":"p0","n":2}')


def test_partners_follow_a_new_epoch_only_after_a_person_confirmed_it(house: House, reader: Reader) -> None:
    house.grow(3)
    reader.pull(house)
    _new_epoch(house)
    with pytest.raises(OriginChanged):
        reader.take(house.page(1))
    again = Reader.of(house, reader.database)
    assert again.pull(house).created == 3


def test_versions_of_a_new_epoch_stand_above_everything_that_was_lost(
    house: House, backup_of: BackupOf, reader: Reader
) -> None:
    house.say("a", {"n": 1})
    house.sequence()
    restored = brought_back(house, backup_of(house.database))
    for number in range(2, 5):
        house.say("a", {"n": number})
    house.sequence()
    reader.pull(house)
    _new_epoch(restored, reader.followed().note)
    restored.say("b", {"n": 1})
    versions = {one.record_id: one.version for one in entries_of(restored)[1:]}
    assert versions["a"] >= 4
    assert versions["b"] > 3
    header = parse_public(entries_of(restored)[-1].header, parse_origin(restored.origin())).value
    assert header is not None
    assert header.version.previous is None


def test_a_new_epoch_that_names_another_past_is_refused(house: House, backup_of: BackupOf, reader: Reader) -> None:
    restored = with_its_end_lost(house, backup_of, reader)
    restored.grow(2, "fork")
    _new_epoch(restored)
    again = Reader.of(restored, reader.database)
    with pytest.raises(LedgerForked):
        again.pull(restored)


def test_projected_entries_of_a_recovery_carry_their_old_indexes(
    house: House, backup_of: BackupOf, reader: Reader
) -> None:
    restored, seen = with_its_end_lost(house, backup_of, reader), list[VerifiedEntry]()
    rooms = Rooms()

    def project(session: object, kind: str, entries: Sequence[VerifiedEntry], clock: object) -> list[str]:
        seen.extend(entries)
        return rooms.project(session, kind, entries, house.clock)

    recover(
        restored.database,
        origin=restored.origin(),
        fetch=taken_from((QINDU, reader)),
        keys=restored.keys,
        clock=restored.clock,
        project=project,
    )
    assert [(one.index, one.version) for one in seen] == [(4, 1), (5, 1), (6, 1)]
    assert all(parse_header(one.header, parse_origin(restored.origin())).understood for one in entries_of(restored))
