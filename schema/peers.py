"""Rows that were loaded together; what one of them needs is loaded for all of them, in one statement.

A list that was answered is a batch of peers. When the first of them is asked for its materials, the materials of all are
loaded; those are peers in turn. So an operation costs as many statements as it has kinds of links, however many rows it
answers. Lives for one operation: nothing is shared between requests or callers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from hub.links import Link, counts_behind, rows_behind


class Peers:
    """The batches of one operation; `session` answers the session to read in."""

    def __init__(self, session: Callable[[], Session]) -> None:
        self._session = session
        self._batch: dict[int, list[Any]] = {}
        self._known: dict[tuple[Hashable, int], Any] = {}
        self._kept: list[Any] = []

    def together(self, rows: Sequence[Any]) -> list[Any]:
        """Say that `rows` were loaded together; return them, each once. They are kept: an id() is unique only while its row lives."""
        batch = list({id(row): row for row in rows}.values())
        self._kept.append(batch)
        for row in batch:
            self._batch[id(row)] = batch
        return batch

    def of(self, row: Any) -> list[Any]:
        """Return the rows that `row` was loaded with, itself included."""
        return self._batch.get(id(row)) or self.together([row])

    def shared(self, what: Hashable, row: Any, load: Callable[[list[Any]], Sequence[Any]]) -> Any:
        """Return `what` of `row`; `load` answers it for a list of peers, in their order, and is called once for all."""
        known = self._known.get((what, id(row)), self)
        if known is not self:
            return known
        batch = [peer for peer in self.of(row) if (what, id(peer)) not in self._known]
        for peer, value in zip(batch, load(batch), strict=True):
            self._known[what, id(peer)] = value
        return self._known[what, id(row)]

    def linked(self, link: Link, row: Any) -> Any:
        """Return the row or the list of rows behind `link`; None where a single row is missing."""
        return self.shared(link, row, lambda rows: self._follow(link, rows))

    def counted(self, link: Link, row: Any) -> int:
        """Return how many rows stand behind `link`."""
        return int(self.shared(("count", link), row, lambda rows: self._count(link, rows)))

    def _follow(self, link: Link, rows: list[Any]) -> list[Any]:
        keys = [getattr(row, link.key.key) for row in rows]
        found = rows_behind(self._session(), link, {key for key in keys if key is not None})
        self.together([row for group in found.values() for row in group])
        if link.many:
            return [found.get(key, []) for key in keys]
        return [next(iter(found.get(key, ())), None) for key in keys]

    def _count(self, link: Link, rows: list[Any]) -> list[int]:
        keys = [getattr(row, link.key.key) for row in rows]
        counts = counts_behind(self._session(), link, set(keys))
        return [counts.get(key, 0) for key in keys]
