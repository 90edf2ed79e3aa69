"""Witnesses: what a hub vouches for, what others vouch for of it, and why a hub behind its witnesses signs nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.database import Database
from hub.ledger import reading
from hub.ledger.cupboard import witness_name
from hub.ledger.evidence import clear_stop
from hub.ledger.faults import AwaitingWitnesses, LedgerBehindWitness, LedgerForked
from hub.ledger.following import followed_ledger, trust_witness
from hub.ledger.keys import Verifier
from hub.ledger.names import LedgerName
from hub.ledger.note import Checkpoint, sign_checkpoint, verify_cosignature
from hub.ledger.records import Evidence, Ledger
from hub.ledger.standing import require_signing
from hub.ledger.witness import observe, vouch, witness_public_key, witnessed_by
from hub.signing.keys import Purpose
from tests.ledger_house import House, Reader

WITNESS = "xian-hightech"
Told = list[tuple[str, str | None]]


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


def _telling(house: House, *told: tuple[str, str | None]) -> Callable[[str], Told]:
    """Witnesses that tell this of the public ledger and hold nothing of the other."""
    public = house.origin()
    return lambda origin: list(told) if origin == public else [(witness, "") for witness, _ in told]


def _signed(house: House, size: int, root: bytes = bytes(32)) -> str:
    key = house.keys.open(Purpose.LEDGER, house.origin().replace("/", "."))
    return sign_checkpoint(Checkpoint(house.origin(), size, root), [key])


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
    sequencer = house.sequencer(_telling(house, (WITNESS, _signed(house, 9))))
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
    assert (kept.ours, kept.theirs, kept.told_by) == (house.note(), _signed(house, 9), WITNESS)


def test_the_other_ledger_goes_on_while_one_is_stopped(house: House) -> None:
    house.grow(3)
    sequencer = house.sequencer(_telling(house, (WITNESS, _signed(house, 9))))
    house.tell("a", {"n": 1}, WITNESS)
    with pytest.raises(LedgerBehindWitness):
        sequencer.step()
    assert house.size(LedgerName.EXCHANGE) == 2


def test_an_empty_database_is_behind_whoever_remembers_its_ledger(house: House) -> None:
    with pytest.raises(LedgerBehindWitness):
        house.sequencer(_telling(house, (WITNESS, _signed(house, 1)))).step()
    assert house.size() == 0


def test_a_witness_of_another_tree_stops_the_ledger_as_forked(house: House) -> None:
    house.grow(3)
    with pytest.raises(LedgerForked):
        house.sequencer(_telling(house, (WITNESS, _signed(house, 2)))).step()
    assert house.ledger().stopped_code == "ledger.forked"


def test_a_witness_of_a_smaller_tree_lets_it_sign(house: House) -> None:
    house.grow(3)
    older = house.note()
    house.grow(3, "q")
    house.say("later", {"n": 1})
    assert house.sequencer(_telling(house, (WITNESS, older))).step() == 1


def test_a_note_of_the_witness_own_making_neither_stops_nor_frees_the_ledger(house: House) -> None:
    house.grow(3)
    house.say("later", {"n": 1})
    stranger = house.keys.create(Purpose.LEDGER, "stranger", "Ed25519")
    note = sign_checkpoint(Checkpoint(house.origin(), 9, bytes(32)), [stranger])
    assert house.sequencer(_telling(house, (WITNESS, note))).step() == 0
    assert house.ledger().stopped_code == "ledger.awaiting_witnesses"


def test_nothing_is_signed_before_a_majority_of_witnesses_answered(house: House) -> None:
    house.grow(3)
    house.say("later", {"n": 1})
    told: Told = [("one", house.note()), ("two", None), ("three", None), ("four", None)]
    public = house.origin()
    sequencer = house.sequencer(lambda origin: told if origin == public else [])
    assert sequencer.step() == 0
    told[1] = ("two", "")
    assert sequencer.step() == 0  # half is no majority
    told[2] = ("three", "")
    assert sequencer.step() == 1
    assert house.ledger().stopped_code is None


def test_from_its_start_on_a_ledger_says_that_it_may_not_sign_until_the_witnesses_agree(house: House) -> None:
    sequencer = house.sequencer(lambda _origin: [(WITNESS, "")])
    sequencer.await_witnesses()
    with pytest.raises(AwaitingWitnesses), house.database.reading() as session:
        require_signing(session, LedgerName.PUBLIC)
    sequencer.step()
    with house.database.reading() as session:
        require_signing(session, LedgerName.PUBLIC)


def test_a_start_does_not_hide_why_a_ledger_was_stopped(house: House) -> None:
    house.grow(3)
    sequencer = house.sequencer(_telling(house, (WITNESS, _signed(house, 9))))
    with pytest.raises(LedgerBehindWitness):
        sequencer.step()
    sequencer.await_witnesses()
    with pytest.raises(LedgerBehindWitness), house.database.reading() as session:
        require_signing(session, LedgerName.PUBLIC)


def test_witnesses_are_asked_once_after_a_start(house: House) -> None:
    asked: list[str] = []

    def witnesses(origin: str) -> Told:
        asked.append(origin)
        return [(WITNESS, "")]

    sequencer = house.sequencer(witnesses)
    sequencer.step()
    house.say("a", {"n": 1})
    sequencer.step()
    assert len(asked) == 2  # one for each ledger


def test_a_database_that_forgot_what_this_process_signed_is_noticed_without_a_restart(house: House) -> None:
    sequencer = house.sequencer()
    house.say("a", {"n": 1})
    sequencer.step()
    with house.database.transaction() as session:  # a lost failover: the standby had less
        ledger = session.scalars(select(Ledger).where(Ledger.origin == house.origin())).one()
        ledger.size = 1
    house.say("b", {"n": 1})
    with pytest.raises(LedgerBehindWitness):
        sequencer.step()


def test_a_person_may_clear_the_stop_and_the_witnesses_are_asked_again(house: House) -> None:
    house.grow(3)
    told: Told = [(WITNESS, _signed(house, 9))]
    sequencer = house.sequencer(lambda origin: told if origin.endswith("public/1") else [])
    with pytest.raises(LedgerBehindWitness):
        sequencer.step()
    with house.database.transaction() as session:
        clear_stop(session, house.origin())
    with pytest.raises(LedgerBehindWitness):
        sequencer.step()
    told[0] = (WITNESS, house.note())
    with house.database.transaction() as session:
        clear_stop(session, house.origin())
    house.say("later", {"n": 1})
    assert sequencer.step() == 1


def test_the_loop_places_what_is_written_and_ends_when_told(house: House) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=house.sequencer().run, args=(stop,))
    thread.start()
    for _ in range(100):
        if house.size() == 1:
            break
        stop.wait(0.05)
    stop.set()
    thread.join(10)
    assert house.size() == 1
    assert not thread.is_alive()


def test_the_loop_says_once_why_it_signs_nothing(house: House, caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()
    sequencer = house.sequencer(_telling(house, (WITNESS, _signed(house, 9))))
    with caplog.at_level(logging.ERROR):
        thread = threading.Thread(target=sequencer.run, args=(stop,))
        thread.start()
        for _ in range(100):
            if caplog.records:
                break
            stop.wait(0.05)
        stop.set()
        thread.join(10)
    assert len(caplog.records) == 1
