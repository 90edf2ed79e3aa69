"""How fast a reader verifies and applies a partner's offers: feed text in, rows out, on both databases.

Beside it a floor that verifies nothing: the same offers' rows written by SQLAlchemy Core's executemany, in pages as large.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from bench.table import Line
from hub.catalog.publishing import OFFER, offer_id
from hub.catalog.records import Offer
from hub.clock import FixedClock
from hub.database import Database
from hub.ledger.feed import feed_page, from_ndjson, to_ndjson
from hub.ledger.following import follow, take_page
from hub.ledger.names import LedgerName
from hub.ledger.records import Ledger, LedgerKey
from hub.ledger.sequencer import Sequencer
from hub.ledger.writing import open_ledger, publish_entry
from hub.migrations import upgrade
from hub.projections import project
from hub.signing.key_files import FileKeyStore
from tests.services import postgresql_lacks, running_cluster

OFFERS = 10_000
PAGE = 1_000
AUTHOR = "xianyang-qindu"
NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)


def measure() -> Iterator[Line]:
    """Yield one line per database."""
    with tempfile.TemporaryDirectory() as folder:
        feed = _Feed(Path(folder))
        yield _line(feed, f"sqlite:///{folder}/reader.db", "SQLite")
        if postgresql_lacks() is None:
            with running_cluster() as cluster:
                cluster.run('CREATE DATABASE "bench"')
                yield _line(feed, cluster.url("bench"), "PostgreSQL")


class _Feed:
    """A ledger of offers, as the text its feed answers."""

    def __init__(self, folder: Path) -> None:
        self.clock = FixedClock(NOON)
        url = f"sqlite:///{folder}/author.db"
        upgrade(url)
        database = Database(url)
        keys = FileKeyStore(folder / "keys", b"bench")
        with database.transaction() as session:
            open_ledger(session, region=AUTHOR, name=LedgerName.PUBLIC, hash_name="SM3", keys=keys, clock=self.clock)
        with database.transaction() as session:
            for number in range(OFFERS):
                content = offer(number)
                record_id = offer_id(content["item"], content["accepting_region"])
                publish_entry(session, kind=OFFER.kind, record_id=record_id, content=content, clock=self.clock)
        sequencer = Sequencer(database, keys, self.clock, lambda _origin: [])
        while sequencer.step():
            pass
        self.pages = list(_pages(database))
        with database.reading() as session:
            ledger = session.scalars(select(Ledger)).one()
            key = session.scalars(select(LedgerKey)).one()
            self.origin, self.hash = ledger.origin, ledger.hash
            self.key = (key.algorithm, key.public_key)
        database.close()


def offer(number: int) -> dict[str, Any]:
    """Return the content of the offer `number`."""
    return {
        "item": f"11610402MB0000000140001{number:08d}",
        "accepting_region": "xixian-fengdong",
        "handling_region": AUTHOR,
        "mode": "FULLY_ONLINE",
        "joint_id": None,
        "valid_from": "2026-01-01",
        "valid_to": None,
    }


def _pages(database: Database) -> Iterator[bytes]:
    held = 0
    while True:
        with database.reading() as session:
            page = feed_page(session, name=LedgerName.PUBLIC, after=held, first=PAGE, reader="xixian-fengdong")
        if not page.entries:
            return
        held += len(page.entries)
        yield b"".join(to_ndjson(page))


def _line(feed: _Feed, url: str, name: str) -> Line:
    upgrade(url)
    database = Database(url)
    with database.transaction() as session:
        follow(
            session,
            region=AUTHOR,
            name=LedgerName.PUBLIC,
            origin=feed.origin,
            hash_name=feed.hash,
            keys=[feed.key],
            confirmed_by="bench",
            clock=feed.clock,
        )
    began = time.perf_counter()
    for text in feed.pages:
        page = from_ndjson(text.splitlines())
        take_page(database, origin=feed.origin, page=page, clock=feed.clock, project=project)
    ours = OFFERS / (time.perf_counter() - began)
    beside = _floor(database)
    database.close()
    return Line(
        f"offers verified and applied, {name}", "entries/s", ours, beside, "rows by Core executemany, unverified"
    )


def _floor(database: Database) -> float:
    rows = [_row(number) for number in range(OFFERS, 2 * OFFERS)]
    began = time.perf_counter()
    for page in _batched(rows):
        with database.transaction() as session:
            session.execute(insert(Offer), page)
    return OFFERS / (time.perf_counter() - began)


def _batched(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    return (rows[start : start + PAGE] for start in range(0, len(rows), PAGE))


def _row(number: int) -> dict[str, Any]:
    content = offer(number)
    return OFFER.columns(content) | {
        "origin": AUTHOR,
        "record_id": OFFER.identity(content),
        "version": 1,
        "entry_index": number,
        "changed_at": NOON,
        "tombstoned_at": None,
    }
