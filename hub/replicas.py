"""Records that stand in a public ledger: what every one carries, and the one way they get into tables.

A hub's own record and a partner's replica take the same road: `apply` turns the verified contents of a page into rows, one
statement a kind, so that a region reads the same whoever published it. Applying is idempotent by (origin, record id, version).
An origin speaks only for itself: `Shape.authority` names the region a content speaks for, and any other's is refused, as is
an id that another origin published first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import String, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from hub.database import Code, LongCode, Record

Content = Mapping[str, Any]

CREATED, UPDATED, UNCHANGED, TOMBSTONED = "created", "updated", "unchanged", "tombstoned"
NOT_UNDERSTOOD = "not_understood"  # kept raw by the reader; applied after an upgrade
REFUSED = "refused"  # the origin is not the authority for this record


class Replicated:
    """Who said it, which version, at which entry of the origin's ledger (None: this hub's own, looked up when asked).

    A tombstone hides the row from reads; the ledger keeps the history.
    """

    origin: Mapped[Code]  # region code of the authority
    record_id: Mapped[LongCode]
    version: Mapped[int]
    entry_index: Mapped[int | None]
    changed_at: Mapped[datetime]
    tombstoned_at: Mapped[datetime | None]


class Said(Protocol):
    """One verified entry of a public ledger, as the reader or this hub's own pen hands it over."""

    @property
    def region(self) -> str:
        """Return the code of the region whose ledger it stands in."""

    @property
    def record_id(self) -> str:
        """Return the record's id, unique within (region, kind)."""

    @property
    def version(self) -> int:
        """Return the record's version, from 1."""

    @property
    def index(self) -> int | None:
        """Return the entry's index, or None while it is not sequenced."""

    @property
    def content(self) -> Content | None:
        """Return the parsed content; `{"tombstone": true}` takes the record away."""


@dataclass(frozen=True)
class Shape:
    """How contents of one kind become rows of `record`.

    `columns` gives the row without what `Replicated` carries, raising KeyError, TypeError or ValueError for what it cannot
    understand; `authority` gives the region a content speaks for; `children` writes dependent rows for {row id: content}.
    """

    kind: str
    record: type[Record]
    columns: Callable[[Content], dict[str, Any]]
    authority: Callable[[Content], str | None]  # None: whoever publishes the id first
    identity: Callable[[Content], str]  # must equal the record id
    children: Callable[[Session, Mapping[int, Content]], None] | None = None


def apply(session: Session, shape: Shape, entries: Sequence[Said], *, at: datetime) -> list[str]:
    """Bring the rows of one kind to what `entries` (one origin, in ledger order) say; return one outcome for each.

    Five statements and those of `children`, however many entries. A tombstone leaves the row with `tombstoned_at`.
    """
    if not entries:
        return []
    origin = entries[0].region
    record: Any = shape.record
    ids = {entry.record_id for entry in entries}
    known: dict[str, int] = {
        row[0]: row[1]
        for row in session.execute(
            select(record.record_id, record.version).where(record.origin == origin, record.record_id.in_(ids))
        )
    }
    taken = set(session.scalars(select(record.record_id).where(record.origin != origin, record.record_id.in_(ids))))
    outcomes: list[str] = []
    rows: dict[str, dict[str, Any]] = {}
    contents: dict[str, Content] = {}
    gone: dict[str, Said] = {}
    for entry in entries:
        outcome, row = (REFUSED, None) if entry.record_id in taken else _row_of(shape, entry, known, at)
        outcomes.append(outcome)
        if outcome in (UNCHANGED, NOT_UNDERSTOOD, REFUSED):
            continue
        known[entry.record_id] = entry.version
        if row is None:
            gone[entry.record_id] = entry
        else:
            gone.pop(entry.record_id, None)
            rows[entry.record_id], contents[entry.record_id] = row, entry.content or {}
    _upsert(session, record, list(rows.values()))
    if shape.children and rows:
        keys = session.execute(
            select(record.id, record.record_id).where(record.origin == origin, record.record_id.in_(rows))
        )
        shape.children(session, {row[0]: contents[row[1]] for row in keys})
    for record_id, entry in gone.items():
        _bury(session, record, entry, origin=origin, record_id=record_id, at=at)
    return outcomes


def _row_of(shape: Shape, entry: Said, known: Mapping[str, int], at: datetime) -> tuple[str, dict[str, Any] | None]:
    if entry.content is None:
        return NOT_UNDERSTOOD, None
    if known.get(entry.record_id, 0) >= entry.version:
        return UNCHANGED, None
    if entry.content.get("tombstone") is True:
        return TOMBSTONED, None
    try:
        if shape.authority(entry.content) not in (None, entry.region):
            return REFUSED, None
        row = shape.columns(entry.content)
        if shape.identity(entry.content) != entry.record_id or not _fits(shape.record, row):
            return NOT_UNDERSTOOD, None
    except (KeyError, TypeError, ValueError, AttributeError):
        return NOT_UNDERSTOOD, None
    row |= {
        "origin": entry.region,
        "record_id": entry.record_id,
        "version": entry.version,
        "entry_index": entry.index,
        "changed_at": at,
        "tombstoned_at": None,
    }
    return (UPDATED if entry.record_id in known else CREATED), row


def _fits(record: type[Record], row: Mapping[str, Any]) -> bool:
    for column in inspect(record).columns:
        value = row.get(column.key)
        if (
            isinstance(column.type, String)
            and isinstance(value, str)
            and len(value) > (column.type.length or len(value))
        ):
            return False
    return True


def _upsert(session: Session, record: Any, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(record.__table__)
    changing = {name: statement.excluded[name] for name in rows[0] if name not in ("origin", "record_id")}
    session.execute(statement.on_conflict_do_update(index_elements=["origin", "record_id"], set_=changing), rows)


def _bury(session: Session, record: Any, entry: Said, *, origin: str, record_id: str, at: datetime) -> None:
    row = session.scalar(select(record).where(record.origin == origin, record.record_id == record_id))
    if row is not None:
        row.tombstoned_at, row.version, row.entry_index, row.changed_at = at, entry.version, entry.index, at
        session.flush()
