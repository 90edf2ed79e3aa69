"""Following a partner's ledger: what verifies is applied once and whole, what does not is refused and kept as evidence."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from hub.clock import FixedClock
from hub.database import Database
from hub.errors import ValidationFailed
from hub.ledger.catching_up import replay_not_understood
from hub.ledger.faults import (
    AfterBeyondEnd,
    FeedMalformed,
    OriginChanged,
    SmallerTree,
)
from hub.ledger.feed import FeedEntry, FeedPage, from_ndjson, to_ndjson
from hub.ledger.following import (
    follow,
    followed_ledger,
)
from hub.ledger.names import LedgerName
from hub.ledger.note import Checkpoint, sign_checkpoint
from hub.signing.keys import Purpose
from tests.ledger_house import House, Reader
from tests.ledger_refusals import evidence_of, is_refused
from tests.web_hub import counted


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> House:
    return House.built(database, tmp_path, clock)


@pytest.fixture
def reader(house: House) -> Reader:
    """A reader of the public ledger; it keeps its rows beside the author's, in other tables."""
    return Reader.of(house, house.database)


def _changed(page: FeedPage, entries: list[FeedEntry]) -> FeedPage:
    return dataclasses.replace(page, entries=entries)


@pytest.mark.parametrize("hash_name", ["SHA-256", "SM3"])
def test_a_reader_applies_what_the_author_published(
    hash_name: str, database: Database, tmp_path: Path, clock: FixedClock
) -> None:
    house = House.built(database, tmp_path, clock, hash_name=hash_name)
    reader = Reader.of(house, database)
    house.grow(700)
    report = reader.pull(house, first=500)
    assert (report.seen, report.created, report.unchanged) == (500, 499, 1)
    assert reader.pull(house).created == 201
    assert reader.rooms.rows["service_point", "p699"] == {"code": "p699"}


def test_a_second_pull_with_no_news_writes_nothing(house: House, reader: Reader) -> None:
    house.grow(3)
    reader.pull(house)
    assert reader.pull(house).seen == 0
    assert reader.count() == 4


