"""Who may use a seal on what: grants to officers, the keeper's standing authorisation, and the permit for one document.

A permit is asked for twice for each document: before anything is signed, and again in the transaction that publishes, so that a seal
suspended or an authorisation stopped in between stops the document. Opens no key. Functions receive the session; the caller commits.

Source: 电子印章管理办法 (2025) on use by authorisation and its record.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, may
from hub.clock import Clock
from hub.seals.faults import (
    AuthorisationMissing,
    CeilingReached,
    SealElsewhere,
    SealKeyElsewhere,
    SealMissing,
    SealNotGranted,
)
from hub.seals.records import Seal, SealGrant, SealUse, StandingAuthorisation
from hub.seals.rules import checked_kinds, covers, require_ceiling, require_in_force, require_term

QUEUE = "queue"
"""Who used a seal under a standing authorisation."""


@dataclass(frozen=True)
class Permit:
    """Leave to put one seal on one document: what the seal is, who uses it, and under which authorisation (None: by hand)."""

    seal_id: str
    key_name: str
    used_by: str
    authorisation_id: int | None


@dataclass(frozen=True)
class QueueRoom:
    """Leave for the queue: the permit, how many documents it may still seal today, and the day's ceiling."""

    permit: Permit
    left: int
    ceiling: int


def grant_use(
    session: Session, seal_id: str, *, officer: str, kinds: Collection[str], until: datetime, by: Actor, clock: Clock
) -> SealGrant:
    """Let `officer` (code) use the seal on documents of `kinds` until `until` (exclusive, within a year).

    Raises SealMissing, NotPermitted unless `by` keeps seals in its region, TermsInvalid.
    """
    _kept_by(session, seal_id, by)
    require_term(until, clock.now())
    grant = SealGrant(
        seal_id=seal_id,
        officer=officer,
        kinds=checked_kinds(kinds),
        granted_by=by.code,
        granted_at=clock.now(),
        until=until,
        revoked_at=None,
    )
    session.add(grant)
    session.flush()
    return grant


def revoke_grants(session: Session, seal_id: str, *, officer: str, by: Actor, clock: Clock) -> int:
    """Take back every grant of `officer` on the seal; return how many. Raises SealMissing, NotPermitted."""
    _kept_by(session, seal_id, by)
    held = session.scalars(
        select(SealGrant).where(
            SealGrant.seal_id == seal_id, SealGrant.officer == officer, SealGrant.revoked_at.is_(None)
        )
    ).all()
    for grant in held:
        grant.revoked_at = clock.now()
    return len(held)


def authorise_queue(
    session: Session,
    seal_id: str,
    *,
    kinds: Collection[str],
    daily_ceiling: int,
    until: datetime,
    by: Actor,
    clock: Clock,
) -> StandingAuthorisation:
    """Let the signing queue seal documents of `kinds`, at most `daily_ceiling` a civil day, until `until` (exclusive, within a year).

    Raises SealMissing, NotPermitted unless `by` keeps seals in its region, TermsInvalid.
    """
    _kept_by(session, seal_id, by)
    require_term(until, clock.now())
    require_ceiling(daily_ceiling)
    given = StandingAuthorisation(
        seal_id=seal_id,
        keeper=by.code,
        kinds=checked_kinds(kinds),
        daily_ceiling=daily_ceiling,
        granted_at=clock.now(),
        until=until,
        stopped_at=None,
    )
    session.add(given)
    session.flush()
    return given


def stop_queue(session: Session, seal_id: str, *, by: Actor, clock: Clock) -> int:
    """The one stop switch: end every standing authorisation of the seal at once; return how many. Raises SealMissing, NotPermitted."""
    _kept_by(session, seal_id, by)
    running = session.scalars(
        select(StandingAuthorisation)
        .where(StandingAuthorisation.seal_id == seal_id, StandingAuthorisation.stopped_at.is_(None))
        .with_for_update()
    ).all()
    for authorisation in running:
        authorisation.stopped_at = clock.now()
    return len(running)


