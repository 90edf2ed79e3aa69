"""Whether what others hold of a followed ledger, and what its origin showed us before, lies on the one tree we applied.

A note no larger than what was applied is compared at once, its root made again from our tiles. A larger one is kept and
compared when we have applied that far: so two hubs that were shown two trees find it out with the next pull of either.
Nothing here stops a ledger; whoever catches the LedgerForked keeps the evidence, and that stops it.

Source: exchange.md section 4.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.ledger.faults import LedgerForked, NoteBadSignature, NoteMalformed, NoteUnknownKey
from hub.ledger.hashes import HashName
from hub.ledger.note import Checkpoint, open_checkpoint
from hub.ledger.records import FollowedLedger, PendingNote
from hub.ledger.tile_store import StoredTiles, followed_tiles
from hub.ledger.tiles import root
from hub.ledger.trust import trusted_keys, verifiers_at
from hub.ledger.verifying import CheckedEntry, VerifiedPage, checkpoint_of


class WitnessCheck(StrEnum):
    """What came of comparing another hub's note with ours."""

    CONSISTENT = "CONSISTENT"  # it lies on our tree
    PENDING = "PENDING"  # it is larger than what we applied; compared when we have come that far
    UNVERIFIABLE = "UNVERIFIABLE"  # no key we trust for the origin has signed it: it proves nothing


def check_witness_note(
    session: Session, followed: FollowedLedger, note_text: str, *, told_by: str, clock: Clock
) -> WitnessCheck:
    """Compare what `told_by` (a region code) holds of a followed origin with our own tree, in the caller's transaction.

    Raises LedgerForked with both notes if they do not lie on one tree. At most one tile a level is read.
    """
    held = _signed_by_origin(session, followed, note_text)
    if held is None:
        return WitnessCheck.UNVERIFIABLE
    if held.size == followed.note_size and followed.note_root not in (None, held.root):
        raise _forked(followed, ours=followed.note, theirs=note_text, told_by=told_by)
    if held.size > followed.applied_size:
        _keep(session, followed, held, note_text, told_by=told_by, clock=clock)
        return WitnessCheck.PENDING
    tiles = followed_tiles(session, followed.id)
    if root(tiles, HashName(followed.hash), held.size) != held.root:
        raise _forked(followed, ours=followed.note, theirs=note_text, told_by=told_by)
    return WitnessCheck.CONSISTENT


def check_reached_notes(session: Session, followed: FollowedLedger, tiles: StoredTiles, verified: VerifiedPage) -> None:
    """Return if every note the page has now reached, the pinned one and those of others, lies on the tree it built.

    `tiles` hold the page's entries already, `followed` not yet. Raises LedgerForked. One statement, and the notes reached go.
    """
    name, applied, reached = HashName(followed.hash), followed.applied_size, verified.range.size
    crossed = followed.note_root is not None and applied < followed.note_size <= reached
    if crossed and root(tiles, name, followed.note_size) != followed.note_root:
        raise _forked(followed, ours=followed.note, theirs=verified.note, told_by=followed.region)
    due = (PendingNote.ledger_id == followed.id, PendingNote.size <= reached)
    pending = session.scalars(select(PendingNote).where(*due)).all()
    for note in pending:
        if root(tiles, name, note.size) != note.root:
            raise _forked(followed, ours=verified.note, theirs=note.note, told_by=note.told_by)
    if pending:
        session.execute(delete(PendingNote).where(*due))


def check_succession(session: Session, followed: FollowedLedger, genesis: CheckedEntry) -> None:
    """Return unless a new epoch's genesis names a last checkpoint of the epoch before that is not the one we verified.

    A smaller one than ours is let pass: a person has consented to the new epoch, and what the origin lost is lost. Raises
    LedgerForked with both notes.
    """
    previous = (genesis.body or {}).get("previous")
    if not isinstance(previous, dict) or not isinstance(previous.get("note"), str):
        return
    before = session.scalar(select(FollowedLedger).where(FollowedLedger.origin == previous.get("origin")))
    if before is None:
        return
    named = checkpoint_of(previous["note"])
    if 0 < named.size <= before.applied_size:
        tiles = followed_tiles(session, before.id)
        if root(tiles, HashName(before.hash), named.size) != named.root:
            raise _forked(followed, ours=before.note, theirs=previous["note"], told_by=followed.region)


def _signed_by_origin(session: Session, followed: FollowedLedger, note: str) -> Checkpoint | None:
    try:
        size = checkpoint_of(note).size
        checkpoint = open_checkpoint(note, verifiers_at(trusted_keys(session, followed.origin), size))
    except (NoteMalformed, NoteUnknownKey, NoteBadSignature):
        return None
    return checkpoint if checkpoint.origin == followed.origin else None


def _keep(
    session: Session, followed: FollowedLedger, held: Checkpoint, note: str, *, told_by: str, clock: Clock
) -> None:
    """Keep the first unreached note of each teller: a later one would push it away before it is compared."""
    if session.get(PendingNote, (followed.id, told_by)) is None:
        session.add(
            PendingNote(
                ledger_id=followed.id,
                told_by=told_by,
                size=held.size,
                root=held.root,
                note=note,
                told_at=clock.now(),
            )
        )
        session.flush()


def _forked(followed: FollowedLedger, *, ours: str | None, theirs: str, told_by: str) -> LedgerForked:
    return LedgerForked(
        f"账本 {followed.origin} 出现分叉：{told_by} 出示的检查点与本库核验的不在同一棵树上。",
        f"{followed.origin} has forked: the checkpoint {told_by} shows does not lie on the tree verified here.",
        origin=followed.origin,
        ours=ours,
        theirs=theirs,
        told_by=told_by,
    )
