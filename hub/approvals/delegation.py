"""Standing in (AB岗): an officer lets another do his duty from one instant until another; both are named in every act.

A delegation is never passed on: what it grants is what the first officer may do by his own roles, asked when it is used. It lets nobody act
in two stages, because who stands in counts as both persons. Functions receive the session; the caller commits.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, allows, may
from hub.access.records import ActorKind, Officer, Role
from hub.approvals.duty_faults import DelegationInvalid, DelegationMissing
from hub.approvals.records import Delegation
from hub.approvals.rules import APPROVE, CHECK, EXAMINE, ApprovalStage
from hub.clock import Clock
from hub.errors import NotPermitted

LONGEST_TERM = timedelta(days=366)
DUTIES: dict[ApprovalStage, Act] = {EXAMINE: Act.EXAMINE, CHECK: Act.CHECK, APPROVE: Act.APPROVE}
"""What the policy must allow an officer who acts in a stage."""


def delegate(
    session: Session,
    *,
    from_officer: str,
    to_officer: str,
    duties: Collection[ApprovalStage],
    since: datetime,
    until: datetime,
    by: Actor,
    clock: Clock,
) -> Delegation:
    """Let `to_officer` do `duties` of `from_officer` from `since` until `until` (exclusive, within a year of `since`); both are codes.

    Given by the officer himself or an operator. Raises NotPermitted, DelegationInvalid.
    """
    _require_giver(by, from_officer)
    principal, deputy = _officer(session, from_officer, "fromOfficer"), _officer(session, to_officer, "toOfficer")
    _require_two(principal, deputy)
    _require_term(since, until, clock.now())
    _require_own(principal, duties)
    given = Delegation(
        region=principal.region,
        from_officer=principal.code,
        to_officer=deputy.code,
        duties=sorted(duty.value for duty in duties),
        since=since,
        until=until,
        granted_by=by.label,
        granted_at=clock.now(),
        revoked_by=None,
        revoked_at=None,
    )
    session.add(given)
    session.flush()
    return given


def revoke_delegation(session: Session, delegation_id: int, *, by: Actor, clock: Clock) -> Delegation:
    """End a delegation at once, by the officer who gave it or an operator; acts done under it stand.

    Raises NotPermitted, DelegationMissing when there is none or it was revoked.
    """
    may(by, Act.READ_APPROVALS)
    found = session.get(Delegation, delegation_id, with_for_update=True)
    if found is None or found.revoked_at is not None:
        raise DelegationMissing
    _require_giver(by, found.from_officer)
    found.revoked_at, found.revoked_by = clock.now(), by.label
    session.flush()
    return found


def delegations(*, officer: str | None = None, in_force_at: datetime | None = None) -> Select[Delegation]:
    """Return the statement of delegations from or to `officer`, newest first; `in_force_at` leaves out those that are not in force then."""
    statement = select(Delegation).order_by(Delegation.id.desc())
    if officer is not None:
        statement = statement.where(or_(Delegation.from_officer == officer, Delegation.to_officer == officer))
    if in_force_at is not None:
        statement = statement.where(
            Delegation.since <= in_force_at, Delegation.until > in_force_at, Delegation.revoked_at.is_(None)
        )
    return statement


def stood_in_for(
    session: Session, deputy: str, *, stage: ApprovalStage, region: str, principal: str | None, clock: Clock
) -> list[tuple[Officer, Delegation]]:
    """Return whose duty of `stage` the deputy may do now, oldest delegation first; `principal` names the one that is wanted.

    The principal must still be an officer of `region` with the duty's role. Two statements.
    """
    given = session.scalars(
        delegations(in_force_at=clock.now())
        .where(Delegation.to_officer == deputy, Delegation.region == region)
        .order_by(None)
        .order_by(Delegation.id)
    ).all()
    fitting = [one for one in given if stage.value in one.duties and principal in (None, one.from_officer)]
    names = [one.from_officer for one in fitting]
    officers = {one.code: one for one in session.scalars(select(Officer).where(Officer.code.in_(names)))}
    return [
        (officers[one.from_officer], one)
        for one in fitting
        if one.from_officer in officers and _may_by_himself(officers[one.from_officer], stage, region)
    ]


def as_actor(officer: Officer) -> Actor:
    """Return the officer as the policy sees him by his own roles."""
    return Actor(
        ActorKind.OFFICER, officer.code, officer.name, officer.region, frozenset(Role(role) for role in officer.roles)
    )


def _may_by_himself(officer: Officer, stage: ApprovalStage, region: str) -> bool:
    return officer.ended_at is None and allows(as_actor(officer), DUTIES[stage], region=region)


def _require_giver(by: Actor, from_officer: str) -> None:
    may(by, Act.READ_APPROVALS)
    if by.kind is not ActorKind.OPERATOR and by.code != from_officer:
        raise NotPermitted("只能委托本人的职责。", "Only one's own duty can be delegated.")


def _officer(session: Session, code: str, path: str) -> Officer:
    found = session.scalar(select(Officer).where(Officer.code == code, Officer.ended_at.is_(None)))
    if found is None:
        raise DelegationInvalid("没有这位在职的工作人员", "there is no such officer in office", path=path)
    return found


def _require_two(principal: Officer, deputy: Officer) -> None:
    if principal.code == deputy.code:
        raise DelegationInvalid("不能委托给本人", "nobody stands in for himself", path="toOfficer")
    if principal.region != deputy.region:
        raise DelegationInvalid("双方须属同一区域", "both must belong to one region", path="toOfficer")


def _require_term(since: datetime, until: datetime, now: datetime) -> None:
    if not since < until <= since + LONGEST_TERM:
        raise DelegationInvalid("期限须在一年以内", "its term is within a year", path="until")
    if until <= now:
        raise DelegationInvalid("期限已过", "its term is over", path="until")


def _require_own(principal: Officer, duties: Collection[ApprovalStage]) -> None:
    if not duties:
        raise DelegationInvalid("须写明委托的环节", "it must name a duty", path="duties")
    for stage in duties:
        if stage not in DUTIES or not _may_by_himself(principal, stage, principal.region):
            raise DelegationInvalid("委托人本人没有这项职责", "he does not hold this duty himself", path="duties")
