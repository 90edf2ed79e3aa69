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
from hub.ledger.queries import ledger_named, newest_entry
from hub.ledger.records import FollowedEntry, FollowedLedger
from hub.ledger.writing import record_entry


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


def confirm_erasures(session: Session, followed: FollowedLedger, *, clock: Clock) -> int:
    """Tell the origin, in this hub's own exchange ledger, which of its erasures were obeyed here; return how many are new."""
    erased = session.scalars(
        select(FollowedEntry.index).where(FollowedEntry.ledger_id == followed.id, FollowedEntry.erased_at.is_not(None))
    ).all()
    ours = ledger_named(session, LedgerName.EXCHANGE).id
    fresh = 0
    for index in erased:
        record_id = f"{followed.origin}#{index}"
        if newest_entry(session, ours, kind=ERASURE_CONFIRMED, record_id=record_id) is None:
            body = {"origin": followed.origin, "index": index}
            record_entry(
                session,
                kind=ERASURE_CONFIRMED,
                record_id=record_id,
                body=body,
                addressees=[followed.region],
                clock=clock,
            )
            fresh += 1
    return fresh
