"""What follows a sealed document: its correction, which supersedes it, and the decision that withdraws it (撤销).

Both are documents of their own, with their own number and date, on a route of their own, and name the one they follow; that one stays in
force and in its register until they are sealed, and stays readable ever after. Functions receive the session; the caller commits.

Source: GB/T 9704-2012 7.2.5 (one document, one number: a reissue is another document); 行政许可法 art. 69 (撤销).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, may
from hub.access.replay import remember, remembered
from hub.approvals.drafting import Draft, drafted
from hub.approvals.duties import require_present
from hub.approvals.duty_faults import CorrectionUnderWay
from hub.approvals.faults import ApprovalMoveRefused
from hub.approvals.publishing import tell
from hub.approvals.queries import approval_by_id, approval_for_change
from hub.approvals.records import Approval
from hub.approvals.rules import ApprovalKind, ApprovalStage, Route
from hub.approvals.texts import DocumentText
from hub.clock import Clock
from hub.signing.fonts import FontSet

WITHDRAWABLE = frozenset({ApprovalKind.GRANT, ApprovalKind.REPLY})


def correct(
    session: Session,
    approval_id: str,
    text: DocumentText,
    *,
    version: int,
    actor: Actor,
    key: str,
    fonts: FontSet,
    clock: Clock,
) -> Approval:
    """Return a new draft that corrects a sealed document: same kind, item, case and route, the next document version.

    When it is sealed the old one is SUPERSEDED. Raises ApprovalMissing, NotPermitted, Conflict, VersionConflict, ApprovalMoveRefused unless
    the old one is sealed, CorrectionUnderWay, and what `drafted` raises.
    """
    request = {"id": approval_id, "text": text.to_json(), "version": version}
    old, done = _begun(session, approval_id, "correctApproval", request, actor=actor, key=key)
    if done is not None:
        return done
    _require_open(session, old, "CORRECT", actor=actor, version=version)
    wanted = Draft(old.kind, text, Route.STANDARD, old.item_code, old.case_number)
    new = drafted(session, wanted, actor=actor, fonts=fonts, demonstration=old.demonstration, clock=clock)
    new.corrects, new.withdraws = old.id, old.withdraws
    new.route, new.document_version = old.route, old.document_version + 1
    return _finish(session, new, "correctApproval", request, actor=actor, key=key, clock=clock)


def withdraw(
    session: Session,
    approval_id: str,
    wanted: Draft,
    *,
    version: int,
    actor: Actor,
    key: str,
    fonts: FontSet,
    clock: Clock,
) -> Approval:
    """Return a new draft that withdraws a sealed grant or reply, with reasons and remedies; its kind is WITHDRAWAL whatever `wanted` says.

    When it is sealed the old one is WITHDRAWN. Raises what `correct` raises.
    """
    request = {"id": approval_id, "draft": wanted.to_json(), "version": version}
    old, done = _begun(session, approval_id, "withdrawApproval", request, actor=actor, key=key)
    if done is not None:
        return done
    _require_open(session, old, "WITHDRAW", actor=actor, version=version)
    if old.kind not in WITHDRAWABLE:
        raise ApprovalMoveRefused(old.stage, "WITHDRAW")
    own = replace(wanted, kind=ApprovalKind.WITHDRAWAL, item_code=old.item_code, case_number=old.case_number)
    new = drafted(session, own, actor=actor, fonts=fonts, demonstration=old.demonstration, clock=clock)
    new.withdraws = old.id
    return _finish(session, new, "withdrawApproval", request, actor=actor, key=key, clock=clock)


def retire_followed(session: Session, approval: Approval, *, clock: Clock) -> None:
    """Mark what the approval, sealed in this transaction, corrects as SUPERSEDED, or what it withdraws as WITHDRAWN, and tell it.

    A correction of a withdrawal leaves what was withdrawn as it is.
    """
    followed = approval.corrects or approval.withdraws
    if followed is None:
        return
    old = approval_for_change(session, followed)
    if old.stage is not ApprovalStage.SEALED:
        return
    old.stage = ApprovalStage.SUPERSEDED if approval.corrects else ApprovalStage.WITHDRAWN
    old.version += 1
    tell(session, old, clock=clock)


def _begun(
    session: Session, approval_id: str, mutation: str, request: dict[str, Any], *, actor: Actor, key: str
) -> tuple[Approval, Approval | None]:
    """Return the sealed document, locked, and what the same request made before."""
    may(actor, Act.DRAFT_APPROVAL)
    old = approval_for_change(session, approval_id)
    made = remembered(session, actor=actor, mutation=mutation, key=key, arguments=request)
    return old, None if made is None else approval_by_id(session, made)


def _require_open(session: Session, old: Approval, wanted: str, *, actor: Actor, version: int) -> None:
    may(actor, Act.DRAFT_APPROVAL, region=old.region)
    require_present(old, actor, version)
    if old.stage is not ApprovalStage.SEALED:
        raise ApprovalMoveRefused(old.stage, wanted)
    other = session.scalar(
        select(Approval.id)
        .where(or_(Approval.corrects == old.id, Approval.withdraws == old.id))
        .where(Approval.stage != ApprovalStage.REFUSED)
        .limit(1)
    )
    if other is not None:
        raise CorrectionUnderWay(other)


def _finish(
    session: Session,
    new: Approval,
    mutation: str,
    request: dict[str, Any],
    *,
    actor: Actor,
    key: str,
    clock: Clock,
) -> Approval:
    session.add(new)
    session.flush()
    remember(session, actor=actor, mutation=mutation, key=key, arguments=request, subject=new.id, clock=clock)
    tell(session, new, clock=clock)
    return approval_by_id(session, new.id)
