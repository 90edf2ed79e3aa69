"""Writing and sequencing: what becomes of a version between its verb and a signed checkpoint."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.database import Database
from hub.errors import Conflict, MoveRefused, NotFound
from hub.ledger import reading
from hub.ledger.cupboard import Cupboard
from hub.ledger.entry import parse_public, parse_public_content
from hub.ledger.faults import LedgerMissing, LedgerNotSequenced
from hub.ledger.hashes import HashName, digest
from hub.ledger.keys import Verifier
from hub.ledger.names import BATCH, LedgerName
from hub.ledger.note import open_checkpoint
from hub.ledger.origin import parse_origin
from hub.ledger.placing import locked_ledger, place_batch
from hub.ledger.queries import ledger_named
from hub.ledger.records import LedgerCheckpoint, LedgerEntry, LedgerTile
from hub.ledger.tiles import parse_entry_bundle
from hub.ledger.tree import leaf_hash, root_of, verify_inclusion
from hub.ledger.writing import erase_entry, open_ledger, publish_entry
from tests.ledger_house import House


@pytest.fixture
def hash_name() -> str:
    return "SM3"


@pytest.fixture
def house(hash_name: str, database: Database, tmp_path: Path, clock: FixedClock) -> House:
    return House.built(database, tmp_path, clock, hash_name=hash_name)


on_either_hash = pytest.mark.parametrize("hash_name", ["SHA-256", "SM3"])


def _entries(house: House, name: LedgerName = LedgerName.PUBLIC) -> list[LedgerEntry]:
    with house.database.reading() as session:
        ledger = ledger_named(session, name)
        found = select(LedgerEntry).where(LedgerEntry.ledger_id == ledger.id).order_by(LedgerEntry.id)
        return list(session.scalars(found))


def test_every_ledger_begins_with_its_genesis_entry(house: House) -> None:
    house.sequence()
    for name in LedgerName:
        first = _entries(house, name)[0]
        assert (first.index, first.kind, first.record_id, first.version) == (0, "genesis", house.origin(name), 1)


@on_either_hash
def test_the_genesis_entry_names_origin_hash_and_key(house: House) -> None:
    content = parse_public_content(_entries(house)[0].content or b"")
    assert (content["origin"], content["hash"], content["previous"]) == (house.origin(), house.hash, None)
    assert content["keys"][0]["algorithm"] == "Ed25519"


def test_a_ledger_is_opened_once(house: House) -> None:
    with pytest.raises(Conflict), house.database.transaction() as session:
        open_ledger(
            session,
            region=house.region,
            name=LedgerName.PUBLIC,
            hash_name=house.hash,
            keys=house.keys,
            clock=house.clock,
        )


def test_nothing_is_published_before_a_ledger_is_opened(database: Database, clock: FixedClock) -> None:
    with pytest.raises(LedgerMissing), database.transaction() as session:
        publish_entry(session, kind="region", record_id="x", content={}, clock=clock)


def test_unchanged_content_publishes_nothing(house: House) -> None:
    house.say("a", {"code": "a", "name_zh": "甲"})
    assert house.say("a", {"name_zh": "甲", "code": "a"}) is None
    assert len(_entries(house)) == 2


def test_an_exchange_record_told_again_unchanged_is_the_same_entry(house: House) -> None:
    first = house.tell("a", {"state": "SENT"}, "xian-hightech")
    assert house.tell("a", {"state": "SENT"}, "xian-hightech").id == first.id
    assert house.tell("a", {"state": "SENT"}, "xianyang-qindu").version == 2


@on_either_hash
def test_each_version_names_the_digest_of_the_header_before(house: House) -> None:
    first = house.say("a", {"n": 1})
    second = house.say("a", {"n": 2})
    assert first is not None
    assert second is not None
    header = parse_public(second.header, parse_origin(house.origin())).value
    assert header is not None
    tag = {"SHA-256": "sha256", "SM3": "sm3"}[house.hash]
    assert header.version.previous == f"{tag}:{digest(HashName(house.hash), first.header).hex()}"


def test_two_transactions_cannot_write_one_version(house: House) -> None:
    with house.database.reading() as session:
        if session.get_bind().dialect.name == "sqlite":
            return  # one writer at a time: the second reads what the first wrote
    failures: list[Exception] = []
    ready, go = threading.Event(), threading.Event()

    def second() -> None:
        try:
            with house.database.transaction() as session:
                session.execute(select(LedgerEntry.id))
                ready.set()
                go.wait(10)
                publish_entry(session, kind="region", record_id="same", content={"n": 2}, clock=house.clock)
        except Conflict as error:
            failures.append(error)

    with house.database.transaction() as session:
        publish_entry(session, kind="region", record_id="same", content={"n": 1}, clock=house.clock)
        thread = threading.Thread(target=second)
        thread.start()
        ready.wait(10)
        go.set()
        time.sleep(0.3)  # the second insert now waits for the first transaction
    thread.join(10)
    assert len(failures) == 1


@on_either_hash
def test_a_checkpoint_signs_the_root_over_all_headers(house: House) -> None:
    house.grow(700)
    name = HashName(house.hash)
    leaves = [leaf_hash(name, entry.header) for entry in _entries(house)]
    verifiers = [Verifier(house.origin(), *key) for key in house.public_keys()]
    checkpoint = open_checkpoint(house.note(), verifiers)
    assert (checkpoint.size, checkpoint.root) == (701, root_of(name, leaves))


def test_a_batch_holds_at_most_1024_entries(house: House) -> None:
    with house.database.transaction() as session:
        for number in range(BATCH + 5):
            publish_entry(session, kind="region", record_id=str(number), content={"n": number}, clock=house.clock)
    sequencer = house.sequencer()
    assert sequencer.step() == BATCH + 1  # and the exchange ledger's genesis
    assert sequencer.step() == 6
    assert house.size() == BATCH + 6


def test_with_nothing_placed_no_checkpoint_is_signed(house: House) -> None:
    house.sequence()
    with house.database.reading() as session:
        before = len(session.scalars(select(LedgerCheckpoint)).all())
    assert house.sequencer().step() == 0
    with house.database.reading() as session:
        assert len(session.scalars(select(LedgerCheckpoint)).all()) == before


def test_entries_are_placed_in_the_order_of_their_ids(house: House) -> None:
    house.grow(40)
    indexes = [entry.index for entry in _entries(house)]
    assert indexes == list(range(41))


def test_two_sequencers_at_once_place_every_entry_exactly_once(house: House) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        sequencer = house.sequencer()
        try:
            for _ in range(60):
                sequencer.step()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(40):
        house.say(f"r{number}", {"n": number})
    for thread in threads:
        thread.join()
    house.sequence()
    assert failures == []
    assert sorted(entry.index for entry in _entries(house) if entry.index is not None) == list(range(41))


def test_an_interrupted_sequencer_leaves_nothing(house: House) -> None:
    house.sequence()
    house.say("a", {"n": 1})
    before = house.note()
    with pytest.raises(KeyboardInterrupt), house.database.transaction() as session:
        ledger = locked_ledger(session, house.ledger().id)
        assert ledger is not None
        assert place_batch(session, ledger, cupboard=Cupboard(house.keys), clock=house.clock) == 1
        raise KeyboardInterrupt
    assert house.note() == before
    assert house.size() == 1
    assert _entries(house)[1].index is None


def test_after_an_interruption_the_sequencer_goes_on(house: House) -> None:
    test_an_interrupted_sequencer_leaves_nothing(house)
    assert house.sequence() == 1


@on_either_hash
def test_tiles_hold_the_leaf_hashes_in_order(house: House) -> None:
    house.grow(300)
    with house.database.reading() as session:
        tile = reading.tile(session, LedgerName.PUBLIC, 0, 0)
        partial = reading.tile(session, LedgerName.PUBLIC, 0, 1, width=45)
        bundle = parse_entry_bundle(reading.entry_bundle(session, LedgerName.PUBLIC, 1, 45))
        assert session.scalars(select(LedgerTile.level).distinct().order_by(LedgerTile.level)).all() == [0, 1]
    leaves = b"".join(leaf_hash(HashName(house.hash), entry.header) for entry in _entries(house))
    assert tile + partial == leaves
    assert bundle == [entry.header for entry in _entries(house)[256:301]]


def test_a_tile_wider_than_the_signed_tree_is_not_found(house: House) -> None:
    house.grow(3)
    with house.database.reading() as session:
        with pytest.raises(NotFound):
            reading.tile(session, LedgerName.PUBLIC, 0, 0, width=5)
        with pytest.raises(NotFound):
            reading.entry_bundle(session, LedgerName.PUBLIC, 0, 5)


@on_either_hash
def test_the_inclusion_of_a_record_can_be_proven_to_a_stranger(house: House) -> None:
    house.grow(300)
    with house.database.reading() as session:
        proof = reading.inclusion_proof(session, kind="service_point", record_id="p123")
    name = HashName(house.hash)
    checkpoint = open_checkpoint(proof.checkpoint_note, [Verifier(proof.origin, *key) for key in house.public_keys()])
    verify_inclusion(
        name,
        proof.hashes,
        leaf=leaf_hash(name, proof.header),
        index=proof.index,
        size=checkpoint.size,
        root=checkpoint.root,
    )


def test_an_unsequenced_record_has_no_proof_yet(house: House) -> None:
    house.sequence()
    house.say("a", {"n": 1})
    with house.database.reading() as session, pytest.raises(LedgerNotSequenced):
        reading.inclusion_proof(session, kind="service_point", record_id="a")


def test_the_view_of_a_ledger_shows_its_signed_state(house: House) -> None:
    house.grow(2)
    with house.database.reading() as session:
        public, exchange = reading.ledgers(session)
    assert (public.name, public.size, public.hash, public.stopped_code) == (LedgerName.PUBLIC, 3, house.hash, None)
    assert exchange.size == 1


def test_erasing_drops_salt_and_content_and_leaves_the_tree_whole(house: House) -> None:
    house.tell("a", {"holder": "someone"}, "xian-hightech")
    house.sequence()
    before = house.note(LedgerName.EXCHANGE)
    with house.database.transaction() as session:
        erase_entry(session, index=1, reason="依申请删除", by="operator-1", clock=house.clock)
    entry = _entries(house, LedgerName.EXCHANGE)[1]
    assert (entry.content, entry.salt) == (None, None)
    assert entry.erased_at == house.clock.now()
    assert house.note(LedgerName.EXCHANGE) == before


def test_erasing_twice_writes_one_erasure_entry(house: House) -> None:
    house.tell("a", {"holder": "someone"}, "xian-hightech")
    house.sequence()
    with house.database.transaction() as session:
        first = erase_entry(session, index=1, reason="依申请删除", by="operator-1", clock=house.clock)
    with house.database.transaction() as session:
        assert erase_entry(session, index=1, reason="依申请删除", by="operator-1", clock=house.clock).id == first.id


def test_the_ledgers_own_entries_cannot_be_erased(house: House) -> None:
    house.sequence()
    with pytest.raises(MoveRefused), house.database.transaction() as session:
        erase_entry(session, index=0, reason="依申请删除", by="operator-1", clock=house.clock)
