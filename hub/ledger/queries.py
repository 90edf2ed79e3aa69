"""Reads of this hub's own ledgers that several doors of the room share: which ledger, its newest entry of a record, its notes.

Nothing here writes or decides.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hub.ledger.faults import LedgerMissing
from hub.ledger.names import LOST, LedgerName
from hub.ledger.records import Ledger, LedgerCheckpoint, LedgerEntry, LedgerKey

# Made once: every verb asks these two, and making a statement costs more than running it.
_NAMED = select(Ledger).where(Ledger.name == bindparam("name"), Ledger.closed_at.is_(None))
_NEWEST = (
    select(LedgerEntry)
    .where(
        LedgerEntry.ledger_id == bindparam("ledger_id"),
        LedgerEntry.kind == bindparam("kind"),
        LedgerEntry.record_id == bindparam("record_id"),
    )
    .order_by(LedgerEntry.version.desc())
    .limit(1)
)


def ledger_named(session: Session, name: LedgerName) -> Ledger:
    """Return the ledger of this name that is being written. One statement; raises LedgerMissing."""
    found = session.scalar(_NAMED, {"name": name.value})
    if found is None:
        raise LedgerMissing("账本尚未开立。", "The ledger has not been opened yet.")
    return found


def ledger_of(session: Session, origin: str) -> Ledger:
    """Return this hub's ledger of that origin, open or closed. One statement; raises LedgerMissing."""
    found = session.scalar(select(Ledger).where(Ledger.origin == origin))
    if found is None:
        raise LedgerMissing("本枢纽没有这个账本。", "This hub has no such ledger.")
    return found


def open_ledgers(session: Session) -> list[Ledger]:
    """Return the ledgers being written, by name. One statement."""
    return list(session.scalars(select(Ledger).where(Ledger.closed_at.is_(None)).order_by(Ledger.name.desc())))


def newest_entry(session: Session, ledger_id: int, *, kind: str, record_id: str) -> LedgerEntry | None:
    """Return the entry of the record's highest version in this ledger, sequenced or not. One statement."""
    return session.scalar(_NEWEST, {"ledger_id": ledger_id, "kind": kind, "record_id": record_id})


def newest_entries(
    session: Session, ledger_id: int, *, kind: str, record_ids: Collection[str]
) -> dict[str, LedgerEntry]:
    """Return what `newest_entry` would for each of `record_ids` that has an entry. One statement, for a few hundred records."""
    entries = session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.ledger_id == ledger_id, LedgerEntry.kind == kind, LedgerEntry.record_id.in_(record_ids))
        .order_by(LedgerEntry.version)
    )
    return {entry.record_id: entry for entry in entries}


def lost_after(session: Session, ledger_id: int, index: int) -> bool:
    """Say whether an entry after `index` was taken back from partners without its content. One statement."""
    lost = select(LedgerEntry.id).where(
        LedgerEntry.ledger_id == ledger_id, LedgerEntry.kind == LOST, LedgerEntry.index > index
    )
    return session.scalar(lost.limit(1)) is not None


def newest_checkpoint(session: Session, ledger_id: int) -> LedgerCheckpoint | None:
    """Return the largest checkpoint that was signed and committed. One statement."""
    return session.scalar(
        select(LedgerCheckpoint)
        .where(LedgerCheckpoint.ledger_id == ledger_id)
        .order_by(LedgerCheckpoint.size.desc())
        .limit(1)
    )


def key_rows(session: Session, ledger_id: int) -> list[LedgerKey]:
    """Return the keys of a ledger, oldest first. One statement."""
    return list(
        session.scalars(
            select(LedgerKey).where(LedgerKey.ledger_id == ledger_id).order_by(LedgerKey.from_size, LedgerKey.id)
        )
    )
