"""Intents to seal: who is sealing which exact renderings at this moment, so that a crash or a second worker publishes nothing twice.

There is one intent per (approval, document version). Whoever claims it holds a lease and a number, `attempts`; only the holder of the newest
number may publish, so a worker that woke too late is fenced off whatever its clock says. Until something is published a later claim may
choose seal, rendering and signing time anew. Functions receive the session; the caller commits.

Source: docs/decisions/0005-one-intent-one-seal-use.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from hub.approvals.faults import SealingOvertaken, SealingUnderWay
from hub.approvals.records import Approval, DeviceRequest, SealingIntent
from hub.clock import Clock
from hub.seals.permits import Permit

LEASE = timedelta(minutes=2)
"""How long a claim lasts; signing with a time stamp takes seconds."""
GRACE = timedelta(minutes=1)
"""How long after its lease a claim still protects its file from the sweep: longer than any commit takes."""


@dataclass(frozen=True)
class Claim:
    """A committed intent, held: `attempt` is the number that must still be the newest when the file is published."""

    intent_id: int
    attempt: int
    approval_id: str
    approval_version: int
    permit: Permit
    rendering_sha256: str  # of the original
    signing_time: datetime


def claim(session: Session, approval: Approval, *, permit: Permit, renderings: tuple[str, str], clock: Clock) -> Claim:
    """Return a new claim on sealing the approval, whose row the caller has locked; raises SealingUnderWay while another's lease lasts.

    `renderings` are the SHA-256 (hex) of original and rendition before they are signed.
    """
    now = clock.now().replace(microsecond=0)
    intent = _intent(session, approval)
    if intent is None:
        intent = SealingIntent(approval_id=approval.id, document_version=approval.document_version, attempts=0)
        session.add(intent)
    elif intent.lease_until is not None and intent.lease_until > now:
        raise SealingUnderWay
    intent.seal_id = permit.seal_id
    intent.rendering_sha256, intent.rendition_sha256 = renderings
    intent.signing_time = now
    intent.intended_by = permit.used_by
    intent.authorisation_id = permit.authorisation_id
    intent.lease_until = now + LEASE
    intent.attempts += 1
    intent.done_at = None
    session.flush()
    return Claim(intent.id, intent.attempts, approval.id, approval.version, permit, renderings[0], now)


def extend(session: Session, held: Claim, *, until: datetime, clock: Clock) -> None:
    """Let the claim last until `until`, for a signature that is made elsewhere; raises SealingOvertaken as `finish` does."""
    _held(session, held, clock).lease_until = until


def finish(session: Session, held: Claim, *, clock: Clock) -> None:
    """Mark the intent done; raises SealingOvertaken when the claim is not the newest, its lease is over, or the intent was withdrawn."""
    intent = _held(session, held, clock)
    intent.done_at, intent.lease_until, intent.last_error = clock.now(), None, None


def give_up(session: Session, held: Claim, *, code: str) -> None:
    """End the claim's lease at once and keep why, when it is still the newest."""
    intent = session.get(SealingIntent, held.intent_id, with_for_update=True, populate_existing=True)
    if intent is not None and intent.attempts == held.attempt and intent.done_at is None:
        intent.lease_until, intent.last_error = None, code


def in_flight(session: Session, *, besides: str | None, clock: Clock) -> dict[int, int]:
    """Return how many documents are being sealed per standing authorisation; the approval `besides` is not counted."""
    rows = session.execute(
        select(SealingIntent.authorisation_id, func.count(SealingIntent.id))
        .where(
            SealingIntent.done_at.is_(None),
            SealingIntent.lease_until > clock.now(),
            SealingIntent.authorisation_id.is_not(None),
            SealingIntent.approval_id != (besides or ""),
        )
        .group_by(SealingIntent.authorisation_id)
    )
    return {authorisation: count for authorisation, count in rows if authorisation is not None}


def any_held(session: Session, *, clock: Clock) -> bool:
    """Say whether somebody may be about to publish a stored file."""
    return _exists(session, SealingIntent.lease_until > clock.now() - GRACE)


def any_dead(session: Session, *, clock: Clock) -> bool:
    """Say whether a claim ran out without an end: its worker died and may have left an orphan."""
    return _exists(session, SealingIntent.lease_until <= clock.now() - GRACE)


def _held(session: Session, held: Claim, clock: Clock) -> SealingIntent:
    """Return the intent, locked, while the claim on it stands."""
    intent = session.get(SealingIntent, held.intent_id, with_for_update=True, populate_existing=True)
    if intent is None or intent.attempts != held.attempt or intent.done_at is not None:
        raise SealingOvertaken
    if intent.lease_until is None or intent.lease_until <= clock.now():
        raise SealingOvertaken
    return intent


def release_dead(session: Session, *, before: datetime) -> None:
    """Forget the leases of claims that had run out `before` then: what their workers left has been swept."""
    session.execute(
        update(SealingIntent)
        .where(SealingIntent.done_at.is_(None), SealingIntent.lease_until <= before - GRACE)
        .values(lease_until=None)
    )


def end_leases(session: Session, *, clock: Clock) -> None:
    """End every claim of a process that is gone, as if it had run out: another may claim at once, and its orphans are swept.

    Only for a hub that is one process (SQLite), at its start. A claim that waits for a keeper's device is nobody's process's and stays.
    """
    waiting = exists().where(
        DeviceRequest.intent_id == SealingIntent.id,
        DeviceRequest.attempt == SealingIntent.attempts,
        DeviceRequest.completed_at.is_(None),
        DeviceRequest.expires_at > clock.now(),
    )
    over = clock.now() - GRACE
    session.execute(
        update(SealingIntent)
        .where(SealingIntent.done_at.is_(None), SealingIntent.lease_until > over, ~waiting)
        .values(lease_until=over)
        .execution_options(synchronize_session=False)
    )


def _exists(session: Session, condition: object) -> bool:
    unfinished = exists().where(SealingIntent.done_at.is_(None), condition)  # type: ignore[arg-type]
    return bool(session.scalar(select(unfinished)))


def _intent(session: Session, approval: Approval) -> SealingIntent | None:
    return session.scalar(
        select(SealingIntent)
        .where(SealingIntent.approval_id == approval.id, SealingIntent.document_version == approval.document_version)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
