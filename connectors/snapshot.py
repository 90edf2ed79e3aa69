"""Carries out a run of a snapshot source whose records each become one public record of this hub.

Identity is (source, remote id). What a source repeats is not written again; a refused record refuses itself alone; a local
correction outlives the source's next word on other fields. A source's word never takes a record away by silence alone:
`connectors.vanished` keeps the three guards.

Source: exchange.md section 7.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.faults import FileMalformed
from connectors.mapping import RowMapping
from connectors.protocol import RawPage, RawRow, RawRows
from connectors.records import SourceRecord
from connectors.rows import RowRefused, RowSpokenFor, RowTwice, RowUnfit
from connectors.targets import Each
from connectors.vanished import TOMBSTONE, Guards, take_away
from connectors.work import Work
from hub.errors import HubError
from hub.ledger.faults import EntryMalformed
from hub.ledger.names import LedgerName
from hub.ledger.queries import ledger_named, newest_entry
from hub.projections import CannotPublish, publish
from hub.replicas import CREATED, TOMBSTONED, UNCHANGED, UPDATED
from hub.signing.canonical import CanonicalRefused

_CANNOT_STAND = (CannotPublish, CanonicalRefused, EntryMalformed, UnicodeError)


@dataclass
class Listing:
    """What a run has seen of a source so far: identities, whether refused or not."""

    seen: set[str] = field(default_factory=set)

    def identify(self, mapping: RowMapping, row: RawRow) -> str:
        """Return the record's identity and note it as seen. Raises RowRefused without one, RowTwice for a second."""
        if row.fault_zh is not None and not row.fields:
            raise RowRefused(row.fault_zh, row.fault_en or "")
        remote_id = mapping.remote_id_of(row)
        if remote_id in self.seen:
            raise RowTwice("来源中有两条记录的标识相同。", "Two records of the source have one identifier.")
        self.seen.add(remote_id)
        return remote_id


def carry_each(work: Work, mapping: RowMapping, target: Each, pages: Iterator[RawPage], *, region: str) -> None:
    """Apply every page, then take away what has vanished; raises what ended the run, SourceSuspicious."""
    listing = Listing()
    for page in rows_of(work, mapping, pages):
        with work.page() as session:
            known = _known(session, work.claim.connector_id, _identities(mapping, page.rows))
            for row in page.rows:
                _take(session, work, mapping, row, target=target, listing=listing, known=known, region=region)
    take_away(work, listing.seen, Guards.of(work.claim.settings), region=region)


def rows_of(work: Work, mapping: RowMapping, pages: Iterator[RawPage]) -> Iterator[RawRows]:
    """Yield pages of records whose columns the mapping knows; a column nothing is taken from is told of once. Raises UnknownColumn."""
    told: set[str] = set()
    for page in pages:
        if not isinstance(page, RawRows):
            raise FileMalformed("来源给的不是记录。", "The source gave something other than records.")
        left = [column for column in mapping.check_columns(page.columns) if column not in told]
        told.update(left)
        for column in left:
            work.report.warn(f"来源多出的列“{column}”未使用", f"nothing is taken from the column {column}")
        yield page


