"""The pen of the approvals: draft one, amend it while it is examined, and act on it stage by stage.

Every door has the four beats and the memory of idempotency keys: may -> move -> write -> tell. The memory is asked before the version.
Sealing is `hub.approvals.sealing`'s. Opinions stay here: neither the document nor a ledger entry holds one. Functions receive the
session; the caller commits.

Source: 行政许可法 art. 37, 38, 42 (decisions, and 20 working days unless the item says otherwise); docs/words.md (stages and acts).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, may
from hub.access.replay import remember, remembered
from hub.approvals.faults import ApprovalMoveRefused, ItemUnknown, TextTooLong, VersionConflict
from hub.approvals.numbering import give_number, issuer_of, void_number
from hub.approvals.publishing import tell
from hub.approvals.queries import approval_by_id, approval_for_change
from hub.approvals.records import Approval, ApprovalAct, SealingIntent
from hub.approvals.rules import (
    ApprovalAction,
    ApprovalKind,
    ApprovalStage,
    Deed,
    Route,
    Step,
    duty,
    next_stage,
    require_move,
    require_opinion,
    require_other_officer,
    require_route,
    route_json,
    steps_of,
)
from hub.approvals.texts import MAX_CODE, DocumentText, checked_opinion, checked_text
from hub.catalog.records import CaseType, ServiceItem
from hub.clock import Clock
from hub.signing.fonts import FontSet
from hub.workdays import DueDay, add_working_days

DUTIES: dict[ApprovalStage, Act] = {
    ApprovalStage.EXAMINE: Act.EXAMINE,
    ApprovalStage.CHECK: Act.CHECK,
    ApprovalStage.APPROVE: Act.APPROVE,
}
"""What the policy must allow an officer who acts in a stage."""
STATUTORY_DAYS = 20
"""Working days for a decision when no item sets fewer: 行政许可法 art. 42."""


@dataclass(frozen=True)
class Draft:
    """What an officer asks to be drafted; `item_code` is an implementation code of his region."""

    kind: ApprovalKind
    text: DocumentText
    route: Route
    item_code: str | None = None
    case_number: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the draft as plain JSON, for idempotency digests."""
        return {
            "kind": self.kind.value,
            "text": self.text.to_json(),
            "route": self.route.value,
            "item_code": self.item_code,
            "case_number": self.case_number,
        }


def draft(
    session: Session, wanted: Draft, *, actor: Actor, key: str, fonts: FontSet, demonstration: bool, clock: Clock
) -> Approval:
    """Return a new approval of the actor's region, waiting in EXAMINE; repeated with its `key`, the one of the first time.

    Due as many working days after today as the item promises, 20 without an item. Raises NotPermitted, Conflict, IssuerUnknown,
    ItemUnknown, RouteNotAllowed and what `checked_text` raises.
    """
    may(actor, Act.DRAFT_APPROVAL)
    request = {"draft": wanted.to_json()}
    done = remembered(session, actor=actor, mutation="draftApproval", key=key, arguments=request)
    if done is not None:
        return approval_by_id(session, done)
    approval = _drafted(session, wanted, actor=actor, fonts=fonts, demonstration=demonstration, clock=clock)
    session.add(approval)
    session.flush()
    remember(
        session, actor=actor, mutation="draftApproval", key=key, arguments=request, subject=approval.id, clock=clock
    )
    tell(session, approval, clock=clock)
    return approval_by_id(session, approval.id)


def amend(
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
    """Replace the text of an approval that waits in EXAMINE, new or returned; the acts before it stay.

    Raises ApprovalMissing, NotPermitted, Conflict, VersionConflict, OfficerActedBefore, ApprovalMoveRefused and what `checked_text` raises.
    """
    may(actor, Act.EXAMINE)
    request = {"id": approval_id, "text": text.to_json(), "version": version}
    approval = approval_for_change(session, approval_id)
    if remembered(session, actor=actor, mutation="amendApproval", key=key, arguments=request) is not None:
        return approval
    _require_present(approval, actor, version)
    if approval.stage is not ApprovalStage.EXAMINE:
        raise ApprovalMoveRefused(approval.stage, "AMEND")
    _require_officer(approval, actor)
    tidy = checked_text(text, fonts)
    approval.title = tidy.title
    approval.addressee = tidy.addressee.to_json()
    approval.body = [paragraph.to_json() for paragraph in tidy.body]
    approval.version += 1
    remember(
        session, actor=actor, mutation="amendApproval", key=key, arguments=request, subject=approval.id, clock=clock
    )
    tell(session, approval, clock=clock)
    return approval_by_id(session, approval.id)


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
) -> Approval:
    """Pass, return or refuse an approval in its present stage, and write the act down; repeated with its `key`, nothing happens again.

    The last pass dates and numbers the document; a return before sealing voids the number and any unfinished intent to seal.
    Raises ApprovalMissing, NotPermitted, Conflict, VersionConflict, ApprovalMoveRefused, OfficerActedBefore, OpinionMissing, TextTooLong.
    """
    may(actor, Act.READ_APPROVALS)
    request = {"id": approval_id, "action": action.value, "opinion": opinion, "version": version}
    approval = approval_for_change(
        session, approval_id
    )  # locked: of two equal requests at once the second finds the first's memory
    if remembered(session, actor=actor, mutation="actOnApproval", key=key, arguments=request) is not None:
        return approval
    _require_present(approval, actor, version)
    said = checked_opinion(opinion)
    require_move(approval.stage, action)
    _require_officer(approval, actor)
    require_opinion(action, said)
    _write(session, approval, action, said, actor=actor, clock=clock)
    remember(
        session, actor=actor, mutation="actOnApproval", key=key, arguments=request, subject=approval.id, clock=clock
    )
    tell(session, approval, clock=clock)
    return approval_by_id(session, approval.id)


