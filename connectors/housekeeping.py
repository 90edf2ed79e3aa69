"""Keeping the list of runs readable: uneventful runs are dropped after a while. What a run changed or refused stays told longer."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from connectors.records import Outcome, Reject, Run
from hub.clock import Clock

UNEVENTFUL: Final = timedelta(days=1)
EVENTFUL: Final = timedelta(days=90)


def sweep_runs(session: Session, *, clock: Clock) -> int:
    """Drop successes that changed nothing after a day, and every other run after 90 days; return how many.

    The newest run of each connector and every run that awaits a person stays.
    """
    now = clock.now()
    changed = Run.created + Run.updated + Run.tombstoned + Run.rejected
    uneventful = (Run.outcome == Outcome.SUCCEEDED) & (changed == 0) & (Run.started_at < now - UNEVENTFUL)
    old = (Run.started_at < now - EVENTFUL) & Run.outcome.not_in((Outcome.RUNNING, Outcome.SUSPICIOUS))
    last = select(func.max(Run.started_at)).group_by(Run.connector_id)
    gone = session.scalars(select(Run.id).where(uneventful | old, Run.started_at.not_in(last))).all()
    for start in range(0, len(gone), 500):
        batch = gone[start : start + 500]
        session.execute(delete(Reject).where(Reject.run_id.in_(batch)))
        session.execute(delete(Run).where(Run.id.in_(batch)))
    return len(gone)
