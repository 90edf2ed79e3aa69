"""Relay connections over keyset cursors, in both directions (Relay Cursor Connections Specification).

Default 50 rows, at most 200; a size outside 0 to 200 is a coded error and never capped silently. Rows are read when edges or
page info are asked for, the number of all rows when `totalCount` is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from hub.errors import ValidationFailed
from schema.context import Context
from schema.declare import PUBLIC, Attribute, mapped, noun, resolved, words
from schema.keyset import Listing

T = TypeVar("T")

DEFAULT_PAGE_ROWS = 50
MAX_PAGE_ROWS = 200

First = Annotated[
    int | None,
    strawberry.argument(description=words("从前往后取几条，0 到 200。", "How many from the start, 0 to 200.")),
]
Last = Annotated[
    int | None, strawberry.argument(description=words("从后往前取几条，0 到 200。", "How many from the end, 0 to 200."))
]
After = Annotated[str | None, strawberry.argument(description=words("在此游标之后。", "After this cursor."))]
Before = Annotated[str | None, strawberry.argument(description=words("在此游标之前。", "Before this cursor."))]


class PageSizeInvalid(ValidationFailed):
    """A page was asked with a negative number of rows.

    Cure: give `first` or `last` from 0 to 200.
    """

    code = "paging.size_invalid"


class PageTooLarge(ValidationFailed):
    """A page was asked with more rows than one answer holds.

    Cure: ask for at most 200 and follow the cursors.
    """

    code = "paging.too_large"


class BothDirections(ValidationFailed):
    """`first` and `last` were given together, which no page can satisfy.

    Cure: give one of them.
    """

    code = "paging.first_and_last"


@dataclass(frozen=True)
class Window:
    """The part of a list that was asked for: checked sizes, unopened cursors."""

    rows: int
    forward: bool
    after: str | None
    before: str | None


def window(first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
    """Return the checked window; raises PageSizeInvalid, PageTooLarge or BothDirections.

    Without a size 50 rows: the first ones, or the last ones where only `before` is given.
    """
    if first is not None and last is not None:
        raise BothDirections("first 与 last 不能同时给出。", "first and last cannot be given together.", path="last")
    path, size = ("first", first) if last is None else ("last", last)
    if size is not None and size < 0:
        raise PageSizeInvalid(f"{path} 不能为负数。", f"{path} must not be negative.", path=path)
    if size is not None and size > MAX_PAGE_ROWS:
        raise PageTooLarge(
            f"{path} 为 {size}，上限是 {MAX_PAGE_ROWS}。", f"{path} is {size}, the limit is {MAX_PAGE_ROWS}.", path=path
        )
    backward = last is not None or (first is None and before is not None and after is None)
    return Window(DEFAULT_PAGE_ROWS if size is None else size, not backward, after, before)


class Page:
    """One window of one list, read on demand in the operation's snapshot."""

    def __init__(self, context: Context, listing: Listing, wanted: Window) -> None:
        self.listing = listing
        self.wanted = wanted
        self._context = context
        opened = context.cursors.open
        self._after = None if wanted.after is None else opened(wanted.after, listing.belongs_to, path="after")
        self._before = None if wanted.before is None else opened(wanted.before, listing.belongs_to, path="before")

    @cached_property
    def total(self) -> int:
        """Return the number of rows of the whole list; one statement."""
        return self._context.session.scalar(self.listing.count()) or 0

    @property
    def rows(self) -> list[Any]:
        """Return the rows of the window, in the list's order."""
        return self._read[0]

    @property
    def has_next(self) -> bool:
        """Say whether a row of the list comes after this page."""
        return self._more(forward=True)

    @property
    def has_previous(self) -> bool:
        """Say whether a row of the list comes before this page."""
        return self._more(forward=False)

    def cursor(self, row: Any) -> str:
        """Return the cursor of one of the rows."""
        return self._context.cursors.seal(self.listing.sort.position(row), self.listing.belongs_to)

    @cached_property
    def _read(self) -> tuple[list[Any], bool]:
        """The rows, and whether one more was there in the direction of reading."""
        if self.wanted.rows == 0:
            return [], False
        found = self._fetch(self.wanted.rows + 1)
        rows = list(found[: self.wanted.rows])
        if not self.wanted.forward:
            rows.reverse()
        self._context.peers.together(rows)
        return rows, len(found) > self.wanted.rows

    def _fetch(self, limit: int) -> Sequence[Any]:
        sort = self.listing.sort
        conditions = []
        if self._after is not None:
            conditions.append(sort.beyond(self._after, forward=True))
        if self._before is not None:
            conditions.append(sort.beyond(self._before, forward=False))
        statement = self.listing.page(conditions, forward=self.wanted.forward, limit=limit)
        return self._context.session.scalars(statement).all()

    def _more(self, *, forward: bool) -> bool:
        rows, further = self._read
        if further and self.wanted.forward == forward:
            return True
        bound = self._before if forward else self._after
        if rows:
            edge = self.listing.sort.position(rows[-1] if forward else rows[0])
            return bound is not None and self._exists(edge, forward=forward)
        return self._more_around_nothing(forward=forward)

    def _more_around_nothing(self, *, forward: bool) -> bool:
        """An empty page lies where its reading began: right behind that cursor, or at that end of the list."""
        began = self._after if self.wanted.forward else self._before
        ahead = self.wanted.forward == forward
        if began is None:
            return ahead and self._context.session.execute(self.listing.any()).first() is not None
        return self._exists(began, forward=forward, including=not ahead)

    def _exists(self, position: list[Any], *, forward: bool, including: bool = False) -> bool:
        condition = self.listing.sort.beyond(position, forward=forward, including=including)
        return self._context.session.execute(self.listing.any(condition)).first() is not None


