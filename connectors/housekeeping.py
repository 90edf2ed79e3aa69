"""What a hub does by itself beside its runs, in one table: old runs, requests, codes, windows and files go, withheld contents come.

Every chore opens short transactions of its own. One that fails is logged with its code, is tried again when it is next due, and
keeps no other from being done. What is due is decided in this process alone: done twice by two processes, each does no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from connectors.faults import ChoreBroke
from connectors.records import Outcome, Reject, Run
from connectors.transport import Transport
from hub.clock import Clock
from hub.database import Database
from hub.errors import HubError
from hub.filestore import FileStore

if TYPE_CHECKING:
    from hub.signatures.shelf import Shelf

HOURLY: Final = timedelta(hours=1)
DAILY: Final = timedelta(days=1)
UNEVENTFUL: Final = timedelta(days=1)
FRUITLESS: Final = timedelta(days=7)
EVENTFUL: Final = timedelta(days=90)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do again and again: at the first round after a start, then every so often."""

    name: str
    every: timedelta
    work: Callable[[], object]


def chores_of(
    database: Database, clock: Clock, *, files: FileStore, shelf: Shelf, transport: Callable[[], Transport]
) -> tuple[Chore, ...]:
    """Return the housekeeping of a hub: sealed files lie in `files`, those of signing requests on `shelf`."""
    in_one = partial(_in_one, database, clock)
    return (
        Chore("runs", HOURLY, partial(in_one, sweep_runs)),
        Chore("requests", DAILY, partial(in_one, _forget_requests)),
        Chore("presentation codes", HOURLY, partial(in_one, _forget_codes)),
        Chore("check windows", HOURLY, partial(in_one, _forget_windows)),
        Chore("signing requests", HOURLY, partial(_sweep_signatures, database, shelf, clock)),
        Chore("orphaned files", DAILY, partial(_sweep_files, database, files, clock)),
        Chore("withheld contents", HOURLY, partial(_fetch_withheld, database, clock, transport)),
    )


class Housekeeper:
    """Does the chores of one process, one after the other, in a thread of its own."""

    def __init__(self, chores: Sequence[Chore], clock: Clock) -> None:
        self._chores = tuple(chores)
        self._clock = clock
        self._begun: dict[str, datetime] = {}
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="housekeeping")

    def carry_out_due(self) -> dict[str, str]:
        """Do what is due and return the codes of those that failed, by chore. Raises nothing of a chore's own."""
        failed: dict[str, str] = {}
        for chore in self._chores:
            if self._is_due(chore):
                self._begun[chore.name] = self._clock.now()
                error = self._hand.submit(chore.work).exception()
                if error is not None:
                    failed[chore.name] = _logged(chore, error)
        return failed

    def stop(self) -> None:
        """Begin no more; what is under way ends by itself."""
        self._chores = ()
        self._hand.shutdown(wait=False)

    def _is_due(self, chore: Chore) -> bool:
        begun = self._begun.get(chore.name)
        return chore in self._chores and (begun is None or begun + chore.every <= self._clock.now())


def _logged(chore: Chore, error: BaseException) -> str:
    if isinstance(error, HubError):
        _log.error("housekeeping: %s was not done: %s [%s]", chore.name, error.message_en, error.code)
        return error.code
    _log.error("housekeeping: %s broke [%s]", chore.name, ChoreBroke.code, exc_info=error)
    return ChoreBroke.code


def _in_one(database: Database, clock: Clock, sweep: Callable[..., int]) -> int:
    with database.transaction() as session:
        return sweep(session, clock=clock)


# Imports wait for the first time: these rooms need not be in memory in a hub that has just started.


def _forget_requests(session: Session, *, clock: Clock) -> int:
    from hub.access.replay import forget_old

    return forget_old(session, clock=clock)


def _forget_codes(session: Session, *, clock: Clock) -> int:
    from hub.licenses.presenting import forget_old_codes

    return forget_old_codes(session, clock=clock)


def _forget_windows(session: Session, *, clock: Clock) -> int:
    from hub.licenses.checking import forget_old_windows

    return forget_old_windows(session, clock=clock)


def _sweep_signatures(database: Database, shelf: Shelf, clock: Clock) -> int:
    from hub.signatures.sweeping import sweep

    return sweep(database, shelf, clock=clock)


def _sweep_files(database: Database, files: FileStore, clock: Clock) -> int:
    from hub.approvals.queue import sweep_orphans

    return sweep_orphans(database, files, clock=clock)


def _fetch_withheld(database: Database, clock: Clock, transport: Callable[[], Transport]) -> int:
    from connectors.catching_up import fetch_withheld

    return fetch_withheld(database, clock=clock, transport=transport)


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
