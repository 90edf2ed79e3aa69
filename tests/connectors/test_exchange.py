"""One hub reads another over HTTP: ledgers to their end, what others hold of them, and what it vouches for itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from connectors.addresses import AddressBook
from connectors.partners import witnesses
from connectors.records import Outcome
from connectors.transport import Transport
from hub.clock import FixedClock
from hub.database import Database
from hub.ledger.feed import to_ndjson
from hub.ledger.following import followed_ledger
from hub.ledger.names import LedgerName
from hub.ledger.note import Checkpoint, sign_checkpoint
from hub.ledger.records import Cosignature
from hub.projections import publish
from hub.signing.keys import Purpose
from tests.connectors.stub import Answer, serving
from tests.connectors.workshop import Workshop
from tests.exchange_partner import QINDU, WEICHENG, Exchange, Partner, connect
from tests.ledger_house import House
from tests.services import copy_sqlite


@pytest.fixture
def exchange(workshop: Workshop, clock: FixedClock, tmp_path: Path, sqlite_template: Path) -> Iterator[Exchange]:
    """Home and its partners qindu (three public records) and weicheng, served on the loopback."""
    with ExitStack() as stack:
        partners = []
        for region, hash_name in ((QINDU, "SM3"), (WEICHENG, "SHA-256")):
            database = Database(copy_sqlite(sqlite_template, tmp_path / f"{region}.db"))
            stack.callback(database.close)
            partner = Partner(House.built(database, tmp_path, clock, region=region, hash_name=hash_name))
            partner.stub = stack.enter_context(serving(partner.answer))
            partners.append(partner)
        made = Exchange(workshop, partners[0].house.keys, *partners)
        for code in ("q1", "q2", "q3"):
            made.qindu.say(code)
        for partner in partners:
            partner.house.sequence()
            made.follow(partner)
        connect(made)
        yield made


def test_both_ledgers_are_read_to_their_end(exchange: Exchange) -> None:
    exchange.qindu.house.tell("a1", {"title": "批复"}, "xixian-fengdong")
    exchange.qindu.house.sequence()
    ended = exchange.run()
    assert ended.outcome is Outcome.SUCCEEDED
    assert set(exchange.workshop.public()) == {"q1", "q2", "q3"}
    assert (exchange.followed().applied_size, exchange.followed(LedgerName.EXCHANGE).applied_size) == (4, 2)


def test_a_second_run_applies_nothing_again(exchange: Exchange) -> None:
    exchange.run()
    ended = exchange.run()
    assert (ended.outcome, exchange.workshop.counts(ended)) == (Outcome.SUCCEEDED, {})


def test_a_change_and_a_tombstone_arrive_with_the_next_run(exchange: Exchange) -> None:
    exchange.run()
    exchange.qindu.say("q1", name_zh="新名")
    with exchange.qindu.house.database.transaction() as session:
        publish(
            session,
            region=QINDU,
            kind="service_point",
            record_id="q2",
            content={"tombstone": True},
            clock=exchange.qindu.house.clock,
        )
    exchange.qindu.house.sequence()
    ended = exchange.run()
    assert exchange.workshop.counts(ended) == {"seen": 2, "updated": 1, "tombstoned": 1}
    assert exchange.workshop.public() == {"q1": "新名", "q3": "大厅 q3"}


def test_a_run_that_broke_resumes_at_its_last_whole_page(exchange: Exchange) -> None:
    exchange.qindu.spoil["/ledger/public/feed?after=2"] = Answer(status=500)
    broken = exchange.run()
    assert (broken.outcome, broken.code, exchange.followed().applied_size) == (Outcome.FAILED, "transport.status", 2)
    exchange.qindu.spoil.clear()
    assert exchange.workshop.counts(exchange.run())["seen"] == 3  # two of the public ledger, one of the other
    assert exchange.followed().applied_size == 4


def test_a_record_of_another_authority_is_refused_and_told(exchange: Exchange) -> None:
    house = exchange.qindu.house
    house.say(
        "w1", {"code": "w1", "region": WEICHENG, "name_zh": "冒名", "kind": "HALL", "hours": [], "demonstration": True}
    )
    house.sequence()
    ended = exchange.run()
    assert ended.outcome is Outcome.FINISHED_WITH_REJECTS
    assert [reject.code for reject in exchange.workshop.rejects(ended)] == ["row.not_theirs"]
    assert "w1" not in exchange.workshop.public()


def test_a_kind_from_the_future_is_kept_and_told(exchange: Exchange) -> None:
    exchange.qindu.house.say("x", {"code": "x"}, kind="hologram")
    exchange.qindu.house.sequence()
    ended = exchange.run()
    assert ended.outcome is Outcome.SUCCEEDED
    assert len(exchange.workshop.told(ended).warnings or []) == 1
    assert exchange.followed().applied_size == 5


def altered(partner: Partner) -> Answer:
    """Return the first page of the public feed with one content changed on the way."""
    page = partner.house.page(0, 2)
    lines = [json.loads(line) for line in to_ndjson(page)]
    lines[1]["content"] = lines[1]["content"].replace("大厅", "赌厅")
    return Answer("".join(json.dumps(line) + "\n" for line in lines).encode())


def test_a_page_that_was_altered_applies_nothing_and_is_kept_as_evidence(exchange: Exchange) -> None:
    exchange.qindu.spoil["/ledger/public/feed"] = altered(exchange.qindu)
    ended = exchange.run()
    assert (ended.outcome, ended.code) == (Outcome.FAILED, "ledger.does_not_verify")
    assert (exchange.followed().applied_size, exchange.workshop.public()) == (0, {})
    assert [evidence.code for evidence in exchange.evidence()] == ["ledger.does_not_verify"]


def test_the_other_ledger_goes_on_beside_one_that_does_not_verify(exchange: Exchange) -> None:
    exchange.qindu.spoil["/ledger/public/feed"] = altered(exchange.qindu)
    exchange.run()
    assert exchange.followed(LedgerName.EXCHANGE).applied_size == 1


def test_an_answer_that_is_no_feed_applies_nothing(exchange: Exchange) -> None:
    exchange.qindu.spoil["/ledger/public/feed"] = Answer(b"<html>504 Gateway Time-out</html>\n")
    ended = exchange.run()
    assert (ended.outcome, ended.code) == (Outcome.FAILED, "ledger.feed_malformed")


def test_a_ledger_that_is_refused_us_keeps_the_other_not_away(exchange: Exchange) -> None:
    exchange.qindu.spoil["/ledger/exchange/feed"] = Answer(status=403)
    ended = exchange.run()
    assert (ended.outcome, ended.code) == (Outcome.FAILED, "transport.status")
    assert len(exchange.workshop.public()) == 3
    assert exchange.vouched(exchange.qindu.house.origin()) is not None


def test_home_vouches_for_what_it_has_verified(exchange: Exchange) -> None:
    origin = exchange.qindu.house.origin()
    assert exchange.vouched(origin) is None
    exchange.run()
    note = exchange.vouched(origin) or ""
    assert note.startswith(exchange.qindu.house.note())
    assert "witness" in note.splitlines()[-1]


def test_a_note_that_others_hold_on_the_same_tree_is_no_news(exchange: Exchange) -> None:
    exchange.weicheng.notes[exchange.qindu.house.origin()] = exchange.qindu.house.note()
    assert exchange.run().outcome is Outcome.SUCCEEDED


def test_a_fork_that_another_hub_has_seen_stops_the_origin(exchange: Exchange) -> None:
    exchange.weicheng.notes[exchange.qindu.house.origin()] = exchange.qindu.forked_note(3)
    ended = exchange.run()
    assert (ended.outcome, ended.code) == (Outcome.FAILED, "ledger.forked")
    [evidence] = exchange.evidence()
    assert (evidence.told_by, bool(evidence.ours), bool(evidence.theirs)) == (WEICHENG, True, True)
    assert exchange.followed().stopped_code == "ledger.forked"
    assert exchange.vouched(exchange.qindu.house.origin()) is None


def test_a_stopped_origin_applies_nothing_more_and_says_so(exchange: Exchange) -> None:
    exchange.weicheng.notes[exchange.qindu.house.origin()] = exchange.qindu.forked_note(3)
    exchange.run()
    exchange.qindu.say("q4")
    exchange.qindu.house.sequence()
    ended = exchange.run()
    assert (ended.outcome, ended.code) == (Outcome.FAILED, "ledger.stopped")
    assert "q4" not in exchange.workshop.public()


def test_a_note_signed_by_a_stranger_stops_nothing(exchange: Exchange) -> None:
    origin = exchange.qindu.house.origin()
    key = exchange.weicheng.house.keys.open(Purpose.LEDGER, exchange.weicheng.house.origin().replace("/", "."))
    exchange.weicheng.notes[origin] = sign_checkpoint(Checkpoint(origin, 3, bytes(32)), [key])
    ended = exchange.run()
    assert ended.outcome is Outcome.SUCCEEDED
    assert len(exchange.workshop.told(ended).warnings or []) == 1


def test_a_witness_that_is_silent_keeps_no_news_away(exchange: Exchange) -> None:
    exchange.weicheng.spoil["/witness/"] = Answer(status=503)
    ended = exchange.run()
    assert (ended.outcome, len(exchange.workshop.public())) == (Outcome.SUCCEEDED, 3)
    assert exchange.workshop.told(ended).warnings


def test_a_partners_word_on_our_own_ledger_is_kept(exchange: Exchange) -> None:
    home = House(exchange.workshop.database, exchange.keys, exchange.workshop.clock)
    home.sequence()
    reader = exchange.qindu.house
    from hub.ledger.witness import vouch
    from tests.ledger_house import Reader

    follower = Reader.of(home, reader.database)
    follower.pull(home)
    with reader.database.transaction() as session:
        followed = followed_ledger(session, home.origin())
        assert followed is not None
        note = vouch(session, followed, keys=reader.keys, region=QINDU, clock=reader.clock)
    assert note is not None
    exchange.qindu.notes[home.origin()] = note.note
    exchange.run()
    with exchange.workshop.database.reading() as session:
        assert session.get_one(Cosignature, (home.origin(), QINDU)).size == 1


def test_the_sequencer_can_ask_every_partner(exchange: Exchange) -> None:
    exchange.qindu.notes["tongban/xixian-fengdong/public/1"] = "a note"
    exchange.weicheng.spoil["/witness/"] = Answer(hang=True)
    pairs = [partner.stub.pair for partner in (exchange.qindu, exchange.weicheng) if partner.stub is not None]
    ask = witnesses(exchange.workshop.database, lambda: Transport(AddressBook(pairs), timeout_seconds=0.2))
    assert dict(ask("tongban/xixian-fengdong/public/1")) == {QINDU: "a note", WEICHENG: None}
    assert dict(ask("tongban/xixian-fengdong/exchange/1"))[QINDU] == ""
