"""Keeping what was disputed, stopping the ledger it concerns where it must, and a person's word that lets it go on.

Evidence is written in a transaction of its own, after the one that met the dispute has rolled back.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.ledger.faults import Disputed
from hub.ledger.records import Evidence, FollowedLedger, Ledger, PendingNote


def keep_evidence(session: Session, dispute: Disputed, *, clock: Clock) -> None:
    """Store both notes of a dispute once, and stop the ledger it concerns if the dispute says so.

    A followed ledger that is stopped applies nothing, an own one signs nothing, until `clear_stop`.
    """
    same = select(Evidence.id).where(
        Evidence.origin == dispute.origin,
        Evidence.code == dispute.code,
        Evidence.told_by == dispute.told_by,
        Evidence.ours.is_not_distinct_from(dispute.ours),
        Evidence.theirs.is_not_distinct_from(dispute.theirs),
    )
    if session.scalar(same.limit(1)) is None:
        session.add(
            Evidence(
                origin=dispute.origin,
                code=dispute.code,
                ours=dispute.ours,
                theirs=dispute.theirs,
                told_by=dispute.told_by,
                found_at=clock.now(),
            )
        )
    if dispute.stops:
        _stop(session, dispute, clock)


def clear_stop(session: Session, origin: str) -> bool:
    """Let a stopped ledger go on, on a person's word; say whether it was stopped. The evidence stays.

    An own ledger is compared with its witnesses again before it signs; a followed one forgets the notes that it had yet to
    reach, and checks every page as before.
    """
    cleared = False
    followed = session.scalar(
        select(FollowedLedger).where(FollowedLedger.origin == origin, FollowedLedger.stopped_code.is_not(None))
    )
    if followed is not None:
        followed.stopped_code, followed.stopped_at = None, None
        session.execute(delete(PendingNote).where(PendingNote.ledger_id == followed.id))
        if followed.note_size > followed.applied_size:
            followed.note, followed.note_root, followed.note_size = None, None, 0
        cleared = True
    own = session.scalar(select(Ledger).where(Ledger.origin == origin, Ledger.stopped_code.is_not(None)))
    if own is not None:
        own.stopped_code, own.stopped_at, own.stopped_by = None, None, None
        cleared = True
    return cleared


def _stop(session: Session, dispute: Disputed, clock: Clock) -> None:
    followed = session.scalar(select(FollowedLedger).where(FollowedLedger.origin == dispute.origin))
    if followed is not None:
        followed.stopped_code, followed.stopped_at = dispute.code, clock.now()
    own = session.scalar(select(Ledger).where(Ledger.origin == dispute.origin))
    if own is not None:
        own.stopped_code, own.stopped_at, own.stopped_by = dispute.code, clock.now(), dispute.told_by
