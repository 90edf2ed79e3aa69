"""Who runs a connector, and for how long: claims, leases, and taking back what a dead process left.

The database decides. The connector's row is locked, a unique (connector, due time) stands behind, and a lease follows the
database's own clock, so that machines with different clocks agree. It carries nothing out.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import CursorResult, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.due import next_due, next_retry, passed_due
from connectors.faults import ConnectorRunning, ConnectorUnknown, LeaseLost
from connectors.records import Connector, Outcome, Run
from hub.clock import Clock

LEASE: Final = timedelta(seconds=40)
MAX_ATTEMPTS: Final = 5
FAILURES: Final = frozenset((Outcome.FAILED, Outcome.TIMED_OUT, Outcome.ABANDONED))


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that is this owner's to carry out, with what was configured when it was claimed."""

    run_id: str
    owner: str
    connector_id: int
    name: str
    adapter: str
    source: str
    settings: dict[str, Any]
    cursor: Any
    deadline_seconds: int
    due_at: datetime
    first_due_at: datetime
    stands_for: int
    attempt: int
    dry_run: bool = False
    started_at: datetime = field(default=datetime.min.replace(tzinfo=UTC))


def database_now(session: Session) -> datetime:
    """Return the database's own present instant, aware, in UTC."""
    if session.get_bind().dialect.name == "sqlite":
        written = session.scalar(select(func.strftime("%Y-%m-%d %H:%M:%f", "now")))
        return datetime.fromisoformat(str(written)).replace(tzinfo=UTC)
    now: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now.astimezone(UTC)


def claim_due(session: Session, connector_id: int, *, owner: str, clock: Clock) -> Claim | None:
    """Return the run that is due now, None when there is none or it is another's.

    Every due time that has passed becomes one run, the newest due time with `stands_for` set; a connector that never ran is due
    at once. One that is paused or running claims nothing, and its due times wait. Raises ScheduleInvalid.
    """
    connector = _locked(session, Connector.id == connector_id)
    now = clock.now()
    if connector is None or connector.paused_at is not None:
        return None
    following = next_due(connector.schedule, now)
    first = connector.next_due_at or now
    if following is None or first > now or _running(session, connector.id) is not None:
        return None
    due_at, stands_for = passed_due(connector.schedule, first, now)
    connector.next_due_at = following
    return _open(session, connector, due_at, owner=owner, clock=clock, stands_for=stands_for, first_due_at=first)


def claim_now(session: Session, name: str, *, owner: str, clock: Clock, dry_run: bool) -> Claim:
    """Return a run a person asked for, due now. Raises ConnectorUnknown, ConnectorRunning."""
    connector = _locked(session, Connector.name == name)
    if connector is None:
        raise ConnectorUnknown("没有这个连接。", "There is no such connector.")
    claim = None
    if _running(session, connector.id) is None:
        now = clock.now()
        claim = _open(
            session, connector, now, owner=owner, clock=clock, stands_for=1, first_due_at=now, dry_run=dry_run
        )
    if claim is None:
        raise ConnectorRunning("该连接正在运行。", "A run of this connector is under way.")
    return claim


def renew(session: Session, claim: Claim) -> None:
    """Extend the lease by 40 seconds of the database's clock. Raises LeaseLost if the run is not this owner's any more."""
    renewed: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(Run)
        .where(Run.id == claim.run_id, Run.owner == claim.owner, Run.outcome == Outcome.RUNNING)
        .values(lease_until=database_now(session) + LEASE)
    )
    if renewed.rowcount != 1:
        raise LeaseLost("本次运行已被另一进程收回。", "Another process took this run back.")


def reclaim(session: Session, *, clock: Clock) -> list[str]:
    """End every run whose lease has passed as ABANDONED and have its connector tried again; return the runs' ids."""
    lapsed = session.scalars(
        select(Run)
        .where(Run.outcome == Outcome.RUNNING, Run.lease_until < database_now(session))
        .with_for_update(skip_locked=True)
    ).all()
    return _abandoned(session, lapsed, clock)


