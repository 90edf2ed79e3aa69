"""One hub reads another over HTTP: ledgers to their end, what others hold of them, and what it vouches for itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import delete, select, update

from connectors.addresses import AddressBook
from connectors.catching_up import fetch_withheld, replay
from connectors.ledgers import carry_hub
from connectors.partners import witnesses
from connectors.records import Connector, Outcome
from connectors.transport import Transport
from hub.clock import FixedClock
from hub.database import Database
from hub.ledger import reading
from hub.ledger.feed import to_ndjson
from hub.ledger.following import follow, followed_ledger, trust_witness
from hub.ledger.names import ERASURE_CONFIRMED, OVERLAP, LedgerName
from hub.ledger.note import Checkpoint, sign_checkpoint
from hub.ledger.records import Cosignature, Evidence, FollowedEntry, FollowedLedger, LedgerEntry
from hub.ledger.rotation import rotate_key
from hub.ledger.witness import witness_public_key
from hub.ledger.writing import erase_entry
from hub.projections import publish
from hub.regions.records import ServicePoint
from hub.signing.keys import Purpose
from tests.connectors.stub import Answer, Stub, serving
from tests.connectors.workshop import Workshop
from tests.ledger_house import House
from tests.services import copy_sqlite

QINDU, WEICHENG = "xianyang-qindu", "xianyang-weicheng"


@dataclass
class Partner:
    """A partner's hub on a port of its own.

    `spoil` changes what it answers, `notes` is what it vouches for, `granted` the kinds it lets home read, `asked` what it was asked.
    """

    house: House
    stub: Stub | None = None
    spoil: dict[str, Answer] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    granted: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        assert self.stub is not None
        return self.stub.url

    def say(self, code: str, **changes: Any) -> None:
        """Publish one of its service points."""
        content = {"code": code, "region": self.house.region, "name_zh": f"大厅 {code}", "kind": "HALL", "hours": []}
        with self.house.database.transaction() as session:
            publish(
                session,
                region=self.house.region,
                kind="service_point",
                record_id=code,
                content=content | {"demonstration": True} | changes,
                clock=self.house.clock,
            )

    def answer(self, path: str) -> Answer:
        """Answer as the web of a hub does."""
        self.asked.append(path)
        spoilt = next((answer for prefix, answer in self.spoil.items() if path.startswith(prefix)), None)
        if spoilt is not None:
            return spoilt
        parts = urlsplit(path)
        if parts.path.startswith("/witness/"):
            note = self.notes.get(unquote(parts.path.removeprefix("/witness/").removesuffix("/checkpoint")))
            return Answer(status=404) if note is None else Answer(note.encode())
        asked = parse_qs(parts.query)
        after, first = int(asked["after"][0]), int(asked["first"][0])
        name = LedgerName(parts.path.split("/")[2].upper())
        how = {"reader": "xixian-fengdong", "granted": self.granted, "signed_by": asked.get("signed_by", [])}
        page = self.house.page(after, first, name=name, **how)
        return Answer(b"".join(to_ndjson(page)))

    def forked_note(self, size: int) -> str:
        """Return a checkpoint it has signed over another tree."""
        origin = self.house.origin()
        key = self.house.keys.open(Purpose.LEDGER, origin.replace("/", "."))
        return sign_checkpoint(Checkpoint(origin, size, bytes(range(32))), [key])


@dataclass
class Exchange:
    """A hub at home and two partners it reads."""

    workshop: Workshop
    keys: Any
    qindu: Partner
    weicheng: Partner

    def follow(self, partner: Partner) -> None:
        """Let home trust a partner's ledgers and its witness key."""
        house = partner.house
        with self.workshop.database.transaction() as session:
            for name in LedgerName:
                follow(
                    session,
                    region=house.region,
                    name=name,
                    origin=house.origin(name),
                    hash_name=house.hash,
                    keys=house.public_keys(name),
                    confirmed_by="officer-1",
                    clock=house.clock,
                )
            key = witness_public_key(house.keys, house.region)
            trust_witness(session, region=house.region, key=key, confirmed_by="officer-1", clock=house.clock)

    def run(self, **how: Any) -> Any:
        """Read qindu's hub once."""
        return self.workshop.run(f"hub:{QINDU}", **how)

    def followed(self, name: LedgerName = LedgerName.PUBLIC) -> FollowedLedger:
        """Return qindu's ledger as home follows it."""
        with self.workshop.database.reading() as session:
            found = followed_ledger(session, self.qindu.house.origin(name))
            assert found is not None
            return found

    def entry(self, index: int, name: LedgerName = LedgerName.EXCHANGE) -> FollowedEntry:
        """Return an entry of qindu's ledger as home holds it."""
        with self.workshop.database.reading() as session:
            return session.get_one(FollowedEntry, (self.followed(name).id, index))

    def ask_again(self) -> int:
        """Ask for withheld contents as the housekeeping does; return how many came."""
        return fetch_withheld(self.workshop.database, clock=self.workshop.clock, transport=self.transport)

    def transport(self) -> Transport:
        """Return a client that may call the partners."""
        pairs = [partner.stub.pair for partner in (self.qindu, self.weicheng) if partner.stub is not None]
        return Transport(AddressBook(pairs), timeout_seconds=2)

    def evidence(self) -> list[Evidence]:
        """Return what home keeps as evidence."""
        with self.workshop.database.reading() as session:
            return list(session.scalars(select(Evidence)))

    def vouched(self, origin: str) -> str | None:
        """Return the note home vouches for."""
        with self.workshop.database.reading() as session:
            return reading.witness_note(session, origin)


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
        _connect(made)
        yield made


def _connect(exchange: Exchange) -> None:
    """Configure the two connectors; home's keys are its own."""
    from hub.signing.key_files import FileKeyStore

    workshop = exchange.workshop
    exchange.keys = FileKeyStore(workshop.folder / "keys", b"test")
    workshop.extra["hub"] = partial(
        carry_hub, region="xixian-fengdong", keys=exchange.keys, transport=exchange.transport
    )
    for partner in (exchange.qindu, exchange.weicheng):
        region = partner.house.region
        workshop.connect(
            f"hub:{region}", adapter="hub", source=partner.url, settings={"region": region, "page_size": 2}
        )


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
