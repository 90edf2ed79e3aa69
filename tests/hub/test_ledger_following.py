"""Following a partner's ledger: what verifies is applied once and whole, what does not is refused and kept as evidence."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.database import Database
from hub.errors import HubError, NotPermitted, ValidationFailed
from hub.ledger.catching_up import fill_content, replay_not_understood
from hub.ledger.entry import Version, public_entry
from hub.ledger.erasing import confirm_erasures
from hub.ledger.faults import (
    AfterBeyondEnd,
    FeedMalformed,
    LedgerDoesNotVerify,
    LedgerForked,
    LedgerStopped,
    OriginChanged,
    SmallerTree,
)
from hub.ledger.feed import FeedEntry, FeedPage, from_ndjson, to_ndjson
from hub.ledger.following import (
    WitnessCheck,
    check_witness_note,
    clear_stop,
    follow,
    followed_ledger,
    held_entries,
    keep_evidence,
)
from hub.ledger.hashes import HashName
from hub.ledger.names import LedgerName
from hub.ledger.note import Checkpoint, sign_checkpoint
from hub.ledger.origin import parse_origin
from hub.ledger.queries import ledger_named
from hub.ledger.records import Evidence, LedgerEntry
from hub.ledger.tree import leaf_hash, root_of
from hub.ledger.writing import erase_entry
from hub.signing.keys import Purpose
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


def _evidence(database: Database) -> list[Evidence]:
    with database.reading() as session:
        return list(session.scalars(select(Evidence).order_by(Evidence.id)))


def _changed(page: FeedPage, entries: list[FeedEntry]) -> FeedPage:
    return dataclasses.replace(page, entries=entries)


def _refused(reader: Reader, page: FeedPage, kind: type[HubError] = LedgerDoesNotVerify) -> None:
    """The page is refused, nothing of it is applied, and both notes are kept."""
    before = (reader.followed().applied_size, reader.count(), dict(reader.rooms.rows))
    with pytest.raises(kind):
        reader.take(page)
    assert (reader.followed().applied_size, reader.count(), reader.rooms.rows) == before
    assert _evidence(reader.database)[-1].theirs == page.checkpoint_note


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
    _refused(reader, _changed(page, [first, altered, *rest]))


def test_an_altered_content_is_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    first, second, *rest = page.entries
    altered = dataclasses.replace(second, content='{"code":"other"}')
    _refused(reader, _changed(page, [first, altered, *rest]))


def test_a_content_missing_without_a_reason_is_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    first, second, *rest = page.entries
    _refused(reader, _changed(page, [first, dataclasses.replace(second, content=None), *rest]))


def test_a_missing_entry_is_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    _refused(reader, _changed(page, page.entries[:2] + page.entries[3:]))


def test_a_missing_entry_hidden_by_new_numbers_is_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    kept = page.entries[:2] + page.entries[3:]
    _refused(reader, _changed(page, [dataclasses.replace(one, index=at) for at, one in enumerate(kept)]))


def test_a_repeated_entry_is_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    repeated = [*page.entries[:2], page.entries[1], *page.entries[2:]]
    _refused(reader, _changed(page, [dataclasses.replace(one, index=at) for at, one in enumerate(repeated)]))


def test_reordered_entries_are_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    swapped = [page.entries[0], page.entries[2], page.entries[1], *page.entries[3:]]
    _refused(reader, _changed(page, [dataclasses.replace(one, index=at) for at, one in enumerate(swapped)]))


def test_the_end_cut_off_with_its_old_proof_is_refused(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page()
    _refused(reader, _changed(page, page.entries[:-1]))


def test_a_wrong_consistency_proof_is_refused(house: House, reader: Reader) -> None:
    house.grow(9)
    page = house.page(first=5)
    assert page.consistency
    wrong = [bytes(32), *page.consistency[1:]]
    _refused(reader, dataclasses.replace(page, consistency=wrong))


def test_a_page_delivered_twice_is_refused_the_second_time(house: House, reader: Reader) -> None:
    house.grow(5)
    page = house.page(first=3)
    reader.take(page)
    _refused(reader, page)


def test_a_checkpoint_signed_by_another_key_is_refused(house: House, reader: Reader) -> None:
    house.grow(3)
    page = house.page()
    stranger = house.keys.create(Purpose.LEDGER, "stranger", "Ed25519")
    note = sign_checkpoint(Checkpoint(page.origin, page.size, page.root), [stranger])
    _refused(reader, dataclasses.replace(page, checkpoint_note=note))


def test_a_checkpoint_altered_after_signing_is_refused(house: House, reader: Reader) -> None:
    house.grow(3)
    page = house.page()
    note = page.checkpoint_note.replace("\n4\n", "\n5\n")
    _refused(reader, dataclasses.replace(page, checkpoint_note=note))


def test_a_page_that_contradicts_its_checkpoint_is_refused(house: House, reader: Reader) -> None:
    house.grow(3)
    _refused(reader, dataclasses.replace(house.page(), size=9))


def test_evidence_of_one_refusal_is_kept_once(house: House, reader: Reader) -> None:
    house.grow(3)
    page = dataclasses.replace(house.page(), size=9)
    _refused(reader, page)
    _refused(reader, page)
    assert len(_evidence(house.database)) == 1


def test_a_smaller_tree_than_verified_before_is_refused(house: House, reader: Reader) -> None:
    house.grow(3)
    old = house.page()
    house.grow(3, "q")
    reader.pull(house)
    _refused(reader, dataclasses.replace(old, entries=[]), SmallerTree)
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


class Forger:
    """An author that signs what it likes with the ledger's own key: a hub gone wrong, or an old backup written on."""

    def __init__(self, house: House, name: LedgerName = LedgerName.PUBLIC) -> None:
        self.origin, self.at = house.origin(name), house.clock.now()
        self.key = house.keys.open(Purpose.LEDGER, self.origin.replace("/", "."))
        self.hash = HashName(house.hash)
        with house.database.reading() as session:
            ledger = ledger_named(session, name)
            found = select(LedgerEntry).where(LedgerEntry.ledger_id == ledger.id, LedgerEntry.index.is_not(None))
            self.entries = [
                (entry.header, entry.content or b"") for entry in session.scalars(found.order_by(LedgerEntry.index))
            ]

    def say(self, record_id: str, content: dict[str, Any], version: int = 1, previous: str | None = None) -> None:
        made = public_entry(
            parse_origin(self.origin),
            self.hash,
            Version("service_point", record_id, version, self.at, previous),
            content,
        )
        self.entries.append((made.header, made.content))

    def page(self, after: int = 0) -> FeedPage:
        leaves = [leaf_hash(self.hash, header) for header, _ in self.entries]
        checkpoint = Checkpoint(self.origin, len(leaves), root_of(self.hash, leaves))
        entries = [
            FeedEntry(at, header.decode(), content.decode(), None, None)
            for at, (header, content) in enumerate(self.entries)
        ]
        note = sign_checkpoint(checkpoint, [self.key])
        return FeedPage(self.origin, note, checkpoint.size, checkpoint.root, [], entries[after:])


