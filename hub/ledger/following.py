"""Following a partner's ledger: a page is verified, and then it is applied whole, or not at all.

One transaction a page: entries, tiles, trust, rows of the rooms (through the projector handed in) and the cursor, so that a
reader killed anywhere resumes at its last whole page. The note pinned as newest is checked against our own tree when we
reach it, and only then replaced; so a fork between what an origin signed yesterday and shows today is found, and what other
hubs hold of it is compared likewise (`hub.ledger.comparing`). Nothing here fetches, and nothing decides whom to trust.

Source: exchange.md sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.database import Database
from hub.errors import Conflict, HubError, ValidationFailed
from hub.ledger.applying import PageReport, Projector, VerifiedEntry, apply_entries
from hub.ledger.chains import check_chains
from hub.ledger.comparing import WitnessCheck, check_reached_notes, check_succession, check_witness_note
from hub.ledger.evidence import clear_stop, keep_evidence
from hub.ledger.faults import (
    Disputed,
    EntryMalformed,
    FeedMalformed,
    LedgerDoesNotVerify,
    LedgerForked,
    LedgerStopped,
    NoteBadSignature,
    NoteMalformed,
    NoteUnknownKey,
    PageRefused,
    SmallerTree,
)
from hub.ledger.feed import FeedPage
from hub.ledger.hashes import HashName
from hub.ledger.holding import held_entries
from hub.ledger.keys import Verifier
from hub.ledger.names import LedgerName, ledger_name
from hub.ledger.note import open_checkpoint
from hub.ledger.origin import parse_origin
from hub.ledger.ranges import CompactRange
from hub.ledger.records import FollowedKey, FollowedLedger
from hub.ledger.tile_store import followed_tiles
from hub.ledger.tiles import grown_tiles
from hub.ledger.trust import confirm_key, trust_witness, trusted_key_ids, trusted_keys, verifiers_at
from hub.ledger.verifying import VerifiedPage, checkpoint_of, genesis_holds, verified_page

__all__ = [
    "PageReport",
    "Projector",
    "VerifiedEntry",
    "WitnessCheck",
    "apply_page",
    "check_witness_note",
    "clear_stop",
    "follow",
    "followed_ledger",
    "held_entries",
    "keep_evidence",
    "take_page",
    "trust_witness",
    "trusted_key_ids",
]

_UNVERIFIED = (LedgerDoesNotVerify, NoteMalformed, NoteUnknownKey, NoteBadSignature, EntryMalformed, FeedMalformed)


def follow(
    session: Session,
    *,
    region: str,
    name: LedgerName,
    origin: str,
    hash_name: str,
    keys: list[tuple[str, bytes]],
    confirmed_by: str,
    clock: Clock,
) -> FollowedLedger:
    """Return the partner's ledger as followed from its first entry, trusting `keys` (algorithm, bare public key).

    A person has compared their fingerprints: `confirmed_by` says who. A new epoch is a new origin and needs this anew. For a
    ledger that is followed already the keys are added. Raises ValidationFailed, Conflict if it is another region's or hash's.
    """
    parsed = parse_origin(origin)
    if parsed.region != region or ledger_name(parsed) is not name or not keys:
        raise ValidationFailed(
            "账本名称与地区不符，或缺少密钥。", "The origin is not this region's, or no key is given."
        )
    followed = session.scalar(select(FollowedLedger).where(FollowedLedger.origin == origin))
    if followed is None:
        held = CompactRange(HashName(hash_name))
        followed = FollowedLedger(
            region=region,
            name=name.value,
            origin=origin,
            hash=held.name.value,
            applied_size=0,
            range=held.to_bytes(),
            note_size=0,
        )
        session.add(followed)
        session.flush()
    elif followed.hash != hash_name:
        raise Conflict("该账本已按另一种杂凑算法跟读。", "That ledger is followed with another hash already.")
    for algorithm, raw in keys:
        confirm_key(
            session,
            region=region,
            origin=origin,
            algorithm=algorithm,
            public_key=raw,
            confirmed_by=confirmed_by,
            clock=clock,
        )
    return followed


def followed_ledger(session: Session, origin: str) -> FollowedLedger | None:
    """Return the followed ledger of that origin, None if it is not followed. One statement."""
    return session.scalar(select(FollowedLedger).where(FollowedLedger.origin == origin))


def take_page(database: Database, *, origin: str, page: FeedPage, clock: Clock, project: Projector) -> PageReport:
    """Apply a page in a transaction of its own; keep the evidence in another if it is disputed, and raise.

    Raises as `apply_page`.
    """
    try:
        with database.transaction() as session:
            followed = followed_ledger(session, origin)
            if followed is None:
                raise ValidationFailed("尚未跟读这个账本。", "That ledger is not followed.")
            return apply_page(session, followed, page, clock=clock, project=project)
    except Disputed as dispute:
        with database.transaction() as session:
            keep_evidence(session, dispute, clock=clock)
        raise


def apply_page(
    session: Session, followed: FollowedLedger, page: FeedPage, *, clock: Clock, project: Projector
) -> PageReport:
    """Apply a page that begins where this hub stands, in the caller's transaction; return what became of its entries.

    Raises PageRefused (ledger.does_not_verify), SmallerTree or LedgerForked with both notes, LedgerStopped, OriginChanged. The
    caller then rolls back, hands a Disputed to `keep_evidence` in a new transaction, and has applied nothing.
    """
    session.refresh(followed, with_for_update=True)
    if followed.stopped_code is not None:
        raise LedgerStopped(
            f"账本 {followed.origin} 已停止跟读，须由人处理后恢复。",
            f"Following {followed.origin} is stopped until a person clears it.",
        )
    keys = trusted_keys(session, followed.origin)
    try:
        verified = _verified(followed, page, keys)
        check_chains(session, followed, verified.entries)
        if followed.applied_size == 0 and verified.entries:
            check_succession(session, followed, verified.entries[0])
    except Disputed:
        raise
    except _UNVERIFIED as error:
        raise _refused(followed, page, error) from error
    tiles = followed_tiles(session, followed.id)
    tiles.write(grown_tiles(tiles, verified.range.name, followed.applied_size, verified.leaves))
    check_reached_notes(session, followed, tiles, verified)
    report = apply_entries(session, followed, verified, keys=keys, clock=clock, project=project)
    _advance(followed, verified, clock)
    session.flush()
    return report


def _verified(followed: FollowedLedger, page: FeedPage, keys: Sequence[FollowedKey]) -> VerifiedPage:
    """Return the page once it and its checkpoint hold against what this hub has verified before."""
    origin, held = parse_origin(followed.origin), CompactRange.from_bytes(followed.range)
    verifiers = verifiers_at(keys, checkpoint_of(page.checkpoint_note).size)
    _refuse_older(followed, page, verifiers)
    verified = verified_page(page, origin, held, verifiers)
    if held.size == 0 and verified.entries and not genesis_holds(verified.entries[0], origin, held.name):
        raise LedgerDoesNotVerify("账本的第一条不是其创始条目。", "The ledger does not begin with its genesis entry.")
    return verified


def _refuse_older(followed: FollowedLedger, page: FeedPage, verifiers: Sequence[Verifier]) -> None:
    """Compare the page's checkpoint with the pinned one: a smaller tree, or another of the same size, is refused."""
    if followed.note_root is None or page.origin != followed.origin:
        return
    checkpoint = open_checkpoint(page.checkpoint_note, verifiers)
    if checkpoint.size < followed.note_size:
        raise SmallerTree(
            f"对方出示的检查点只有 {checkpoint.size} 条，少于已核验的 {followed.note_size} 条。",
            f"The partner shows {checkpoint.size} entries, fewer than the {followed.note_size} verified before.",
            **_both(followed, page),
        )
    if checkpoint.size == followed.note_size and checkpoint.root != followed.note_root:
        raise LedgerForked(
            "对方为同样大小的账本签了两个不同的根。",
            "The partner has signed two roots for one size of its ledger.",
            **_both(followed, page),
        )


def _refused(followed: FollowedLedger, page: FeedPage, error: HubError) -> PageRefused:
    return PageRefused(
        f"账本 {followed.origin} 的页面核验不通过：{error.message_zh}",
        f"A page of {followed.origin} does not verify: {error.message_en}",
        **_both(followed, page),
    )


def _both(followed: FollowedLedger, page: FeedPage) -> dict[str, Any]:
    return {
        "origin": followed.origin,
        "ours": followed.note,
        "theirs": page.checkpoint_note,
        "told_by": followed.region,
    }


def _advance(followed: FollowedLedger, verified: VerifiedPage, clock: Clock) -> None:
    """Move the cursor to the page's end; pin the page's checkpoint unless an earlier one has yet to be reached."""
    now = clock.now()
    followed.range = verified.range.to_bytes()
    followed.applied_size = verified.range.size
    followed.checked_at = now
    if verified.entries:
        followed.applied_at = now
    if followed.note_size <= followed.applied_size or followed.note_root is None:
        followed.note = verified.note
        followed.note_size = verified.checkpoint.size
        followed.note_root = verified.checkpoint.root
