"""A hub as tests of pages need it: real settings, keys, ledgers and records, and the application that serves them.

The records are those of the demonstration, cut to what a test looks at. The home region's are published by this hub's own pen;
its neighbours' are applied as the reader of their ledgers would.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from connectors.records import Connector, Outcome, Run
from hub.clock import Clock
from hub.ledger.following import follow
from hub.ledger.names import LedgerName
from hub.ledger.sequencer import Sequencer
from hub.ledger.writing import open_ledger
from hub.projections import project, publish
from hub.settings import settings_from
from hub.web.app import create_app
from hub.web.compose import Hub, compose, desk_of, license_desk_of
from hub.web.copies import copies
from hub.web.documents import documents
from hub.web.errors import errors
from hub.web.files import files
from hub.web.finder import finder
from hub.web.graphql import graphql
from hub.web.health import health
from hub.web.ledgers import ledgers
from hub.web.pages import pages
from hub.web.samples import samples
from hub.web.seals import seals
from hub.web.sharing import sharing
from hub.web.signatures import signatures
from hub.web.signing_phone import signing_phone
from hub.web.trust import trust
from hub.web.verify import verify
from seeds.reference import HOME, REGIONS, SeedRecord, records_of
from tests.services import Cluster, copy_sqlite

ROOMS = (
    pages,
    finder,
    verify,
    documents,
    samples,
    signatures,
    signing_phone,
    trust,
    errors,
    health,
    files,
    copies,
    sharing,
    seals,
    ledgers,
    graphql,
)
FOOD = "000131002000"  # 食品经营许可
STANDING_AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Told:
    """An entry of a neighbour's public ledger, as the reader hands it over after verifying it."""

    region: str
    record_id: str
    version: int
    index: int | None
    content: Mapping[str, Any]


def composed(folder: Path, database_url: str, font_file: Path, clock: Clock, *, profile: str = "international") -> Hub:
    """Return the home region's hub over a migrated database, its secrets and files in `folder`."""
    told = {
        "HUB_REGION": HOME,
        "HUB_DATABASE_URL": database_url,
        "HUB_CRYPTO_PROFILE": profile,
        "HUB_PUBLIC_URL": "http://hub.example",
        "HUB_VAR_DIR": str(folder),
        "HUB_FONT_FILE": str(font_file),
    }
    return compose(settings_from(told), clock)


def open_ledgers(hub: Hub) -> None:
    """Open both ledgers of the hub."""
    with hub.database.transaction() as session:
        for name in LedgerName:
            open_ledger(
                session,
                region=hub.settings.region,
                name=name,
                hash_name=hub.settings.ledger_hash,
                keys=hub.keys,
                clock=hub.clock,
            )


def sequence(hub: Hub) -> None:
    """Place everything written so far and sign a checkpoint over it."""
    sequencer = Sequencer(hub.database, hub.keys, hub.clock, lambda _origin: [])
    while sequencer.step():
        pass


def plant(hub: Hub, base_codes: Collection[str] | None = None) -> None:
    """Put the demonstration's records into the hub: only items (and offers) of `base_codes` where they are given."""
    for region in REGIONS:
        told = [record for record in records_of(region, {}) if _wanted(record, base_codes)]
        with hub.database.transaction() as session:
            if region == HOME:
                for record in told:
                    publish_own(session, hub, record)
            else:
                apply_theirs(session, hub, region, told)


def publish_own(session: Session, hub: Hub, record: SeedRecord) -> None:
    """Publish a record of the home region."""
    publish(session, region=HOME, kind=record.kind, record_id=record.record_id, content=record.content, clock=hub.clock)


def apply_theirs(session: Session, hub: Hub, region: str, told: Collection[SeedRecord]) -> None:
    """Apply records of a neighbour, each kind in one go."""
    places = {record.record_id: place for place, record in enumerate(told)}
    for kind, records in itertools.groupby(told, key=lambda record: record.kind):
        entries = [Told(region, each.record_id, 1, places[each.record_id], each.content) for each in records]
        outcomes = project(session, kind, entries, hub.clock)
        assert set(outcomes) == {"created"}


def follow_neighbours(hub: Hub) -> None:
    """Follow the public ledger of every neighbour, as the demonstration does, and say of two that they were checked."""
    with hub.database.transaction() as session:
        for region in REGIONS[1:]:
            followed = follow(
                session,
                region=region,
                name=LedgerName.PUBLIC,
                origin=f"tongban/{region}/public/1",
                hash_name="SHA-256",
                keys=[("Ed25519", next(_numbers).to_bytes(32, "big"))],
                confirmed_by="test",
                clock=hub.clock,
            )
            if region != REGIONS[-1]:
                followed.applied_size, followed.checked_at = 400, hub.clock.now()


def add_run(session: Session, hub: Hub, connector: str, outcome: Outcome, **counts: Any) -> Run:
    """Add one run of a connector, which is made when it is not there."""
    row = session.query(Connector).filter_by(name=connector).one_or_none()
    if row is None:
        adapter = connector.partition(":")[0]
        row = Connector(
            name=connector, adapter=adapter, source=connector.partition(":")[2] or adapter, settings={}, schedule={}
        )
        session.add(row)
        session.flush()
    number, now = next(_numbers), hub.clock.now()
    run = Run(
        id=f"{number:032x}",
        connector_id=row.id,
        due_at=now + timedelta(seconds=number),
        started_at=now,
        ended_at=now,
        lease_until=now,
        owner="test",
        outcome=outcome,
        **counts,
    )
    session.add(run)
    session.flush()
    return run


def application(hub: Hub) -> Flask:
    """Return the application with every room of pages; annotated copies are made at its own desk."""
    made = create_app(hub, ROOMS)
    made.extensions["license_desk"] = lambda: license_desk_of(hub, desk_of(hub))
    return made


@contextmanager
def standing_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """Yield the address of a migrated database that a whole module of tests shares: `kind` is sqlite or postgresql."""
    if kind == "sqlite":
        yield copy_sqlite(request.getfixturevalue("sqlite_template"), folder / "standing.db")
        return
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    name = f"standing_{next(_numbers)}"
    yield cluster.copy_of(request.getfixturevalue("postgresql_template"), name)
    cluster.drop(name)


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Yield the list of statements run on `engine` while the block lasts, the beginning of transactions not counted."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _wanted(record: SeedRecord, base_codes: Collection[str] | None) -> bool:
    if base_codes is None:
        return True
    if record.kind == "service_item":
        return record.content["base_code"] in base_codes
    if record.kind == "cross_region_offer":
        return record.content["item"][19:31] in base_codes
    return record.kind != "bundle"
