"""Reads of connectors: what is configured, each run with its report and rejects, and whether partners' hubs answered."""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from connectors.faults import ConnectorUnknown
from connectors.records import Connector, Outcome, Reject, Run
from hub.links import Link

__all__ = [
    "REJECTS",
    "Connector",
    "ConnectorState",
    "Outcome",
    "Reject",
    "Run",
    "connector_named",
    "connectors",
    "contacts",
    "last_runs",
    "run_by_id",
    "runs",
    "state_of",
]

REJECTS = Link(key=Run.id, to=Reject.run_id, many=True, order=(Reject.id,))
HUB_PREFIX = "hub:"
UNANSWERED = frozenset({Outcome.FAILED, Outcome.TIMED_OUT, Outcome.ABANDONED})


class ConnectorState(enum.StrEnum):
    """What a connector does now; computed, never stored."""

    RUNNING = "RUNNING"  # 运行中
    PAUSED = "PAUSED"  # 已暂停
    AWAITING_PERSON = "AWAITING_PERSON"  # 待人工确认
    WAITING = "WAITING"  # 等待下次到期


def connectors(session: Session) -> list[Connector]:
    """Return every connector, by name. One statement."""
    return sorted(session.scalars(select(Connector)), key=lambda connector: connector.name)


def connector_named(session: Session, name: str) -> Connector:
    """Return the connector `name`; raises ConnectorUnknown."""
    found = session.scalar(select(Connector).where(Connector.name == name))
    if found is None:
        raise ConnectorUnknown("没有这个连接。", "There is no such connector.", path="connector")
    return found


def runs(connector: Connector) -> Select[Any]:
    """Return the statement for the runs of a connector; the caller orders and pages by (started_at, id)."""
    return select(Run).where(Run.connector_id == connector.id)


def run_by_id(session: Session, run_id: str) -> Run | None:
    """Return the run, None when there is none."""
    return session.get(Run, run_id)


def last_runs(session: Session, connector_ids: Collection[int]) -> dict[int, Run]:
    """Return the run of each connector that was started last. One statement."""
    ranked = select(
        Run,
        func.row_number()
        .over(partition_by=Run.connector_id, order_by=(Run.started_at.desc(), Run.id.desc()))
        .label("place"),
    ).where(Run.connector_id.in_(connector_ids))
    inner = ranked.subquery()
    newest = aliased(Run, inner)
    return {run.connector_id: run for run in session.scalars(select(newest).where(inner.c.place == 1))}


def state_of(connector: Connector, last: Run | None) -> ConnectorState:
    """Return what the connector does now, given its last run."""
    if last is not None and last.outcome is Outcome.RUNNING:
        return ConnectorState.RUNNING
    if connector.paused_at is not None:
        return ConnectorState.PAUSED
    return ConnectorState.AWAITING_PERSON if connector.awaiting_person else ConnectorState.WAITING


def contacts(session: Session, regions: Sequence[str]) -> list[bool | None]:
    """Return whether the last ended run against each region's hub got an answer; None where none has ended yet.

    A rehearsal (dry run) does not count: a person started it, and it applied nothing.
    """
    names = [f"{HUB_PREFIX}{code}" for code in regions]
    ranked = (
        select(
            Connector.name,
            Run.outcome,
            func.row_number()
            .over(partition_by=Run.connector_id, order_by=(Run.started_at.desc(), Run.id.desc()))
            .label("place"),
        )
        .join(Connector, Connector.id == Run.connector_id)
        .where(Connector.name.in_(names), Run.outcome != Outcome.RUNNING, Run.dry_run.is_(False))
        .subquery()
    )
    ended = select(ranked.c.name, ranked.c.outcome).where(ranked.c.place == 1)
    answered = {name: outcome not in UNANSWERED for name, outcome in session.execute(ended)}
    return [answered.get(name) for name in names]
