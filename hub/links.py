"""Links between rows, as data: which column of one record points at which column of another.

A `Link` is said once, in a room's `queries.py`. `rows_behind` follows it for many rows in one statement; whoever turns reads
into one SQL statement reads the same `Link` as a join. Relationships of the tables stay `lazy="raise"`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased


@dataclass(frozen=True, eq=False)
class Link:
    """Rows whose `to` equals the parent's `key`; `many` says whether a list or one row stands behind it.

    `order` sorts a list; `where` leaves out what is not to be seen (a tombstone, say).
    """

    key: InstrumentedAttribute[Any]
    to: InstrumentedAttribute[Any]
    many: bool = False
    order: tuple[Any, ...] = ()
    where: tuple[ColumnElement[bool], ...] = ()

    @property
    def target(self) -> type[Any]:
        """Return the record class that stands behind the link."""
        return self.to.parent.class_


def rows_behind(session: Session, link: Link, keys: Collection[Any]) -> dict[Any, list[Any]]:
    """Return the rows behind `link` for each of `keys` (≤ 30,000), in the link's order; one statement, none without keys."""
    found: dict[Any, list[Any]] = defaultdict(list)
    if keys:
        wanted = select(link.target, link.to).where(link.to.in_(keys), *link.where).order_by(*link.order)
        for row, key in session.execute(wanted):
            found[key].append(row)
    return found


def counts_behind(session: Session, link: Link, keys: Collection[Any]) -> dict[Any, int]:
    """Return how many rows stand behind `link` for each of `keys` that has any; one statement, none without keys."""
    if not keys:
        return {}
    wanted = select(link.to, func.count()).where(link.to.in_(keys), *link.where).group_by(link.to)
    return {key: count for key, count in session.execute(wanted)}


def first_behind(
    session: Session, link: Link, keys: Collection[Any], *, order: Sequence[Any], limit: int
) -> dict[Any, list[Any]]:
    """Return at most the first `limit` rows in `order` behind `link` for each of `keys`; one statement, none without keys."""
    found: dict[Any, list[Any]] = defaultdict(list)
    if keys:
        place = func.row_number().over(partition_by=link.to, order_by=order).label("place")
        ranked = select(link.target, place).where(link.to.in_(keys), *link.where).subquery()
        row_class = aliased(link.target, ranked)
        wanted = select(row_class).where(ranked.c.place <= limit).order_by(ranked.c.place)
        for row in session.scalars(wanted):
            found[getattr(row, link.to.key)].append(row)
    return found
