"""Entering partners, officers and grants; each is kept, ended by a date and never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.access.grants import Reach
from hub.access.records import Grant, Officer, Partner, Role
from hub.clock import Clock
from hub.errors import NotFound


def enrol_partner(session: Session, *, code: str, region: str, name_zh: str, clock: Clock) -> Partner:
    """Return the partner `code`, entered now if it was not there."""
    partner = session.scalar(select(Partner).where(Partner.code == code))
    if partner is None:
        partner = Partner(code=code, region=region, name_zh=name_zh, since=clock.now())
        session.add(partner)
        session.flush()
    return partner


def partner_named(session: Session, code: str) -> Partner:
    """Return the partner `code` that has not ended; raises NotFound."""
    partner = session.scalar(select(Partner).where(Partner.code == code, Partner.ended_at.is_(None)))
    if partner is None:
        raise NotFound("没有登记这个合作方。", "That partner is not entered.")
    return partner


def enrol_officer(
    session: Session, *, code: str, name: str, region: str, roles: Sequence[Role], clock: Clock
) -> Officer:
    """Return the officer `code`, entered now if he was not there; his roles become `roles`."""
    officer = session.scalar(select(Officer).where(Officer.code == code))
    if officer is None:
        officer = Officer(code=code, name=name, region=region, roles=[], since=clock.now())
        session.add(officer)
    officer.roles = sorted(role.value for role in roles)
    session.flush()
    return officer


def grant(
    session: Session,
    *,
    partner: Partner,
    purpose: str,
    kinds: Sequence[str],
    until: datetime,
    granted_by: str,
    clock: Clock,
    reach: Reach | None = None,
) -> Grant:
    """Return a new grant: `partner` may read records of `kinds` for `purpose` until `until` (exclusive), licenses as `reach` says."""
    given = Grant(
        partner_id=partner.id,
        purpose=purpose,
        kinds=sorted(kinds),
        granted_at=clock.now(),
        granted_by=granted_by,
        until=until,
    )
    if reach is not None:
        given.legal_basis, given.may_withhold = reach.legal_basis, reach.may_withhold
        given.license_types, given.holder_code_types = sorted(reach.license_types), sorted(reach.holder_code_types)
        given.fields, given.issuers = sorted(reach.fields), sorted(reach.issuers)
    session.add(given)
    session.flush()
    return given


def granted_kinds(session: Session, *, partner_code: str, at: datetime) -> frozenset[str]:
    """Return the kinds of exchange record that any grant of the partner in force at `at` covers."""
    grants = session.scalars(
        select(Grant)
        .join(Partner, Partner.id == Grant.partner_id)
        .where(Partner.code == partner_code, Grant.revoked_at.is_(None), Grant.granted_at <= at, Grant.until > at)
    )
    return frozenset(kind for given in grants for kind in given.kinds)
