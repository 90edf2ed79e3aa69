"""A hub's ledgers on one database, with real keys in files, and the few moves that ledger tests make again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from hub.clock import Clock, FixedClock
from hub.database import Database
from hub.ledger.feed import FeedPage, feed_page
from hub.ledger.following import PageReport, VerifiedEntry, follow, followed_ledger, take_page
from hub.ledger.names import LedgerName
from hub.ledger.queries import key_rows, ledger_named
from hub.ledger.records import FollowedEntry, FollowedLedger, Ledger, LedgerEntry
from hub.ledger.sequencer import Sequencer
from hub.ledger.writing import open_ledger, publish_entry, record_entry
from hub.signing.key_files import FileKeyStore

HOME = "xixian-fengdong"


def no_witnesses(_origin: str) -> list[tuple[str, str | None]]:
    """A hub without partners: nobody to ask, free to go."""
    return []


@dataclass
class House:
    """One hub with its two ledgers open."""

    database: Database
    keys: FileKeyStore
    clock: FixedClock
    region: str = HOME
    hash: str = "SHA-256"

    @classmethod
    def built(
        cls, database: Database, folder: Path, clock: FixedClock, *, region: str = HOME, hash_name: str = "SHA-256"
    ) -> House:
        """Open both ledgers of a new hub."""
        house = cls(database, FileKeyStore(folder / f"keys-{region}", b"test"), clock, region, hash_name)
        with database.transaction() as session:
            for name in LedgerName:
                open_ledger(session, region=region, name=name, hash_name=hash_name, keys=house.keys, clock=clock)
        return house

    def origin(self, name: LedgerName = LedgerName.PUBLIC) -> str:
        """Return the origin of the ledger being written."""
        with self.database.reading() as session:
            return ledger_named(session, name).origin

    def say(self, record_id: str, content: dict[str, Any], kind: str = "service_point") -> LedgerEntry | None:
        """Publish one version of one public record."""
        with self.database.transaction() as session:
            return publish_entry(session, kind=kind, record_id=record_id, content=content, clock=self.clock)

    def tell(self, record_id: str, body: dict[str, Any], *addressees: str, kind: str = "approval") -> LedgerEntry:
        """Record one version of one exchange record."""
        with self.database.transaction() as session:
            return record_entry(
                session, kind=kind, record_id=record_id, body=body, addressees=addressees, clock=self.clock
            )

    def sequencer(self, witnesses: Any = no_witnesses) -> Sequencer:
        """Return a sequencer that has just started."""
        return Sequencer(self.database, self.keys, self.clock, witnesses)

    def sequence(self) -> int:
        """Place everything that waits; return how many entries."""
        sequencer, total = self.sequencer(), 0
        while placed := sequencer.step():
            total += placed
        return total

    def grow(self, count: int, prefix: str = "p") -> None:
        """Publish and sequence `count` new records."""
        with self.database.transaction() as session:
            for number in range(count):
                publish_entry(
                    session,
                    kind="service_point",
                    record_id=f"{prefix}{number}",
                    content={"code": f"{prefix}{number}"},
                    clock=self.clock,
                )
        self.sequence()

    def page(self, after: int = 0, first: int = 1024, **how: Any) -> FeedPage:
        """Return a page of the public feed, or of the ledger given as `name`."""
        how.setdefault("name", LedgerName.PUBLIC)
        how.setdefault("reader", None)
        with self.database.reading() as session:
            return feed_page(session, after=after, first=first, **how)

    def note(self, name: LedgerName = LedgerName.PUBLIC) -> str:
        """Return the newest signed note."""
        return self.page(name=name, first=1).checkpoint_note

    def public_keys(self, name: LedgerName = LedgerName.PUBLIC) -> list[tuple[str, bytes]]:
        """Return the keys a partner would confirm."""
        with self.database.reading() as session:
            ledger = ledger_named(session, name)
            return [(key.algorithm, key.public_key) for key in key_rows(session, ledger.id)]

    def size(self, name: LedgerName = LedgerName.PUBLIC) -> int:
        """Return how many entries are sequenced."""
        with self.database.reading() as session:
            return ledger_named(session, name).size

    def ledger(self, name: LedgerName = LedgerName.PUBLIC) -> Ledger:
        """Return the ledger's row."""
        with self.database.reading() as session:
            return ledger_named(session, name)


@dataclass
class Rooms:
    """The rooms of a reader, as a projector sees them: the newest content of each record, by kind."""

    knows: set[str] = field(default_factory=lambda: {"service_point", "approval"})
    rows: dict[tuple[str, str], Any] = field(default_factory=dict)

    def project(self, _session: Any, kind: str, entries: Sequence[VerifiedEntry], _clock: Clock) -> list[str]:
        """Apply entries of one kind."""
        if kind not in self.knows:
            return ["not_understood"] * len(entries)
        return [self._apply(entry) for entry in entries]

    def _apply(self, entry: VerifiedEntry) -> str:
        key = (entry.kind, entry.record_id)
        if entry.content is None:
            self.rows.pop(key, None)
            return "tombstoned"
        outcome = "updated" if key in self.rows else "created"
        self.rows[key] = dict(entry.content)
        return outcome


@dataclass
class Reader:
    """A hub that follows one ledger of another."""

    database: Database
    clock: FixedClock
    origin: str
    rooms: Rooms = field(default_factory=Rooms)

    @classmethod
    def of(cls, author: House, database: Database, *, name: LedgerName = LedgerName.PUBLIC, keys: Any = None) -> Reader:
        """Follow a ledger of `author` from its first entry, its keys confirmed by a person."""
        with database.transaction() as session:
            follow(
                session,
                region=author.region,
                name=name,
                origin=author.origin(name),
                hash_name=author.hash,
                keys=keys or author.public_keys(name),
                confirmed_by="officer-1",
                clock=author.clock,
            )
        return cls(database, author.clock, author.origin(name))

    def take(self, page: FeedPage) -> PageReport:
        """Apply a page, keeping evidence if it is disputed."""
        return take_page(self.database, origin=self.origin, page=page, clock=self.clock, project=self.rooms.project)

    def pull(self, author: House, **how: Any) -> PageReport:
        """Take the next page of the author."""
        return self.take(author.page(self.followed().applied_size, **how))

    def followed(self) -> FollowedLedger:
        """Return the followed ledger's row."""
        with self.database.reading() as session:
            found = followed_ledger(session, self.origin)
            assert found is not None
            return found

    def entry(self, index: int) -> FollowedEntry:
        """Return the stored entry at an index."""
        with self.database.reading() as session:
            return session.get_one(FollowedEntry, (self.followed().id, index))

    def count(self) -> int:
        """Return how many entries are stored."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(FollowedEntry)) or 0
