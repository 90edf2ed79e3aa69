"""Every kind of public record and its shape, and the two ways into the tables: `publish` ours, `project` a partner's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from hub.catalog.publishing import BUNDLE, OFFER, SERVICE_ITEM
from hub.clock import Clock
from hub.ledger.writing import publish_entry
from hub.licenses.publishing import LICENSE_TYPE, STATUS_LIST
from hub.opendata.publishing import DATASET_RELEASE
from hub.regions.publishing import REGION, SERVICE_POINT
from hub.replicas import NOT_UNDERSTOOD, REFUSED, UNCHANGED, Content, Shape, apply

SHAPES: dict[str, Shape] = {
    shape.kind: shape
    for shape in (REGION, SERVICE_POINT, LICENSE_TYPE, STATUS_LIST, SERVICE_ITEM, OFFER, BUNDLE, DATASET_RELEASE)
}
LEDGER_OWN_KINDS = frozenset({"genesis", "key_rotation", "seal_status"})  # kept as entries; no table projects them
KNOWN_KINDS = LEDGER_OWN_KINDS | SHAPES.keys()
"""The kinds this version can apply; of another's an entry is kept raw."""


@dataclass(frozen=True)
class _Own:
    region: str
    record_id: str
    version: int
    content: Content
    index: int | None = None


class CannotPublish(ValueError):
    """A record of this hub does not have the shape of its kind: a defect of the caller, never a user's input."""


def publish(
    session: Session, *, region: str, kind: str, record_id: str, content: Mapping[str, Any], clock: Clock
) -> str:
    """Write this hub's record and its ledger entry in the caller's transaction; return created, updated, unchanged or tombstoned.

    Unchanged content writes nothing. Raises CannotPublish when the content has not the shape of its kind.
    """
    entry = publish_entry(session, kind=kind, record_id=record_id, content=dict(content), clock=clock)
    if entry is None:
        return UNCHANGED
    own = _Own(region, record_id, entry.version, content)
    outcome = apply(session, SHAPES[kind], [own], at=clock.now())[0]
    if outcome in (NOT_UNDERSTOOD, REFUSED):
        raise CannotPublish(f"{kind} {record_id}: {outcome}")
    return outcome


def project(session: Session, kind: str, entries: Sequence[Any], clock: Clock) -> list[str]:
    """Apply verified entries of one kind and one origin, in ledger order; return one outcome each.

    A kind this version does not know is `not_understood`: the reader keeps it raw and applies it after an upgrade.
    """
    if kind in LEDGER_OWN_KINDS:
        return [UNCHANGED] * len(entries)
    shape = SHAPES.get(kind)
    if shape is None:
        return [NOT_UNDERSTOOD] * len(entries)
    return apply(session, shape, entries, at=clock.now())
