"""Later use of what a followed ledger already delivered: entries not understood then, and contents not permitted then.

The tree was verified when the entries came; here contents are checked against the headers held, and applied. The cursor
does not move. Nothing here fetches.

Source: exchange.md section 3 (kept raw, applied after an upgrade; when a grant widens).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, or_, select, true, update
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.ledger.applying import (
    PageReport,
    Projector,
    learn_rotations,
    obey_erasures,
    project_entries,
    report_of,
)
from hub.ledger.faults import LedgerDoesNotVerify, LedgerStopped
from hub.ledger.feed_lines import FeedEntry
from hub.ledger.hashes import HashName
from hub.ledger.names import BATCH, Withheld
from hub.ledger.origin import parse_origin
from hub.ledger.records import FollowedEntry, FollowedLedger
from hub.ledger.trust import trusted_keys
from hub.ledger.verifying import CheckedEntry, checked_entry, read_header

_COLUMNS: Final = (
    FollowedEntry.index.label("place"),  # a row has an `index` of its own
    FollowedEntry.header,
    FollowedEntry.content,
    FollowedEntry.salt,
    FollowedEntry.withheld,
)


def replay_not_understood(
    session: Session,
    followed: FollowedLedger,
    *,
    clock: Clock,
    project: Projector,
    after: int = -1,
    kinds: Collection[str] | None = None,
) -> PageReport:
    """Try again up to BATCH entries of index above `after` that were kept raw; return what became of them.

    What is understood now is applied in ledger order, erasures are obeyed; the rest stays raw. `kinds` are those worth trying (None:
    all); what could not even be read then is always tried. `seen` less than BATCH means there are no more after `last`.
    """
    worth = true() if kinds is None else or_(FollowedEntry.kind.is_(None), FollowedEntry.kind.in_(kinds))
    rows = session.execute(
        select(*_COLUMNS)
        .where(
            FollowedEntry.ledger_id == followed.id,
            ~FollowedEntry.understood,  # as the partial index says it; SQLite does not see that IS 0 means the same
            FollowedEntry.index > after,
            worth,
        )
        .order_by(FollowedEntry.index)
        .limit(BATCH)
    ).all()
    entries = [_read_again(row, followed) for row in rows]
    return _applied_late(session, followed, entries, clock=clock, project=project)


def withheld_span(session: Session, followed: FollowedLedger, *, begin: int, end: int, most: int) -> range | None:
    """Return the indexes, at most `most` together, from the first withheld entry in begin..end to the last that fits; None for none.

    Withheld: this hub was not permitted or not addressed then, and a wider grant may change that. Two statements.
    """
    first = session.scalar(
        select(func.min(FollowedEntry.index)).where(*_withheld(followed), FollowedEntry.index.between(begin, end - 1))
    )
    if first is None:
        return None
    fitting = FollowedEntry.index.between(first, min(first + most, end) - 1)
    last = session.scalar(select(func.max(FollowedEntry.index)).where(*_withheld(followed), fitting))
    return range(first, (first if last is None else last) + 1)


def fill_content(
    session: Session, followed: FollowedLedger, entries: Sequence[FeedEntry], *, clock: Clock, project: Projector
) -> PageReport:
    """Take contents this hub was not permitted or addressed before, for entries it holds, and apply them.

    Entries still withheld, held already or erased are passed over; erasures among them are obeyed. Raises
    LedgerDoesNotVerify, with nothing applied, if a header is not the one held or a content does not match it, and LedgerStopped.
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
    return _applied_late(session, followed, filled, clock=clock, project=project)


def _withheld(followed: FollowedLedger) -> tuple[ColumnElement[bool], ...]:
    reasons = (Withheld.NOT_PERMITTED.value, Withheld.NOT_ADDRESSED.value)
    return FollowedEntry.ledger_id == followed.id, FollowedEntry.withheld.in_(reasons)


def _applied_late(
    session: Session, followed: FollowedLedger, entries: Sequence[CheckedEntry], *, clock: Clock, project: Projector
) -> PageReport:
    """Do with entries that are on the tree already what applying their page would have done, and keep them as they are read now."""
    keys = trusted_keys(session, followed.origin)
    learn_rotations(session, followed, entries, note=followed.note or "", keys=keys, clock=clock)
    outcomes = project_entries(session, followed, entries, clock=clock, project=project)
    _rewrite(session, followed, entries)
    erased, dropped = obey_erasures(session, followed, entries, clock=clock, project=project)
    outcomes["tombstoned"] += dropped
    return report_of(entries, outcomes, followed.note_size, erased=erased)


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