@dataclass(frozen=True)
class PageEdge:
    """A row with the page it stands on."""

    page: Page
    node: Any


@noun(zh="分页情况（Relay 规范）。", en="Where a page lies in its list (Relay).")
class PageInfo:
    """Where a page lies in its list; read from a `Page`."""

    has_next_page: bool = mapped(
        Attribute("has_next"), access=PUBLIC, zh="其后是否还有。", en="Whether a row comes after this page."
    )
    has_previous_page: bool = mapped(
        Attribute("has_previous"), access=PUBLIC, zh="其前是否还有。", en="Whether a row comes before this page."
    )

    @resolved(access=PUBLIC, zh="首条的游标；空页为 null。", en="Cursor of the first row; null on an empty page.")
    def start_cursor(root: Page) -> str | None:
        """Return the first row's cursor."""
        return root.cursor(root.rows[0]) if root.rows else None

    @resolved(access=PUBLIC, zh="末条的游标；空页为 null。", en="Cursor of the last row; null on an empty page.")
    def end_cursor(root: Page) -> str | None:
        """Return the last row's cursor."""
        return root.cursor(root.rows[-1]) if root.rows else None


@noun(zh="连接中的一条。", en="One row of a connection.")
class Edge(Generic[T]):
    """One row of a connection; read from a `PageEdge`."""

    node: T = mapped(Attribute("node"), access=PUBLIC, zh="这条记录。", en="The record.")

    @resolved(access=PUBLIC, zh="这条的游标，只能用于同一列表。", en="Its cursor, good for the same list only.")
    def cursor(root: PageEdge) -> str:
        """Return the row's cursor."""
        return root.page.cursor(root.node)


@noun(zh="分页列表（Relay 规范）。", en="A paged list (Relay).")
class Connection(Generic[T]):
    """A paged list; read from a `Page`."""

    total_count: int = mapped(
        Attribute("total"), access=PUBLIC, zh="全部条数，问到时才计算。", en="Number of all rows, counted when asked."
    )

    @resolved(access=PUBLIC, zh="本页各条。", en="The rows of this page.")
    def edges(root: Page) -> list[Edge[T]]:
        """Return the page's rows."""
        return [PageEdge(root, row) for row in root.rows]  # type: ignore[misc]

    @resolved(access=PUBLIC, zh="分页情况。", en="Where this page lies in the list.")
    def page_info(root: Page) -> PageInfo:
        """Return the page itself."""
        return root  # type: ignore[return-value]
