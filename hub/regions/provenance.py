"""Where a replicated record stands: whose word it is, in which ledger, at which entry, under which signed checkpoint.

Nothing is verified here: partners' pages were verified before they were applied, this hub's own were signed by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.ledger.records import FollowedLedger, Ledger, LedgerCheckpoint, LedgerEntry
from hub.replicas import Replicated

PUBLIC_LEDGER = "PUBLIC"


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


def standings(session: Session, kind: str, rows: Sequence[Replicated], *, home: str) -> list[Standing]:
    """Return the standing of each of `rows` (records of `kind`), in their order; three statements at most."""
    own = _own(session, kind, [row for row in rows if row.origin == home])
    theirs = _followed(session, {row.origin for row in rows if row.origin != home})
    found = []
    for row in rows:
        index, checkpoint = (
            own.get(row.record_id, (None, None))
            if row.origin == home
            else (
                row.entry_index,
                theirs.get(row.origin),
            )
        )
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
            Ledger.name == PUBLIC_LEDGER,
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
        .where(FollowedLedger.region.in_(regions), FollowedLedger.name == PUBLIC_LEDGER)
        .order_by(FollowedLedger.id)
    )
    return {
        row.region: SignedCheckpoint(row.origin, row.note_size, row.note_root, row.note)
        for row in session.scalars(wanted)
        if row.note is not None and row.note_root is not None
    }
