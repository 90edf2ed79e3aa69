"""Runs what is due: one tick a second, a bounded number of runs at once, in the process that serves.

Schedules stand in the hub's own table and nowhere else; APScheduler ticks and computes, it stores nothing, so there is no
store of chores that a renamed function could empty. Any number of processes may tick: `connectors.claims` decides who runs. What
cannot be loaded is kept and shown; one connector's trouble is no other's.

Source: exchange.md section 7.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import or_, select
from sqlalchemy.exc import OperationalError

from connectors.claims import Claim, claim_due, claim_now, reclaim
from connectors.deadline import Deadline
from connectors.faults import RunStopped, ScheduleInvalid
from connectors.housekeeping import Chore, Housekeeper
from connectors.records import Connector, Outcome, Run
from connectors.run import Ended, carry_out
from connectors.work import Workplace
from hub.clock import SHANGHAI

WORKERS: Final = 4
TICK_SECONDS: Final = 1
ALIVE_SECONDS: Final = 5.0
ROUND_SECONDS: Final = 60
STOP_SECONDS: Final = 10.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Whether the scheduler lives, when it last ticked (UTC, None: never), and how many runs it carries out now."""

    alive: bool
    last_tick_at: datetime | None
    running: int


class Scheduler:
    """The scheduler of one process. `workers` runs are carried out at once; what is due beyond that stays due.

    `chores` is the housekeeping that `housekeeper` does beside the runs; every `round_seconds` it is looked whether one is due.
    """

    def __init__(
        self,
        place: Workplace,
        *,
        workers: int = WORKERS,
        chores: Sequence[Chore] = (),
        round_seconds: float = ROUND_SECONDS,
    ) -> None:
        self._place = place
        self.housekeeper = Housekeeper(chores, place.clock)
        self._workers = workers
        self._round_seconds = round_seconds
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="run")
        self._ticker: BackgroundScheduler | None = None
        self._deadlines: dict[str, Deadline] = {}
        self._runs: dict[str, Future[Ended]] = {}
        self._lock = threading.Lock()
        self._beginning = threading.Lock()  # held from claim to hand-over: no run is claimed and left
        self._stopping = False
        self._last_tick_at: datetime | None = None

    def start(self) -> None:
        """Begin to tick, once a second, in a thread of this very process; call it after any fork."""
        self._ticker = BackgroundScheduler(timezone=SHANGHAI)
        every = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self._ticker.add_job(self.tick, "interval", seconds=TICK_SECONDS, **every)
        self._ticker.add_job(self.housekeeper.carry_out_due, "interval", seconds=self._round_seconds, **every)
        self._ticker.start()

    def stop(self, wait_seconds: float = STOP_SECONDS) -> None:
        """Tick no more, tell the runs under way to end at their next page, and wait so long for them; they resume later."""
        with self._beginning:
            self._stopping = True
        if self._ticker is not None and self._ticker.running:
            self._ticker.shutdown(wait=False)
        with self._lock:
            deadlines, runs = list(self._deadlines.values()), list(self._runs.values())
        for deadline in deadlines:
            deadline.cancel()
        self._pool.shutdown(wait=False)
        self.housekeeper.stop()
        wait_for(runs, timeout=wait_seconds)

    def tick(self) -> list[str]:
        """Take back dead runs, claim what is due as far as workers are free, and return the ids of the runs begun."""
        begun: list[str] = []
        try:
            for connector_id in self._due():
                with self._beginning:
                    if self._stopping or len(self._deadlines) >= self._workers:
                        break
                    claim = self._claimed(connector_id)
                    if claim is not None:
                        self._begin(claim)
                        begun.append(claim.run_id)
        except OperationalError as error:  # a database that is away for a moment; the next tick asks again
            _log.warning("tick: the database did not answer (%s)", type(error.orig).__name__)
            return begun
        self._last_tick_at = self._place.clock.now()
        return begun

    def run_now(self, name: str, *, dry_run: bool = False, wait_seconds: float = 20.0) -> str:
        """Run the connector `name` whatever its schedule says, wait so long for its end, and return the run's id.

        A dry run applies nothing. Raises ConnectorUnknown, ConnectorRunning, and RunStopped once this scheduler was stopped.
        """
        with self._beginning:
            if self._stopping:
                raise RunStopped("服务正在停止，未开始运行。", "The service is stopping; no run was begun.")
            with self._place.database.transaction() as session:
                claim = claim_now(session, name, owner=self._place.owner, clock=self._place.clock, dry_run=dry_run)
            begun = self._begin(claim)
        wait_for([begun], timeout=wait_seconds)
        return claim.run_id

    @property
    def owner(self) -> str:
        """Return the name of this process in leases."""
        return self._place.owner

    def heartbeat(self) -> Heartbeat:
        """Return the sign of life: alive when it ticked within the last five seconds. No statement."""
        last, now = self._last_tick_at, self._place.clock.now()
        ticking = self._ticker is not None and self._ticker.running
        alive = ticking and last is not None and (now - last).total_seconds() < ALIVE_SECONDS
        return Heartbeat(alive, last, len(self._deadlines))

    def _due(self) -> list[int]:
        """Return the connectors to look at, those due longest first, after taking back what dead processes left."""
        place = self._place
        with place.database.reading() as session:
            lapsed = session.scalar(select(Run.id).where(Run.outcome == Outcome.RUNNING).limit(1)) is not None
        if lapsed:
            with place.database.transaction() as session:
                for run_id in reclaim(session, clock=place.clock):
                    _log.warning("run %s was abandoned by its process and taken back", run_id)
        with place.database.reading() as session:
            due = select(Connector.id, Connector.schedule).where(
                Connector.paused_at.is_(None),
                or_(Connector.next_due_at.is_(None), Connector.next_due_at <= place.clock.now()),
            )
            rows = session.execute(due.order_by(Connector.next_due_at, Connector.id)).all()
            return [connector_id for connector_id, schedule in rows if schedule]

    def _claimed(self, connector_id: int) -> Claim | None:
        place = self._place
        try:
            with place.database.transaction() as session:
                return claim_due(session, connector_id, owner=place.owner, clock=place.clock)
        except ScheduleInvalid:
            _log.error("connector %s has a schedule that cannot be read; it is kept and not run", connector_id)
            return None

    def _begin(self, claim: Claim) -> Future[Ended]:
        deadline = Deadline(claim.deadline_seconds)
        with self._lock:
            begun = self._pool.submit(carry_out, self._place, claim, deadline)
            self._deadlines[claim.run_id], self._runs[claim.run_id] = deadline, begun
        begun.add_done_callback(lambda _: self._forget(claim.run_id))
        return begun

    def _forget(self, run_id: str) -> None:
        with self._lock:
            self._deadlines.pop(run_id, None)
            self._runs.pop(run_id, None)
