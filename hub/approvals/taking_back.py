"""Second thoughts: who opened an approval, and taking the last act back while the next officer has not.

The history keeps both, the act and its taking back; who took back has acted in that stage all the same. Functions receive the session; the
caller commits.
"""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, allows, may
from hub.access.replay import remember, remembered
from hub.approvals.decisions import unnumber, written_act
from hub.approvals.duties import Standing, require_officer, require_present, require_unfrozen
from hub.approvals.duty_faults import TakingBackTooLate
from hub.approvals.faults import OfficerActedBefore
from hub.approvals.publishing import tell
from hub.approvals.queries import approval_by_id, approval_for_change
from hub.approvals.records import Approval, ApprovalAct, ApprovalOpening, SealingIntent
from hub.approvals.rules import MOVES, PASS, RETURN, ApprovalAction, ApprovalStage
from hub.clock import Clock
from hub.errors import NotPermitted


def open_approval(session: Session, approval_id: str, *, actor: Actor, clock: Clock) -> Approval:
    """Return the approval, and keep that this officer has opened it, once in each stage of each round, when it waits for him.

    Whoever reads it and has nothing to do with it here leaves no mark. Changes no version. Raises ApprovalMissing, NotPermitted.
    """
    may(actor, Act.READ_APPROVALS)
    approval = approval_for_change(session, approval_id)
    require_present(approval, actor, approval.version)
    after = approval.actions[-1].id if approval.actions else 0
    seen = session.get(ApprovalOpening, (approval.id, after, actor.code))
    if seen is None and _waits_for(session, approval, actor, clock):
        session.add(
            ApprovalOpening(
                approval_id=approval.id,
                after_act=after,
                officer=actor.code,
                stage=approval.stage,
                opened_at=clock.now(),
            )
        )
        session.flush()
    return approval


def take_back(session: Session, approval_id: str, *, version: int, actor: Actor, key: str, clock: Clock) -> Approval:
    """Undo the actor's own last pass or return, as long as no next officer has opened the approval; repeated with its `key`, nothing more.

    A number the pass had given is voided and stays listed; after a sealing has begun it is too late, and so it is for a return that voided
    one. Raises ApprovalMissing, NotPermitted, Conflict, VersionConflict, ContentFrozen, TakingBackTooLate.
    """
    may(actor, Act.READ_APPROVALS)
    request = {"id": approval_id, "version": version}
    approval = approval_for_change(session, approval_id)
    if remembered(session, actor=actor, mutation="takeBackAct", key=key, arguments=request) is not None:
        return approval
    require_present(approval, actor, version)
    last = _last_act(approval, actor)
    require_unfrozen(session, approval, clock)
    _require_unopened(session, approval, last)
    _undo(session, approval, last, actor=actor, clock=clock)
    remember(session, actor=actor, mutation="takeBackAct", key=key, arguments=request, subject=approval.id, clock=clock)
    tell(session, approval, clock=clock)
    return approval_by_id(session, approval.id)


def _waits_for(session: Session, approval: Approval, actor: Actor, clock: Clock) -> bool:
    """Say whether the actor is a next officer: he may act here, or he may seal what is approved."""
    if approval.actions and approval.actions[-1].officer == actor.code:
        return False
    if approval.stage is ApprovalStage.APPROVED and allows(actor, Act.SEAL, region=approval.region):
        return True
    if not MOVES[approval.stage]:
        return False
    try:
        require_officer(session, approval, actor, clock=clock)
    except (NotPermitted, OfficerActedBefore):
        return False
    return True


def _last_act(approval: Approval, actor: Actor) -> ApprovalAct:
    """Return the last act when it can be taken back by the actor."""
    last = approval.actions[-1] if approval.actions else None
    if last is None or last.officer != actor.code or last.action not in (PASS, RETURN):
        raise TakingBackTooLate
    if last.stage is ApprovalStage.APPROVED or not MOVES[approval.stage]:
        raise TakingBackTooLate
    return last


def _require_unopened(session: Session, approval: Approval, last: ApprovalAct) -> None:
    opened = exists().where(ApprovalOpening.approval_id == approval.id, ApprovalOpening.after_act == last.id)
    begun = exists().where(
        SealingIntent.approval_id == approval.id, SealingIntent.document_version == approval.document_version
    )
    if session.scalar(select(opened | begun)):
        raise TakingBackTooLate


def _undo(session: Session, approval: Approval, last: ApprovalAct, *, actor: Actor, clock: Clock) -> None:
    if approval.stage is ApprovalStage.APPROVED:
        unnumber(session, approval, clock)
    approval.stage, approval.step = last.stage, last.step
    approval.version += 1
    last.taken_back_at = clock.now()
    standing = Standing(last.officer, last.on_behalf_of, last.on_behalf_of_name, last.delegation_id)
    session.add(written_act(approval, ApprovalAction.TAKE_BACK, standing, actor=actor, opinion=None, clock=clock))
    session.flush()
