"""Whether this hub's own tree agrees with what a witness holds of it: the question before any checkpoint is signed.

Whoever does what cannot be taken back (a seal put on a document) asks it too: an old copy of this hub must not do it again.

A note counts only if one of this ledger's own keys signed it; a witness cannot stop a hub with a note of its own making.
Nothing here signs, and nothing here asks a witness: the notes are handed in.

Source: exchange.md section 2, "never fork".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.errors import HubError
from hub.ledger.cupboard import Cupboard, verifiers_of
from hub.ledger.faults import (
    AwaitingWitnesses,
    LedgerBehindWitness,
    LedgerForked,
    NoteBadSignature,
    NoteMalformed,
    NoteUnknownKey,
)
from hub.ledger.hashes import HashName
from hub.ledger.names import LedgerName
from hub.ledger.note import Checkpoint, open_checkpoint
from hub.ledger.queries import key_rows, ledger_named, newest_checkpoint
from hub.ledger.records import Ledger
from hub.ledger.tile_store import own_tiles
from hub.ledger.tiles import root

Witnesses = Callable[[str], Sequence[tuple[str, str | None]]]
"""Asked for an origin of this hub, returns what every configured witness holds of it: (region code, note).

The note is "" when the witness answered that it holds nothing, None when it did not answer. No witness: an empty sequence.
"""


def own_checkpoint(session: Session, ledger: Ledger, note: str, cupboard: Cupboard) -> Checkpoint | None:
    """Return the checkpoint in a note that this hub itself has signed, or None if no key of this ledger signed it."""
    verifiers = verifiers_of(ledger.origin, key_rows(session, ledger.id), cupboard)
    try:
        checkpoint = open_checkpoint(note, verifiers)
    except (NoteMalformed, NoteUnknownKey, NoteBadSignature):
        return None
    return checkpoint if checkpoint.origin == ledger.origin else None


def compare(session: Session, ledger: Ledger, *, witness: str, note: str, cupboard: Cupboard) -> bool:
    """Say whether the witness's answer counts; "" (it holds nothing) does, a note none of our keys signed does not.

    Raises LedgerBehindWitness if it holds a larger tree than ours, LedgerForked if ours is another.
    """
    if not note:
        return True
    held = own_checkpoint(session, ledger, note, cupboard)
    if held is None:
        return False
    newest = newest_checkpoint(session, ledger.id)
    ours = None if newest is None else newest.note
    if held.size > ledger.size:
        raise LedgerBehindWitness(
            f"见证方 {witness} 持有本账本 {held.size} 条，而本库只有 {ledger.size} 条：停止签发，请先恢复。",
            f"Witness {witness} holds {held.size} entries of this ledger, this hub only {ledger.size}: recover first.",
            origin=ledger.origin,
            ours=ours,
            theirs=note,
            told_by=witness,
        )
    if root(own_tiles(session, ledger.id), HashName(ledger.hash), held.size) != held.root:
        raise LedgerForked(
            f"见证方 {witness} 持有的检查点与本账本不在同一棵树上。",
            f"The checkpoint witness {witness} holds does not lie on this ledger's tree.",
            origin=ledger.origin,
            ours=ours,
            theirs=note,
            told_by=witness,
        )
    return True


def mark(ledger: Ledger, *, code: str | None, by: str | None, clock: Clock) -> None:
    """Write down why the sequencer signs nothing (or, with None, that it may), for the pages to show."""
    if ledger.stopped_code != code:
        ledger.stopped_code, ledger.stopped_by = code, by
        ledger.stopped_at = None if code is None else clock.now()


def require_signing(session: Session, name: LedgerName) -> None:
    """Return when the ledger of this name may sign. One statement; raises LedgerBehindWitness, LedgerForked, AwaitingWitnesses."""
    ledger = ledger_named(session, name)
    if ledger.stopped_code is not None:
        raise stopped(ledger)


def stopped(ledger: Ledger) -> HubError:
    """Return why a ledger that is stopped signs nothing."""
    by = ledger.stopped_by or ""
    if ledger.stopped_code == AwaitingWitnesses.code:
        return AwaitingWitnesses("正在等待见证方答复。", "The witnesses have not answered yet.")
    kind = LedgerForked if ledger.stopped_code == LedgerForked.code else LedgerBehindWitness
    return kind(
        f"账本已停止签发，见证方：{by}。请先恢复账本。",
        f"The ledger stays stopped since witness {by} was heard; recover it first.",
        origin=ledger.origin,
        ours=None,
        theirs=None,
        told_by=by,
    )