def test_a_version_that_skips_its_predecessor_is_refused(house: House, reader: Reader) -> None:
    house.grow(1)
    forger = Forger(house)
    forger.say("p0", {"code": "p0", "n": 3}, version=3, previous="sha256:" + "0" * 64)
    _refused(reader, forger.page())


def test_a_version_with_another_previous_digest_is_refused(house: House, reader: Reader) -> None:
    house.grow(1)
    reader.pull(house)
    forger = Forger(house)
    forger.say("p0", {"code": "p0", "n": 2}, version=2, previous="sha256:" + "0" * 64)
    _refused(reader, forger.page(after=2))


def test_a_first_version_said_twice_is_refused(house: House, reader: Reader) -> None:
    house.grow(1)
    reader.pull(house)
    forger = Forger(house)
    forger.say("p0", {"code": "another"})
    _refused(reader, forger.page(after=2))


def test_later_versions_of_a_record_are_applied_in_turn(house: House, reader: Reader) -> None:
    house.say("a", {"n": 1})
    house.say("a", {"n": 2})
    house.sequence()
    reader.pull(house)
    house.say("a", {"n": 3})
    house.sequence()
    assert reader.pull(house).updated == 1
    assert reader.rooms.rows["service_point", "a"] == {"n": 3}


def test_two_roots_of_one_size_stop_the_ledger(house: House, reader: Reader) -> None:
    house.grow(2)
    forger = Forger(house)
    house.grow(1, "q")
    reader.pull(house)
    forger.say("z", {"code": "z"})
    _refused(reader, forger.page(after=4), LedgerForked)
    assert reader.followed().stopped_code == "ledger.forked"