def test_a_page_survives_the_wire(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    assert from_ndjson(to_ndjson(page)) == page


def test_a_page_cut_short_on_the_wire_is_refused(house: House) -> None:
    house.grow(5)
    lines = list(to_ndjson(house.page()))
    with pytest.raises(FeedMalformed):
        from_ndjson(lines[:-1])
    with pytest.raises(FeedMalformed):
        from_ndjson(lines[1:])


@pytest.mark.parametrize("first", [0, 1025, -1])
def test_a_page_length_outside_its_bounds_is_refused(house: House, first: int) -> None:
    house.grow(1)
    with pytest.raises(ValidationFailed):
        house.page(first=first)


def test_a_position_beyond_the_end_is_refused(house: House) -> None:
    house.grow(1)
    with pytest.raises(AfterBeyondEnd):
        house.page(after=3)


def test_unsequenced_entries_are_not_in_the_feed(house: House) -> None:
    house.grow(1)
    house.say("later", {"n": 1})
    assert len(house.page().entries) == 2


def test_a_page_of_long_contents_ends_before_it_grows_too_large(house: House) -> None:
    for number in range(6):
        house.say(f"r{number}", {"text": "x" * 1_000_000})
    house.sequence()
    assert len(house.page().entries) == 5
    assert len(house.page(after=5).entries) == 2


def test_an_altered_header_is_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    first, second, *rest = page.entries
    altered = dataclasses.replace(second, header=second.header.replace("service_point", "service_paint"))
    is_refused(reader, _changed(page, [first, altered, *rest]))


def test_an_altered_content_is_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    first, second, *rest = page.entries
    altered = dataclasses.replace(second, content='{"code":"other"}')
    is_refused(reader, _changed(page, [first, altered, *rest]))


def test_a_content_missing_without_a_reason_is_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    first, second, *rest = page.entries
    is_refused(reader, _changed(page, [first, dataclasses.replace(second, content=None), *rest]))


def test_a_missing_entry_is_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    is_refused(reader, _changed(page, page.entries[:2] + page.entries[3:]))


def test_a_missing_entry_hidden_by_new_numbers_is_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    kept = page.entries[:2] + page.entries[3:]
    is_refused(reader, _changed(page, [dataclasses.replace(one, index=at) for at, one in enumerate(kept)]))


def test_a_repeated_entry_is_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    repeated = [*page.entries[:2], page.entries[1], *page.entries[2:]]
    is_refused(reader, _changed(page, [dataclasses.replace(one, index=at) for at, one in enumerate(repeated)]))


def test_reordered_entries_are_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    swapped = [page.entries[0], page.entries[2], page.entries[1], *page.entries[3:]]
    is_refused(reader, _changed(page, [dataclasses.replace(one, index=at) for at, one in enumerate(swapped)]))


def test_the_end_cut_off_with_its_old_proof_is_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    is_refused(reader, _changed(page, page.entries[:-1]))


def test_a_wrong_consistency_proof_is_refused(house: House, reader: Reader) -> None:
    house.grow(9)
    page = house.page(first=5)
    assert page.consistency
    wrong = [bytes(32), *page.consistency[1:]]
    is_refused(reader, dataclasses.replace(page, consistency=wrong))


def test_a_page_delivered_twice_is_refused_the_second_time(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page(first=3)
    reader.take(page)
    is_refused(reader, page)


def test_a_checkpoint_signed_by_another_key_is_refused(house: House, reader: Reader) -> None:
    house.grow(3)
    page = house.page()
    stranger = house.keys.create(Purpose.LEDGER, "stranger", "Ed25519")
    note = sign_checkpoint(Checkpoint(page.origin, page.size, page.root), [stranger])
    is_refused(reader, dataclasses.replace(page, checkpoint_note=note))


def test_a_checkpoint_altered_after_signing_is_refused(house: House, reader: Reader) -> None:
    house.grow(3)
    page = house.page()
    note = page.checkpoint_note.replace("\n4\n", "\n5\n")
    is_refused(reader, dataclasses.replace(page, checkpoint_note=note))


def test_a_page_that_contradicts_its_checkpoint_is_refused(house: House, reader: Reader) -> None:
    house.grow(3)
    is_refused(reader, dataclasses.replace(house.page(), size=9))


def test_evidence_of_one_refusal_is_kept_once(house: House, reader: Reader) -> None:
    house.grow(3)
    page = dataclasses.replace(house.page(), size=9)
    is_refused(reader, page)
    is_refused(reader, page)
    assert len(evidence_of(house.database)) == 1


def test_a_smaller_tree_than_verified_before_is_refused(house: House, reader: Reader) -> None:
    house.grow(3)
    old = house.page()
    house.grow(3, "q")
    reader.pull(house)
    is_refused(reader, dataclasses.replace(old, entries=[]), SmallerTree)
    assert reader.followed().stopped_code is None


def test_another_origin_in_the_same_place_waits_for_a_person(house: House, reader: Reader) -> None:
    house.grow(3)
    page = dataclasses.replace(house.page(), origin="tongban/xixian-fengdong/public/2")
    with pytest.raises(OriginChanged):
        reader.take(page)


def test_a_ledger_is_followed_only_on_a_persons_word(house: House) -> None:
    with pytest.raises(ValidationFailed), house.database.transaction() as session:
        follow(
            session,
            region=house.region,
            name=LedgerName.PUBLIC,
            origin=house.origin(),
            hash_name=house.hash,
            keys=house.public_keys(),
            confirmed_by=" ",
            clock=house.clock,
        )


def test_a_reader_killed_within_a_page_resumes_at_the_last_whole_one(house: House, reader: Reader) -> None:
    house.grow(9)
    reader.pull(house, first=4)

    def killed(*_: Any) -> list[str]:
        raise KeyboardInterrupt

    rooms, reader.rooms = reader.rooms, dataclasses.replace(reader.rooms)
    reader.rooms.project = killed  # type: ignore[assignment,method-assign]
    with pytest.raises(KeyboardInterrupt):
        reader.pull(house, first=4)
    assert (reader.followed().applied_size, reader.count()) == (4, 4)
    reader.rooms = rooms
    assert reader.pull(house).created == 6


def test_an_unknown_kind_is_kept_raw_and_applied_after_an_upgrade(house: House, reader: Reader) -> None:
    house.say("n", {"n": 1}, kind="novelty")
    house.grow(1)
    report = reader.pull(house)
    assert (report.seen, report.created, report.not_understood) == (3, 1, 1)
    assert (reader.entry(1).understood, reader.entry(1).content) == (False, b'{"n":1}')
    reader.rooms.knows.add("novelty")
    with house.database.transaction() as session:
        followed = followed_ledger(session, reader.origin)
        assert followed is not None
        replay = replay_not_understood(session, followed, clock=house.clock, project=reader.rooms.project)
    assert (replay.created, replay.not_understood) == (1, 0)
    assert reader.rooms.rows["novelty", "n"] == {"n": 1}
    assert reader.entry(1).understood


def test_looking_for_what_was_kept_raw_reads_nothing_else(house: House, reader: Reader) -> None:
    house.grow(2)
    reader.pull(house)
    with house.database.transaction() as session, counted(house.database.engine) as statements:
        followed = followed_ledger(session, reader.origin)
        assert followed is not None
        replay_not_understood(session, followed, clock=house.clock, project=reader.rooms.project)
    asked = next(each for each in statements if "ORDER BY followed_entries" in each)
    if house.database.is_sqlite:
        with house.database.engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", (0,) * asked.count("?")).all()
        assert "ix_followed_entries_not_understood" in str(plan)