def _drafted(
    session: Session, wanted: Draft, *, actor: Actor, fonts: FontSet, demonstration: bool, clock: Clock
) -> Approval:
    region = actor.region or ""
    issuer = issuer_of(session, region)
    item = _item(session, wanted.item_code, region)
    require_route(wanted.route, immediate=item is not None and item.case_type is CaseType.IMMEDIATE)
    text = checked_text(wanted.text, fonts)
    due = _due(item, clock)
    return Approval(
        id=secrets.token_hex(16),
        region=region,
        kind=wanted.kind,
        number=None,
        title=text.title,
        item_code=wanted.item_code,
        case_number=_case_number(wanted.case_number),
        addressee=text.addressee.to_json(),
        body=[paragraph.to_json() for paragraph in text.body],
        route=route_json(wanted.route),
        stage=ApprovalStage.EXAMINE,
        issuer_zh=issuer.name_zh,
        issuer_uscc=issuer.uscc,
        dated_on=None,
        due_on=due.day,
        due_provisional=due.provisional,
        drafted_by=actor.code,
        drafted_at=clock.now(),
        version=1,
        document_version=1,
        verify_id=secrets.token_hex(16),
        demonstration=demonstration,
    )


def _item(session: Session, code: str | None, region: str) -> ServiceItem | None:
    if code is None:
        return None
    item = session.scalar(
        select(ServiceItem).where(
            ServiceItem.implementation_code == code,
            ServiceItem.region == region,
            ServiceItem.tombstoned_at.is_(None),
        )
    )
    if item is None:
        raise ItemUnknown
    return item


def _due(item: ServiceItem | None, clock: Clock) -> DueDay:
    return add_working_days(clock.today(), STATUTORY_DAYS if item is None else item.promised_limit_days)


def _case_number(number: str | None) -> str | None:
    if number is not None and len(number) > MAX_CODE:
        raise TextTooLong("caseNumber", MAX_CODE)
    return (number or "").strip() or None


def _deeds(approval: Approval) -> list[Deed]:
    return [Deed(done.officer, done.stage, done.action) for done in approval.actions]


def _require_present(approval: Approval, actor: Actor, version: int) -> None:
    """Return when `actor` may see the approval and saw its present version."""
    may(actor, Act.READ_APPROVALS, region=approval.region)
    if approval.version != version:
        raise VersionConflict(approval.version)


def _require_officer(approval: Approval, actor: Actor) -> None:
    """Return when the policy and the rule of two persons let `actor` act in the present stage."""
    steps = steps_of(approval.route)
    may(actor, DUTIES[duty(steps, approval.stage)], region=approval.region)
    require_other_officer(
        steps, _deeds(approval), stage=approval.stage, officer=actor.code, drafter=approval.drafted_by
    )


def _write(
    session: Session, approval: Approval, action: ApprovalAction, opinion: str | None, *, actor: Actor, clock: Clock
) -> None:
    steps: tuple[Step, ...] = steps_of(approval.route)
    before = approval.stage
    approval.stage = next_stage(steps, _deeds(approval), stage=before, action=action)
    approval.version += 1
    session.add(
        ApprovalAct(
            approval_id=approval.id,
            at=clock.now(),
            officer=actor.code,
            officer_name=actor.name,
            stage=before,
            action=action,
            opinion=opinion,
        )
    )
    if approval.stage is ApprovalStage.APPROVED:
        template = issuer_of(session, approval.region).number_template
        approval.number = give_number(session, approval_id=approval.id, template=template, clock=clock)
        approval.dated_on = clock.today()
    elif before is ApprovalStage.APPROVED:
        _withdraw(session, approval, clock)
    session.flush()


def _withdraw(session: Session, approval: Approval, clock: Clock) -> None:
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
