"""Where a row stands in a sorted list, and which rows come after or before it.

A list is sorted by (x IS NULL, x, id): nulls last, ties broken by the row's own id, text by its bytes. Positions are values,
not offsets, so that rows inserted or deleted between two pages neither repeat nor hide any other row.
"""

from __future__ import annotations

import datetime
import enum
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, func, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from hub.bytewise import bytewise


@dataclass(frozen=True, eq=False)
class Sort:
    """One order of a list: by `column`, then by `tie`, a column without nulls or repetitions."""

    name: str
    column: InstrumentedAttribute[Any]
    tie: InstrumentedAttribute[Any]
    descending: bool = False

    @property
    def nullable(self) -> bool:
        """Say whether the sort column can be null."""
        return bool(self.column.property.columns[0].nullable)

    def order(self, *, forward: bool) -> list[ColumnElement[Any]]:
        """Return the ORDER BY terms, of the list itself or reversed."""
        up = forward != self.descending
        values = [_comparable(self.column), _comparable(self.tie)]
        terms: list[ColumnElement[Any]] = [value.asc() if up else value.desc() for value in values]
        if self.nullable:
            absent = self.column.is_(None)
            terms.insert(0, absent.asc() if forward else absent.desc())
        return terms

    def position(self, row: Any) -> list[Any]:
        """Return the row's position as JSON values."""
        return [_plain(getattr(row, self.column.key)), _plain(getattr(row, self.tie.key))]

    def beyond(self, position: list[Any], *, forward: bool, including: bool = False) -> ColumnElement[bool]:
        """Return the condition that a row comes after `position` (forward) or before it; `including` the row itself."""
        value, tie = position
        up = forward != self.descending
        at_tie = _comparable(self.tie), _bound(self.tie, tie)
        further = at_tie[0] > at_tie[1] if up else at_tie[0] < at_tie[1]
        if value is None:
            same = and_(self.column.is_(None), further)
            outside = same if forward else or_(self.column.is_not(None), same)
        else:
            here = tuple_(_comparable(self.column), at_tie[0])
            there = tuple_(_bound(self.column, value), at_tie[1])
            outside = here > there if up else here < there
            if self.nullable and forward:
                outside = or_(outside, self.column.is_(None))
        return or_(outside, at_tie[0] == at_tie[1]) if including else outside


@dataclass(frozen=True, eq=False)
class Listing:
    """A list that can be paged: its name, its rows, its order, and the filter values that a cursor is bound to."""

    name: str
    rows: Select[Any]
    sort: Sort
    filter: Mapping[str, Any] = field(default_factory=dict)

    @property
    def belongs_to(self) -> str:
        """Return what a cursor of this list is bound to."""
        facts = json.dumps(dict(self.filter), sort_keys=True, default=str)
        direction = "desc" if self.sort.descending else "asc"
        return f"{self.name}|{self.sort.name}|{direction}|{hashlib.sha256(facts.encode()).hexdigest()}"

    def page(self, conditions: list[ColumnElement[bool]], *, forward: bool, limit: int) -> Select[Any]:
        """Return the statement for the first `limit` rows under `conditions` in one direction."""
        return self.rows.where(*conditions).order_by(*self.sort.order(forward=forward)).limit(limit)

    def count(self) -> Select[Any]:
        """Return the statement for the number of rows."""
        return self.rows.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)

    def any(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        """Return the statement that answers one row if any row meets `conditions`."""
        return self.rows.with_only_columns(self.sort.tie, maintain_column_froms=True).where(*conditions).limit(1)


def _comparable(column: InstrumentedAttribute[Any]) -> Any:
    return bytewise(column) if isinstance(column.type, String) else column


def _bound(column: InstrumentedAttribute[Any], value: Any) -> Any:
    return bindparam(None, _typed(column, value), type_=column.type, unique=True)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, enum.Enum):
        return value.value
    return str(value) if isinstance(value, Decimal) else value


def _typed(column: InstrumentedAttribute[Any], value: Any) -> Any:
    kind = column.type.python_type
    if issubclass(kind, datetime.date):
        return kind.fromisoformat(value)
    return kind(value) if issubclass(kind, enum.Enum | Decimal) else value