def permit_by_hand(
    session: Session, seal_id: str, *, kind: str, region: str, actor: Actor, clock: Clock, device: bool = False
) -> Permit:
    """Return leave for `actor` to seal one document of `kind` of `region` now; with `device`, by a key he holds himself.

    Raises NotPermitted unless he is a seal keeper of the region, SealMissing, SealElsewhere, SealNotActive, SealExpired, SealNotGranted,
    and without `device` SealKeyElsewhere.
    """
    may(actor, Act.SEAL, region=region)
    seal = _in_force(session, seal_id, region, clock)
    if seal.key_elsewhere and not device:
        raise SealKeyElsewhere
    grants = session.scalars(select(SealGrant).where(SealGrant.seal_id == seal_id, SealGrant.officer == actor.code))
    if not any(
        covers(grant.kinds, kind, until=grant.until, ended=grant.revoked_at, at=clock.now()) for grant in grants
    ):
        raise SealNotGranted(kind)
    return Permit(seal.id, seal.key_name, actor.code, None)


def permit_for_queue(
    session: Session, *, kind: str, region: str, clock: Clock, in_flight: dict[int, int] | None = None
) -> Permit:
    """Return leave for the signing queue to seal one document of `kind` of `region` now, under the newest fitting authorisation.

    `in_flight` is how many documents are being sealed per authorisation and not yet in the register; they count towards the ceiling. The
    authorisation's row stays locked until the caller's transaction ends, so that two workers cannot pass the ceiling together.
    Raises AuthorisationMissing, CeilingReached, SealNotActive, SealExpired, SealKeyElsewhere.
    """
    room = room_for_queue(session, kind=kind, region=region, clock=clock, in_flight=in_flight)
    if room.left < 1:
        raise CeilingReached(room.ceiling)
    return room.permit


def room_for_queue(
    session: Session, *, kind: str, region: str, clock: Clock, in_flight: dict[int, int] | None = None
) -> QueueRoom:
    """Return how many documents the signing queue may seal now under the newest fitting authorisation, for a caller that seals several.

    What is said holds until the caller's transaction ends, because the rows of authorisation and seal stay locked. Raises as
    `permit_for_queue`, save CeilingReached.
    """
    given = _authorisation(session, kind, region, clock)
    if _in_force(session, given.seal_id, region, clock).key_elsewhere:
        raise SealKeyElsewhere
    used = (
        session.scalar(
            select(func.count(SealUse.id)).where(SealUse.authorisation_id == given.id, SealUse.used_on == clock.today())
        )
        or 0
    )
    seal = session.get_one(Seal, given.seal_id)
    left = given.daily_ceiling - used - (in_flight or {}).get(given.id, 0)
    return QueueRoom(Permit(seal.id, seal.key_name, QUEUE, given.id), left, given.daily_ceiling)


def _authorisation(session: Session, kind: str, region: str, clock: Clock) -> StandingAuthorisation:
    candidates = session.scalars(
        select(StandingAuthorisation)
        .join(Seal, Seal.id == StandingAuthorisation.seal_id)
        .where(Seal.region == region, StandingAuthorisation.stopped_at.is_(None))
        .order_by(StandingAuthorisation.id.desc())
        .with_for_update(of=StandingAuthorisation)
    )
    now = clock.now()
    fitting = (
        given for given in candidates if covers(given.kinds, kind, until=given.until, ended=given.stopped_at, at=now)
    )
    found = next(fitting, None)
    if found is None:
        raise AuthorisationMissing(kind)
    return found


def _in_force(session: Session, seal_id: str, region: str, clock: Clock) -> Seal:
    seal = session.get(Seal, seal_id, with_for_update={"read": True}, populate_existing=True)
    if seal is None:
        raise SealMissing
    if seal.region != region:
        raise SealElsewhere
    require_in_force(seal.status, seal.valid_from, seal.valid_to, clock.today())
    return seal


def _kept_by(session: Session, seal_id: str, by: Actor) -> None:
    seal = session.get(Seal, seal_id)
    if seal is None:
        raise SealMissing
    may(by, Act.KEEP_SEALS, region=seal.region)
