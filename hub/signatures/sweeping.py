"""Removes the files of requests that led to nothing: no file of a signature that never came is kept longer than it must be.

Asked before every new request and bounded, so that it needs no schedule. This is an edge: it opens its own transactions.

Source: 个人信息保护法 art. 19 (the shortest time the purpose needs).
"""

from __future__ import annotations

from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.database import Database
from hub.signatures.records import SigningRequest
from hub.signatures.rules import LASTING, RequestStatus
from hub.signatures.shelf import Shelf

AT_ONCE = 20


def sweep(database: Database, shelf: Shelf, *, clock: Clock) -> int:
    """Remove the files of at most 20 requests that ended or expired unsigned, and of 20 that were never kept; return how many.

    The rows go first: a crash in between leaves files that nobody can reach, and the next sweep of folders without rows finds them.
    """
    with database.transaction() as session:
        dead = _dead(session, clock)
    with database.reading() as session:
        lost = _without_rows(session, shelf, clock)
    for request_id in (*dead, *lost):
        shelf.clear(request_id)
    return len(dead) + len(lost)


def _dead(session: Session, clock: Clock) -> list[str]:
    now = clock.now()
    found = session.scalars(
        select(SigningRequest)
        .where(
            SigningRequest.status != RequestStatus.SIGNED,
            SigningRequest.expires_at <= now,
            SigningRequest.swept_at.is_(None),
        )
        .order_by(SigningRequest.expires_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for request in found:
        request.swept_at = now
    return [request.id for request in found]


def _without_rows(session: Session, shelf: Shelf, clock: Clock) -> list[str]:
    """Return ids whose files lie here for twice as long as a request lasts and that may go: no row keeps them, or a swept one."""
    old = list(islice(shelf.begun_before(clock.now() - 2 * LASTING), 10 * AT_ONCE))
    kept = session.scalars(
        select(SigningRequest.id).where(SigningRequest.id.in_(old), SigningRequest.swept_at.is_(None))
    )
    return sorted(set(old) - set(kept))[:AT_ONCE]
