"""Witnesses: what a hub vouches for, what others vouch for of it, and why a hub behind its witnesses signs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.database import Database
from hub.ledger import reading
from hub.ledger.cupboard import witness_name
from hub.ledger.faults import LedgerBehindWitness, LedgerForked
from hub.ledger.following import followed_ledger, trust_witness
from hub.ledger.keys import Verifier
from hub.ledger.names import LedgerName
from hub.ledger.note import Checkpoint, sign_checkpoint, verify_cosignature
from hub.ledger.records import Evidence
from hub.ledger.witness import observe, vouch, witness_public_key, witnessed_by
from hub.signing.keys import Purpose
from tests.ledger_house import House, Reader
from tests.witness_words import WITNESS, signed, telling


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> House:
    return House.built(database, tmp_path, clock)


def _vouch(reader: Reader, house: House) -> str:
    with reader.database.transaction() as session:
        followed = followed_ledger(session, reader.origin)
        assert followed is not None
        note = vouch(session, followed, keys=house.keys, region=WITNESS, clock=house.clock)
        assert note is not None
        return note.note


def test_a_witness_cosigns_the_newest_note_it_verified(house: House) -> None:
    reader = Reader.of(house, house.database)
    house.grow(3)
    reader.pull(house)
    note = _vouch(reader, house)
    key = witness_public_key(house.keys, WITNESS)
    assert verify_cosignature(note, Verifier(witness_name(WITNESS), *key)) == house.clock.now()
    assert note.startswith(house.note())


def test_what_is_vouched_for_is_served_from_the_database(house: House) -> None:
    reader = Reader.of(house, house.database)
    house.grow(3)
    reader.pull(house)
    note = _vouch(reader, house)
    with house.database.reading() as session:
        assert reading.witness_note(session, house.origin()) == note
        assert reading.witness_note(session, "tongban/elsewhere/public/1") is None


def test_a_witness_follows_the_ledger_as_it_grows(house: House) -> None:
    reader = Reader.of(house, house.database)
    house.grow(3)
    reader.pull(house)
    _vouch(reader, house)
    house.grow(3, "q")
    reader.pull(house)
    assert _vouch(reader, house).startswith(house.note())


def test_a_witness_waits_until_its_own_entries_reach_what_it_vouched_for(house: House) -> None:
    reader = Reader.of(house, house.database)
    house.grow(9)
    reader.pull(house, first=3)
    first = _vouch(reader, house)
    house.grow(9, "q")
    reader.pull(house, first=3)
    assert _vouch(reader, house) == first
    reader.pull(house)
    assert _vouch(reader, house).startswith(house.note())


def test_a_witness_of_a_stopped_ledger_keeps_its_last_word(house: House) -> None:
    reader = Reader.of(house, house.database)
    house.grow(3)
    reader.pull(house)
    first = _vouch(reader, house)
    house.grow(3, "q")
    reader.pull(house)
    with house.database.transaction() as session:
        followed = followed_ledger(session, reader.origin)
        assert followed is not None
        followed.stopped_code = "ledger.forked"
    assert _vouch(reader, house) == first


def test_a_partners_word_on_our_ledger_is_kept(house: House) -> None:
    reader = Reader.of(house, house.database)
    house.grow(3)
    reader.pull(house)
    note = _vouch(reader, house)
    with house.database.transaction() as session:
        trust_witness(
            session,
            region=WITNESS,
            key=witness_public_key(house.keys, WITNESS),
            confirmed_by="officer-1",
            clock=house.clock,
        )
        assert observe(session, origin=house.origin(), witness=WITNESS, note=note, keys=house.keys, clock=house.clock)
    with house.database.reading() as session:
        assert [said.witness for said in witnessed_by(session, house.origin())] == [WITNESS]
        assert reading.ledgers(session)[0].cosignatures == [(WITNESS, house.clock.now())]


def test_an_unconfirmed_witness_counts_for_nothing(house: House) -> None:
    reader = Reader.of(house, house.database)
    house.grow(3)
    reader.pull(house)
    note = _vouch(reader, house)
    with house.database.transaction() as session:
        assert not observe(
            session, origin=house.origin(), witness=WITNESS, note=note, keys=house.keys, clock=house.clock
        )


def test_a_ledger_behind_a_witness_refuses_to_sign(house: House) -> None:
    house.grow(3)
    house.say("later", {"n": 1})
    sequencer = house.sequencer(telling(house, (WITNESS, signed(house, 9))))
    with pytest.raises(LedgerBehindWitness):
        sequencer.step()
    assert house.size() == 4
    assert (house.ledger().stopped_code, house.ledger().stopped_by) == ("ledger.behind_witness", WITNESS)


def test_a_stopped_ledger_stays_stopped_for_every_sequencer(house: House) -> None:
    test_a_ledger_behind_a_witness_refuses_to_sign(house)
    with pytest.raises(LedgerBehindWitness):
        house.sequencer().step()


def test_the_evidence_of_being_behind_is_kept(house: House) -> None:
    test_a_ledger_behind_a_witness_refuses_to_sign(house)
    with house.database.reading() as session:
        kept = session.scalars(select(Evidence)).one()
    assert (kept.ours, kept.theirs, kept.told_by) == (house.note(), signed(house, 9), WITNESS)


def test_the_other_ledger_goes_on_while_one_is_stopped(house: House) -> None:
    house.grow(3)
    sequencer = house.sequencer(telling(house, (WITNESS, signed(house, 9))))
    house.tell("a", {"n": 1}, WITNESS)
    with pytest.raises(LedgerBehindWitness):
        sequencer.step()
    assert house.size(LedgerName.EXCHANGE) == 2


def test_an_empty_database_is_behind_whoever_remembers_its_ledger(house: House) -> None:
    with pytest.raises(LedgerBehindWitness):
        house.sequencer(telling(house, (WITNESS, signed(house, 1)))).step()
    assert house.size() == 0


def test_a_witness_of_another_tree_stops_the_ledger_as_forked(house: House) -> None:
    house.grow(3)
    with pytest.raises(LedgerForked):
        house.sequencer(telling(house, (WITNESS, signed(house, 2)))).step()
    assert house.ledger().stopped_code == "ledger.forked"


def test_a_witness_of_a_smaller_tree_lets_it_sign(house: House) -> None:
    house.grow(3)
    older = house.note()
    house.grow(3, "q")
    house.say("later", {"n": 1})
    assert house.sequencer(telling(house, (WITNESS, older))).step() == 1


def test_a_note_of_the_witness_own_making_neither_stops_nor_frees_the_ledger(house: House) -> None:
    house.grow(3)
    house.say("later", {"n": 1})
    stranger = house.keys.create(Purpose.LEDGER, "stranger", "Ed25519")
    note = sign_checkpoint(Checkpoint(house.origin(), 9, bytes(32)), [stranger])
    assert house.sequencer(telling(house, (WITNESS, note))).step() == 0
    assert house.ledger().stopped_code == "ledger.awaiting_witnesses"
