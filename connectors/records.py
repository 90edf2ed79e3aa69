"""Tables of connectors: what is configured, each run with its report, rejects, and what each source last said."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Code, Json, LongCode, Name, Prose, Record, closed_list


class Outcome(enum.StrEnum):
    """How a run ended; RUNNING has not."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FINISHED_WITH_REJECTS = "FINISHED_WITH_REJECTS"
    FAILED = "FAILED"
    SUSPICIOUS = "SUSPICIOUS"  # too many records vanished; taking them away waits for a person
    TIMED_OUT = "TIMED_OUT"
    ABANDONED = "ABANDONED"  # its process died; reclaimed


class Connector(Record):
    """A configured link to a source. `schedule` is {"every_seconds": n} or {"cron": "..."} in Asia/Shanghai."""

    __tablename__ = "connectors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Code] = mapped_column(unique=True)  # e.g. hub:xianyang-qindu
    adapter: Mapped[Code]  # hub, file, sealing
    source: Mapped[LongCode]  # an address or a file's name; never a secret
    settings: Mapped[Json]  # the adapter's own settings and mapping
    schedule: Mapped[Json]
    deadline_seconds: Mapped[int] = mapped_column(default=300)
    next_due_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    cursor: Mapped[Json | None]
    awaiting_person: Mapped[bool] = mapped_column(default=False)
    confirmed_by: Mapped[Code | None]  # who last confirmed that vanished records are gone
    confirmed_at: Mapped[datetime | None]


class Run(Record):
    """One run: a unique (connector, due time) decides who runs it."""

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("connector_id", "due_at"), Index(None, "connector_id", "started_at"))

    id: Mapped[Code] = mapped_column(primary_key=True)
    connector_id: Mapped[int] = mapped_column(ForeignKey("connectors.id"))
    due_at: Mapped[datetime]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    lease_until: Mapped[datetime]
    owner: Mapped[Code]
    attempt: Mapped[int] = mapped_column(default=1)
    stands_for: Mapped[int] = mapped_column(default=1)  # due times this run makes up for, itself included
    dry_run: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[Outcome] = mapped_column(closed_list(Outcome, "outcome"))
    seen: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    tombstoned: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    warnings: Mapped[Json | None]  # [{zh, en, times}], what was tolerated or is in conflict; at most 50
    code: Mapped[Code | None]  # of the error that ended it
    message_zh: Mapped[Prose | None]
    message_en: Mapped[Prose | None]


class Reject(Record):
    """One record a run would not take, and what to do about it."""

    __tablename__ = "rejects"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[Code] = mapped_column(ForeignKey("runs.id"), index=True)
    remote_id: Mapped[LongCode]
    field: Mapped[Name | None]
    value_class: Mapped[Code | None]  # what kind of value stood there; never the value
    code: Mapped[Code]
    reason_zh: Mapped[Prose]
    reason_en: Mapped[Prose]
    remedy_zh: Mapped[Prose]
    remedy_en: Mapped[Prose]


class SourceRecord(Record):
    """What a snapshot source last said of one record; identity is (source, remote id).

    A second identical run writes nothing here: which records a run has seen it knows by itself.
    """

    __tablename__ = "source_records"
    __table_args__ = (UniqueConstraint("connector_id", "remote_id"), Index(None, "kind", "record_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    connector_id: Mapped[int] = mapped_column(ForeignKey("connectors.id"))
    remote_id: Mapped[LongCode]
    digest: Mapped[Code]  # of `said`, SHA-256, hex
    said: Mapped[Json]  # the values by field, as converted; what a local change is told from
    kind: Mapped[Code]
    record_id: Mapped[LongCode | None]  # of the public record it became; None where all rows are one record
    changed_in_run: Mapped[Code]
    missing_since: Mapped[datetime | None]
    tombstoned_at: Mapped[datetime | None]
