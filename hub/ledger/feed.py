"""The feed of a ledger: every header, in order, and the contents this reader may have, with the proof to a signed checkpoint.

Only sequenced entries appear. A content that is kept back is named so, never silently missing. `after` is how many entries
the reader holds. Who the reader is was settled above; nothing here authenticates.

Source: exchange.md section 3; RFC 9162 2.1.4 (consistency).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from hub.errors import ValidationFailed
from hub.ledger.faults import AfterBeyondEnd, LedgerNotSequenced
from hub.ledger.feed_lines import FeedEntry, FeedPage, encoded, from_ndjson, to_ndjson
from hub.ledger.hashes import HashName
from hub.ledger.keys import Verifier
from hub.ledger.names import BATCH, PARTNER_KINDS, LedgerName, Withheld
from hub.ledger.queries import key_rows, ledger_named, newest_checkpoint
from hub.ledger.records import Ledger, LedgerCheckpoint, LedgerEntry
from hub.ledger.tile_store import own_tiles
from hub.ledger.tiles import consistency_proof

__all__ = ["FIRST_MAX", "FeedEntry", "FeedPage", "bounded", "feed_page", "from_ndjson", "to_ndjson", "within_bytes"]

FIRST_MAX: Final = BATCH
"""The most entries on a page."""
PAGE_MAX_BYTES: Final = 4 * 1024 * 1024
"""How many bytes of headers and contents a page holds at most, unless its first entry alone is longer."""


def feed_page(
    session: Session,
    *,
    name: LedgerName,
    after: int,
    first: int,
    reader: str | None,
    whole: bool = False,
    granted: Collection[str] = frozenset(),
    signed_by: Collection[str] = (),
) -> FeedPage:
    """Return up to `first` entries after the first `after`, as `reader` (a partner's region code; None: anyone) may see them.

    Each page leads to the newest checkpoint. `signed_by` are the IDs (hex) of the keys the reader trusts: if none of them has
    signed the newest, the newest that one has signed is given instead, so that a reader who slept through a rotation finds
    it vouched for by the key it knows. `whole` gives every content there is; `granted` are further kinds the reader may read.
    About five statements. Raises ValidationFailed for `first` outside 1..FIRST_MAX, AfterBeyondEnd, LedgerNotSequenced.
    """
    bounded(after, first)
    ledger = ledger_named(session, name)
    checkpoint = _checkpoint(session, ledger, signed_by)
    if checkpoint is None:
        raise LedgerNotSequenced("账本尚无检查点，请稍后再试。", "The ledger has no checkpoint yet; ask again.")
    if after > checkpoint.size:
        raise AfterBeyondEnd(
            f"账本只有 {checkpoint.size} 条，早于读者所称的 {after} 条。",
            f"The ledger has {checkpoint.size} entries, fewer than the {after} the reader says it holds.",
        )
    rows = _rows(session, ledger.id, after, min(after + first, checkpoint.size))
    entries = [_entry(row, ledger, reader=reader, whole=whole, granted=granted) for row in rows]
    end = after + len(entries)
    proof = consistency_proof(own_tiles(session, ledger.id), HashName(ledger.hash), end, checkpoint.size)
    return FeedPage(ledger.origin, checkpoint.note, checkpoint.size, checkpoint.root, proof, entries)


def bounded(after: int, first: int) -> None:
    """Return if a page of this position and length may be asked for; raises ValidationFailed."""
    if not 1 <= first <= FIRST_MAX:
        raise ValidationFailed(
            f"每页条数须在 1 到 {FIRST_MAX} 之间。", f"first must lie between 1 and {FIRST_MAX}.", path="first"
        )
    if after < 0:
        raise ValidationFailed("after 不能为负。", "after must not be negative.", path="after")


def within_bytes(lengths: Sequence[int]) -> int:
    """Return how many of the entries of these lengths fit on one page: at least one, if there is any."""
    total = 0
    for count, length in enumerate(lengths):
        total += length
        if total > PAGE_MAX_BYTES and count > 0:
            return count
    return len(lengths)


def _checkpoint(session: Session, ledger: Ledger, signed_by: Collection[str]) -> LedgerCheckpoint | None:
    newest = newest_checkpoint(session, ledger.id)
    if newest is None or not signed_by:
        return newest
    ends = [
        newest.size if key.to_size is None else key.to_size
        for key in key_rows(session, ledger.id)
        if Verifier(ledger.origin, key.algorithm, key.public_key).key_id.hex() in signed_by
    ]
    if not ends or max(ends) >= newest.size:
        return newest
    return session.scalar(
        select(LedgerCheckpoint)
        .where(LedgerCheckpoint.ledger_id == ledger.id, LedgerCheckpoint.size <= max(ends))
        .order_by(LedgerCheckpoint.size.desc())
        .limit(1)
    )


def _rows(session: Session, ledger_id: int, after: int, end: int) -> Sequence[Row[Any]]:
    """Return the entries from `after` to before `end`, as many as fit on a page; the lengths are asked for first."""
    here = (LedgerEntry.ledger_id == ledger_id, LedgerEntry.index >= after)
    length = func.length(LedgerEntry.header) + func.coalesce(func.length(LedgerEntry.content), 0)
    lengths = session.scalars(select(length).where(*here, LedgerEntry.index < end).order_by(LedgerEntry.index)).all()
    columns = (
        LedgerEntry.index.label("place"),  # a row has an `index` of its own
        LedgerEntry.kind,
        LedgerEntry.header,
        LedgerEntry.content,
        LedgerEntry.salt,
        LedgerEntry.addressees,
    )
    stop = after + within_bytes(lengths)
    return session.execute(select(*columns).where(*here, LedgerEntry.index < stop).order_by(LedgerEntry.index)).all()


def _entry(row: Row[Any], ledger: Ledger, *, reader: str | None, whole: bool, granted: Collection[str]) -> FeedEntry:
    withheld = _withheld(row, ledger, reader=reader, whole=whole, granted=granted)
    if withheld is not None:
        return FeedEntry(row.place, row.header.decode(), None, None, withheld.value)
    return FeedEntry(row.place, row.header.decode(), row.content.decode(), encoded(row.salt), None)


def _withheld(
    row: Row[Any], ledger: Ledger, *, reader: str | None, whole: bool, granted: Collection[str]
) -> Withheld | None:
    if row.content is None:
        return Withheld.ERASED
    if whole or ledger.name == LedgerName.PUBLIC:
        return None
    if reader is None:
        return Withheld.NOT_PERMITTED
    if reader in row.addressees or row.kind in PARTNER_KINDS or row.kind in granted:
        return None
    return Withheld.NOT_ADDRESSED if row.addressees else Withheld.NOT_PERMITTED
