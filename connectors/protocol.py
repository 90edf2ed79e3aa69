"""What an adapter is: three verbs towards one kind of source, and the raw pages it yields.

An adapter knows how to reach a source and where its pages begin and end. It verifies nothing, applies nothing and sees no
database; `connectors.run` does that. It raises `HubError` for what it foresaw.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class RawBody:
    """An answer as the bytes it came in; `subject` says what was asked for, e.g. `("feed", "public")`."""

    subject: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class RawRow:
    """One record of a snapshot source: its fields by column, its place (row number from 1), and what is wrong with it if anything."""

    place: int
    fields: dict[str, Any]
    fault_zh: str | None = None
    fault_en: str | None = None


@dataclass(frozen=True, slots=True)
class RawRows:
    """Records of a snapshot source, in its order; `columns` are those the source has, empty if it cannot know them."""

    rows: tuple[RawRow, ...]
    columns: tuple[str, ...]
    source_bytes: bytes = field(default=b"", repr=False)  # the file itself, with the first page only


RawPage = RawBody | RawRows


class Adapter(Protocol):
    """Towards one source, for one run."""

    def check(self) -> None:
        """Return when the source's address or name is one that may be used; raises HubError. Asks nobody."""
        ...

    def pull(self, cursor: Any) -> Iterator[RawPage]:
        """Yield the source's pages from `cursor` (JSON, None: from the beginning) to its present end.

        A page is made when it is asked for, so that what came before has been applied. A snapshot always begins at its
        beginning. Ending without an error means: that was everything.
        """
        ...

    def stop(self) -> None:
        """Make a `pull` under way in another thread end soon; called once, also after a normal end."""
        ...
