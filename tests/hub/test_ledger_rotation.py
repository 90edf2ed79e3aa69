"""Giving a ledger a new key: who signs when, and how a reader comes to trust the new one and to refuse the old."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from hub.clock import FixedClock
from hub.database import Database
from hub.errors import ValidationFailed
from hub.ledger.entry import parse_public_content
from hub.ledger.faults import LedgerDoesNotVerify
from hub.ledger.following import trusted_key_ids
from hub.ledger.keys import Verifier
from hub.ledger.names import OVERLAP, LedgerName
from hub.ledger.note import Checkpoint, SignedNote, sign_checkpoint
from hub.ledger.rotation import parse_rotation, rotate_key
from hub.signing.keys import Purpose
from tests.ledger_house import House, Reader


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> House:
    return House.built(database, tmp_path, clock)


def _rotate(house: House, name: LedgerName = LedgerName.PUBLIC) -> None:
    with house.database.transaction() as session:
        rotate_key(session, name=name, keys=house.keys, clock=house.clock)
    house.sequence()


def _ids(reader: Reader) -> list[str]:
    with reader.database.reading() as session:
        return trusted_key_ids(session, reader.origin)


def _lines(note: str) -> int:
    return len(SignedNote.parse(note).lines)


def _to_the_end(house: House, reader: Reader) -> None:
    while reader.pull(house, signed_by=_ids(reader)).seen:
        pass


def test_during_the_overlap_notes_carry_both_lines(house: House) -> None:
    house.grow(2)
    assert _lines(house.note()) == 1
    _rotate(house)
    assert _lines(house.note()) == 2


def test_after_the_overlap_the_new_key_signs_alone(house: House) -> None:
    house.grow(2)
    _rotate(house)
    house.grow(OVERLAP, "o")
    assert _lines(house.note()) == 2
    house.grow(1, "q")
    assert _lines(house.note()) == 1


def test_a_reader_learns_the_new_key_from_the_entry_under_the_old_one(house: House) -> None:
    house.grow(2)
    reader = Reader.of(house, house.database)
    reader.pull(house)
    _rotate(house)
    reader.pull(house)
    assert len(_ids(reader)) == 2
    house.grow(OVERLAP + 1, "q")
    _to_the_end(house, reader)
    assert reader.followed().applied_size == house.size()


def test_a_reader_who_slept_through_the_rotation_is_led_over_it_by_the_old_key(house: House) -> None:
    house.grow(2)
    reader = Reader.of(house, house.database)
    reader.pull(house)
    _rotate(house)
    house.grow(2 * OVERLAP, "o")
    with pytest.raises(LedgerDoesNotVerify):
        reader.pull(house)
    _to_the_end(house, reader)
    assert reader.followed().applied_size == house.size()


def test_a_new_reader_may_trust_the_new_key_alone(house: House) -> None:
    house.grow(2)
    _rotate(house)
    house.grow(OVERLAP + 1, "o")
    reader = Reader.of(house, house.database, keys=house.public_keys()[1:])
    _to_the_end(house, reader)
    assert reader.followed().applied_size == house.size()


def test_two_rotations_in_one_page_are_followed_in_turn(house: House) -> None:
    house.grow(2)
    reader = Reader.of(house, house.database)
    _rotate(house)
    _rotate(house)
    reader.pull(house)
    assert len(_ids(reader)) == 3


def test_an_expired_key_is_refused(house: House) -> None:
    house.grow(2)
    reader = Reader.of(house, house.database)
    reader.pull(house)
    _rotate(house)
    house.grow(OVERLAP + 1, "o")
    _to_the_end(house, reader)
    house.grow(1, "late")
    page = house.page(reader.followed().applied_size)
    old = house.keys.open(Purpose.LEDGER, house.origin().replace("/", "."))
    note = sign_checkpoint(Checkpoint(page.origin, page.size, page.root), [old])
    with pytest.raises(LedgerDoesNotVerify, match="No key trusted"):
        reader.take(dataclasses.replace(page, checkpoint_note=note))


def test_a_rotation_the_old_key_did_not_sign_for_teaches_nothing(house: House) -> None:
    house.grow(2)
    _rotate(house)
    reader = Reader.of(house, house.database, keys=house.public_keys()[1:])
    _rotate(house)
    page = house.page()
    lines = SignedNote.parse(page.checkpoint_note)
    newest = Verifier(house.origin(), *house.public_keys()[2]).key_id
    assert len(lines.lines) == 3
    without = SignedNote(lines.text, tuple(line for line in lines.lines if line.key_id != newest))
    reader.take(dataclasses.replace(page, checkpoint_note=without.to_text()))
    assert len(_ids(reader)) == 2  # the second key vouches for the third; the first, untrusted, for nobody


def test_the_exchange_ledger_rotates_in_itself(house: House) -> None:
    house.sequence()
    reader = Reader.of(house, house.database, name=LedgerName.EXCHANGE)
    _rotate(house, LedgerName.EXCHANGE)
    reader.pull(house, name=LedgerName.EXCHANGE, reader="xian-hightech")
    assert len(_ids(reader)) == 2


def test_a_second_rotation_waits_for_the_first_to_be_sequenced(house: House) -> None:
    house.sequence()
    with house.database.transaction() as session:
        rotate_key(session, name=LedgerName.PUBLIC, keys=house.keys, clock=house.clock)
    with pytest.raises(ValidationFailed), house.database.transaction() as session:
        rotate_key(session, name=LedgerName.PUBLIC, keys=house.keys, clock=house.clock)


def test_a_rotation_without_an_overlap_is_refused(house: House) -> None:
    house.sequence()
    with house.database.transaction() as session:
        entry = rotate_key(session, name=LedgerName.PUBLIC, keys=house.keys, clock=house.clock)
    body = parse_public_content(entry.content or b"")
    assert parse_rotation(body).to_size(entry.version) == 2 + OVERLAP
    with pytest.raises(ValidationFailed):
        parse_rotation(body | {"overlap": 0})
