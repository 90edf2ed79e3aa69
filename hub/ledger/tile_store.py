"""Where tiles rest: those of this hub's own ledgers and those of the ledgers it follows, in one shape.

Tiles only grow; writing one twice is harmless. Nothing here decides what may be appended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hub.ledger.records import FollowedTile, LedgerTile


class StoredTiles:
    """The tiles of one ledger, with those just grown laid over them; satisfies `tiles.TileReader`."""

    def __init__(self, session: Session, record: type[LedgerTile] | type[FollowedTile], ledger_id: int) -> None:
        self._session = session
        self._record = record
        self._ledger_id = ledger_id
        self._grown: dict[tuple[int, int], bytes] = {}

    def tile(self, level: int, index: int) -> bytes:
        """Return the widest tile at this place, empty if there is none. One statement unless it was just grown."""
        if (level, index) in self._grown:
            return self._grown[level, index]
        record = self._record
        found = self._session.scalar(
            select(record.hashes).where(
                record.ledger_id == self._ledger_id, record.level == level, record.index == index
            )
        )
        return found or b""

    def write(self, grown: Mapping[tuple[int, int], bytes]) -> None:
        """Store the tiles, replacing narrower ones. One statement."""
        if not grown:
            return
        self._grown.update(grown)
        rows = [
            {"ledger_id": self._ledger_id, "level": level, "index": index, "hashes": hashes}
            for (level, index), hashes in grown.items()
        ]
        table: Any = self._record.__table__
        dialect = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        insert = dialect.insert(table)
        self._session.execute(
            insert.on_conflict_do_update(
                index_elements=["ledger_id", "level", "index"], set_={"hashes": insert.excluded.hashes}
            ),
            rows,
        )


def own_tiles(session: Session, ledger_id: int) -> StoredTiles:
    """Return the tiles of one of this hub's ledgers."""
    return StoredTiles(session, LedgerTile, ledger_id)


def followed_tiles(session: Session, ledger_id: int) -> StoredTiles:
    """Return the tiles of a followed ledger, as far as it was applied."""
    return StoredTiles(session, FollowedTile, ledger_id)
