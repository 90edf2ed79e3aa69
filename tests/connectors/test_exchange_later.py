"""What one hub reads of another later on: after a change of keys, an erasure, a wider grant or an upgrade."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from connectors.addresses import AddressBook
from connectors.catching_up import replay
from connectors.ledgers import carry_hub
from connectors.records import Connector, Outcome
from connectors.transport import Transport
from hub.clock import FixedClock
from hub.database import Database
from hub.ledger.feed import to_ndjson
from hub.ledger.names import ERASURE_CONFIRMED, OVERLAP, LedgerName
from hub.ledger.records import FollowedEntry, FollowedLedger, LedgerEntry
from hub.ledger.rotation import rotate_key
from hub.ledger.writing import erase_entry
from hub.regions.records import ServicePoint
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


def test_a_partner_whose_key_nobody_confirmed_is_not_read(exchange: Exchange) -> None:
    exchange.workshop.connect("hub:stranger", adapter="hub", source=exchange.qindu.url, settings={"region": "stranger"})
    ended = exchange.workshop.run("hub:stranger")
    assert (ended.outcome, ended.code) == (Outcome.FAILED, "connector.not_followed")


def test_a_dry_run_verifies_and_keeps_nothing(exchange: Exchange) -> None:
    ended = exchange.run(dry_run=True)
    assert (ended.outcome, exchange.workshop.counts(ended)["created"]) == (Outcome.SUCCEEDED, 1)
    assert (exchange.followed().applied_size, exchange.workshop.public()) == (0, {})
    with exchange.workshop.database.reading() as session:
        assert session.scalars(select(FollowedEntry)).all() == []


def test_a_redirected_feed_gives_the_same_records_once(exchange: Exchange) -> None:
    exchange.run()
    moved = exchange.qindu.stub
    assert moved is not None
    with serving(lambda path: Answer(status=302, headers={"Location": f"{moved.url}{path}"})) as old:
        pairs = [moved.pair, old.pair]
        exchange.workshop.extra["hub"] = partial(
            carry_hub, region="xixian-fengdong", keys=exchange.keys, transport=lambda: Transport(AddressBook(pairs))
        )
        exchange.workshop.connect(f"hub:{QINDU}", adapter="hub", source=old.url, settings={"region": QINDU})
        ended = exchange.run()
    assert (ended.outcome, exchange.workshop.counts(ended)) == (Outcome.SUCCEEDED, {})
    assert len(exchange.workshop.public()) == 3


def test_a_reader_that_slept_through_a_key_rotation_catches_up(exchange: Exchange) -> None:
    exchange.run()
    house = exchange.qindu.house
    with house.database.transaction() as session:
        rotate_key(session, name=LedgerName.PUBLIC, keys=house.keys, clock=house.clock)
    house.sequence()
    house.grow(OVERLAP + 80)  # by now the old key signs nothing any more
    house.sequence()
    ended = [exchange.run(), exchange.run()]  # to the end of the overlap under the old key, then on under the new one
    assert [one.code for one in ended] == [None, None]
    with exchange.workshop.database.reading() as session:
        followed = session.scalars(select(FollowedLedger).where(FollowedLedger.origin == house.origin())).one()
    assert followed.applied_size == house.size()


def erased(exchange: Exchange) -> None:
    """Let qindu tell home something, home read it, and qindu erase it."""
    house = exchange.qindu.house
    house.tell("a1", {"holder": "甲"}, "xixian-fengdong")
    house.sequence()
    exchange.run()
    assert exchange.entry(1).content is not None
    with house.database.transaction() as session:
        erase_entry(session, index=1, reason="依申请删除", by="operator-1", clock=house.clock)
    house.sequence()


def confirmations(exchange: Exchange) -> list[tuple[str, list[str]]]:
    """Return what home has confirmed to have erased, and to whom."""
    with exchange.workshop.database.reading() as session:
        rows = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == ERASURE_CONFIRMED))
        return [(row.record_id, list(row.addressees)) for row in rows]


def test_what_its_origin_erases_is_dropped_here_and_confirmed_to_it_once(exchange: Exchange) -> None:
    erased(exchange)
    exchange.run()
    dropped = exchange.entry(1)
    assert (dropped.content, dropped.salt, dropped.record_id, dropped.withheld) == (None, None, None, "ERASED")
    exchange.run()
    assert confirmations(exchange) == [(f"{exchange.qindu.house.origin(LedgerName.EXCHANGE)}#1", [QINDU])]


def test_a_rehearsal_neither_drops_what_was_erased_nor_confirms_it(exchange: Exchange) -> None:
    erased(exchange)
    exchange.run(dry_run=True)
    assert exchange.entry(1).content is not None
    assert confirmations(exchange) == []


@pytest.fixture
def withheld(exchange: Exchange) -> Exchange:
    """Home has read qindu's exchange ledger, whose entries 1 and 3 it was not given."""
    house = exchange.qindu.house
    house.tell("a1", {"n": 1}, kind="approval")
    house.tell("a2", {"n": 2}, "xixian-fengdong", kind="approval")
    house.tell("a3", {"n": 3}, WEICHENG, kind="approval")
    house.sequence()
    exchange.run()
    assert [exchange.entry(index).content is None for index in (1, 2, 3)] == [True, False, True]
    exchange.qindu.asked.clear()
    return exchange


