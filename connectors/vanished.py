"""Records a snapshot source no longer names: three guards together before anything goes.

A tombstone (hidden, never deleted; the ledger keeps the history); a grace period (a record must stay away that long); and a
brake (when too many are gone at once the run is suspicious and taking them away waits for a person). What counts is a record's
identity, not how its last run went.

Source: exchange.md section 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.faults import ConnectorRunning, MappingMalformed, RunUnknown, SourceSuspicious
from connectors.records import Connector, Outcome, Run, SourceRecord
from connectors.work import Work
from hub.clock import Clock
from hub.errors import Conflict
from hub.projections import publish

TOMBSTONE: Final[Mapping[str, Any]] = {"tombstone": True}
ALWAYS_ALLOWED: Final = 2
"""So many may vanish from however small a source, unless they are all there was."""


@dataclass(frozen=True, slots=True)
class Guards:
    """`grace` is how long a record must be missing; `brake_percent` (of the records known) how many may be."""

    grace: timedelta
    brake_percent: int

    @classmethod
    def of(cls, settings: Mapping[str, Any], *, grace_hours: int = 24) -> Guards:
        """Return the guards a connector's settings ask for: `grace_hours` and `brake_percent` (10). Raises MappingMalformed."""
        hours, percent = settings.get("grace_hours", grace_hours), settings.get("brake_percent", 10)
        whole = all(isinstance(value, int) and not isinstance(value, bool) and value >= 0 for value in (hours, percent))
        if not whole or percent > 100:
            raise MappingMalformed(
                "grace_hours 与 brake_percent 应为非负整数，后者不超过 100。",
                "grace_hours and brake_percent are whole numbers, the latter at most 100.",
            )
        return cls(timedelta(hours=hours), percent)

    def stop(self, known: int, missing: int) -> bool:
        """Say whether so many of the known records are missing that a person must confirm it."""
        return missing > max(ALWAYS_ALLOWED, known * self.brake_percent / 100) or (missing == known and known > 0)


def take_away(work: Work, seen: set[str], guards: Guards, *, region: str) -> None:
    """After a whole listing: note what is missing, and tombstone what has been for long enough. Raises SourceSuspicious."""
    with work.page() as session:
        known = live(session, work.claim.connector_id)
        missing = [record for record in known if record.remote_id not in seen]
        mark_missing(session, missing, work.place.clock.now())
    refuse_too_many(guards, len(known), len(missing))
    now = work.place.clock.now()
    due = [
        record.id
        for record in missing
        if record.missing_since is not None and record.missing_since + guards.grace <= now
    ]
    if due:
        with work.page() as session:
            gone = session.scalars(select(SourceRecord).where(SourceRecord.id.in_(due))).all()
            bury(session, gone, run_id=work.claim.run_id, region=region, clock=work.place.clock)
            work.report.tombstoned += len(gone)


def refuse_too_many(guards: Guards, known: int, missing: int) -> None:
    """Return unless the brake holds; raises SourceSuspicious."""
    if guards.stop(known, missing):
        raise SourceSuspicious(
            f"已知 {known} 条记录，其中 {missing} 条在来源中消失；未做删除，请人工确认。",
            f"Of {known} known records {missing} vanished from the source; none was taken away, a person must confirm.",
        )


def live(session: Session, connector_id: int) -> Sequence[SourceRecord]:
    """Return the source's records that are not tombstoned, oldest first. One statement."""
    return session.scalars(
        select(SourceRecord)
        .where(SourceRecord.connector_id == connector_id, SourceRecord.tombstoned_at.is_(None))
        .order_by(SourceRecord.id)
    ).all()


def mark_missing(session: Session, missing: Sequence[SourceRecord], now: datetime) -> None:
    """Note since when each is missing; what was missing before keeps its instant."""
    fresh = [record for record in missing if record.missing_since is None]
    for record in fresh:
        record.missing_since = now
    session.flush()


def bury(session: Session, gone: Sequence[SourceRecord], *, run_id: str, region: str, clock: Clock) -> None:
    """Tombstone the records, and the public records they became."""
    for record in gone:
        if record.record_id is not None:
            publish(
                session, region=region, kind=record.kind, record_id=record.record_id, content=TOMBSTONE, clock=clock
            )
        record.tombstoned_at, record.changed_in_run = clock.now(), run_id
    session.flush()


def confirm(session: Session, run_id: str, *, region: str, by: str, clock: Clock) -> int:
    """Take away what the suspicious run `run_id` found missing, on the word of the person `by`; return how many.

    What has come back since stays, what vanished later is not meant. Works in the caller's transaction. Raises RunUnknown,
    Conflict unless it is suspicious and its connector awaits a person, ConnectorRunning.
    """
    run = session.get(Run, run_id)
    if run is None:
        raise RunUnknown("没有这次运行。", "There is no such run.")
    connector = session.scalars(select(Connector).where(Connector.id == run.connector_id).with_for_update()).one()
    running = select(Run.id).where(Run.connector_id == run.connector_id, Run.outcome == Outcome.RUNNING)
    if session.scalar(running) is not None:
        raise ConnectorRunning("该连接正在运行。", "A run of this connector is under way.")
    if run.outcome is not Outcome.SUSPICIOUS or run.ended_at is None or run.dry_run or not connector.awaiting_person:
        raise Conflict("这次运行不待确认，请查看最近一次。", "That run awaits no confirmation; look at the newest one.")
    seen_by = run.ended_at
    gone = [
        record for record in live(session, connector.id) if record.missing_since and record.missing_since <= seen_by
    ]
    bury(session, gone, run_id=run_id, region=region, clock=clock)
    connector.awaiting_person, connector.confirmed_by, connector.confirmed_at = False, by, clock.now()
    session.execute(update(Run).where(Run.id == run_id).values(tombstoned=Run.tombstoned + len(gone)))
    return len(gone)