def test_a_stopped_ledger_applies_nothing_until_a_person_clears_it(
    new_database: Callable[[], Database], tmp_path: Path, clock: FixedClock
) -> None:
    house = House.built(new_database(), tmp_path, clock)
    reader = Reader.of(house, new_database())
    test_two_roots_of_one_size_stop_the_ledger(house, reader)
    house.grow(1, "r")
    with pytest.raises(LedgerStopped):
        reader.pull(house)
    with reader.database.transaction() as session:
        assert clear_stop(session, reader.origin)
    assert reader.pull(house).created == 1


def test_a_fork_between_the_note_seen_and_the_entries_reached_is_found(house: House, reader: Reader) -> None:
    house.grow(4)
    forger = Forger(house)
    house.grow(4, "q")
    reader.pull(house, first=3)  # pins the note of nine entries while three are applied
    for number in range(8):
        forger.say(f"z{number}", {"code": f"z{number}"})
    _refused(reader, forger.page(after=3), LedgerForked)
    assert _evidence(house.database)[-1].code == "ledger.forked"


def test_a_fork_shown_to_two_readers_is_found_by_the_next_pull(
    new_database: Callable[[], Database], tmp_path: Path, clock: FixedClock
) -> None:
    house = House.built(new_database(), tmp_path, clock)
    one, other = Reader.of(house, new_database()), Reader.of(house, new_database())
    house.grow(2)
    forger = Forger(house)
    house.grow(1, "q")
    forger.say("z", {"code": "z"})
    one.pull(house)
    other.take(forger.page())
    theirs = other.followed().note or ""
    with pytest.raises(LedgerForked) as found, one.database.transaction() as session:
        followed = followed_ledger(session, one.origin)
        assert followed is not None
        check_witness_note(session, followed, theirs, told_by=PARTNER, clock=clock)
    with one.database.transaction() as session:
        keep_evidence(session, found.value, clock=clock)
    kept = _evidence(one.database)[-1]
    assert (kept.ours, kept.theirs, kept.told_by) == (house.note(), theirs, PARTNER)
    assert one.followed().stopped_code == "ledger.forked"


def _check(reader: Reader, note: str) -> WitnessCheck:
    with reader.database.transaction() as session:
        followed = followed_ledger(session, reader.origin)
        assert followed is not None
        return check_witness_note(session, followed, note, told_by=PARTNER, clock=reader.clock)


def test_a_smaller_note_of_another_hub_is_compared_with_our_own_tree(house: House, reader: Reader) -> None:
    house.grow(300)
    older = house.note()
    house.grow(300, "q")
    reader.pull(house)
    assert _check(reader, older) is WitnessCheck.CONSISTENT
    assert _check(reader, house.note()) is WitnessCheck.CONSISTENT


def test_a_larger_note_of_another_hub_is_compared_once_we_have_come_that_far(house: House, reader: Reader) -> None:
    house.grow(4)
    reader.pull(house)
    house.grow(4, "q")
    assert _check(reader, house.note()) is WitnessCheck.PENDING
    assert reader.pull(house).created == 4


def test_a_larger_note_that_turns_out_to_be_a_fork_stops_the_page_that_reaches_it(house: House, reader: Reader) -> None:
    house.grow(4)
    reader.pull(house)
    forger = Forger(house)
    forger.say("z", {"code": "z"})
    assert _check(reader, forger.page().checkpoint_note) is WitnessCheck.PENDING
    house.grow(4, "q")
    with pytest.raises(LedgerForked):
        reader.pull(house)
    assert reader.followed().applied_size == 5
    assert _evidence(house.database)[-1].told_by == PARTNER


def test_a_note_the_origin_never_signed_proves_nothing(house: House, reader: Reader) -> None:
    house.grow(2)
    reader.pull(house)
    stranger = house.keys.create(Purpose.LEDGER, "stranger", "Ed25519")
    note = sign_checkpoint(Checkpoint(house.origin(), 3, bytes(32)), [stranger])
    assert _check(reader, note) is WitnessCheck.UNVERIFIABLE


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
