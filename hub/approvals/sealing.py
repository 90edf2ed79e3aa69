"""Seals one approved document: intend, sign, store, publish. By hand or from the queue, the steps are these and no others.

First an intent is committed (seal, digests of both renderings, signing time). Then original and rendition are signed, time-stamped and
stored under their digests. Then both file rows, seal use, approval and ledger entries are written in ONE transaction, which asks again
whether the seal may be used. Unique constraints make a second use or file set impossible; a crash leaves at most orphans, which
`hub.approvals.queue` sweeps and nobody serves. Without a time stamp nothing is published. This is an edge: it opens its own transactions.

Source: docs/decisions/0005-one-intent-one-seal-use.md and docs/decisions/0007-originals-and-renditions.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, may
from hub.access.replay import remember, remembered
from hub.approvals.corrections import retire_followed
from hub.approvals.faults import SealingOvertaken, TimeStampUnavailable
from hub.approvals.intents import Claim, claim, finish, give_up
from hub.approvals.plans import PermitFor, Plan, plan_for, require_approved
from hub.approvals.publishing import tell
from hub.approvals.queries import approval_by_id, approval_for_change
from hub.approvals.records import Approval, ApprovalFile
from hub.approvals.rules import ApprovalStage
from hub.clock import SHANGHAI, Clock
from hub.database import Database
from hub.errors import HubError
from hub.filestore import FileStore, StoredFileLost
from hub.ledger.names import LedgerName
from hub.ledger.standing import require_signing
from hub.seals.custody import SealedDocument, open_seal, record_use
from hub.seals.permits import Permit, permit_by_hand
from hub.seals.records import SealUse
from hub.seals.sealing import (
    OFD,
    PDF,
    Format,
    MadeFile,
    Renderings,
    SealAct,
    TimeStamps,
    open_rendition,
    render_files,
    sign_files,
)
from hub.signing.fonts import FontSet
from hub.signing.gbt9704 import lay_out

if TYPE_CHECKING:  # the key cupboard itself is opened by hub.seals alone
    from hub.signing.keys import KeyStore

INTENDED, SIGNED, STORED, COMMITTED = "intended", "signed", "stored", "committed"


def _pass_by(_step: str) -> None:
    """The default for `Desk.reached`: nobody is told."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What sealing needs.

    `timestamp` maps the digest of a signature value (32 bytes) to a token (DER) and raises HubError when it has none. `reached` is told
    each step when it is done: intended, signed, stored, committed.
    """

    database: Database
    keys: KeyStore
    clock: Clock
    files: FileStore
    fonts: FontSet
    public_url: str
    timestamp: TimeStamps
    reached: Callable[[str], None] = _pass_by


@dataclass(frozen=True)
class Sealed:
    """A published document: its approval, the seal use, and the SHA-256 (hex) of its original."""

    approval_id: str
    use_id: str
    sha256: str


@dataclass(frozen=True)
class _Work:
    """What is signed under a claim."""

    held: Claim
    plan: Plan
    renderings: Renderings


def seal(desk: Desk, approval_id: str, *, seal_id: str, actor: Actor, key: str) -> Sealed:
    """Seal an APPROVED approval by the hand of a seal keeper; repeated with its `key`, return what the first time made.

    Raises NotPermitted, Conflict, ApprovalMissing, ApprovalMoveRefused, SealingUnderWay, SealingOvertaken, TimeStampUnavailable, and what
    `permit_by_hand`, the key store and an exchange ledger that may not sign raise. Opens its own transactions.
    """
    may(actor, Act.SEAL)
    request = {"id": approval_id, "seal": seal_id}
    with desk.database.reading() as session:
        if remembered(session, actor=actor, mutation="sealApproval", key=key, arguments=request) is not None:
            return _published(session, approval_id)

    def permit_for(session: Session, approval: Approval) -> Permit:
        return permit_by_hand(
            session, seal_id, kind=approval.kind.value, region=approval.region, actor=actor, clock=desk.clock
        )

    def keep(session: Session) -> None:
        remember(
            session,
            actor=actor,
            mutation="sealApproval",
            key=key,
            arguments=request,
            subject=approval_id,
            clock=desk.clock,
        )

    return carry_out(desk, approval_id, permit_for, also=keep)


def carry_out(desk: Desk, approval_id: str, permit_for: PermitFor, *, also: Callable[[Session], None]) -> Sealed:
    """Take one approval through every step; `permit_for` is asked in the first and in the last transaction, `also` writes in the last.

    A refusal after the intent is kept as its last error and frees it at once; what was stored for it is removed.
    """
    work = _intend(desk, approval_id, permit_for)
    desk.reached(INTENDED)
    stored: list[str] = []
    try:
        made = _sign(desk, work)
        desk.reached(SIGNED)
        stored += [desk.files.put(file.content) for file in made]
        desk.reached(STORED)
        done = publish(desk, work.held, permit_for, also=also, made=made)
    except HubError as refused:
        _give_up(desk, work.held, refused, stored)
        raise
    desk.reached(COMMITTED)
    return done


def _intend(desk: Desk, approval_id: str, permit_for: PermitFor) -> _Work:
    plan = plan_for(desk, approval_id, permit_for)
    original: Format = PDF if plan.structure is None else OFD
    renderings = render_files(  # takes time: no writer waits for it
        lay_out(plan.document, desk.fonts), original, plan.shape, desk.fonts, contents=plan.contents
    )
    with desk.database.transaction() as session:
        approval = approval_for_change(session, approval_id)
        require_approved(approval)
        if approval.version != plan.version or permit_for(session, approval) != plan.permit:
            raise SealingOvertaken
        digests = (renderings.original_sha256, renderings.rendition_sha256)
        return _Work(
            claim(session, approval, permit=plan.permit, renderings=digests, clock=desk.clock), plan, renderings
        )


def _sign(desk: Desk, work: _Work) -> tuple[MadeFile, MadeFile]:
    opened = open_seal(work.held.permit, keys=desk.keys, structure=work.plan.structure)
    act = SealAct(
        opened=opened,
        rendition=open_rendition(desk.keys, seal_algorithm=opened.key.algorithm),
        shape=work.plan.shape,
        fonts=desk.fonts,
        signed_at=work.held.signing_time,
        timestamp=lambda digest, algorithm="sha256": time_stamp(desk, digest, algorithm),
        reason=work.plan.reason,
    )
    return sign_files(work.renderings, act)


def time_stamp(desk: Desk, digest: bytes, algorithm: str) -> bytes:
    """Return the desk's token for a digest by `algorithm`; raises TimeStampUnavailable."""
    try:
        return desk.timestamp(digest, algorithm)
    except HubError as cause:
        raise TimeStampUnavailable(cause.code) from cause


