"""What the tests of recovery share: a backup brought back, and partners that hold what was lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from sqlalchemy import select

from hub.database import Database
from hub.ledger.feed import FeedPage
from hub.ledger.following import held_entries
from hub.ledger.names import LedgerName
from hub.ledger.queries import ledger_named
from hub.ledger.records import LedgerEntry
from hub.ledger.recovery import Fetch
from tests.ledger_house import House, Reader

QINDU, WEICHENG = "xianyang-qindu", "xianyang-weicheng"
NewDatabase = Callable[[], Database]
BackupOf = Callable[[Database], Database]


def brought_back(house: House, backup: Database) -> House:
    """The same house on the database of its backup."""
    return dataclasses.replace(house, database=backup)


def held_page(reader: Reader, owner: str, after: int, first: int) -> FeedPage:
    """What `reader` holds of the ledger of `owner`, for the owner."""
    with reader.database.reading() as session:
        return held_entries(session, origin=reader.origin, owner=owner, after=after, first=first)


def taken_from(*readers: tuple[str, Reader]) -> Fetch:
    """What asks these readers, by region, for the entries they hold."""

    def fetch(after: int, first: int) -> Sequence[tuple[str, FeedPage]]:
        return [(region, held_page(reader, "xixian-fengdong", after, first)) for region, reader in readers]

    return fetch


def entries_of(house: House, name: LedgerName = LedgerName.PUBLIC) -> list[LedgerEntry]:
    """The entries of one ledger in their order."""
    with house.database.reading() as session:
        ledger = ledger_named(session, name)
        found = select(LedgerEntry).where(LedgerEntry.ledger_id == ledger.id).order_by(LedgerEntry.id)
        return list(session.scalars(found))


def with_its_end_lost(house: House, backup_of: BackupOf, reader: Reader) -> House:
    """Three entries, a backup, three more that the reader applied; then the backup is all there is."""
    house.grow(3)
    backup = backup_of(house.database)
    house.grow(3, "q")
    reader.pull(house)
    return brought_back(house, backup)
