"""Seals one approved document: intend, sign, store, publish. By hand or from the queue, the steps are these and no others.

First an intent is committed (seal, digest of the rendering, signing time). Then the file is signed, time-stamped and stored under its
digest. Then file row, seal use, approval and ledger entries are written in ONE transaction, which asks again whether the seal may be used.
Unique constraints make a second use or file impossible; a crash leaves at most an orphan, which `hub.approvals.queue` sweeps and nobody
serves. Without a time stamp nothing is published. This is an edge: it opens its own transactions.

Source: docs/decisions/0005-one-intent-one-seal-use.md; ETSI EN 319 142-1 (PAdES B-T).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, may
from hub.access.replay import remember, remembered
from hub.approvals.corrections import retire_followed
from hub.approvals.faults import ApprovalMoveRefused, SealingOvertaken, TimeStampUnavailable
from hub.approvals.intents import Claim, claim, finish, give_up
from hub.approvals.publishing import tell
from hub.approvals.queries import approval_by_id, approval_for_change
from hub.approvals.records import Approval, ApprovalFile
from hub.approvals.rendering import Rendering, decision_document, render
from hub.approvals.rules import ApprovalStage
from hub.approvals.texts import WORDINGS
from hub.clock import SHANGHAI, Clock
from hub.database import Database
from hub.errors import HubError
from hub.filestore import FileStore, StoredFileLost
from hub.ledger.names import LedgerName
from hub.ledger.standing import require_signing
from hub.seals.custody import SealedDocument, open_seal, record_use
from hub.seals.permits import Permit, permit_by_hand
from hub.seals.queries import seal_by_id
from hub.seals.records import SealUse
from hub.signing.fonts import FontSet
from hub.signing.seal_drawing import SealShape

if TYPE_CHECKING:  # the key cupboard itself is opened by hub.seals.custody alone
    from hub.signing.keys import KeyStore

PDF: Final = "PDF"
INTENDED, SIGNED, STORED, COMMITTED = "intended", "signed", "stored", "committed"

PermitFor = Callable[[Session, Approval], Permit]


def _pass_by(_step: str) -> None:
    """The default for `Desk.reached`: nobody is told."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What sealing needs.

    `timestamp` maps the SHA-256 of a signature value (32 bytes) to a token (DER) and raises HubError when it has none. `reached` is told
    each step when it is done: intended, signed, stored, committed.
    """

    database: Database
    keys: KeyStore
    clock: Clock
    files: FileStore
    fonts: FontSet
    public_url: str
    timestamp: Callable[[bytes], bytes]
    reached: Callable[[str], None] = _pass_by


@dataclass(frozen=True)
class Sealed:
    """A published document: its approval, the seal use, and the file's SHA-256 (hex)."""

    approval_id: str
    use_id: str
    sha256: str


@dataclass(frozen=True)
class _Work:
    """What is signed under a claim."""

    held: Claim
    rendering: Rendering
    shape: SealShape
    reason: str


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
    stored: str | None = None
    try:
        content = _sign(desk, work)
        desk.reached(SIGNED)
        stored = desk.files.put(content)
        desk.reached(STORED)
        done = _publish(desk, work, permit_for, also=also, sha256=stored, size_bytes=len(content))
    except HubError as refused:
        _give_up(desk, work.held, refused, stored)
        raise
    desk.reached(COMMITTED)
    return done


def _intend(desk: Desk, approval_id: str, permit_for: PermitFor) -> _Work:
    with desk.database.reading() as session:  # rendering takes time: no writer waits for it
        require_signing(session, LedgerName.EXCHANGE)  # an old copy of this hub may have sealed it already
        approval = approval_by_id(session, approval_id)
        _require_approved(approval)
        version = approval.version
        document = decision_document(approval, public_url=desk.public_url)
    rendering = render(document, desk.fonts)
    with desk.database.transaction() as session:
        approval = approval_for_change(session, approval_id)
        _require_approved(approval)
        if approval.version != version:
            raise SealingOvertaken
        permit = permit_for(session, approval)
        held = claim(session, approval, permit=permit, rendering_sha256=rendering.sha256, clock=desk.clock)
        kept = seal_by_id(session, permit.seal_id)
        shape = SealShape(kept.owner_zh, kept.purpose_line_zh, kept.diameter_mm, kept.demonstration)
        return _Work(held, rendering, shape, f"{WORDINGS[approval.kind].name_zh} {approval.number}")


def _sign(desk: Desk, work: _Work) -> bytes:
    from hub.signing.pades import SealingAct, seal_pdf
    from hub.signing.seal_drawing import draw_seal

    opened = open_seal(work.held.permit, keys=desk.keys)
    act = SealingAct(
        key=opened.key,
        chain=opened.chain,
        drawing=draw_seal(work.shape, desk.fonts),
        place=work.rendering.place,
        signed_at=work.held.signing_time,
        timestamp=lambda digest: _time_stamp(desk, digest),
        reason=work.reason,
    )
    return seal_pdf(work.rendering.pdf, act)


def _time_stamp(desk: Desk, digest: bytes) -> bytes:
    try:
        return desk.timestamp(digest)
    except HubError as cause:
        raise TimeStampUnavailable(cause.code) from cause


def _publish(
    desk: Desk, work: _Work, permit_for: PermitFor, *, also: Callable[[Session], None], sha256: str, size_bytes: int
) -> Sealed:
    held = work.held
    with desk.database.transaction() as session:
        approval = approval_for_change(session, held.approval_id)
        require_signing(session, LedgerName.EXCHANGE)
        finish(session, held, clock=desk.clock)
        if approval.stage is not ApprovalStage.APPROVED or approval.version != held.approval_version:
            raise SealingOvertaken
        if permit_for(session, approval) != held.permit:
            raise SealingOvertaken
        if not desk.files.holds(sha256):
            raise StoredFileLost(sha256)
        use = _write(session, approval, held, clock=desk.clock)
        retire_followed(session, approval, clock=desk.clock)
        file = ApprovalFile(
            approval_id=approval.id,
            document_version=approval.document_version,
            format=PDF,
            sha256=sha256,
            size_bytes=size_bytes,
            stored_at=desk.clock.now(),
        )
        session.add(file)
        tell(session, approval, clock=desk.clock, files=[file])
        also(session)
        return Sealed(approval.id, use.id, sha256)


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


def _give_up(desk: Desk, held: Claim, refused: HubError, stored: str | None) -> None:
    if stored is not None:
        desk.files.remove(stored)  # a fresh signature: no other document has these bytes
    with desk.database.transaction() as session:
        give_up(session, held, code=refused.reason if isinstance(refused, TimeStampUnavailable) else refused.code)


def _require_approved(approval: Approval) -> None:
    if approval.stage is not ApprovalStage.APPROVED:
        raise ApprovalMoveRefused(approval.stage, "SEAL")


def _published(session: Session, approval_id: str) -> Sealed:
    approval = approval_by_id(session, approval_id)
    file = approval.files[-1]
    use = session.scalars(select(SealUse.id).where(SealUse.document == document_reference(approval))).one()
    return Sealed(approval.id, use, file.sha256)
