"""One run of one connector, from its claim to its ended state.

This is one of the two places that catch everything: whatever an adapter or a record does, the run ends with an outcome, at
once, and every other run goes on. A crash is never a clean zero. What is not yet applied stays with the source.

Source: exchange.md section 7.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from connectors.claims import Claim, claim_now, renew, retry
from connectors.deadline import Deadline
from connectors.faults import (
    AdapterUnknown,
    LeaseLost,
    RunBroke,
    RunStopped,
    RunTimedOut,
    SourceSuspicious,
    TransportTimeout,
)
from connectors.records import Connector, Outcome, Run
from connectors.work import Carrier, Work, Workplace
from hub.errors import HubError

BEAT_SECONDS: Final = 10.0
LATE: Final = timedelta(minutes=1)

_OUTCOMES: Final[tuple[tuple[type[HubError], Outcome], ...]] = (
    (SourceSuspicious, Outcome.SUSPICIOUS),
    (RunTimedOut, Outcome.TIMED_OUT),
    (TransportTimeout, Outcome.TIMED_OUT),
    (RunStopped, Outcome.ABANDONED),
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its id, its outcome, and the code of the error that ended it, None for none."""

    run_id: str
    outcome: Outcome
    code: str | None


def run_now(place: Workplace, name: str, *, dry_run: bool = False) -> Ended:
    """Run the connector `name` in this thread, whatever its schedule says, and return how it ended.

    A dry run applies nothing and reports what would have been. Raises ConnectorUnknown, ConnectorRunning.
    """
    with place.database.transaction() as session:
        claim = claim_now(session, name, owner=place.owner, clock=place.clock, dry_run=dry_run)
    return carry_out(place, claim)


def carry_out(place: Workplace, claim: Claim, deadline: Deadline | None = None) -> Ended:
    """Carry out a claimed run to its end and return how it ended; raises nothing of the run's own."""
    work = Work(place, claim, deadline or Deadline(claim.deadline_seconds))
    fault: HubError | None = None
    try:
        with _alive(work):
            _carrier(work)(work)
    except HubError as error:
        fault = error
    except Exception:  # noqa: BLE001  the boundary named above: one run's defect is not another's
        _log.exception("run %s of %s broke", claim.run_id, claim.name)
        fault = RunBroke(
            f"运行中出现未预料的错误（编号 {claim.run_id}）。", f"The run met an unforeseen error (id {claim.run_id})."
        )
    return _end(work, fault)


def _carrier(work: Work) -> Carrier:
    found = work.place.carriers.get(work.claim.adapter)
    if found is None:
        raise AdapterUnknown(
            f"本程序没有名为“{work.claim.adapter}”的适配器；该连接保留不动。",
            f"This program has no adapter {work.claim.adapter}; the connector is kept.",
        )
    return found


def _end(work: Work, fault: HubError | None) -> Ended:
    claim = work.claim
    if isinstance(fault, LeaseLost):
        return Ended(claim.run_id, Outcome.ABANDONED, fault.code)  # whoever took the run back has written so
    outcome = _outcome(work, fault)
    try:
        with work.place.database.transaction() as session:
            renew(session, claim)
            work.write_report(session)
            _write_end(session, work, outcome, fault)
    except LeaseLost as lost:
        return Ended(claim.run_id, Outcome.ABANDONED, lost.code)
    return Ended(claim.run_id, outcome, None if fault is None else fault.code)


def _outcome(work: Work, fault: HubError | None) -> Outcome:
    if fault is None:
        return Outcome.FINISHED_WITH_REJECTS if work.report.rejected else Outcome.SUCCEEDED
    return next((outcome for kind, outcome in _OUTCOMES if isinstance(fault, kind)), Outcome.FAILED)


def _write_end(session: Session, work: Work, outcome: Outcome, fault: HubError | None) -> None:
    claim, clock = work.claim, work.place.clock
    run = session.get_one(Run, claim.run_id)
    run.outcome, run.ended_at = outcome, clock.now()
    zh, en = _late(claim)
    if fault is not None:
        run.code = fault.code
        zh, en = f"{fault.message_zh}{zh}", f"{fault.message_en} {en}".rstrip()
    run.message_zh, run.message_en = zh or None, en or None
    session.flush()
    if claim.dry_run:
        return
    connector = session.get_one(Connector, claim.connector_id)
    if outcome is Outcome.SUSPICIOUS or fault is None:
        connector.awaiting_person = outcome is Outcome.SUSPICIOUS
    retry(session, run, clock=clock)


def _late(claim: Claim) -> tuple[str, str]:
    """Say how late a run was, and how many due times it stands for, when it was more than a minute late or stands for several."""
    late = claim.started_at - claim.first_due_at
    if claim.stands_for == 1 and late <= LATE:
        return "", ""
    seconds = int(late.total_seconds())
    return (
        f"补跑：迟 {seconds} 秒，代替 {claim.stands_for} 次到期运行。",
        f"Caught up: late by {seconds} s, stands for {claim.stands_for} due time(s).",
    )


@contextmanager
def _alive(work: Work) -> Iterator[None]:
    """Renew the lease every ten seconds while the block runs; once it is lost, the run is told to stop."""
    done = threading.Event()
    beat = threading.Thread(target=_beat, args=(work, done), name=f"lease-{work.claim.run_id[:8]}", daemon=True)
    beat.start()
    try:
        yield
    finally:
        done.set()
        beat.join()


def _beat(work: Work, done: threading.Event) -> None:
    # Past its deadline a run gives no more signs of life: if it hangs where nothing can reach it, it is taken back.
    while not done.wait(BEAT_SECONDS) and work.deadline.remaining() > 0:
        try:
            with work.place.database.transaction() as session:
                renew(session, work.claim)
        except LeaseLost:
            work.deadline.cancel()
            return
