"""Ledgers of the national profile: every note carries an Ed25519 line and an SM2 line, and either reader verifies it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from hub.clock import FixedClock
from hub.database import Database
from hub.errors import ValidationFailed
from hub.ledger.cupboard import encoded_key, recognised_key
from hub.ledger.entry import parse_public_content
from hub.ledger.epochs import new_epoch
from hub.ledger.faults import LedgerDoesNotVerify
from hub.ledger.following import trusted_key_ids
from hub.ledger.keys import Verifier
from hub.ledger.names import LedgerName
from hub.ledger.note import SignatureLine, SignedNote, open_checkpoint
from hub.ledger.queries import key_rows, ledger_named
from hub.ledger.rotation import parse_rotation, rotate_key
from hub.ledger.witness import witness_public_key
from hub.ledger.writing import open_ledger
from hub.signing.key_files import FileKeyStore
from tests.ledger_house import HOME, House, Reader

BOTH = ("Ed25519", "SM2")


def built(database: Database, folder: Path, clock: FixedClock, *algorithms: str) -> House:
    house = House(database, FileKeyStore(folder / "keys", b"test"), clock, HOME, "SM3")
    with database.transaction() as session:
        for name in LedgerName:
            open_ledger(session, region=HOME, name=name, hash_name="SM3", keys=house.keys, clock=clock, algorithms=algorithms)  # fmt: skip
    return house


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> House:
    made = built(database, tmp_path, clock, *BOTH)
    made.grow(2)
    return made


@pytest.fixture
def earlier(database: Database, tmp_path: Path, clock: FixedClock) -> House:
    """A ledger opened before notes carried SM2 lines."""
    made = built(database, tmp_path, clock, "Ed25519")
    made.grow(2)
    return made


def rotate(house: House, algorithm: str | None = None) -> None:
    with house.database.transaction() as session:
        rotate_key(session, name=LedgerName.PUBLIC, keys=house.keys, clock=house.clock, algorithm=algorithm)
    house.sequence()


def ids(reader: Reader) -> list[str]:
    with reader.database.reading() as session:
        return trusted_key_ids(session, reader.origin)


def verifiers(house: House) -> list[Verifier]:
    return [Verifier(house.origin(), *key) for key in house.public_keys()]


def signing_now(house: House) -> list[str]:
    """The algorithms of the lines under the newest note, in their order."""
    by_id = {verifier.key_id: verifier.algorithm for verifier in verifiers(house)}
    return [by_id[line.key_id] for line in SignedNote.parse(house.note()).lines]


def endless(house: House) -> list[str]:
    """The algorithms of the keys whose time has no end, oldest first."""
    with house.database.reading() as session:
        rows = key_rows(session, ledger_named(session, LedgerName.PUBLIC).id)
        return [row.algorithm for row in rows if row.to_size is None]


def test_a_note_carries_an_ed25519_line_and_an_sm2_line(house: House) -> None:
    assert signing_now(house) == ["Ed25519", "SM2"]


@pytest.mark.parametrize("known", [0, 1])
def test_a_reader_who_knows_one_of_the_keys_alone_opens_the_note(house: House, known: int) -> None:
    assert open_checkpoint(house.note(), [verifiers(house)[known]]).size == house.size()


def test_the_genesis_entry_names_both_keys(house: House) -> None:
    genesis = parse_public_content(str(house.page(first=1).entries[0].content).encode())
    assert [key["algorithm"] for key in genesis["keys"]] == ["Ed25519", "SM2"]


def test_first_trust_takes_both_keys_and_then_both_lines_must_hold(house: House) -> None:
    reader = Reader.of(house, house.database)
    page = house.page()
    note = SignedNote.parse(page.checkpoint_note)
    genuine = note.lines[1].signature
    forged = genuine[:-1] + bytes([genuine[-1] ^ 1])
    lines = [note.lines[0], SignatureLine(house.origin(), note.lines[1].key_id, forged)]
    with pytest.raises(LedgerDoesNotVerify):
        reader.take(dataclasses.replace(page, checkpoint_note=SignedNote(note.text, tuple(lines)).to_text()))
    reader.pull(house)
    assert reader.followed().applied_size == house.size() and len(ids(reader)) == 2


def test_an_earlier_ledger_gains_an_sm2_key_beside_the_one_it_has(earlier: House) -> None:
    assert signing_now(earlier) == ["Ed25519"]
    rotate(earlier, "SM2")
    assert signing_now(earlier) == ["Ed25519", "SM2"] and endless(earlier) == ["Ed25519", "SM2"]


def test_a_reader_of_an_earlier_ledger_learns_the_added_key_from_the_one_it_trusts(earlier: House) -> None:
    reader = Reader.of(earlier, earlier.database)
    rotate(earlier, "SM2")
    reader.pull(earlier)
    assert ids(reader) == [verifier.key_id.hex() for verifier in verifiers(earlier)]


def test_a_reader_who_trusts_the_added_key_alone_learns_no_other_from_it(earlier: House) -> None:
    rotate(earlier, "SM2")
    reader = Reader.of(earlier, earlier.database, keys=earlier.public_keys()[1:])
    reader.pull(earlier)
    assert ids(reader) == [verifiers(earlier)[1].key_id.hex()]


def test_each_key_rotates_by_itself(house: House) -> None:
    rotate(house, "SM2")
    assert signing_now(house) == ["Ed25519", "SM2", "SM2"] and endless(house) == ["Ed25519", "SM2"]
    rotate(house)
    assert signing_now(house) == ["Ed25519", "SM2", "SM2", "Ed25519"] and endless(house) == ["SM2", "Ed25519"]


def test_a_rotation_that_both_retires_and_stays_is_refused(earlier: House) -> None:
    with earlier.database.transaction() as session:
        entry = rotate_key(session, name=LedgerName.PUBLIC, keys=earlier.keys, clock=earlier.clock, algorithm="SM2")
        body = parse_public_content(entry.content or b"")
    assert not parse_rotation(body).retires
    with pytest.raises(ValidationFailed):
        parse_rotation(body | {"retiring": body["beside"]})


def test_a_new_epoch_keeps_the_kinds_of_keys(house: House) -> None:
    with house.database.transaction() as session:
        new_epoch(session, name=LedgerName.PUBLIC, keys=house.keys, clock=house.clock)
    house.sequence()
    assert signing_now(house) == ["Ed25519", "SM2"]


def test_a_published_key_is_recognised_whatever_its_algorithm(house: House) -> None:
    published = [(algorithm, encoded_key(algorithm, raw)) for algorithm, raw in house.public_keys()]
    assert [recognised_key(text) for _, text in published] == house.public_keys()
    with pytest.raises(ValidationFailed):
        recognised_key("AAAA")


def test_the_witness_goes_on_cosigning_with_ed25519(house: House) -> None:
    assert witness_public_key(house.keys, HOME)[0] == "Ed25519"
