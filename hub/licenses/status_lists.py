"""Places in the hub's status lists, given at random as licenses are issued, and the lists' publication in batches.

A list is published by a scheduled run when something changed since it last was: not once per act, so that the moment of a publication
does not tell which license was acted on. Functions receive the session; the caller commits.

Source: docs/exchange.md section 1 (license status list: public, bits, no holders); W3C Bitstring Status List (random places).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.ledger.writing import publish_entry
from hub.licenses.publishing import STATUS_LIST
from hub.licenses.records import License, OwnStatusList
from hub.licenses.rules import LicenseStatus
from hub.licenses.status_bits import BITS, ENCODING, ENTRIES, STANDINGS, Standing, packed
from hub.replicas import Content, apply

FILLED = ENTRIES // 2
"""How many places of a list are given before the next one is opened: a random place is then free every second time."""


@dataclass(frozen=True)
class _Own:
    region: str
    record_id: str
    version: int
    content: Content
    index: int | None = None


@dataclass(frozen=True)
class Place:
    """One place of one list."""

    list_id: str
    index: int


def take_places(session: Session, *, region: str, count: int) -> list[Place]:
    """Return `count` (≤ 10,000) free random places of one list of `region`, taken in the caller's transaction.

    The list's row stays locked until the transaction ends, so that two of them never take the same place. Three statements or four.
    """
    book = _open_list(session, region, count)
    found: set[int] = set()
    while len(found) < count:
        drawn = {secrets.randbelow(ENTRIES) for _ in range(2 * (count - len(found)))} - found
        taken = select(License.list_index).where(License.list_id == book.id, License.list_index.in_(drawn))
        free = drawn - set(session.scalars(taken))
        found |= set(list(free)[: count - len(found)])
    book.taken += count
    return [Place(book.id, index) for index in found]


def mark_changed(session: Session, list_id: str) -> None:
    """Note that a license of the list has another status, for the next publication."""
    counted = update(OwnStatusList).where(OwnStatusList.id == list_id).values(changes=OwnStatusList.changes + 1)
    session.execute(counted.execution_options(synchronize_session=False))


def publish_status_lists(session: Session, *, region: str, clock: Clock) -> int:
    """Write every list of `region` that changed since its last publication into the public ledger; return how many.

    For a scheduled run. Two statements a list and what the ledger costs; memory for one list at a time.
    """
    published = 0
    locked = _changed(region).order_by(OwnStatusList.id).with_for_update().execution_options(populate_existing=True)
    for book in session.scalars(locked).all():
        content = list_content(region, book.id, _standings(session, book.id))
        entry = publish_entry(session, kind=STATUS_LIST.kind, record_id=book.id, content=content, clock=clock)
        if entry is not None:
            apply(session, STATUS_LIST, [_Own(region, book.id, entry.version, content)], at=clock.now())
            published += 1
        book.published = book.changes
    return published


def any_changed(session: Session, *, region: str) -> bool:
    """Say whether a list of `region` changed since its last publication. One statement."""
    return session.scalar(_changed(region).with_only_columns(OwnStatusList.id).limit(1)) is not None


def list_content(region: str, list_id: str, standings: dict[int, Standing]) -> dict[str, Any]:
    """Return what the public ledger says of a list: kind `license_status_list`."""
    return {
        "list": list_id,
        "region": region,
        "entries": ENTRIES,
        "bits_each": BITS,
        "meanings": {str(standing.value): standing.name for standing in Standing},
        "encoding": ENCODING,
        "bits": packed(standings),
    }


def _changed(region: str) -> Select[OwnStatusList]:
    return select(OwnStatusList).where(
        OwnStatusList.id.startswith(f"{region}-", autoescape=True),
        or_(OwnStatusList.published.is_(None), OwnStatusList.published != OwnStatusList.changes),
    )


def _standings(session: Session, list_id: str) -> dict[int, Standing]:
    rows = session.execute(
        select(License.list_index, License.status).where(
            License.list_id == list_id, License.status != LicenseStatus.ISSUED
        )
    )
    return {index: STANDINGS[status] for index, status in rows}


def _open_list(session: Session, region: str, count: int) -> OwnStatusList:
    newest = session.scalar(
        select(OwnStatusList)
        .where(OwnStatusList.id.startswith(f"{region}-", autoescape=True))
        .order_by(OwnStatusList.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if newest is not None and newest.taken + count <= FILLED:
        return newest
    number = 1 if newest is None else int(newest.id.rsplit("-", 1)[1]) + 1
    opened = OwnStatusList(id=f"{region}-{number:06d}", taken=0, changes=0, published=None)
    session.add(opened)
    session.flush()
    return opened
