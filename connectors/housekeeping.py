"""Keeping the list of runs readable: what changed nothing is dropped after a while, what changed something is told longer."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from connectors.records import Outcome, Reject, Run
from hub.clock import Clock

UNEVENTFUL: Final = timedelta(days=1)
FRUITLESS: Final = timedelta(days=7)
EVENTFUL: Final = timedelta(days=90)


def sweep_runs(session: Session, *, clock: Clock) -> int:
    """Drop successes without a change after a day, failures and refusals without one after 7, the rest after 90; return how many.

    The newest run of each connector, runs under way and suspicious ones stay.
    """
    now = clock.now()
    changed = Run.created + Run.updated + Run.tombstoned
    uneventful = (Run.outcome == Outcome.SUCCEEDED) & (Run.started_at < now - UNEVENTFUL)
    fruitless = (changed == 0) & (uneventful | (Run.started_at < now - FRUITLESS))
    old = (fruitless | (Run.started_at < now - EVENTFUL)) & Run.outcome.not_in((Outcome.RUNNING, Outcome.SUSPICIOUS))
    last = select(func.max(Run.started_at)).group_by(Run.connector_id)
    gone = session.scalars(select(Run.id).where(old, Run.started_at.not_in(last))).all()
    for start in range(0, len(gone), 500):
        batch = gone[start : start + 500]
        session.execute(delete(Reject).where(Reject.run_id.in_(batch)))
        session.execute(delete(Run).where(Run.id.in_(batch)))
    return len(gone)