def publish(
    desk: Desk, held: Claim, permit_for: PermitFor, *, also: Callable[[Session], None], made: Sequence[MadeFile]
) -> Sealed:
    """Write files, seal use, approval and entry in one transaction; raises SealingOvertaken, StoredFileLost, what ledger and permit raise."""
    with desk.database.transaction() as session:
        approval = approval_for_change(session, held.approval_id)
        require_signing(session, LedgerName.EXCHANGE)
        finish(session, held, clock=desk.clock)
        if approval.stage is not ApprovalStage.APPROVED or approval.version != held.approval_version:
            raise SealingOvertaken
        if permit_for(session, approval) != held.permit:
            raise SealingOvertaken
        if lost := [file.sha256 for file in made if not desk.files.holds(file.sha256)]:
            raise StoredFileLost(lost[0])
        use = _write(session, approval, held, clock=desk.clock)
        retire_followed(session, approval, clock=desk.clock)
        session.add_all(files := [_row(approval, file, desk.clock) for file in made])
        tell(session, approval, clock=desk.clock, files=files)
        also(session)
        return Sealed(approval.id, use.id, made[0].sha256)


def _row(approval: Approval, file: MadeFile, clock: Clock) -> ApprovalFile:
    return ApprovalFile(
        approval_id=approval.id,
        document_version=approval.document_version,
        format=file.format,
        original=file.original,
        sha256=file.sha256,
        sm3=file.sm3,
        size_bytes=len(file.content),
        stored_at=clock.now(),
    )


def _write(session: Session, approval: Approval, held: Claim, *, clock: Clock) -> SealUse:
    approval.stage = ApprovalStage.SEALED
    approval.version += 1
    document = SealedDocument(
        reference=document_reference(approval),
        kind=approval.kind.value,
        sha256=held.rendering_sha256,
        case_number=approval.case_number,
    )
    day = held.signing_time.astimezone(SHANGHAI).date()
    return record_use(session, permit=held.permit, document=document, at=held.signing_time, on=day, clock=clock)


def document_reference(approval: Approval) -> str:
    """Return what the register of seal uses calls this issue of the document; one use exists per reference."""
    return f"approval:{approval.id}:{approval.document_version}"


def _give_up(desk: Desk, held: Claim, refused: HubError, stored: Sequence[str]) -> None:
    for sha256 in stored:
        desk.files.remove(sha256)  # a fresh signature: no other document has these bytes
    with desk.database.transaction() as session:
        give_up(session, held, code=refused.reason if isinstance(refused, TimeStampUnavailable) else refused.code)


def _published(session: Session, approval_id: str) -> Sealed:
    approval = approval_by_id(session, approval_id)
    issued = (file for file in approval.files if file.document_version == approval.document_version)
    file = next(file for file in issued if file.original is not False)
    use = session.scalars(select(SealUse.id).where(SealUse.document == document_reference(approval))).one()
    return Sealed(approval.id, use, file.sha256)
