"""The status feed of the competent seal system: what it says of imported seals becomes moves here, each written down.

The competent system is the authority for organs' seals (电子印章管理办法, 2025), so its word needs no officer; the built-in maker's seals are no
affair of the feed. A row is judged for itself: a bad one is answered with a code and stops no other. Rows may come again in any order: an
older one than the newest known changes nothing. Functions receive the session; the caller commits.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import SHANGHAI, Clock
from hub.seals.custody import Move, move
from hub.seals.faults import FeedMalformed, SealMoveRefused
from hub.seals.records import Seal
from hub.seals.rules import MAX_REASON, SealSource, SealStatus

MAX_FEED_BYTES = 16 * 1024 * 1024
FIELDS: Final = {
    "filing_number": ("filing_number", "备案编号"),
    "status": ("status", "状态"),
    "since": ("since", "自何时起"),
    "reason": ("reason", "原因"),
}
"""Each field under its English and its Chinese column name."""
STATUS_WORDS: dict[str, SealStatus] = {
    **{status.value: status for status in SealStatus},
    "已登记": SealStatus.REGISTERED,
    "启用": SealStatus.ACTIVE,
    "停用": SealStatus.SUSPENDED,
    "注销": SealStatus.CANCELLED,
}


class Outcome(StrEnum):
    """What became of a row."""

    MOVED = "MOVED"
    UNCHANGED = "UNCHANGED"  # the seal has this status already
    OUTDATED = "OUTDATED"  # something newer is known of the seal
    NOT_YET = "NOT_YET"  # `since` lies in the future: it is applied by a later run
    REJECTED = "REJECTED"  # `code` says why


@dataclass(frozen=True)
class RowOutcome:
    """What became of the row at `position` (from 1); `code` is the refusal's where the row was rejected."""

    position: int
    filing_number: str
    outcome: Outcome
    code: str | None = None


@dataclass(frozen=True)
class _Said:
    filing_number: str
    status: SealStatus
    since: datetime
    reason: str | None


def apply_status(session: Session, rows: Iterable[Mapping[str, Any]], *, source: str, clock: Clock) -> list[RowOutcome]:
    """Apply the feed's rows in their order and return one outcome a row; `source` is the feed's name, kept with each move.

    A row has filing_number, status, since (a date in Asia/Shanghai or an instant) and, if it wants, reason; Chinese column names do too.
    Two statements a row and two more a move.
    """
    return [_applied(session, row, position, source=source, clock=clock) for position, row in enumerate(rows, start=1)]


def read_feed(content: bytes) -> list[dict[str, Any]]:
    """Return the rows of a JSON array of objects or of a CSV file with a heading (UTF-8, with or without BOM); raises FeedMalformed."""
    if len(content) > MAX_FEED_BYTES:
        raise FeedMalformed
    try:
        text = content.decode("utf-8-sig")
        rows = json.loads(text) if text.lstrip().startswith("[") else list(csv.DictReader(io.StringIO(text)))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, csv.Error) as malformed:
        raise FeedMalformed from malformed
    if not all(isinstance(row, dict) for row in rows):
        raise FeedMalformed
    return rows


def _applied(session: Session, row: Mapping[str, Any], position: int, *, source: str, clock: Clock) -> RowOutcome:
    number = _text(row, "filing_number") or ""
    said = _said(row, number)
    if said is None:
        return RowOutcome(position, number[:64], Outcome.REJECTED, FeedMalformed.code)
    seal = session.scalar(
        select(Seal)
        .where(Seal.filing_number == number, Seal.source == SealSource.IMPORTED)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if seal is None:
        return RowOutcome(position, number, Outcome.REJECTED, "seal.missing")
    outcome = _compared(seal, said, clock)
    if outcome is not Outcome.MOVED:
        return RowOutcome(position, number, outcome)
    try:
        move(session, seal, Move(said.status, said.since, source, said.reason), clock=clock)
    except SealMoveRefused as refused:
        return RowOutcome(position, number, Outcome.REJECTED, refused.code)
    return RowOutcome(position, number, Outcome.MOVED)


def _compared(seal: Seal, said: _Said, clock: Clock) -> Outcome:
    if said.since > clock.now():
        return Outcome.NOT_YET
    if said.status is seal.status:
        return Outcome.UNCHANGED
    if seal.status_since is not None and said.since < seal.status_since:
        return Outcome.OUTDATED
    return Outcome.MOVED


def _said(row: Mapping[str, Any], number: str) -> _Said | None:
    """Return what the row says; None when a field is missing, unknown or too long."""
    status = STATUS_WORDS.get(_text(row, "status") or "")
    since = _instant(_text(row, "since") or "")
    reason = _text(row, "reason")
    if not 0 < len(number) <= 64 or status is None or since is None or len(reason or "") > MAX_REASON:
        return None
    return _Said(number, status, since, reason)


def _text(row: Mapping[str, Any], field: str) -> str | None:
    found: Iterator[Any] = (row[name] for name in FIELDS[field] if isinstance(row.get(name), str))
    return next(found, "").strip() or None


def _instant(text: str) -> datetime | None:
    """Return the instant; a bare date means the beginning of that day as the competent system counts it, in Asia/Shanghai."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(), SHANGHAI)
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
