"""Who acts on an approval at the step where it stands: by his own role, for his department, or standing in for another.

The rule that nobody acts in two stages is asked here for everybody who answers for an act. Writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, allows, may
from hub.approvals.delegation import DUTIES, stood_in_for
from hub.approvals.faults import VersionConflict
from hub.approvals.records import Approval, DeviceRequest
from hub.approvals.routes import in_department
from hub.approvals.rules import ApprovalAction, Deed, Step, place, require_other_officer, steps_of
from hub.clock import Clock
from hub.errors import NotPermitted
from hub.seals.device_faults import ContentFrozen

__all__ = ["DUTIES", "Standing", "deeds", "require_officer", "require_present", "require_unfrozen", "standing_of"]


@dataclass(frozen=True)
class Standing:
    """In what capacity an officer acts: his own, or `on_behalf_of` another (code, name) under a delegation."""

    officer: str
    on_behalf_of: str | None = None
    on_behalf_of_name: str | None = None
    delegation_id: int | None = None

    @property
    def persons(self) -> set[str]:
        """Return who answers for the act."""
        return {self.officer, self.on_behalf_of or self.officer}


def deeds(approval: Approval) -> list[Deed]:
    """Return what was done with the approval, oldest first; taking back is no deed, it marks one."""
    return [
        Deed(
            done.officer,
            done.stage,
            done.action,
            step=done.step,
            for_officer=done.on_behalf_of,
            taken_back=done.taken_back_at is not None,
        )
        for done in approval.actions
        if done.action is not ApprovalAction.TAKE_BACK
    ]


def require_present(approval: Approval, actor: Actor, version: int) -> None:
    """Return when `actor` may see the approval and saw its present version; officers of every region on its route may."""
    regions = {step.region or approval.region for step in steps_of(approval.route)}
    if not any(allows(actor, Act.READ_APPROVALS, region=region) for region in regions):
        may(actor, Act.READ_APPROVALS, region=approval.region)
    if approval.version != version:
        raise VersionConflict(approval.version)


def require_officer(
    session: Session, approval: Approval, actor: Actor, *, clock: Clock, on_behalf_of: str | None = None
) -> Standing:
    """Return in what capacity `actor` may act at the present step.

    His own role comes first; without it, or where `on_behalf_of` names somebody, a delegation in force. Raises NotPermitted and
    OfficerActedBefore.
    """
    standing = standing_of(session, approval, actor, clock=clock, on_behalf_of=on_behalf_of)
    for person in standing.persons:
        require_other_officer(
            steps_of(approval.route),
            deeds(approval),
            stage=approval.stage,
            officer=person,
            drafter=approval.drafted_by,
            step=approval.step,
        )
    return standing


def standing_of(
    session: Session, approval: Approval, actor: Actor, *, clock: Clock, on_behalf_of: str | None = None
) -> Standing:
    """Return the capacity alone, whoever acted before; raises NotPermitted."""
    steps = steps_of(approval.route)
    step = steps[place(steps, approval.stage, approval.step)]
    region = step.region or approval.region
    by_himself = on_behalf_of in (None, actor.code) and allows(actor, DUTIES[step.stage], region=region)
    if by_himself and in_department(session, actor.code, region=region, department=step.department):
        return Standing(actor.code)
    found = _standing_in(session, actor, step, region=region, principal=on_behalf_of, clock=clock)
    if found is None:
        may(actor, DUTIES[step.stage], region=region)
        raise NotPermitted("本环节由其他部门或人员办理。", "Another department or officer acts in this stage.")
    return found


def require_unfrozen(session: Session, approval: Approval, clock: Clock) -> None:
    """Return unless a signature on a device is awaited, whose content must not change; raises ContentFrozen."""
    awaited = session.scalar(
        select(DeviceRequest.expires_at).where(
            DeviceRequest.approval_id == approval.id,
            DeviceRequest.approval_version == approval.version,
            DeviceRequest.completed_at.is_(None),
            DeviceRequest.expires_at > clock.now(),
        )
    )
    if awaited is not None:
        raise ContentFrozen(awaited)


def _standing_in(
    session: Session, actor: Actor, step: Step, *, region: str, principal: str | None, clock: Clock
) -> Standing | None:
    if not allows(actor, Act.READ_APPROVALS, region=region):
        return None
    for officer, given in stood_in_for(
        session, actor.code, stage=step.stage, region=region, principal=principal, clock=clock
    ):
        if in_department(session, officer.code, region=region, department=step.department):
            return Standing(actor.code, officer.code, officer.name, given.id)
    return None
