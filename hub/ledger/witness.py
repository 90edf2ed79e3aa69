"""Being a witness of partners' ledgers, and keeping what partners as witnesses say of ours.

As a witness: per origin, the newest note this hub has verified as consistent, cosigned with a key of its own kept for that.
The note is committed before anyone is served it, and no smaller or other tree is ever vouched for afterwards.

Source: exchange.md section 4; C2SP tlog-cosignature, tlog-witness (persist first, never a smaller tree).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.ledger.cupboard import Cupboard, witness_name
from hub.ledger.faults import LedgerForked, NoteBadSignature, NoteMalformed, NoteUnknownKey
from hub.ledger.hashes import HashName
from hub.ledger.keys import Verifier
from hub.ledger.note import SignedNote, cosign, verify_cosignature
from hub.ledger.queries import ledger_of
from hub.ledger.records import Cosignature, FollowedLedger, WitnessNote
from hub.ledger.standing import compare, own_checkpoint
from hub.ledger.tile_store import followed_tiles
from hub.ledger.tiles import root
from hub.ledger.trust import WITNESS_USE, trusted_keys
from hub.signing.keys import KeyStore

ALGORITHM: Final = "Ed25519"
"""What a witness key is."""


def witness_public_key(keys: KeyStore, region: str) -> tuple[str, bytes]:
    """Return algorithm and bare public key of this hub's witness key, made on first use; partners confirm it in person."""
    key = Cupboard(keys).witness_key(region, ALGORITHM)
    return key.algorithm, key.raw_public


def vouch(
    session: Session, followed: FollowedLedger, *, keys: KeyStore, region: str, clock: Clock
) -> WitnessNote | None:
    """Return the note this hub now vouches for, cosigned and written in the caller's transaction; None before the first.

    It is replaced only by a larger one whose tree provably begins with the old one: both lie on the tree we applied, or the
    new one is the pinned note our applied entries lead to. A stopped ledger keeps the note it had. `region` is this hub's.
    Raises LedgerForked if what we vouched for does not lie on the tree we have applied since.
    """
    known = session.get(WitnessNote, followed.origin, with_for_update=True, populate_existing=True)
    if followed.stopped_code is not None or followed.note is None or followed.note_root is None:
        return known
    if known is not None and not _supersedes(session, followed, known):
        return known
    note = SignedNote.parse(followed.note).signed_by(followed.origin)
    line = cosign(note, witness_name(region), Cupboard(keys).witness_key(region, ALGORITHM), at=clock.now())
    if known is None:
        known = WitnessNote(origin=followed.origin)
        session.add(known)
    known.size, known.root = followed.note_size, followed.note_root
    known.note, known.at = note.with_line(line).to_text(), clock.now()
    session.flush()
    return known


def observe(session: Session, *, origin: str, witness: str, note: str, keys: KeyStore, clock: Clock) -> bool:
    """Keep what a partner says, as a witness, of this hub's own ledger; say whether it counts.

    It counts if one of our keys signed the note and the partner's confirmed witness key cosigned it, and it is not older
    than what we keep of that witness. Raises LedgerBehindWitness, LedgerForked as the sequencer's own comparison does.
    """
    ledger = ledger_of(session, origin)
    cupboard = Cupboard(keys)
    if not note or not compare(session, ledger, witness=witness, note=note, cupboard=cupboard):
        return False
    held = own_checkpoint(session, ledger, note, cupboard)
    at = _cosigned_at(session, witness, note)
    if held is None or at is None:
        return False
    kept = session.get(Cosignature, (origin, witness))
    if kept is not None and (kept.size, kept.at) > (held.size, at):
        return False
    if kept is None:
        kept = Cosignature(origin=origin, witness=witness)
        session.add(kept)
    kept.size, kept.note, kept.at = held.size, note, at
    session.flush()
    return True


def witnessed_by(session: Session, origin: str) -> Sequence[Cosignature]:
    """Return the newest word of every witness on one of this hub's ledgers, by region. One statement."""
    return session.scalars(select(Cosignature).where(Cosignature.origin == origin).order_by(Cosignature.witness)).all()


def _supersedes(session: Session, followed: FollowedLedger, known: WitnessNote) -> bool:
    """Say whether the pinned note may replace what we vouched for: larger, and both on the tree we applied."""
    if followed.note_size <= known.size or known.size > followed.applied_size:
        return False
    if root(followed_tiles(session, followed.id), HashName(followed.hash), known.size) != known.root:
        raise LedgerForked(
            f"本枢纽曾为 {followed.origin} 作证的检查点与现已核验的不在同一棵树上。",
            f"The checkpoint of {followed.origin} this hub vouched for does not lie on the tree verified since.",
            origin=followed.origin,
            ours=known.note,
            theirs=followed.note,
            told_by=followed.region,
        )
    return True


def _cosigned_at(session: Session, witness: str, note: str) -> datetime | None:
    for key in trusted_keys(session, witness_name(witness), WITNESS_USE):
        verifier = Verifier(key.origin, key.algorithm, key.public_key)
        try:
            return verify_cosignature(note, verifier)
        except (NoteUnknownKey, NoteBadSignature, NoteMalformed):
            continue
    return None
