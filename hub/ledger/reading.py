"""What this hub's own ledgers look like to anyone: their state, checkpoints, tiles, bundles, proofs, and what it witnesses.

Reads only; everything comes from committed rows. Who may read the exchange ledger is the policy's question, asked above.

Source: C2SP tlog-tiles (tiles and bundles), RFC 9162 2.1.3 (inclusion).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.errors import NotFound
from hub.ledger import tiles
from hub.ledger.faults import LedgerNotSequenced
from hub.ledger.hashes import HASH_BYTES, HashName
from hub.ledger.names import LedgerName
from hub.ledger.queries import ledger_named, newest_checkpoint, open_ledgers
from hub.ledger.records import Cosignature, Ledger, LedgerCheckpoint, LedgerEntry, WitnessNote
from hub.ledger.tile_store import own_tiles
from hub.ledger.tree import empty_root


@dataclass(frozen=True)
class LedgerView:
    """One of this hub's ledgers as it stands signed; `stopped_code` says why it signs nothing, None if it does."""

    name: LedgerName
    origin: str
    hash: str
    size: int
    root: bytes
    checkpoint_note: str | None
    cosignatures: list[tuple[str, datetime]]  # (witness region, when), by region
    stopped_code: str | None
    stopped_by: str | None
    stopped_at: datetime | None


@dataclass(frozen=True)
class InclusionProof:
    """That one entry lies in the tree a checkpoint signs; `hashes` lead from its leaf to the root, lowest first."""

    origin: str
    index: int
    header: bytes
    hashes: list[bytes]
    checkpoint_note: str
    size: int


def ledgers(session: Session) -> list[LedgerView]:
    """Return the ledgers being written, public first. Three statements a ledger at most."""
    return [_view(session, ledger) for ledger in open_ledgers(session)]


def inclusion_proof(
    session: Session, *, kind: str, record_id: str, version: int | None = None, ledger: LedgerName | None = None
) -> InclusionProof:
    """Return the proof for the record's newest sequenced version, or for `version`, to the newest checkpoint.

    In `ledger` alone where it is given. Raises NotFound, or LedgerNotSequenced while no version has a place. Reads at most two tiles a level.
    """
    query = (
        select(LedgerEntry, Ledger)
        .join(Ledger, Ledger.id == LedgerEntry.ledger_id)
        .where(LedgerEntry.kind == kind, LedgerEntry.record_id == record_id, Ledger.closed_at.is_(None))
        .order_by(LedgerEntry.index.is_(None), LedgerEntry.version.desc())
        .limit(1)
    )
    if ledger is not None:
        query = query.where(Ledger.name == ledger.value)
    found = session.execute(query if version is None else query.where(LedgerEntry.version == version)).first()
    if found is None:
        raise NotFound("账本中没有这条记录。", "There is no such record in the ledger.")
    entry, book = found
    checkpoint = newest_checkpoint(session, book.id)
    if checkpoint is None or entry.index is None or entry.index >= checkpoint.size:
        raise LedgerNotSequenced("该条目尚未入账，请稍后再试。", "The entry is not in the signed tree yet; ask again.")
    reader = own_tiles(session, book.id)
    hashes = tiles.inclusion_proof(reader, HashName(book.hash), entry.index, checkpoint.size)
    return InclusionProof(book.origin, entry.index, entry.header, hashes, checkpoint.note, checkpoint.size)


def checkpoint_note(session: Session, name: LedgerName) -> str | None:
    """Return the newest signed checkpoint as the exact note, None before the first."""
    newest = newest_checkpoint(session, ledger_named(session, name).id)
    return None if newest is None else newest.note


def tile(session: Session, name: LedgerName, level: int, index: int, *, width: int = tiles.WIDTH) -> bytes:
    """Return the first `width` hashes of a tile. Raises NotFound if the signed tree has no such tile, or a narrower one."""
    stored = own_tiles(session, ledger_named(session, name).id).tile(level, index)
    if len(stored) < width * HASH_BYTES:
        raise NotFound("账本中没有这个分片。", "The ledger has no such tile.")
    return stored[: width * HASH_BYTES]


def entry_bundle(session: Session, name: LedgerName, index: int, width: int = tiles.WIDTH) -> bytes:
    """Return the headers of the entries from `index` * 256, `width` of them, as a bundle. Raises NotFound if there are fewer."""
    ledger = ledger_named(session, name)
    first = index * tiles.WIDTH
    if first + width > ledger.size:
        raise NotFound("账本中没有这个条目包。", "The ledger has no such bundle of entries.")
    headers = session.scalars(
        select(LedgerEntry.header)
        .where(LedgerEntry.ledger_id == ledger.id, LedgerEntry.index >= first, LedgerEntry.index < first + width)
        .order_by(LedgerEntry.index)
    )
    return tiles.entry_bundle(list(headers))


def witness_note(session: Session, origin: str) -> str | None:
    """Return the newest note of `origin` that this hub has verified and cosigned, None if it witnesses no such ledger."""
    return session.scalar(select(WitnessNote.note).where(WitnessNote.origin == origin))


def _view(session: Session, ledger: Ledger) -> LedgerView:
    newest: LedgerCheckpoint | None = newest_checkpoint(session, ledger.id)
    said = session.execute(
        select(Cosignature.witness, Cosignature.at)
        .where(Cosignature.origin == ledger.origin)
        .order_by(Cosignature.witness)
    )
    return LedgerView(
        name=LedgerName(ledger.name),
        origin=ledger.origin,
        hash=ledger.hash,
        size=0 if newest is None else newest.size,
        root=empty_root(HashName(ledger.hash)) if newest is None else newest.root,
        checkpoint_note=None if newest is None else newest.note,
        cosignatures=[(row.witness, row.at) for row in said],
        stopped_code=ledger.stopped_code,
        stopped_by=ledger.stopped_by,
        stopped_at=ledger.stopped_at,
    )
