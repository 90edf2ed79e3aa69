"""A page of a list that is whole in memory: short, read once by a verb, in the verb's order. Cursors name a row, not an offset."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from schema.context import Context
from schema.pages import Window


class ListedPage:
    """One window of `whole`; read by `Connection` exactly as a `Page` is.

    A cursor whose row has left the list meanwhile leads to an empty page. Raises what opening a foreign or altered cursor raises.
    """

    def __init__(
        self,
        context: Context,
        whole: Sequence[Any],
        wanted: Window,
        *,
        name: str,
        key: Callable[[Any], str],
        belongs: Mapping[str, str],
    ) -> None:
        self._cursors, self._whole, self._key, self._wanted = context.cursors, whole, key, wanted
        self._belongs = f"{name}|{hashlib.sha256(json.dumps(dict(belongs), sort_keys=True).encode()).hexdigest()}"
        self._start = 0 if wanted.after is None else self._place(wanted.after, "after") + 1
        self._end = len(whole) if wanted.before is None else self._place(wanted.before, "before")

    @property
    def total(self) -> int:
        """Return the number of rows of the whole list."""
        return len(self._whole)

    @cached_property
    def rows(self) -> Sequence[Any]:
        """Return the rows of the window, in the list's order."""
        return self._whole[self._first : self._last]

    @property
    def has_next(self) -> bool:
        """Say whether a row of the list comes after this page."""
        return self._last < len(self._whole)

    @property
    def has_previous(self) -> bool:
        """Say whether a row of the list comes before this page."""
        return self._first > 0

    def cursor(self, row: Any) -> str:
        """Return the cursor of one of the rows."""
        return self._cursors.seal([self._key(row)], self._belongs)

    @property
    def _first(self) -> int:
        return self._start if self._wanted.forward else max(self._start, self._end - self._wanted.rows)

    @property
    def _last(self) -> int:
        return max(self._start, min(self._end, self._start + self._wanted.rows)) if self._wanted.forward else self._end

    def _place(self, cursor: str, path: str) -> int:
        (wanted,) = self._cursors.open(cursor, self._belongs, path=path)
        found = (place for place, row in enumerate(self._whole) if self._key(row) == wanted)
        return next(found, len(self._whole) if path == "after" else 0)
