"""Before a ledger signs after a start, a majority of its witnesses has answered; the loop that asks them."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.database import Database
from hub.ledger.evidence import clear_stop
from hub.ledger.faults import AwaitingWitnesses, LedgerBehindWitness
from hub.ledger.names import LedgerName
from hub.ledger.records import Ledger
from hub.ledger.standing import require_signing
from tests.ledger_house import House
from tests.witness_words import WITNESS, Told, signed, telling


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> House:
    return House.built(database, tmp_path, clock)


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
    sequencer = house.sequencer(telling(house, (WITNESS, signed(house, 9))))
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
    told: Told = [(WITNESS, signed(house, 9))]
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
    sequencer = house.sequencer(telling(house, (WITNESS, signed(house, 9))))
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
