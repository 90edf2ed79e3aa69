"""Where a replicated record stands: whose word it is, in which ledger, at which entry, under which signed checkpoint.

Nothing is verified here: partners' pages were verified before they were applied, this hub's own were signed by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.ledger.names import LedgerName
from hub.ledger.records import FollowedLedger, Ledger, LedgerCheckpoint, LedgerEntry
from hub.replicas import Replicated


@dataclass(frozen=True)
class SignedCheckpoint:
    """The newest checkpoint known of a ledger."""

    origin: str
    size: int
    root: bytes
    note: str


@dataclass(frozen=True)
class Standing:
    """What is known of a record's place; `index` and `checkpoint` are None until the sequencer has placed the entry."""

    row: Any
    index: int | None
    checkpoint: SignedCheckpoint | None


@dataclass(frozen=True)
class Placed:
    """Where a record of this hub's own stands in a ledger of its own; all None until the sequencer has placed an entry of it."""

    version: int | None
    index: int | None
    checkpoint: SignedCheckpoint | None


def placed(session: Session, name: LedgerName, *, kind: str, record_id: str) -> Placed:
    """Return where the newest sequenced entry of the record stands, by the newest checkpoint. Three statements at most."""
    newest = (
        select(LedgerEntry.version, LedgerEntry.index, LedgerEntry.ledger_id)
        .join(Ledger, Ledger.id == LedgerEntry.ledger_id)
        .where(
            Ledger.name == name,
            LedgerEntry.kind == kind,
            LedgerEntry.record_id == record_id,
            LedgerEntry.index.is_not(None),
        )
        .order_by(LedgerEntry.ledger_id.desc(), LedgerEntry.version.desc())
        .limit(1)
    )
    found = session.execute(newest).first()
    if found is None:
        return Placed(None, None, None)
    version, index, ledger_id = found
    checkpoint = _newest_checkpoints(session).get(ledger_id)
    covered = checkpoint is not None and index is not None and index < checkpoint.size
    return Placed(version, index, checkpoint if covered else None)


def standings(session: Session, kind: str, rows: Sequence[Replicated], *, home: str) -> list[Standing]:
    """Return the standing of each of `rows` (records of `kind`), in their order; three statements at most."""
    own = _own(session, kind, [row for row in rows if row.origin == home])
    theirs = _followed(session, {row.origin for row in rows if row.origin != home})
    found = []
    for row in rows:
        replica = row.entry_index, theirs.get(row.origin)
        index, checkpoint = own.get(row.record_id, (None, None)) if row.origin == home else replica
        covered = index is not None and checkpoint is not None and index < checkpoint.size
        found.append(Standing(row, index, checkpoint if covered else None))
    return found


def _own(session: Session, kind: str, rows: Sequence[Replicated]) -> dict[str, tuple[int, SignedCheckpoint | None]]:
    if not rows:
        return {}
    versions = {row.record_id: row.version for row in rows}
    placed = (
        select(LedgerEntry.record_id, LedgerEntry.version, LedgerEntry.index, LedgerEntry.ledger_id)
        .join(Ledger, Ledger.id == LedgerEntry.ledger_id)
        .where(
            Ledger.name == LedgerName.PUBLIC,
            LedgerEntry.kind == kind,
            LedgerEntry.record_id.in_(versions),
            LedgerEntry.index.is_not(None),
        )
    )
    checkpoints = _newest_checkpoints(session)
    return {
        record_id: (index, checkpoints.get(ledger_id))
        for record_id, version, index, ledger_id in session.execute(placed)
        if index is not None and version == versions[record_id]
    }


def _newest_checkpoints(session: Session) -> dict[int, SignedCheckpoint]:
    newest = (
        select(LedgerCheckpoint.ledger_id, func.max(LedgerCheckpoint.size).label("size"))
        .group_by(LedgerCheckpoint.ledger_id)
        .subquery()
    )
    wanted = (
        select(LedgerCheckpoint, Ledger.origin)
        .join(newest, (newest.c.ledger_id == LedgerCheckpoint.ledger_id) & (newest.c.size == LedgerCheckpoint.size))
        .join(Ledger, Ledger.id == LedgerCheckpoint.ledger_id)
    )
    return {
        row.ledger_id: SignedCheckpoint(origin, row.size, row.root, row.note) for row, origin in session.execute(wanted)
    }


def _followed(session: Session, regions: set[str]) -> dict[str, SignedCheckpoint]:
    if not regions:
        return {}
    wanted = (
        select(FollowedLedger)
        .where(FollowedLedger.region.in_(regions), FollowedLedger.name == LedgerName.PUBLIC)
        .order_by(FollowedLedger.id)
    )
    return {
        row.region: SignedCheckpoint(row.origin, row.note_size, row.note_root, row.note)
        for row in session.scalars(wanted)
        if row.note is not None and row.note_root is not None
    }
