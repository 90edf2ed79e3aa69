"""Configuring connectors: the operator's verbs. What is configured stands in a table; nothing is run here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.due import next_due
from connectors.mapping_file import load
from connectors.records import Connector
from hub.clock import Clock
from hub.errors import ValidationFailed

DEADLINE_SECONDS = 300


def configure(
    session: Session,
    name: str,
    *,
    adapter: str,
    source: str,
    settings: Mapping[str, Any],
    schedule: Mapping[str, Any],
    clock: Clock,
    deadline_seconds: int = DEADLINE_SECONDS,
) -> Connector:
    """Return the connector `name`, entered now (and due at once) or changed to this; what its source last said is kept.

    An empty schedule: it runs only when asked. Raises ScheduleInvalid, MappingMalformed for a mapping in the settings,
    ValidationFailed for the name or the deadline (1 second to 1 day).
    """
    if not name.strip() or len(name) > 64 or not 1 <= deadline_seconds <= 86_400:
        raise ValidationFailed("连接的名称或时限不对。", "The connector's name or deadline is out of bounds.")
    if isinstance(settings.get("mapping"), Mapping):
        load(settings["mapping"])
    due = next_due(dict(schedule), clock.now())
    connector = session.scalar(select(Connector).where(Connector.name == name))
    if connector is None:
        connector, due = Connector(name=name), None
        session.add(connector)
    connector.adapter, connector.source, connector.settings = adapter, source, dict(settings)
    connector.schedule, connector.deadline_seconds, connector.next_due_at = dict(schedule), deadline_seconds, due
    session.flush()
    return connector


def pause(session: Session, connector: Connector, *, clock: Clock) -> None:
    """Let the connector run no more by itself; its due times pass unclaimed."""
    connector.paused_at = connector.paused_at or clock.now()
    session.flush()


def resume(session: Session, connector: Connector, *, clock: Clock) -> None:
    """Let the connector run by itself again, from its next due time on: what passed in the pause was meant to pass."""
    connector.paused_at = None
    connector.next_due_at = next_due(connector.schedule, clock.now())
    session.flush()
