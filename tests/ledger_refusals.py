"""What the tests of following a ledger share: what is refused, and what is kept of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.database import Database
from hub.errors import HubError
from hub.ledger.faults import (
    LedgerDoesNotVerify,
)
from hub.ledger.feed import FeedPage
from hub.ledger.records import Evidence
from tests.ledger_house import Reader


def evidence_of(database: Database) -> list[Evidence]:
    """Everything kept as evidence, oldest first."""
    with database.reading() as session:
        return list(session.scalars(select(Evidence).order_by(Evidence.id)))


def is_refused(reader: Reader, page: FeedPage, kind: type[HubError] = LedgerDoesNotVerify) -> None:
    """The page is refused, nothing of it is applied, and both notes are kept."""
    before = (reader.followed().applied_size, reader.count(), dict(reader.rooms.rows))
    with pytest.raises(kind):
        reader.take(page)
    assert (reader.followed().applied_size, reader.count(), reader.rooms.rows) == before
    assert evidence_of(reader.database)[-1].theirs == page.checkpoint_note
