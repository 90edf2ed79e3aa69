"""A history that contradicts itself is refused, and two trees of one ledger stop it and are kept as evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.database import Database
from hub.ledger.entry import Version, public_entry
from hub.ledger.faults import (
    LedgerForked,
    LedgerStopped,
)
from hub.ledger.feed import FeedEntry, FeedPage
from hub.ledger.following import (
    WitnessCheck,
    check_witness_note,
    clear_stop,
    followed_ledger,
    keep_evidence,
)
from hub.ledger.hashes import HashName
from hub.ledger.names import LedgerName
from hub.ledger.note import Checkpoint, sign_checkpoint
from hub.ledger.origin import parse_origin
from hub.ledger.queries import ledger_named
from hub.ledger.records import LedgerEntry
from hub.ledger.tree import leaf_hash, root_of
from hub.signing.keys import Purpose
from tests.ledger_house import House, Reader
from tests.ledger_refusals import evidence_of, is_refused

PARTNER = "xian-hightech"


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> House:
    return House.built(database, tmp_path, clock)


@pytest.fixture
def reader(house: House) -> Reader:
    """A reader of the public ledger; it keeps its rows beside the author's, in other tables."""
    return Reader.of(house, house.database)


class Forger:
    """An author that signs what it likes with the ledger's own key: a hub gone wrong, or an old backup written on."""

    def __init__(self, house: House, name: LedgerName = LedgerName.PUBLIC) -> None:
        self.origin, self.at = house.origin(name), house.clock.now()
        self.key = house.keys.open(Purpose.LEDGER, self.origin.replace("/", "."))
        self.hash = HashName(house.hash)
        with house.database.reading() as session:
            ledger = ledger_named(session, name)
            found = select(LedgerEntry).where(LedgerEntry.ledger_id == ledger.id, LedgerEntry.index.is_not(None))
            self.entries = [
                (entry.header, entry.content or b"") for entry in session.scalars(found.order_by(LedgerEntry.index))
            ]

    def say(self, record_id: str, content: dict[str, Any], version: int = 1, previous: str | None = None) -> None:
        made = public_entry(
            parse_origin(self.origin),
            self.hash,
            Version("service_point", record_id, version, self.at, previous),
            content,
        )
        self.entries.append((made.header, made.content))

    def page(self, after: int = 0) -> FeedPage:
        leaves = [leaf_hash(self.hash, header) for header, _ in self.entries]
        checkpoint = Checkpoint(self.origin, len(leaves), root_of(self.hash, leaves))
        entries = [
            FeedEntry(at, header.decode(), content.decode(), None, None)
            for at, (header, content) in enumerate(self.entries)
        ]
        note = sign_checkpoint(checkpoint, [self.key])
        return FeedPage(self.origin, note, checkpoint.size, checkpoint.root, [], entries[after:])


def test_a_version_that_skips_its_predecessor_is_refused(house: House, reader: Reader) -> None:
    house.grow(1)
    forger = Forger(house)
    forger.say("p0", {"code": "p0", "n": 3}, version=3, previous="sha256:" + "0" * 64)
    is_refused(reader, forger.page())


def test_a_version_with_another_previous_digest_is_refused(house: House, reader: Reader) -> None:
    house.grow(1)
    reader.pull(house)
    forger = Forger(house)
    forger.say("p0", {"code": "p0", "n": 2}, version=2, previous="sha256:" + "0" * 64)
    is_refused(reader, forger.page(after=2))


def test_a_first_version_said_twice_is_refused(house: House, reader: Reader) -> None:
    house.grow(1)
    reader.pull(house)
    forger = Forger(house)
    forger.say("p0", {"code": "another"})
    is_refused(reader, forger.page(after=2))


def test_later_versions_of_a_record_are_applied_in_turn(house: House, reader: Reader) -> None:
    house.say("a", {"n": 1})
    house.say("a", {"n": 2})
    house.sequence()
    reader.pull(house)
    house.say("a", {"n": 3})
    house.sequence()
    assert reader.pull(house).updated == 1
    assert reader.rooms.rows["service_point", "a"] == {"n": 3}


