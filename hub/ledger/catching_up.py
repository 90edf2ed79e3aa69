"""Later use of what a followed ledger already delivered: entries not understood then, and contents not permitted then.

The tree was verified when the entries came; here contents are checked against the headers held, and applied. The cursor
does not move.

Source: exchange.md section 3 (kept raw, applied after an upgrade; when a grant widens).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.ledger.applying import PageReport, Projector, project_entries, report_of
from hub.ledger.faults import LedgerDoesNotVerify, LedgerStopped
from hub.ledger.feed_lines import FeedEntry
from hub.ledger.hashes import HashName
from hub.ledger.names import BATCH, Withheld
from hub.ledger.origin import parse_origin
from hub.ledger.records import FollowedEntry, FollowedLedger
from hub.ledger.verifying import CheckedEntry, checked_entry, read_header

_COLUMNS: Final = (
    FollowedEntry.index.label("place"),  # a row has an `index` of its own
    FollowedEntry.header,
    FollowedEntry.content,
    FollowedEntry.salt,
    FollowedEntry.withheld,
)


def replay_not_understood(
    session: Session, followed: FollowedLedger, *, clock: Clock, project: Projector, after: int = -1
) -> PageReport:
    """Try again up to BATCH entries of index above `after` that were kept raw; return what became of them.

    What is understood now is applied in ledger order; the rest stays raw. `seen` less than BATCH means there are no more.
    """
    rows = session.execute(
        select(*_COLUMNS)
        .where(
            FollowedEntry.ledger_id == followed.id,
            FollowedEntry.understood.is_(False),
            FollowedEntry.index > after,
        )
        .order_by(FollowedEntry.index)
        .limit(BATCH)
    ).all()
    entries = [_read_again(row, followed) for row in rows]
    outcomes = project_entries(session, followed, entries, clock=clock, project=project)
    _rewrite(session, followed, [entry for entry in entries if entry.understood])
    return report_of(entries, outcomes, followed.note_size)


def fill_content(
    session: Session, followed: FollowedLedger, entries: Sequence[FeedEntry], *, clock: Clock, project: Projector
) -> PageReport:
    """Take contents this hub was not permitted or addressed before, for entries it holds, and apply them.

    Entries still withheld, held already or erased are passed over. Raises LedgerDoesNotVerify, with nothing applied, if a
    header is not the one held or a content does not match it, and LedgerStopped.
    """
    if followed.stopped_code is not None:
        raise LedgerStopped("该账本已停止跟读。", "Following that ledger is stopped.")
    offered = {entry.index: entry for entry in entries if entry.content is not None}
    rows = session.execute(
        select(*_COLUMNS)
        .where(
            FollowedEntry.ledger_id == followed.id,
            FollowedEntry.index.in_(offered),
            FollowedEntry.content.is_(None),
            FollowedEntry.erased_at.is_(None),
            FollowedEntry.withheld != Withheld.ERASED.value,
        )
        .order_by(FollowedEntry.index)
    ).all()
    filled = [_filled(row, offered[row.place], followed) for row in rows]
    outcomes = project_entries(session, followed, filled, clock=clock, project=project)
    _rewrite(session, followed, filled)
    return report_of(filled, outcomes, followed.note_size)


def _read_again(row: Row[*tuple[Any, ...]], followed: FollowedLedger) -> CheckedEntry:
    entry = CheckedEntry(row.place, row.header, row.content, row.salt, row.withheld)
    read_header(entry, parse_origin(followed.origin), HashName(followed.hash))
    return entry


def _filled(row: Row[*tuple[Any, ...]], offered: FeedEntry, followed: FollowedLedger) -> CheckedEntry:
    if offered.header.encode() != row.header:
        raise LedgerDoesNotVerify("条目头与已核验的不同。", "The header is not the one verified before.")
    return checked_entry(offered, row.header, parse_origin(followed.origin), HashName(followed.hash))


def _rewrite(session: Session, followed: FollowedLedger, entries: Sequence[CheckedEntry]) -> None:
    for entry in entries:
        session.execute(
            update(FollowedEntry)
            .where(FollowedEntry.ledger_id == followed.id, FollowedEntry.index == entry.index)
            .values(
                content=entry.content,
                salt=entry.salt,
                withheld=entry.withheld,
                kind=entry.kind,
                record_id=entry.record_id,
                version=entry.version,
                understood=entry.understood,
            )
        )
