"""Placing entries: a batch gets its indexes, the tree grows, and the checkpoint over it is signed, in one transaction.

Called by the sequencer alone, and inside its transaction: the note leaves the process only after that has committed.

Source: exchange.md section 2; RFC 9162 2.1 (the tree); C2SP tlog-checkpoint (the note).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Row, bindparam, case, func, select, text, update
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.database import Instant
from hub.ledger.cupboard import Cupboard
from hub.ledger.entry import parse_body
from hub.ledger.hashes import HashName, hasher
from hub.ledger.names import BATCH, KEY_ROTATION, LedgerName
from hub.ledger.note import Checkpoint, sign_checkpoint
from hub.ledger.queries import key_rows
from hub.ledger.records import Ledger, LedgerCheckpoint, LedgerEntry, LedgerKey
from hub.ledger.rotation import parse_rotation, retire, signing_at
from hub.ledger.tile_store import own_tiles
from hub.ledger.tiles import grown_tiles, root
from hub.ledger.tree import LEAF_PREFIX

_LOCK_CLASS = 0x746F6E67  # "tong": the first half of the advisory lock's key, the second is the ledger's id
_PLACED: Any = LedgerEntry.__table__
_ROTATION_CONTENT = case((LedgerEntry.kind == KEY_ROTATION, LedgerEntry.content)).label("content")

Unplaced = Row[tuple[int, str, bytes, bytes | None]]


def locked_ledger(session: Session, ledger_id: int, *, wait: bool = False) -> Ledger | None:
    """Return the ledger, read anew under the sequencer's lock; None if another sequencer is placing entries of it now.

    With `wait` it is waited for instead, and the answer is never None for a ledger there is.

    The lock ends with the transaction (a session's lock would outlive it behind PgBouncer). On SQLite the transaction itself,
    begun IMMEDIATE, is the lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        if wait:
            session.execute(select(func.pg_advisory_xact_lock(_LOCK_CLASS, ledger_id)))
        elif not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK_CLASS, ledger_id))):
            return None
    return session.get(Ledger, ledger_id, populate_existing=True)


def place_batch(session: Session, ledger: Ledger, *, cupboard: Cupboard, clock: Clock) -> int:
    """Place up to BATCH unsequenced entries in the order of their ids and sign the tree over them; return how many.

    Nothing to place signs nothing. About ten statements whatever the number of entries.
    """
    entries = _unplaced(session, ledger.id)
    if not entries:
        return 0
    now = clock.now()
    _number(session, [entry.id for entry in entries], first=ledger.size, at=now)
    keys = key_rows(session, ledger.id)
    _retire_keys(ledger, keys, entries)
    size, top = grow(session, ledger, [entry.header for entry in entries])
    signers = [cupboard.ledger_key(key.key_name) for key in signing_at(keys, size)]
    note = sign_checkpoint(Checkpoint(ledger.origin, size, top), signers)
    session.add(LedgerCheckpoint(ledger_id=ledger.id, size=size, root=top, note=note, signed_at=now))
    session.flush()
    return len(entries)


def grow(session: Session, ledger: Ledger, headers: Sequence[bytes]) -> tuple[int, bytes]:
    """Add headers to a ledger's tree; return its new size and root. The ledger's size is set."""
    name = HashName(ledger.hash)
    leaf = hasher(name, LEAF_PREFIX)
    tiles = own_tiles(session, ledger.id)
    tiles.write(grown_tiles(tiles, name, ledger.size, [leaf(header) for header in headers]))
    ledger.size += len(headers)
    return ledger.size, root(tiles, name, ledger.size)


def _unplaced(session: Session, ledger_id: int) -> Sequence[Unplaced]:
    """Never "id > last": a lower id can become visible later. Contents are read for rotations only."""
    return session.execute(
        select(LedgerEntry.id, LedgerEntry.kind, LedgerEntry.header, _ROTATION_CONTENT)
        .where(LedgerEntry.ledger_id == ledger_id, LedgerEntry.index.is_(None))
        .order_by(LedgerEntry.id)
        .limit(BATCH)
    ).all()


def _number(session: Session, ids: Sequence[int], *, first: int, at: datetime) -> None:
    """Give the entries of these ids the indexes from `first`, in the order of the list. One statement."""
    if session.get_bind().dialect.name == "postgresql":
        numbering = text(
            'UPDATE ledger_entries AS entry SET "index" = :first + placed.position - 1, sequenced_at = :at '
            "FROM unnest(:ids) WITH ORDINALITY AS placed(id, position) WHERE entry.id = placed.id"
        ).bindparams(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("at", type_=Instant()))
        session.execute(numbering, {"ids": list(ids), "first": first, "at": at})
        return
    numbered = update(_PLACED).where(_PLACED.c.id == bindparam("of")).values(index=bindparam("place"), sequenced_at=at)
    session.connection().execute(numbered, [{"of": row, "place": first + place} for place, row in enumerate(ids)])


def _retire_keys(ledger: Ledger, keys: Sequence[LedgerKey], entries: Sequence[Unplaced]) -> None:
    readers = LedgerName(ledger.name).readers
    for place, entry in enumerate(entries):
        if entry.kind == KEY_ROTATION and entry.content is not None:
            retire(keys, parse_rotation(parse_body(entry.content, readers)), ledger.size + place)