def digest_of(values: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of values by field, the same for the same values."""
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")).hexdigest()


def _identities(mapping: RowMapping, rows: Sequence[RawRow]) -> list[str]:
    found = []
    for row in rows:
        try:
            found.append(mapping.remote_id_of(row))
        except RowRefused:
            continue  # refused, with its reason, when its turn comes
    return found


def _known(session: Session, connector_id: int, remote_ids: Sequence[str]) -> dict[str, SourceRecord]:
    rows = session.scalars(
        select(SourceRecord).where(SourceRecord.connector_id == connector_id, SourceRecord.remote_id.in_(remote_ids))
    )
    return {row.remote_id: row for row in rows}


def _take(
    session: Session,
    work: Work,
    mapping: RowMapping,
    row: RawRow,
    *,
    target: Each,
    listing: Listing,
    known: Mapping[str, SourceRecord],
    region: str,
) -> None:
    """Apply one record, in a savepoint of its own where anything is written, or refuse it."""
    work.report.seen += 1
    remote_id = f"#{row.place}"
    try:
        remote_id = listing.identify(mapping, row)
        taker = _Taker(session, work, mapping, target, region, remote_id)
        work.report.count(taker.outcome(row, known.get(remote_id)))
    except RowRefused as refusal:
        work.report.refuse(remote_id, refusal)
    except _CANNOT_STAND as error:
        zh, en = ("该记录的内容无法写入账本。", "The record's content cannot stand in the ledger.")
        if isinstance(error, HubError):
            zh, en = error.message_zh, error.message_en
        work.report.refuse(remote_id, RowUnfit(zh, en))


@dataclass(frozen=True)
class _Taker:
    session: Session
    work: Work
    mapping: RowMapping
    target: Each
    region: str
    remote_id: str

    def outcome(self, row: RawRow, known: SourceRecord | None) -> str:
        """Bring the public record to what the row says; return created, updated, unchanged or tombstoned."""
        if self.mapping.is_withdrawn(row):
            return self._withdraw(known)
        values = self.mapping.values_of(row, self.work.report.warn)
        digest = digest_of(values)
        if known is not None and known.tombstoned_at is None and known.digest == digest:
            if known.missing_since is not None:
                known.missing_since = None  # it is back, and nothing has changed
            return UNCHANGED
        with self.session.begin_nested():
            return self._write(values, digest, known)

    def _write(self, values: dict[str, Any], digest: str, known: SourceRecord | None) -> str:
        record_id = str(values[self.target.identity])
        self._claim(record_id)
        if known is not None and known.record_id not in (None, record_id) and known.tombstoned_at is None:
            self._publish(str(known.record_id), TOMBSTONE)  # the record goes by another id now
        outcome = self._publish(record_id, self._content(values, record_id, known))
        if known is None:
            known = SourceRecord(
                connector_id=self.work.claim.connector_id, remote_id=self.remote_id, kind=self.target.kind
            )
            self.session.add(known)
        elif known.tombstoned_at is not None and outcome == UPDATED:
            outcome = CREATED
        known.digest, known.said, known.record_id = digest, values, record_id
        known.changed_in_run, known.missing_since, known.tombstoned_at = self.work.claim.run_id, None, None
        self.session.flush()
        return outcome

    def _withdraw(self, known: SourceRecord | None) -> str:
        """Take the record away at once: not by silence, but by the source's own word."""
        if known is None or known.tombstoned_at is not None:
            return UNCHANGED
        with self.session.begin_nested():
            self._publish(str(known.record_id), TOMBSTONE)
            known.tombstoned_at, known.missing_since = self.work.place.clock.now(), None
            known.changed_in_run = self.work.claim.run_id
            self.session.flush()
        return TOMBSTONED

    def _publish(self, record_id: str, content: Mapping[str, Any]) -> str:
        return publish(
            self.session,
            region=self.region,
            kind=self.target.kind,
            record_id=record_id,
            content=content,
            clock=self.work.place.clock,
        )

    def _claim(self, record_id: str) -> None:
        """Return if nobody else speaks for the record. Raises RowSpokenFor."""
        other = self.session.scalar(
            select(SourceRecord.id)
            .where(
                SourceRecord.kind == self.target.kind,
                SourceRecord.record_id == record_id,
                SourceRecord.tombstoned_at.is_(None),
                (SourceRecord.connector_id != self.work.claim.connector_id)
                | (SourceRecord.remote_id != self.remote_id),
            )
            .limit(1)
        )
        if other is not None:
            raise RowSpokenFor(
                f"编号 {record_id} 已由另一来源或另一条记录提供。",
                f"Another source or record already speaks for {record_id}.",
                field=self.target.identity,
            )

    def _content(self, values: Mapping[str, Any], record_id: str, known: SourceRecord | None) -> dict[str, Any]:
        """Return the content to publish: the source's values, save where people here have corrected the record."""
        content = self.target.build(values, self.region)
        ours = self._published(record_id) if known is not None and known.tombstoned_at is None else None
        if known is None or ours is None:
            return content
        before = self.target.build(known.said, self.region)
        for name in self.target.fields:
            if name in ours and ours[name] != before.get(name) and ours[name] != content[name]:
                content[name] = self._decided(
                    name, ours[name], content[name], changed=content[name] != before.get(name)
                )
        return content

    def _decided(self, name: str, ours: Any, theirs: Any, *, changed: bool) -> Any:
        """Return whose value stands for a field corrected here: ours, unless the source changed it too and owns it."""
        if not changed:
            return ours
        keeps = name in self.mapping.local
        self.work.report.warn(
            f"记录 {self.remote_id} 的字段 {name} 两边都有改动，保留了{'本地' if keeps else '来源'}的值",
            f"field {name} of record {self.remote_id} was changed on both sides; kept {'ours' if keeps else 'the source'}",
        )
        return ours if keeps else theirs

    def _published(self, record_id: str) -> dict[str, Any] | None:
        ledger = ledger_named(self.session, LedgerName.PUBLIC)
        newest = newest_entry(self.session, ledger.id, kind=self.target.kind, record_id=record_id)
        content = None if newest is None or newest.content is None else json.loads(newest.content)
        return None if content is None or content.get("tombstone") is True else dict(content)
