"""A new epoch of this hub's own ledger: when the old one can no longer be continued without forking it.

The new ledger has a new origin, names the last checkpoint of the old one, and states the newest version of every record anew,
so that whoever follows it alone has everything. Partners follow it only after a person there has confirmed it. Entries that
were signed and lost are counted, and versions begin above that count: nothing a partner may still hold of them outranks
what is said now.

Source: exchange.md sections 1 and 2.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, select
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.errors import ValidationFailed
from hub.ledger.cupboard import Cupboard
from hub.ledger.entry import parse_body
from hub.ledger.names import LEDGER_KINDS, LOST, LedgerName
from hub.ledger.note import Checkpoint
from hub.ledger.origin import parse_origin
from hub.ledger.queries import key_rows, ledger_named, newest_checkpoint
from hub.ledger.records import Ledger, LedgerEntry
from hub.ledger.standing import own_checkpoint
from hub.ledger.writing import ALGORITHM, add_version, open_ledger

if TYPE_CHECKING:
    from hub.signing.keys import KeyStore

_RESTATED_AT_ONCE = 256


def new_epoch(
    session: Session,
    *,
    name: LedgerName,
    keys: KeyStore,
    clock: Clock,
    last_note: str | None = None,
    hash_name: str | None = None,
    algorithms: Sequence[str] | None = None,
) -> Ledger:
    """Return the next epoch of this ledger, opened in the caller's transaction; the old one is closed for ever.

    `last_note` is the largest checkpoint any witness holds of the old one, if that is larger than ours. Erased contents and
    those lost are not stated anew. Raises ValidationFailed if no key of this ledger signed `last_note` or the ledger is empty.
    """
    old = ledger_named(session, name)
    last, note = _last(session, old, last_note, Cupboard(keys))
    lost = max(0, last.size - old.size)
    previous = {
        "origin": old.origin,
        "size": last.size,
        "root": base64.b64encode(last.root).decode(),
        "note": note,
    }
    old.closed_at = clock.now()
    session.flush()
    new = open_ledger(
        session,
        region=parse_origin(old.origin).region,
        name=name,
        hash_name=hash_name or old.hash,
        keys=keys,
        clock=clock,
        previous=previous,
        algorithms=algorithms or _algorithms(session, old),
        version_base=old.version_base + lost,
    )
    for entries in _newest_versions(session, old):
        for entry in entries:
            _restate(session, old, new, entry, lost=lost, clock=clock)
    session.execute(delete(LedgerEntry).where(LedgerEntry.ledger_id == old.id, LedgerEntry.index.is_(None)))
    return new


def _last(session: Session, old: Ledger, last_note: str | None, cupboard: Cupboard) -> tuple[Checkpoint, str]:
    """Return the largest checkpoint of the old epoch, ours or the one a witness holds."""
    newest = newest_checkpoint(session, old.id)
    ours = None if newest is None else Checkpoint(old.origin, newest.size, newest.root)
    if last_note is not None:
        held = own_checkpoint(session, old, last_note, cupboard)
        if held is None:
            raise ValidationFailed("该检查点不是本账本签发的。", "No key of this ledger has signed that checkpoint.")
        if ours is None or held.size > ours.size:
            return held, last_note
    if ours is None or newest is None:
        raise ValidationFailed("账本尚无检查点，无须新开纪元。", "The ledger has no checkpoint; it needs no new epoch.")
    return ours, newest.note


def _algorithms(session: Session, old: Ledger) -> tuple[str, ...]:
    standing = [key.algorithm for key in key_rows(session, old.id) if key.to_size is None]
    return tuple(dict.fromkeys(standing)) or (ALGORITHM,)


def _newest_versions(session: Session, old: Ledger) -> Iterator[Sequence[LedgerEntry]]:
    """Yield the newest version of every record with a content, in the order of writing, a few at a time."""
    here = and_(
        LedgerEntry.ledger_id == old.id,
        LedgerEntry.kind.not_in([*LEDGER_KINDS, LOST]),
    )
    newest = (
        select(LedgerEntry.kind, LedgerEntry.record_id, func.max(LedgerEntry.version).label("version"))
        .where(here)
        .group_by(LedgerEntry.kind, LedgerEntry.record_id)
        .subquery()
    )
    query = (
        select(LedgerEntry)
        .join(
            newest,
            and_(
                LedgerEntry.kind == newest.c.kind,
                LedgerEntry.record_id == newest.c.record_id,
                LedgerEntry.version == newest.c.version,
            ),
        )
        .where(here, LedgerEntry.content.is_not(None))
        .order_by(LedgerEntry.id)
        .limit(_RESTATED_AT_ONCE)
    )
    last = 0
    while entries := session.scalars(query.where(LedgerEntry.id > last)).all():
        yield entries
        last = entries[-1].id


def _restate(session: Session, old: Ledger, new: Ledger, entry: LedgerEntry, *, lost: int, clock: Clock) -> None:
    """Say a record's newest version again in the new epoch, under its own number unless versions may have been lost."""
    if entry.content is None:
        return
    add_version(
        session,
        new,
        None,
        kind=entry.kind,
        record_id=entry.record_id,
        body=parse_body(entry.content, LedgerName(old.name).readers),
        addressees=entry.addressees,
        clock=clock,
        first_version=entry.version + lost,
    )
