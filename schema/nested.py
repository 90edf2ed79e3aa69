"""Connections inside rows: the uses of a seal, the rejects of a run. One statement for all peers, however many there are.

Without a cursor the first rows of all peers are read together. With a cursor, or from the end, each parent asks for itself:
a cursor belongs to one parent, so it is refused by every other one before anything is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select

from hub.links import Link, first_behind
from schema.context import Context
from schema.keyset import Listing, Sort
from schema.pages import Page, Window


@dataclass(frozen=True)
class Inner:
    """A list inside rows: its name, the link behind which it stands, and its order."""

    name: str
    link: Link
    sort: Sort


class NestedPage(Page):
    """A window of the list behind `link` of one row."""

    def __init__(self, context: Context, inner: Inner, row: Any, wanted: Window) -> None:
        link = inner.link
        key = getattr(row, link.key.key)
        rows = select(link.target).where(link.to == key, *link.where)
        super().__init__(context, Listing(inner.name, rows, inner.sort, {"of": key}), wanted)
        self._link, self._row = link, row

    @cached_property
    def total(self) -> int:
        """Return the number of rows behind the link; counted for all peers at once."""
        return self._context.peers.counted(self._link, self._row)

    def _fetch(self, limit: int) -> Sequence[Any]:
        if self._after is not None or self._before is not None or not self.wanted.forward:
            return super()._fetch(limit)
        found: Sequence[Any] = self._context.peers.shared(
            (self.listing.name, limit), self._row, lambda rows: self._first(rows, limit)
        )
        return found

    def _first(self, rows: list[Any], limit: int) -> list[list[Any]]:
        keys = [getattr(row, self._link.key.key) for row in rows]
        order = self.listing.sort.order(forward=True)
        found = first_behind(self._context.session, self._link, set(keys), order=order, limit=limit)
        self._context.peers.together([row for group in found.values() for row in group])
        return [found.get(key, []) for key in keys]
