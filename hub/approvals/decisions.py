"""The pen of the approvals: act on one, stage by stage. Drafting and amending are `hub.approvals.drafting`'s, offered here as well.

Every door has the four beats and the memory of idempotency keys: may -> move -> write -> tell. The memory is asked before the version.
Sealing is `hub.approvals.sealing`'s. Opinions stay here: neither the document nor a ledger entry holds one. Functions receive the
session; the caller commits.

Source: 行政许可法 art. 37, 38 (decisions); docs/words.md (stages and acts).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, may
from hub.access.replay import remember, remembered
from hub.approvals.drafting import STATUTORY_DAYS, Draft, amend, draft
from hub.approvals.duties import DUTIES, Standing, deeds, require_officer, require_present, require_unfrozen
from hub.approvals.numbering import give_number, issuer_of, template_of, void_number
from hub.approvals.publishing import tell
from hub.approvals.queries import approval_by_id, approval_for_change
from hub.approvals.records import Approval, ApprovalAct, SealingIntent
from hub.approvals.rules import (
    ApprovalAction,
    ApprovalStage,
    next_place,
    place,
    require_move,
    require_opinion,
    steps_of,
)
from hub.approvals.texts import checked_opinion
from hub.clock import Clock

__all__ = ["DUTIES", "STATUTORY_DAYS", "Draft", "act", "amend", "draft", "unnumber", "written_act"]


def act(
    session: Session,
    approval_id: str,
    action: ApprovalAction,
    *,
    opinion: str | None,
    version: int,
    actor: Actor,
    key: str,
    clock: Clock,
    on_behalf_of: str | None = None,
) -> Approval:
    """Pass, return or refuse an approval in its present stage, and write the act down; repeated with its `key`, nothing happens again.

    The last pass dates and numbers the document; a return before sealing voids the number and any unfinished intent to seal. `on_behalf_of`
    is the code of the officer whose duty it is, under a delegation; who lacks the role himself stands in for whoever delegated it to him.
    Raises ApprovalMissing, NotPermitted, Conflict, VersionConflict, ContentFrozen, ApprovalMoveRefused, OfficerActedBefore, OpinionMissing,
    TextTooLong.
    """
    may(actor, Act.READ_APPROVALS)
    request: dict[str, Any] = {"id": approval_id, "action": action.value, "opinion": opinion, "version": version}
    if on_behalf_of is not None:
        request["on_behalf_of"] = on_behalf_of
    approval = approval_for_change(
        session, approval_id
    )  # locked: of two equal requests at once the second finds the first's memory
    if remembered(session, actor=actor, mutation="actOnApproval", key=key, arguments=request) is not None:
        return approval
    require_present(approval, actor, version)
    said = checked_opinion(opinion)
    require_move(approval.stage, action)
    standing = require_officer(session, approval, actor, clock=clock, on_behalf_of=on_behalf_of)
    require_opinion(action, said)
    require_unfrozen(session, approval, clock)
    _write(session, approval, written_act(approval, action, standing, actor=actor, opinion=said, clock=clock), clock)
    remember(
        session, actor=actor, mutation="actOnApproval", key=key, arguments=request, subject=approval.id, clock=clock
    )
    tell(session, approval, clock=clock)
    return approval_by_id(session, approval.id)


def written_act(
    approval: Approval,
    action: ApprovalAction,
    standing: Standing,
    *,
    actor: Actor,
    opinion: str | None,
    clock: Clock,
) -> ApprovalAct:
    """Return the act at the approval's present step, not yet added to the session."""
    return ApprovalAct(
        approval_id=approval.id,
        at=clock.now(),
        officer=actor.code,
        officer_name=actor.name,
        on_behalf_of=standing.on_behalf_of,
        on_behalf_of_name=standing.on_behalf_of_name,
        delegation_id=standing.delegation_id,
        step=approval.step,
        taken_back_at=None,
        stage=approval.stage,
        action=action,
        opinion=opinion,
    )


def unnumber(session: Session, approval: Approval, clock: Clock) -> None:
    """Take back what the last pass gave; a sealing under way finds its intent gone and publishes nothing."""
    void_number(session, approval_id=approval.id, clock=clock)
    approval.number, approval.dated_on = None, None
    intent = session.scalar(
        select(SealingIntent).where(
            SealingIntent.approval_id == approval.id, SealingIntent.document_version == approval.document_version
        )
    )
    if intent is not None:
        session.delete(intent)


def _write(session: Session, approval: Approval, done: ApprovalAct, clock: Clock) -> None:
    steps, before = steps_of(approval.route), approval.stage
    at = place(steps, before, approval.step)
    approval.stage, approval.step = next_place(steps, deeds(approval), at=at, action=done.action)
    approval.version += 1
    session.add(done)
    if approval.stage is ApprovalStage.APPROVED:
        template = template_of(session, issuer_of(session, approval.region), approval.kind)
        approval.number = give_number(session, approval_id=approval.id, template=template, clock=clock)
        approval.dated_on = clock.today()
    elif before is ApprovalStage.APPROVED:
        unnumber(session, approval, clock)
    session.flush()