def test_withheld_contents_come_when_a_grant_was_widened(withheld: Exchange) -> None:
    assert withheld.ask_again() == 0
    withheld.qindu.granted.add("approval")
    assert withheld.ask_again() == 2
    assert [(withheld.entry(index).record_id, withheld.entry(index).withheld) for index in (1, 3)] == [
        ("a1", None),
        ("a3", None),
    ]


def test_only_withheld_entries_are_asked_for_again(withheld: Exchange) -> None:
    withheld.qindu.granted.add("approval")
    withheld.ask_again()
    assert withheld.qindu.asked == ["/ledger/exchange/feed?after=1&first=3"]
    assert withheld.ask_again() == 0
    assert len(withheld.qindu.asked) == 1


def test_a_content_that_is_not_the_one_withheld_is_not_taken_later_either(withheld: Exchange) -> None:
    withheld.qindu.granted.add("approval")
    page = withheld.qindu.house.page(1, 3, name=LedgerName.EXCHANGE, reader=None, whole=True)
    lines = [json.loads(line) for line in to_ndjson(page)]
    lines[0]["content"] = lines[0]["content"].replace('"n":1', '"n":7')
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    withheld.qindu.spoil["/ledger/exchange/feed"] = Answer(body)
    assert withheld.ask_again() == 0
    assert (withheld.entry(1).content, withheld.entry(3).content) == (None, None)


def test_a_partner_that_is_silent_keeps_no_others_contents_away(withheld: Exchange) -> None:
    weicheng = withheld.weicheng
    weicheng.house.tell("w1", {"n": 1}, kind="approval")
    weicheng.house.sequence()
    withheld.workshop.run(f"hub:{WEICHENG}")
    weicheng.granted.add("approval")
    withheld.qindu.spoil["/ledger/exchange/feed"] = Answer(status=404)
    assert withheld.ask_again() == 1


def test_a_paused_partner_is_not_asked_again(withheld: Exchange) -> None:
    with withheld.workshop.database.transaction() as session:
        session.execute(update(Connector).values(paused_at=withheld.workshop.clock.now()))
    withheld.ask_again()
    assert withheld.qindu.asked == []


def test_what_was_kept_raw_is_applied_once_it_is_understood(exchange: Exchange) -> None:
    house, database = exchange.qindu.house, exchange.workshop.database
    house.say("x", {"code": "x"}, kind="hologram")
    house.sequence()
    exchange.run()
    place = 2  # q2; as a version that did not know such contents would have left it
    with database.transaction() as session:
        session.execute(update(FollowedEntry).where(FollowedEntry.index == place).values(understood=False))
        session.execute(delete(ServicePoint).where(ServicePoint.code == "q2"))
    assert replay(database, clock=exchange.workshop.clock) == 1
    assert set(exchange.workshop.public()) == {"q1", "q2", "q3"}
    raw = exchange.entry(4, LedgerName.PUBLIC)
    assert (exchange.entry(place, LedgerName.PUBLIC).understood, raw.understood) == (True, False)
    assert replay(database, clock=exchange.workshop.clock) == 0
