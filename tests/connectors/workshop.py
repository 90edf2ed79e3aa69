"""A hub whose connectors a test runs: real ledgers, a real database, an import folder, and sources made for the occasion."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from connectors.adapters.files import FileAdapter
from connectors.claims import Claim
from connectors.configuring import configure
from connectors.protocol import Adapter, RawPage, RawRow, RawRows
from connectors.records import Connector, Reject, Run
from connectors.registry import carry_snapshot
from connectors.run import Ended, run_now
from connectors.work import Carrier, Workplace
from hub.clock import FixedClock
from hub.database import Database
from hub.filestore import FileStore
from hub.ledger.names import LedgerName
from hub.ledger.records import LedgerEntry
from hub.ledger.writing import open_ledger
from hub.projections import publish
from hub.regions.records import ServicePoint
from hub.signing.key_files import FileKeyStore

HOME = "xixian-fengdong"
PLACES: dict[str, Any] = {
    "target": "service_point",
    "remote_id": ["id"],
    "fields": {
        "code": "id",
        "name_zh": "title",
        "kind": {"constant": "HALL"},
        "address_zh": "address",
        "window_kind": "phone",
    },
    "withdrawn_when": {"from": "openness", "is": ["private"]},
}


def place_row(remote_id: str, **changes: Any) -> dict[str, Any]:
    """Return one record of a source of places."""
    row = {"id": remote_id, "title": f"大厅 {remote_id}", "address": "路 1 号", "phone": "", "openness": "public"}
    return row | changes


@dataclass
class Listed:
    """An adapter over records in memory, in pages of `per_page`; `then` runs before the page of that number (from 0)."""

    records: Sequence[Mapping[str, Any]]
    per_page: int = 5
    then: Mapping[int, Callable[[], object]] = field(default_factory=dict)
    stopped: int = 0

    def check(self) -> None:
        """Nothing to check."""

    def pull(self, cursor: Any) -> Iterator[RawPage]:
        """Yield the records."""
        columns = tuple(dict.fromkeys(key for record in self.records for key in record))
        rows = [RawRow(place, dict(record)) for place, record in enumerate(self.records, 1)]
        for number, start in enumerate(range(0, max(len(rows), 1), self.per_page)):
            self.then.get(number, lambda: None)()
            yield RawRows(tuple(rows[start : start + self.per_page]), columns, json.dumps([0]).encode())
        self.then.get(-1, lambda: None)()

    def stop(self) -> None:
        """Count that it was stopped."""
        self.stopped += 1


@dataclass
class Workshop:
    """One hub with its connectors. `sources` answers the adapter `listed` by the connector's source."""

    database: Database
    clock: FixedClock
    folder: Path
    sources: dict[str, Adapter] = field(default_factory=dict)
    extra: dict[str, Carrier] = field(default_factory=dict)

    def open(self) -> Workshop:
        """Open the hub's ledgers and its import folder."""
        self.folder.mkdir(exist_ok=True)
        keys = FileKeyStore(self.folder / "keys", b"test")
        with self.database.transaction() as session:
            for name in LedgerName:
                open_ledger(session, region=HOME, name=name, hash_name="SHA-256", keys=keys, clock=self.clock)
        return self

    @property
    def files(self) -> FileStore:
        """Where the files of data sets are kept."""
        return FileStore(self.folder.parent / "open-data")

    @property
    def place(self) -> Workplace:
        """Where its runs are carried out."""
        snapshot = partial(carry_snapshot, region=HOME, folder=self.folder, files=self.files)
        files = partial(snapshot, adapter=self._file)
        return Workplace(
            database=self.database,
            clock=self.clock,
            owner="workshop",
            carriers={"listed": partial(snapshot, adapter=self._listed), "file": files, **self.extra},
        )

    def connect(self, name: str = "places", **changes: Any) -> None:
        """Configure a connector of the adapter `listed` that reads the source of its own name."""
        how: dict[str, Any] = {
            "adapter": "listed",
            "source": name,
            "settings": {"mapping": PLACES, "grace_hours": 0},
            "schedule": {"every_seconds": 60},
        }
        with self.database.transaction() as session:
            configure(session, name, clock=self.clock, **(how | changes))

    def run(self, name: str = "places", *records: Mapping[str, Any], dry_run: bool = False) -> Ended:
        """Run the connector once over these records (or over what `sources` holds), a minute after the last run."""
        if records:
            self.sources[name] = Listed(records)
        self.clock.advance(timedelta(minutes=1))
        return run_now(self.place, name, dry_run=dry_run)

    def told(self, ended: Ended) -> Run:
        """Return the run's row."""
        with self.database.reading() as session:
            return session.get_one(Run, ended.run_id)

    def counts(self, ended: Ended) -> dict[str, int]:
        """Return the counts that are not zero."""
        run = self.told(ended)
        names = ("seen", "created", "updated", "unchanged", "tombstoned", "rejected")
        return {name: getattr(run, name) for name in names if getattr(run, name)}

    def rejects(self, ended: Ended) -> list[Reject]:
        """Return what the run refused, in order."""
        with self.database.reading() as session:
            return list(session.scalars(select(Reject).where(Reject.run_id == ended.run_id).order_by(Reject.id)))

    def connector(self, name: str = "places") -> Connector:
        """Return the connector's row."""
        with self.database.reading() as session:
            return session.scalars(select(Connector).where(Connector.name == name)).one()

    def public(self) -> dict[str, str]:
        """Return the public places by code, with their names."""
        with self.database.reading() as session:
            places = session.scalars(select(ServicePoint).where(ServicePoint.tombstoned_at.is_(None)))
            return {place.code: place.name_zh for place in places}

    def place_named(self, code: str) -> ServicePoint:
        """Return one place's row, tombstoned or not."""
        with self.database.reading() as session:
            return session.scalars(select(ServicePoint).where(ServicePoint.code == code)).one()

    def entries(self, record_id: str | None = None) -> int:
        """Return how many entries the ledgers have, of one record or of all."""
        query = select(func.count()).select_from(LedgerEntry)
        with self.database.reading() as session:
            return session.scalar(query if record_id is None else query.where(LedgerEntry.record_id == record_id)) or 0

    def correct(self, code: str, **changes: Any) -> None:
        """Change a place as a clerk of this hub would."""
        with self.database.transaction() as session:
            entry = session.scalars(
                select(LedgerEntry).where(LedgerEntry.record_id == code).order_by(LedgerEntry.version.desc()).limit(1)
            ).one()
            content = json.loads(entry.content or b"{}") | changes
            publish(session, region=HOME, kind="service_point", record_id=code, content=content, clock=self.clock)

    def _listed(self, claim: Claim) -> Adapter:
        return self.sources[claim.source]

    def _file(self, claim: Claim) -> Adapter:
        settings = claim.settings
        return FileAdapter(
            self.folder,
            claim.source,
            file_format=settings.get("format", "csv"),
            encoding=settings.get("encoding", "utf-8"),
        )
