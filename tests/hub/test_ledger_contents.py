"""Whose contents of an exchange ledger a reader is given, and what becomes of them when a grant widens or they are erased."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import orjson
import pytest

from hub.clock import FixedClock
from hub.database import Database
from hub.errors import NotPermitted
from hub.ledger.catching_up import fill_content
from hub.ledger.erasing import confirm_erasures
from hub.ledger.faults import (
    LedgerDoesNotVerify,
)
from hub.ledger.feed import from_ndjson, to_ndjson
from hub.ledger.following import (
    followed_ledger,
    held_entries,
)
from hub.ledger.names import LedgerName
from hub.ledger.writing import erase_entry
from tests.ledger_house import House, Reader
from tests.web_hub import counted

PARTNER = "xian-hightech"


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> House:
    return House.built(database, tmp_path, clock)


@pytest.fixture
def reader(house: House) -> Reader:
    """A reader of the public ledger; it keeps its rows beside the author's, in other tables."""
    return Reader.of(house, house.database)


@pytest.fixture
def exchange(house: House) -> Reader:
    return Reader.of(house, house.database, name=LedgerName.EXCHANGE)


def _pull(reader: Reader, house: House, who: str | None = PARTNER, **how: Any) -> Any:
    return reader.pull(house, name=LedgerName.EXCHANGE, reader=who, **how)


def test_only_the_addressee_is_given_the_content(house: House, exchange: Reader) -> None:
    house.tell("a", {"n": 1}, PARTNER)
    house.tell("b", {"n": 2}, "xianyang-qindu")
    house.tell("c", {"n": 3})
    house.sequence()
    report = _pull(exchange, house)
    assert (report.seen, report.created, report.withheld) == (4, 1, 2)
    assert [exchange.entry(at).withheld for at in (1, 2, 3)] == [None, "NOT_ADDRESSED", "NOT_PERMITTED"]


def test_a_stranger_is_given_headers_alone(house: House) -> None:
    house.tell("a", {"n": 1}, PARTNER)
    house.sequence()
    page = house.page(name=LedgerName.EXCHANGE, reader=None)
    assert {entry.withheld for entry in page.entries} == {"NOT_PERMITTED"}


def test_exchange_headers_name_no_record(house: House) -> None:
    house.tell("a-very-private-id", {"n": 1}, PARTNER)
    house.sequence()
    for entry in house.page(name=LedgerName.EXCHANGE, reader=None).entries:
        assert set(orjson.loads(entry.header)) == {"format", "origin", "addressees", "id", "digest"}


def test_a_granted_kind_is_given_although_not_addressed(house: House, exchange: Reader) -> None:
    house.tell("b", {"n": 2}, "xianyang-qindu")
    house.sequence()
    assert _pull(exchange, house, granted=frozenset({"approval"})).created == 1


def test_withheld_content_is_filled_in_when_a_grant_widens(house: House, exchange: Reader) -> None:
    house.tell("b", {"n": 2}, "xianyang-qindu")
    house.sequence()
    _pull(exchange, house)
    wider = house.page(name=LedgerName.EXCHANGE, reader=PARTNER, granted={"approval"}).entries
    with house.database.transaction() as session:
        followed = followed_ledger(session, exchange.origin)
        assert followed is not None
        report = fill_content(session, followed, wider, clock=house.clock, project=exchange.rooms.project)
    assert report.created == 1
    assert exchange.entry(1).withheld is None
    assert exchange.rooms.rows["approval", "b"] == {"n": 2}


def test_a_content_filled_in_must_match_its_header(house: House, exchange: Reader) -> None:
    house.tell("b", {"n": 2}, "xianyang-qindu")
    house.sequence()
    _pull(exchange, house)
    page = house.page(name=LedgerName.EXCHANGE, reader=None, whole=True)
    content = (page.entries[1].content or "").replace('"n":2', '"n":3')
    with pytest.raises(LedgerDoesNotVerify), house.database.transaction() as session:
        followed = followed_ledger(session, exchange.origin)
        assert followed is not None
        altered = [dataclasses.replace(page.entries[1], content=content)]
        fill_content(session, followed, altered, clock=house.clock, project=exchange.rooms.project)
    assert exchange.entry(1).content is None


def test_an_erasure_makes_the_reader_drop_salt_content_and_record(house: House, exchange: Reader) -> None:
    house.tell("a", {"holder": "someone"}, PARTNER)
    house.sequence()
    _pull(exchange, house)
    assert ("approval", "a") in exchange.rooms.rows
    with house.database.transaction() as session:
        erase_entry(session, index=1, reason="依申请删除", by="operator-1", clock=house.clock)
    house.sequence()
    assert _pull(exchange, house).tombstoned == 1
    kept = exchange.entry(1)
    assert (kept.content, kept.salt, kept.record_id, kept.withheld) == (None, None, None, "ERASED")
    assert ("approval", "a") not in exchange.rooms.rows


def test_an_erased_content_is_not_given_to_later_readers(house: House, exchange: Reader) -> None:
    house.tell("a", {"holder": "someone"}, PARTNER)
    house.sequence()
    with house.database.transaction() as session:
        erase_entry(session, index=1, reason="依申请删除", by="operator-1", clock=house.clock)
    house.sequence()
    _pull(exchange, house)
    assert exchange.entry(1).withheld == "ERASED"
    assert exchange.rooms.rows == {}


def test_a_page_names_the_erasures_it_obliged_the_reader_to(house: House, exchange: Reader) -> None:
    house.tell("a", {"holder": "someone"}, PARTNER)
    house.sequence()
    assert _pull(exchange, house).erased == ()
    with house.database.transaction() as session:
        erase_entry(session, index=1, reason="依申请删除", by="operator-1", clock=house.clock)
    house.sequence()
    assert _pull(exchange, house).erased == (1,)


def test_a_reader_confirms_each_erasure_once(house: House, exchange: Reader) -> None:
    for indexes, expected in (((1,), 1), ((1, 2, 3), 2), ((1, 2, 3), 0)):
        with house.database.transaction() as session:
            followed = followed_ledger(session, exchange.origin)
            assert followed is not None
            assert confirm_erasures(session, followed, indexes, clock=house.clock) == expected


def test_confirming_asks_as_much_however_many_were_confirmed_before(house: House, exchange: Reader) -> None:
    asked: list[int] = []
    for indexes in (range(1, 2), range(1, 41)):
        with house.database.transaction() as session:
            followed = followed_ledger(session, exchange.origin)
            assert followed is not None
            confirm_erasures(session, followed, indexes, clock=house.clock)
            with counted(house.database.engine) as statements:
                confirm_erasures(session, followed, indexes, clock=house.clock)
            asked.append(len(statements))
    assert asked == [2, 2]


def test_what_is_held_of_a_ledger_is_given_to_its_owner_alone(house: House, reader: Reader) -> None:
    house.grow(3)
    reader.pull(house)
    with house.database.reading() as session:
        page = held_entries(session, origin=reader.origin, owner=house.region, after=1, first=10)
        with pytest.raises(NotPermitted):
            held_entries(session, origin=reader.origin, owner=PARTNER, after=0, first=10)
    assert [entry.index for entry in page.entries] == [1, 2, 3]
    assert page.entries == house.page(after=1).entries
    assert from_ndjson(to_ndjson(page)) == page