def take_over(session: Session, *, owner: str, clock: Clock) -> list[str]:
    """End every run that is not `owner`'s as `reclaim` does, though its lease lasts; return the runs' ids.

    Only for a hub that is one process (SQLite), at its start: nobody else can be alive to hold a run.
    """
    left = session.scalars(select(Run).where(Run.outcome == Outcome.RUNNING, Run.owner != owner)).all()
    return _abandoned(session, left, clock)


def _abandoned(session: Session, left: Sequence[Run], clock: Clock) -> list[str]:
    for run in left:
        run.outcome, run.ended_at, run.code = Outcome.ABANDONED, clock.now(), "run.abandoned"
        run.message_zh = "运行的进程没有了动静，已收回；从最后一个完整的页继续。"
        run.message_en = "The run's process gave no sign of life; taken back, to resume at its last whole page."
        retry(session, run, clock=clock)
    return [run.id for run in left]


def retry(session: Session, run: Run, *, clock: Clock) -> None:
    """After a failed run, make its connector due again sooner than its schedule, at most five attempts in a row, with backoff."""
    if run.dry_run or run.outcome not in FAILURES or run.attempt >= MAX_ATTEMPTS:
        return
    connector = _locked(session, Connector.id == run.connector_id)
    if connector is not None:
        again = next_retry(run.attempt, clock.now())
        connector.next_due_at = again if connector.next_due_at is None else min(again, connector.next_due_at)


def _open(
    session: Session,
    connector: Connector,
    due_at: datetime,
    *,
    owner: str,
    clock: Clock,
    stands_for: int,
    first_due_at: datetime,
    dry_run: bool = False,
) -> Claim | None:
    claim = Claim(
        run_id=secrets.token_hex(16),
        owner=owner,
        connector_id=connector.id,
        name=connector.name,
        adapter=connector.adapter,
        source=connector.source,
        settings=dict(connector.settings or {}),
        cursor=connector.cursor,
        deadline_seconds=connector.deadline_seconds,
        due_at=due_at,
        first_due_at=first_due_at,
        stands_for=stands_for,
        attempt=_attempt(session, connector.id),
        dry_run=dry_run,
        started_at=clock.now(),
    )
    return claim if _write(session, claim) else None


def _write(session: Session, claim: Claim) -> bool:
    """Write the run's row; say False when somebody else's stands for the same due time."""
    try:
        with session.begin_nested():
            session.add(
                Run(
                    id=claim.run_id,
                    connector_id=claim.connector_id,
                    due_at=claim.due_at,
                    started_at=claim.started_at,
                    lease_until=database_now(session) + LEASE,
                    owner=claim.owner,
                    attempt=claim.attempt,
                    stands_for=claim.stands_for,
                    dry_run=claim.dry_run,
                    outcome=Outcome.RUNNING,
                )
            )
    except IntegrityError:
        return False
    return True


def _attempt(session: Session, connector_id: int) -> int:
    """Return which attempt in a row this is: 1 after a success, and after the last attempt allowed."""
    last = session.execute(
        select(Run.outcome, Run.attempt)
        .where(Run.connector_id == connector_id, Run.dry_run.is_(False))
        .order_by(Run.started_at.desc(), Run.due_at.desc())
        .limit(1)
    ).first()
    if last is None or last.outcome not in FAILURES or last.attempt >= MAX_ATTEMPTS:
        return 1
    return int(last.attempt) + 1


def _running(session: Session, connector_id: int) -> str | None:
    return session.scalar(select(Run.id).where(Run.connector_id == connector_id, Run.outcome == Outcome.RUNNING))


def _locked(session: Session, which: Any) -> Connector | None:
    return session.scalar(select(Connector).where(which).with_for_update().execution_options(populate_existing=True))
