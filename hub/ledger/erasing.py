"""Obeying a partner's erasure: salt, content and index of the entry go, the header stays, and the partner is told so.

Whatever the rooms made of the content is theirs to drop: the projector is handed the entry once more without content.

Source: exchange.md section 3 (an erasure obliges readers, and to confirm).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.ledger.names import ERASURE_CONFIRMED, LEDGER_KINDS, LedgerName, Withheld
from hub.ledger.queries import ledger_named
from hub.ledger.records import FollowedEntry, FollowedLedger, LedgerEntry
from hub.ledger.writing import add_version, erased_id


@dataclass(frozen=True)
class Dropped:
    """A record whose content was dropped here."""

    index: int
    kind: str
    record_id: str
    version: int


def drop_erased(session: Session, followed: FollowedLedger, indexes: Sequence[int], *, clock: Clock) -> list[Dropped]:
    """Drop salt, content and record id of the entries at `indexes` and mark them ERASED; return those that were readable here.

    Entries the ledger itself needs are left whole. Two statements.
    """
    here = (FollowedEntry.ledger_id == followed.id, FollowedEntry.index.in_(indexes))
    rows = session.execute(
        select(
            FollowedEntry.index.label("place"), FollowedEntry.kind, FollowedEntry.record_id, FollowedEntry.version
        ).where(*here)
    ).all()
    going = [row for row in rows if row.kind not in LEDGER_KINDS]
    session.execute(
        update(FollowedEntry)
        .where(FollowedEntry.ledger_id == followed.id, FollowedEntry.index.in_([row.place for row in going]))
        .values(
            content=None,
            salt=None,
            kind=None,
            record_id=None,
            version=None,
            withheld=Withheld.ERASED.value,
            understood=True,
            erased_at=clock.now(),
        )
    )
    return [
        Dropped(row.place, row.kind, row.record_id, row.version)
        for row in going
        if row.kind is not None and row.record_id is not None
    ]


def confirm_erasures(session: Session, followed: FollowedLedger, indexes: Sequence[int], *, clock: Clock) -> int:
    """Tell the origin, in this hub's own exchange ledger, that its erasures of `indexes` were obeyed; return how many are new.

    Whatever was erased before: two statements, and one insert for each that is new. Raises LedgerMissing.
    """
    if not indexes:
        return 0
    ours = ledger_named(session, LedgerName.EXCHANGE)
    named = {erased_id(followed.origin, index): index for index in indexes}
    told = set(
        session.scalars(
            select(LedgerEntry.record_id).where(
                LedgerEntry.ledger_id == ours.id,
                LedgerEntry.kind == ERASURE_CONFIRMED,
                LedgerEntry.record_id.in_(named),
            )
        )
    )
    fresh = {record_id: index for record_id, index in named.items() if record_id not in told}
    for record_id, index in fresh.items():
        add_version(
            session,
            ours,
            None,
            kind=ERASURE_CONFIRMED,
            record_id=record_id,
            body={"origin": followed.origin, "index": index},
            addressees=[followed.region],
            clock=clock,
        )
    return len(fresh)
