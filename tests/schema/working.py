"""Rows about the work of a hub, for tests of the schema: seals with uses, connectors with runs and rejects."""

from __future__ import annotations

from datetime import timedelta

from connectors.records import Connector, Outcome, Reject, Run
from hub.seals.records import Seal, SealUse
from hub.seals.rules import SealStatus
from tests.schema.planting import HOME, Hub


def plant_work(hub: Hub, first: int, last: int) -> None:
    """Plant seals with uses, and connectors with runs and rejects."""
    at = hub.clock.now()
    with hub.database.transaction() as session:
        for number in range(first, last):
            connector = Connector(
                name=f"file:{number}", adapter="file", source="items.csv", settings={}, schedule={"every_seconds": 60}
            )
            session.add_all([seal_row(number, hub), connector])
            session.flush()
            for each in range(number % 3 + 1):
                session.add(use_row(number, each, hub))
                run = Run(
                    id=f"run-{number}-{each}",
                    connector_id=connector.id,
                    due_at=at + timedelta(seconds=each),
                    started_at=at + timedelta(seconds=each),
                    ended_at=at,
                    lease_until=at,
                    owner="w",
                    outcome=Outcome.FINISHED_WITH_REJECTS,
                )
                session.add(run)
                session.flush()
                session.add_all([reject_row(run.id, which) for which in range(4)])
        for each in range(first + 10, last + 10):
            session.add(
                Run(
                    id=f"more-{each}",
                    connector_id=1,
                    due_at=at + timedelta(hours=each),
                    started_at=at,
                    ended_at=at,
                    lease_until=at,
                    owner="w",
                    outcome=Outcome.SUCCEEDED,
                )
            )


def seal_row(number: int, hub: Hub) -> Seal:
    """Return an active seal."""
    day = hub.clock.today()
    return Seal(
        id=f"seal-{number}",
        name_zh=f"审批专用章 {number}",
        owner_zh="审批局",
        owner_uscc="11610100MB0000000J",
        region=HOME,
        purpose_line_zh="行政审批专用章",
        diameter_mm=42,
        status=SealStatus.ACTIVE,
        valid_from=day,
        valid_to=day,
        key_name=f"k-{number}",
        certificate_sha256="00",
        filing_number=None,
        demonstration=True,
    )


def use_row(number: int, each: int, hub: Hub) -> SealUse:
    """Return one use of a seal."""
    return SealUse(
        id=f"use-{number}-{each}",
        seal_id=f"seal-{number}",
        document=f"approval:{number}:{each}",
        document_kind="GRANT",
        document_sha256="00",
        case_number=None,
        used_by="keeper",
        authorisation_id=None,
        used_at=hub.clock.now(),
        used_on=hub.clock.today(),
    )


def reject_row(run: str, which: int) -> Reject:
    """Return one reject of a run."""
    return Reject(
        run_id=run,
        remote_id=f"r-{which}",
        field="name",
        value_class="empty",
        code="mapping.missing",
        reason_zh="缺少名称。",
        reason_en="No name.",
        remedy_zh="补上名称。",
        remedy_en="Give a name.",
    )
