"""Carries out a run of a snapshot source whose records together are one public record: a data set and its release.

One transaction: either the whole release, or nothing of it. A record that was good before and is refused now keeps what it
last said; a release is made only when something changed. A file that lost too much makes no release before a person confirms.

Source: exchange.md section 7; GB/T 21063 (data sets).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.mapping import RowMapping
from connectors.protocol import RawPage, RawRow
from connectors.records import SourceRecord
from connectors.rows import RowRefused
from connectors.snapshot import Listing, digest_of, rows_of
from connectors.targets import Setting, Whole
from connectors.vanished import Guards, bury, live, mark_missing, refuse_too_many
from connectors.work import Work
from hub.filestore import FileStore
from hub.ledger.names import LedgerName
from hub.ledger.queries import ledger_named, newest_entry
from hub.projections import publish
from hub.replicas import CREATED, UNCHANGED, UPDATED


def carry_whole(
    work: Work, mapping: RowMapping, target: Whole, pages: Iterator[RawPage], *, region: str, files: FileStore
) -> None:
    """Read every record, then publish what they are together; raises what ended the run, SourceSuspicious.

    The source's own bytes are kept in `files` before a release names their digest.
    """
    listing, content = Listing(), b""
    said: dict[str, dict[str, Any]] = {}
    for page in rows_of(work, mapping, pages):
        content = content or page.source_bytes
        for row in page.rows:
            _read(work, mapping, row, listing=listing, said=said)
    _hold_back(work, listing.seen)
    if content and not work.claim.dry_run:
        files.put(content)
    with work.page() as session:
        rows = _write_rows(session, work, target, said, seen=listing.seen)
        gone = [record for record in live(session, work.claim.connector_id) if record.remote_id not in listing.seen]
        bury(session, gone, run_id=work.claim.run_id, region=region, clock=work.place.clock)
        work.report.tombstoned += len(gone)
        _publish(session, work, mapping, target, rows=rows, content=content, region=region)


def _read(work: Work, mapping: RowMapping, row: RawRow, *, listing: Listing, said: dict[str, dict[str, Any]]) -> None:
    work.report.seen += 1
    remote_id = f"#{row.place}"
    try:
        remote_id = listing.identify(mapping, row)
        if mapping.is_withdrawn(row):
            listing.seen.discard(remote_id)  # the source's own word: it is taken out like one that is not there
            return
        said[remote_id] = mapping.values_of(row, work.report.warn)
    except RowRefused as refusal:
        work.report.refuse(remote_id, refusal)


def _hold_back(work: Work, seen: set[str]) -> None:
    """Note what is missing before anything is published, and raise SourceSuspicious if it is too much.

    A file states what is there: a row that is gone is taken out at once. The brake is the guard, and the ledger the memory.
    """
    guards = Guards.of(work.claim.settings, grace_hours=0)
    with work.place.database.reading() as session:
        known = [record.remote_id for record in live(session, work.claim.connector_id)]
    missing = {remote_id for remote_id in known if remote_id not in seen}
    if guards.stop(len(known), len(missing)):
        with work.page() as session:
            records = live(session, work.claim.connector_id)
            mark_missing(session, [record for record in records if record.remote_id in missing], work.place.clock.now())
    refuse_too_many(guards, len(known), len(missing))


def _write_rows(
    session: Session, work: Work, target: Whole, said: Mapping[str, dict[str, Any]], *, seen: set[str]
) -> list[dict[str, Any]]:
    """Bring what the source last said up to date; return the values of every record there is, in the source's order."""
    connector_id = work.claim.connector_id
    stored = session.scalars(select(SourceRecord).where(SourceRecord.connector_id == connector_id))
    known = {record.remote_id: record for record in stored}
    for remote_id, values in said.items():
        work.report.count(_write_row(session, work, target, remote_id, values=values, known=known))
    kept = {
        remote_id: record.said
        for remote_id, record in known.items()
        if remote_id in seen and remote_id not in said and record.tombstoned_at is None
    }
    return [*said.values(), *kept.values()]


def _write_row(
    session: Session,
    work: Work,
    target: Whole,
    remote_id: str,
    *,
    values: dict[str, Any],
    known: Mapping[str, SourceRecord],
) -> str:
    digest, record = digest_of(values), known.get(remote_id)
    if record is not None and record.digest == digest and record.tombstoned_at is None:
        if record.missing_since is not None:
            record.missing_since = None
        return UNCHANGED
    outcome = CREATED if record is None or record.tombstoned_at is not None else UPDATED
    if record is None:
        record = SourceRecord(connector_id=work.claim.connector_id, remote_id=remote_id, kind=target.kind)
        session.add(record)
    record.digest, record.said, record.record_id = digest, values, None
    record.changed_in_run, record.missing_since, record.tombstoned_at = work.claim.run_id, None, None
    return outcome


def _publish(
    session: Session,
    work: Work,
    mapping: RowMapping,
    target: Whole,
    *,
    rows: list[dict[str, Any]],
    content: bytes,
    region: str,
) -> None:
    """Publish the next release, unless the newest one says just this already."""
    code, clock = str(mapping.about["code"]), work.place.clock
    ledger = ledger_named(session, LedgerName.PUBLIC)
    newest = newest_entry(session, ledger.id, kind=target.kind, record_id=code)
    last = {} if newest is None or newest.content is None else json.loads(newest.content)
    release = int(last.get("release", 0)) + 1
    setting = Setting(
        region=region,
        about=mapping.about,
        source_name=work.claim.source,
        source_format=str(work.claim.settings.get("format", "csv")),
        source_bytes=content,
        release=release,
        released_on=clock.today(),
    )
    made = target.build(rows, setting)
    if made | {"release": last.get("release"), "released_on": last.get("released_on")} != last:
        publish(session, region=region, kind=target.kind, record_id=code, content=made, clock=clock)
