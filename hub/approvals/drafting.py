"""Drafts an approval, and amends one while it is examined.

Every door has the four beats and the memory of idempotency keys: may -> move -> write -> tell. The memory is asked before the version.
Functions receive the session; the caller commits.

Source: 行政许可法 art. 32 (five days for notices), 42 (20 working days for decisions unless the item says otherwise).
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
from hub.approvals.duties import require_officer, require_present
from hub.approvals.faults import ApprovalMoveRefused, ItemUnknown, TextTooLong
from hub.approvals.numbering import issuer_of, issuers_remedies
from hub.approvals.particulars import Part, kept_particulars, remedies_of
from hub.approvals.publishing import tell
from hub.approvals.queries import approval_by_id, approval_for_change
from hub.approvals.records import Approval
from hub.approvals.routes import chosen_steps
from hub.approvals.rules import ApprovalKind, ApprovalStage, Route
from hub.approvals.texts import MAX_CODE, WORDINGS, DocumentText, checked_for_kind
from hub.catalog.records import ServiceItem
from hub.clock import Clock
from hub.signing.fonts import FontSet
from hub.workdays import DueDay, add_working_days

STATUTORY_DAYS = 20
"""Working days for a decision when no item sets fewer: 行政许可法 art. 42."""


@dataclass(frozen=True)
class Draft:
    """What an officer asks to be drafted; `item_code` is an implementation code of his region.

    `named_route` is a route of the region's table and goes before `route`; with neither, the item's route, else the usual one of the kind.
    """

    kind: ApprovalKind
    text: DocumentText
    route: Route | None
    item_code: str | None = None
    case_number: str | None = None
    named_route: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the draft as plain JSON, for idempotency digests."""
        asked = {
            "kind": self.kind.value,
            "text": self.text.to_json(),
            "route": None if self.route is None else self.route.value,
            "item_code": self.item_code,
            "case_number": self.case_number,
        }
        return asked if self.named_route is None else asked | {"named_route": self.named_route}


def draft(
    session: Session, wanted: Draft, *, actor: Actor, key: str, fonts: FontSet, demonstration: bool, clock: Clock
) -> Approval:
    """Return a new approval of the actor's region, waiting in EXAMINE; repeated with its `key`, the one of the first time.

    Due as many working days after today as its kind or its item allows, 20 without an item. Raises NotPermitted, Conflict, IssuerUnknown,
    ItemUnknown, RemediesUnknown, what `chosen_steps` raises and what `checked_for_kind` raises.
    """
    may(actor, Act.DRAFT_APPROVAL)
    request = {"draft": wanted.to_json()}
    done = remembered(session, actor=actor, mutation="draftApproval", key=key, arguments=request)
    if done is not None:
        return approval_by_id(session, done)
    approval = drafted(session, wanted, actor=actor, fonts=fonts, demonstration=demonstration, clock=clock)
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

    Raises ApprovalMissing, NotPermitted, Conflict, VersionConflict, OfficerActedBefore, ApprovalMoveRefused and what `checked_for_kind` raises.
    """
    may(actor, Act.READ_APPROVALS)
    request = {"id": approval_id, "text": text.to_json(), "version": version}
    approval = approval_for_change(session, approval_id)
    if remembered(session, actor=actor, mutation="amendApproval", key=key, arguments=request) is not None:
        return approval
    require_present(approval, actor, version)
    if approval.stage is not ApprovalStage.EXAMINE:
        raise ApprovalMoveRefused(approval.stage, "AMEND")
    require_officer(session, approval, actor, clock=clock)
    tidy = checked_for_kind(text, approval.kind, today=clock.today(), fonts=fonts)
    approval.title = tidy.title
    approval.addressee = tidy.addressee.to_json()
    approval.body = [paragraph.to_json() for paragraph in tidy.body]
    approval.particulars = kept_particulars(tidy.particulars, remedies_of(approval.particulars)) or None
    approval.version += 1
    remember(
        session, actor=actor, mutation="amendApproval", key=key, arguments=request, subject=approval.id, clock=clock
    )
    tell(session, approval, clock=clock)
    return approval_by_id(session, approval.id)


def drafted(
    session: Session, wanted: Draft, *, actor: Actor, fonts: FontSet, demonstration: bool, clock: Clock
) -> Approval:
    """Return a new approval that is not yet added to the session; raises what `draft` raises but NotPermitted and Conflict."""
    region = actor.region or ""
    issuer = issuer_of(session, region)
    item = _item(session, wanted.item_code, region)
    steps = chosen_steps(session, wanted.kind, route=wanted.route, named=wanted.named_route, item=item, region=region)
    text = checked_for_kind(wanted.text, wanted.kind, today=clock.today(), fonts=fonts)
    remedies = issuers_remedies(issuer) if Part.REMEDIES in WORDINGS[wanted.kind].needs else None
    due = _due(wanted.kind, item, clock)
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
        particulars=kept_particulars(text.particulars, remedies) or None,
        corrects=None,
        withdraws=None,
        route=steps,
        step=0,
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


def _due(kind: ApprovalKind, item: ServiceItem | None, clock: Clock) -> DueDay:
    own = WORDINGS[kind].due_days
    if own is None:
        own = STATUTORY_DAYS if item is None else item.promised_limit_days
    return add_working_days(clock.today(), own)


def _case_number(number: str | None) -> str | None:
    if number is not None and len(number) > MAX_CODE:
        raise TextTooLong("caseNumber", MAX_CODE)
    return (number or "").strip() or None
