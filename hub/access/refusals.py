"""The audit of refused acts. Written in a short transaction of its own: the request's has rolled back by then."""

from __future__ import annotations

from hub.access.actors import Actor
from hub.access.records import Refusal
from hub.clock import Clock
from hub.database import Database

MAX_SUBJECT_CHARACTERS = 160


def write_refusal(
    database: Database, *, actor: Actor, act: str, subject: str, code: str, request_id: str, clock: Clock
) -> None:
    """Keep that `actor` was refused `act` on `subject` with `code`; `subject` never holds personal data."""
    with database.transaction() as session:
        session.add(
            Refusal(
                at=clock.now(),
                actor_kind=actor.kind,
                actor=actor.code,
                act=act[:64],
                subject=subject[:MAX_SUBJECT_CHARACTERS],
                code=code,
                request_id=request_id,
            )
        )
