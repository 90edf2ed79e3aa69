"""Reads of regions and places: which regions are known, where their hubs are, and how far their ledgers have been followed.

A tombstoned row is never answered. Lists are answered as statements, so that the caller pages and counts them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from hub.errors import NotFound
from hub.ledger.records import FollowedLedger, Ledger, LedgerCheckpoint
from hub.links import Link
from hub.regions.records import PlaceKind, Region, RegionKind, ServicePoint
from hub.replicas import Replicated

__all__ = [
    "LedgerKnown",
    "PlaceKind",
    "Region",
    "RegionKind",
    "RegionUnknown",
    "ServicePoint",
    "known_region",
    "ledgers_known",
    "regions",
    "replicated",
    "service_points",
    "to_region",
    "visible",
]


class RegionUnknown(NotFound):
    """No region of that code is known to this hub.

    Cure: use a code that the `regions` query lists.
    """

    code = "region.unknown"


@dataclass(frozen=True)
class LedgerKnown:
    """How far a region's ledger has been applied here; of the home region, how far it has been written."""

    name: str
    origin: str
    applied_size: int
    checked_at: datetime | None


def visible(record: type[Replicated]) -> ColumnElement[bool]:
    """Return the condition that a replicated row has not been tombstoned."""
    return record.tombstoned_at.is_(None)


def to_region(key: InstrumentedAttribute[Any]) -> Link:
    """Return the link from a column that holds a region's code to that region."""
    return Link(key=key, to=Region.code, where=(visible(Region),))


def regions(session: Session, *, home: str) -> list[Region]:
    """Return every known region, `home` first, the others by code."""
    found = session.scalars(select(Region).where(visible(Region)))
    return sorted(found, key=lambda region: (region.code != home, region.code))


def known_region(session: Session, code: str, *, path: str | None = None) -> Region:
    """Return the region `code`; raises RegionUnknown, naming the argument `path`."""
    region = session.scalar(select(Region).where(Region.code == code, visible(Region)))
    if region is None:
        raise RegionUnknown("未知的区域代码。", "This region code is not known here.", path=path)
    return region


def service_points(*, region: str | None = None, kind: PlaceKind | None = None) -> Select[Any]:
    """Return the statement for service points, of one region and kind where given."""
    wanted = select(ServicePoint).where(visible(ServicePoint))
    if region is not None:
        wanted = wanted.where(ServicePoint.region == region)
    return wanted if kind is None else wanted.where(ServicePoint.kind == kind)


def ledgers_known(session: Session, codes: Collection[str], *, home: str) -> dict[str, list[LedgerKnown]]:
    """Return the ledgers of each of the regions `codes`, by name; two statements at most."""
    known: dict[str, list[LedgerKnown]] = defaultdict(list)
    followed = select(FollowedLedger).where(FollowedLedger.region.in_(codes)).order_by(FollowedLedger.name.desc())
    for row in session.scalars(followed):
        known[row.region].append(LedgerKnown(row.name, row.origin, row.applied_size, row.checked_at))
    if home in codes:
        known[home] = _own_ledgers(session)
    return known


def _own_ledgers(session: Session) -> list[LedgerKnown]:
    signed = select(func.max(LedgerCheckpoint.signed_at)).where(LedgerCheckpoint.ledger_id == Ledger.id)
    own = select(Ledger, signed.scalar_subquery()).where(Ledger.closed_at.is_(None)).order_by(Ledger.name.desc())
    return [LedgerKnown(ledger.name, ledger.origin, ledger.size, at) for ledger, at in session.execute(own)]


def replicated(session: Session, record: Any, *, origin: str, record_id: str) -> Any:
    """Return the visible row of `record` that `origin` said under `record_id`, None when there is none. One statement."""
    return session.scalar(select(record).where(record.origin == origin, record.record_id == record_id, visible(record)))