def test_two_roots_of_one_size_stop_the_ledger(house: House, reader: Reader) -> None:
    house.grow(2)
    forger = Forger(house)
    house.grow(1, "q")
    reader.pull(house)
    forger.say("z", {"code": "z"})
    is_refused(reader, forger.page(after=4), LedgerForked)
    assert reader.followed().stopped_code == "ledger.forked"


def test_a_stopped_ledger_applies_nothing_until_a_person_clears_it(
    new_database: Callable[[], Database], tmp_path: Path, clock: FixedClock
) -> None:
    house = House.built(new_database(), tmp_path, clock)
    reader = Reader.of(house, new_database())
    test_two_roots_of_one_size_stop_the_ledger(house, reader)
    house.grow(1, "r")
    with pytest.raises(LedgerStopped):
        reader.pull(house)
    with reader.database.transaction() as session:
        assert clear_stop(session, reader.origin)
    assert reader.pull(house).created == 1


def test_a_fork_between_the_note_seen_and_the_entries_reached_is_found(house: House, reader: Reader) -> None:
    house.grow(4)
    forger = Forger(house)
    house.grow(4, "q")
    reader.pull(house, first=3)  # pins the note of nine entries while three are applied
    for number in range(8):
        forger.say(f"z{number}", {"code": f"z{number}"})
    is_refused(reader, forger.page(after=3), LedgerForked)
    assert evidence_of(house.database)[-1].code == "ledger.forked"


def test_a_fork_shown_to_two_readers_is_found_by_the_next_pull(
    new_database: Callable[[], Database], tmp_path: Path, clock: FixedClock
) -> None:
    house = House.built(new_database(), tmp_path, clock)
    one, other = Reader.of(house, new_database()), Reader.of(house, new_database())
    house.grow(2)
    forger = Forger(house)
    house.grow(1, "q")
    forger.say("z", {"code": "z"})
    one.pull(house)
    other.take(forger.page())
    theirs = other.followed().note or ""
    with pytest.raises(LedgerForked) as found, one.database.transaction() as session:
        followed = followed_ledger(session, one.origin)
        assert followed is not None
        check_witness_note(session, followed, theirs, told_by=PARTNER, clock=clock)
    with one.database.transaction() as session:
        keep_evidence(session, found.value, clock=clock)
    kept = evidence_of(one.database)[-1]
    assert (kept.ours, kept.theirs, kept.told_by) == (house.note(), theirs, PARTNER)
    assert one.followed().stopped_code == "ledger.forked"


def _check(reader: Reader, note: str) -> WitnessCheck:
    with reader.database.transaction() as session:
        followed = followed_ledger(session, reader.origin)
        assert followed is not None
        return check_witness_note(session, followed, note, told_by=PARTNER, clock=reader.clock)


def test_a_smaller_note_of_another_hub_is_compared_with_our_own_tree(house: House, reader: Reader) -> None:
    house.grow(300)
    older = house.note()
    house.grow(300, "q")
    reader.pull(house)
    assert _check(reader, older) is WitnessCheck.CONSISTENT
    assert _check(reader, house.note()) is WitnessCheck.CONSISTENT


def test_a_larger_note_of_another_hub_is_compared_once_we_have_come_that_far(house: House, reader: Reader) -> None:
    house.grow(4)
    reader.pull(house)
    house.grow(4, "q")
    assert _check(reader, house.note()) is WitnessCheck.PENDING
    assert reader.pull(house).created == 4


def test_a_larger_note_that_turns_out_to_be_a_fork_stops_the_page_that_reaches_it(house: House, reader: Reader) -> None:
    house.grow(4)
    reader.pull(house)
    forger = Forger(house)
    forger.say("z", {"code": "z"})
    assert _check(reader, forger.page().checkpoint_note) is WitnessCheck.PENDING
    house.grow(4, "q")
    with pytest.raises(LedgerForked):
        reader.pull(house)
    assert reader.followed().applied_size == 5
    assert evidence_of(house.database)[-1].told_by == PARTNER


def test_a_note_the_origin_never_signed_proves_nothing(house: House, reader: Reader) -> None:
    house.grow(2)
    reader.pull(house)
    stranger = house.keys.create(Purpose.LEDGER, "stranger", "Ed25519")
    note = sign_checkpoint(Checkpoint(house.origin(), 3, bytes(32)), [stranger])
    assert _check(reader, note) is WitnessCheck.UNVERIFIABLE
