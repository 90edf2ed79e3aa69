"""An old backup was brought back: neighbours return the lost end of the ledger, or a new epoch begins."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from hub.clock import FixedClock
from hub.errors import HubError
from hub.ledger.faults import LedgerBehindWitness, LedgerForked, RecoveryIncomplete
from hub.ledger.feed import FeedPage
from hub.ledger.names import LedgerName
from hub.ledger.recovery import Fetch, RecoveryReport, recover
from hub.ledger.rotation import rotate_key
from hub.ledger.writing import erase_entry
from tests.ledger_house import House, Reader, Rooms
from tests.ledger_loss import (
    QINDU,
    WEICHENG,
    BackupOf,
    NewDatabase,
    brought_back,
    entries_of,
    held_page,
    taken_from,
    with_its_end_lost,
)


@pytest.fixture
def house(new_database: NewDatabase, tmp_path: Path, clock: FixedClock) -> House:
    return House.built(new_database(), tmp_path, clock)


def _recover(
    house: House, fetch: Fetch, rooms: Rooms | None = None, name: LedgerName = LedgerName.PUBLIC
) -> RecoveryReport:
    return recover(
        house.database,
        origin=house.origin(name),
        fetch=fetch,
        keys=house.keys,
        clock=house.clock,
        project=(rooms or Rooms()).project,
    )


@pytest.fixture
def reader(house: House, new_database: NewDatabase) -> Reader:
    return Reader.of(house, new_database())


def test_a_restored_backup_stops_at_its_witness(house: House, backup_of: BackupOf, reader: Reader) -> None:
    restored = with_its_end_lost(house, backup_of, reader)
    note = reader.followed().note
    with pytest.raises(LedgerBehindWitness):
        restored.sequencer(lambda origin: [(QINDU, note if origin == reader.origin else "")]).step()


def test_a_partner_returns_the_lost_end_with_its_exact_bytes(house: House, backup_of: BackupOf, reader: Reader) -> None:
    restored = with_its_end_lost(house, backup_of, reader)
    report = _recover(restored, taken_from((QINDU, reader)))
    assert (report.first, report.size, report.recovered, report.missing) == (4, 7, 3, [])
    assert [(one.index, one.header, one.content) for one in entries_of(restored)] == [
        (one.index, one.header, one.content) for one in entries_of(house)
    ]


def test_the_recovered_ledger_goes_on_where_it_was(house: House, backup_of: BackupOf, reader: Reader) -> None:
    restored = with_its_end_lost(house, backup_of, reader)
    note = reader.followed().note
    sequencer = restored.sequencer(lambda origin: [(QINDU, note if origin == reader.origin else "")])
    with pytest.raises(LedgerBehindWitness):
        sequencer.step()
    _recover(restored, taken_from((QINDU, reader)))
    assert restored.note() == house.note()
    restored.say("after", {"n": 1})
    assert sequencer.step() == 1
    assert reader.pull(restored).created == 1


def test_the_rooms_learn_what_the_lost_end_said(house: House, backup_of: BackupOf, reader: Reader) -> None:
    restored, rooms = with_its_end_lost(house, backup_of, reader), Rooms()
    _recover(restored, taken_from((QINDU, reader)), rooms)
    assert set(rooms.rows) == {("service_point", f"q{number}") for number in range(3)}


def test_a_long_end_is_taken_back_page_by_page(house: House, backup_of: BackupOf, reader: Reader) -> None:
    house.grow(3)
    restored = brought_back(house, backup_of(house.database))
    house.grow(1500, "q")
    while reader.pull(house).seen:
        pass
    assert _recover(restored, taken_from((QINDU, reader))).recovered == 1500


def test_partners_who_stop_short_of_what_was_signed_cannot_help(
    house: House, backup_of: BackupOf, reader: Reader
) -> None:
    house.grow(3)
    restored = brought_back(house, backup_of(house.database))
    house.grow(6, "q")
    reader.pull(house, first=6)  # it knows the note of ten entries and holds six
    with pytest.raises(RecoveryIncomplete):
        _recover(restored, taken_from((QINDU, reader)))
    assert restored.size() == 4


def test_a_partner_that_alters_the_end_is_passed_over_for_an_honest_one(
    house: House, new_database: NewDatabase, backup_of: BackupOf, reader: Reader
) -> None:
    restored = with_its_end_lost(house, backup_of, reader)

    def fetch(after: int, first: int) -> Sequence[tuple[str, FeedPage]]:
        honest = held_page(reader, house.region, after, first)
        first_entry = dataclasses.replace(honest.entries[0], header=honest.entries[0].header.replace("q0", "z0"))
        lying = dataclasses.replace(honest, entries=[first_entry, *honest.entries[1:]])
        return [(WEICHENG, lying), (QINDU, honest)]

    assert _recover(restored, fetch).recovered == 3
    assert restored.note() == house.note()


def test_an_altered_end_alone_changes_nothing(house: House, backup_of: BackupOf, reader: Reader) -> None:
    restored = with_its_end_lost(house, backup_of, reader)

    def fetch(after: int, first: int) -> Sequence[tuple[str, FeedPage]]:
        honest = held_page(reader, house.region, after, first)
        return [(WEICHENG, dataclasses.replace(honest, entries=[*honest.entries[:2], honest.entries[1]]))]

    with pytest.raises(HubError):
        _recover(restored, fetch)
    assert restored.size() == 4


def test_a_tree_that_went_on_after_the_backup_cannot_be_recovered(
    house: House, backup_of: BackupOf, reader: Reader
) -> None:
    restored = with_its_end_lost(house, backup_of, reader)
    restored.grow(9, "fork")  # it signed without asking its witnesses
    with pytest.raises(LedgerForked):
        _recover(restored, taken_from((QINDU, reader)))


def test_what_waited_in_the_backup_and_was_sequenced_later_takes_its_old_place(
    house: House, backup_of: BackupOf, reader: Reader
) -> None:
    house.grow(3)
    house.say("waiting", {"n": 1})
    restored = brought_back(house, backup_of(house.database))
    house.sequence()
    reader.pull(house)
    report = _recover(restored, taken_from((QINDU, reader)))
    assert (report.recovered, report.reversioned, report.dropped) == (1, [], 0)
    assert [one.index for one in entries_of(restored)] == [0, 1, 2, 3, 4]


def test_what_was_said_after_the_restore_is_kept_as_the_next_version(
    house: House, backup_of: BackupOf, reader: Reader
) -> None:
    restored, rooms = with_its_end_lost(house, backup_of, reader), Rooms()
    restored.say("q0", {"code": "q0", "name_zh": "新"})
    restored.say("new", {"code": "new"})
    report = _recover(restored, taken_from((QINDU, reader)), rooms)
    assert [(one.record_id, one.was, one.now) for one in report.reversioned] == [("q0", 1, 2)]
    assert rooms.rows["service_point", "q0"] == {"code": "q0", "name_zh": "新"}
    assert restored.sequence() == 2
    assert reader.pull(restored).seen == 2
    assert reader.rooms.rows["service_point", "q0"] == {"code": "q0", "name_zh": "新"}


def test_what_was_said_again_after_the_restore_is_not_said_twice(
    house: House, backup_of: BackupOf, reader: Reader
) -> None:
    restored = with_its_end_lost(house, backup_of, reader)
    house.clock.advance(timedelta(hours=1))
    restored.say("q0", {"code": "q0"})
    assert _recover(restored, taken_from((QINDU, reader))).dropped == 1
    assert len(entries_of(restored)) == 7


def test_a_key_made_after_the_backup_is_known_again(house: House, backup_of: BackupOf, reader: Reader) -> None:
    house.grow(3)
    restored = brought_back(house, backup_of(house.database))
    with house.database.transaction() as session:
        rotate_key(session, name=LedgerName.PUBLIC, keys=house.keys, clock=house.clock)
    house.sequence()
    reader.pull(house)
    _recover(restored, taken_from((QINDU, reader)))
    assert restored.public_keys() == house.public_keys()
    restored.say("after", {"n": 1})
    restored.sequence()
    assert reader.pull(restored).created == 1


def _exchange_lost(
    house: House, new_database: NewDatabase, backup_of: BackupOf
) -> tuple[House, list[tuple[str, Reader]]]:
    readers = [(region, Reader.of(house, new_database(), name=LedgerName.EXCHANGE)) for region in (QINDU, WEICHENG)]
    house.sequence()
    restored = brought_back(house, backup_of(house.database))
    house.tell("a", {"n": 1}, QINDU)
    house.tell("b", {"n": 2}, WEICHENG)
    house.tell("c", {"n": 3}, "xian-hightech")
    house.sequence()
    for region, reader in readers:
        reader.pull(house, name=LedgerName.EXCHANGE, reader=region)
    return restored, readers


def test_contents_are_merged_from_everyone_who_was_given_them(
    house: House, new_database: NewDatabase, backup_of: BackupOf
) -> None:
    restored, readers = _exchange_lost(house, new_database, backup_of)
    report = _recover(restored, taken_from(*readers), name=LedgerName.EXCHANGE)
    assert (report.recovered, report.missing) == (3, [3])
    kept = {one.index: (one.record_id, one.salt is not None) for one in entries_of(restored, LedgerName.EXCHANGE)}
    assert (kept[1], kept[2]) == (("a", True), ("b", True))


def test_a_content_nobody_held_stays_missing_and_the_ledger_goes_on(
    house: House, new_database: NewDatabase, backup_of: BackupOf
) -> None:
    restored, readers = _exchange_lost(house, new_database, backup_of)
    _recover(restored, taken_from(*readers), name=LedgerName.EXCHANGE)
    lost = entries_of(restored, LedgerName.EXCHANGE)[3]
    assert (lost.kind, lost.content, lost.addressees) == ("lost", None, ["xian-hightech"])
    restored.tell("d", {"n": 4}, QINDU)
    restored.sequence()
    region, reader = readers[0]
    assert reader.pull(restored, name=LedgerName.EXCHANGE, reader=region).created == 1


def test_a_recovery_reapplies_erasures(house: House, new_database: NewDatabase, backup_of: BackupOf) -> None:
    reader = Reader.of(house, new_database(), name=LedgerName.EXCHANGE)
    house.tell("a", {"holder": "someone"}, QINDU)
    house.sequence()
    restored = brought_back(house, backup_of(house.database))
    with house.database.transaction() as session:
        erase_entry(session, index=1, reason="依申请删除", by="operator-1", clock=house.clock)
    house.sequence()
    reader.pull(house, name=LedgerName.EXCHANGE, reader=QINDU)
    _recover(restored, taken_from((QINDU, reader)), name=LedgerName.EXCHANGE)
    erased = entries_of(restored, LedgerName.EXCHANGE)[1]
    assert (erased.content, erased.salt, erased.erased_at) == (None, None, house.clock.now())


def test_recovering_with_nothing_lost_changes_nothing(house: House, reader: Reader) -> None:
    house.grow(3)
    reader.pull(house)
    assert _recover(house, taken_from((QINDU, reader))).recovered == 0
    assert house.size() == 4
