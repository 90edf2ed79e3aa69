"""What the tests of the exchange share: a partner's hub with its ledgers, and a hub that reads it over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import select

from connectors.addresses import AddressBook
from connectors.catching_up import fetch_withheld
from connectors.ledgers import carry_hub
from connectors.transport import Transport
from hub.ledger import reading
from hub.ledger.feed import to_ndjson
from hub.ledger.following import follow, followed_ledger, trust_witness
from hub.ledger.names import LedgerName
from hub.ledger.note import Checkpoint, sign_checkpoint
from hub.ledger.records import Evidence, FollowedEntry, FollowedLedger
from hub.ledger.witness import witness_public_key
from hub.projections import publish
from hub.signing.keys import Purpose
from tests.connectors.stub import Answer, Stub
from tests.connectors.workshop import Workshop
from tests.ledger_house import House

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


def connect(exchange: Exchange) -> None:
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
