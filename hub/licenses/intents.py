"""Intents to make the files of licenses: who is making whose at this moment, so that a crash or a second worker publishes nothing twice.

There is one intent per license version. Whoever claims it holds a lease and a number, `attempts`; only the holder of the newest number may
publish. Functions receive the session; the caller commits.

Source: docs/decisions/0005-one-intent-one-seal-use.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from hub.clock import SHANGHAI
from hub.errors import HubError
from hub.filestore import StoredFileLost
from hub.ledger.names import LedgerName
from hub.ledger.standing import require_signing
from hub.licenses.acting import Office, tell_all
from hub.licenses.faults import FilesOvertaken
from hub.licenses.queries import whole
from hub.licenses.records import License, LicenseFile, LicenseIntent
from hub.licenses.rules import LicenseStatus
from hub.seals.custody import SealedDocument, record_uses
from hub.seals.faults import CeilingReached
from hub.seals.permits import Permit, QueueRoom, permit_for_queue, room_for_queue
from hub.seals.queries import seal_by_id, shape_of, structure_of
from hub.signing.seal_drawing import SealShape

if TYPE_CHECKING:
    from hub.licenses.issuing import StoredFile

KIND: Final = "license"
"""What a standing authorisation covers for licenses, and the kind under which their seal uses are registered."""
LEASE = timedelta(minutes=10)
"""How long a claim on a chunk lasts."""


@dataclass(frozen=True)
class Held:
    """A claim on one license: `attempt` must still be the newest, and the license unchanged since `revision`, when it is published."""

    license_id: int
    identifier: str
    attempt: int
    revision: int
    license: License


@dataclass(frozen=True)
class Batch:
    """The claims of one chunk under one permit, with what the seal looks like and the e-seal structure it has."""

    held: tuple[Held, ...]
    permit: Permit
    shape: SealShape
    structure: bytes | None
    signing_time: datetime


def claim_due(
    session: Session,
    *,
    office: Office,
    count: int,
    identifiers: Sequence[str] | None = None,
    besides: Collection[int] = (),
) -> Batch:
    """Return claims on up to `count` issued licenses without files that nobody else is making and that the seal's owner issued.

    `besides` are licenses this run tried already. Raises what `permit_for_queue` and a ledger that may not sign raise.
    """
    require_signing(session, LedgerName.EXCHANGE)
    permit = permit_for_queue(
        session, kind=KIND, region=office.region, clock=office.clock, in_flight=_in_flight(session, office)
    )
    seal = seal_by_id(session, permit.seal_id)
    now = office.clock.now().replace(microsecond=0)
    due = _due(office.region).where(License.issuer_uscc == seal.owner_uscc, License.id.not_in(besides))
    due = due.where(or_(License.seal_id.is_(None), License.seal_id == seal.id))
    if identifiers is not None:
        due = due.where(License.identifier.in_(identifiers))
    free = or_(LicenseIntent.lease_until.is_(None), LicenseIntent.lease_until <= now)
    due = due.where(free).order_by(func.coalesce(LicenseIntent.attempts, 0), License.id)  # what fails holds nobody up
    chosen = list(session.scalars(due.limit(count).with_for_update(of=License)))
    intents = {each.license_id: each for each in session.scalars(_intents([license.id for license in chosen]))}
    held = tuple(_claimed(session, license, intents.get(license.id), permit=permit, now=now) for license in chosen)
    session.flush()
    structure = structure_of(session, seal.id)
    return Batch(held, permit, shape_of(seal, structure), structure, now)


def publish(
    session: Session,
    batch: Batch,
    stored: Mapping[int, Sequence[StoredFile]],
    *,
    office: Office,
    holds: Callable[[str], bool],
) -> list[tuple[Held, HubError]]:
    """Write files, seal uses and ledger entries of everything stored; return what was refused, of which nothing was written.

    The permit is asked for again for each license, so that a stopped seal or a ceiling counts at once. Raises when the ledger may not sign.
    """
    require_signing(session, LedgerName.EXCHANGE)
    now = {license.id: license for license in session.scalars(_locked(stored))}
    intents = {intent.license_id: intent for intent in session.scalars(_intents(stored))}
    room = _room(session, office, besides=stored)
    written: list[License] = []
    refused: list[tuple[Held, HubError]] = []
    for held in batch.held:
        files = stored.get(held.license_id)
        if files is None:
            continue
        license, intent = now.get(held.license_id), intents.get(held.license_id)
        try:
            if license is None or intent is None:
                raise FilesOvertaken
            _require_newest(held, license, intent, office)
            _require_held(files, holds)
            _require_room(room, batch.permit, len(written))
        except HubError as fault:
            refused.append((held, fault))
            continue
        _write(license, intent, files=files, office=office)
        written.append(license)
    _tell(session, batch, written, office)
    return refused


def give_up(session: Session, failed: Sequence[tuple[Held, str]]) -> None:
    """End the leases at once and keep why, where the claim is still the newest."""
    for held, code in failed:
        intent = session.get(LicenseIntent, held.license_id, with_for_update=True, populate_existing=True)
        if intent is not None and intent.attempts == held.attempt and intent.done_at is None:
            intent.lease_until, intent.last_error = None, code


def waiting_count(session: Session, *, region: str) -> int:
    """Return how many issued licenses of the region have no files. One statement."""
    return session.scalar(_due(region).with_only_columns(func.count(License.id)).order_by(None)) or 0


def file_faults(session: Session, *, region: str) -> list[tuple[str, int, str]]:
    """Return identifier, attempts and last error of up to 100 licenses whose files could not be made, newest first."""
    rows = session.execute(
        _due(region)
        .with_only_columns(License.identifier, LicenseIntent.attempts, LicenseIntent.last_error)
        .where(LicenseIntent.last_error.is_not(None))
        .order_by(License.id.desc())
        .limit(100)
    )
    return [(identifier, attempts, error or "") for identifier, attempts, error in rows]


def _due(region: str) -> Select[License]:
    filed = exists().where(LicenseFile.license_id == License.id)
    return (
        whole()
        .outerjoin(LicenseIntent, LicenseIntent.license_id == License.id)
        .where(License.region == region, License.status == LicenseStatus.ISSUED, ~filed)
    )


def _claimed(
    session: Session, license: License, intent: LicenseIntent | None, *, permit: Permit, now: datetime
) -> Held:
    if intent is None:
        intent = LicenseIntent(license_id=license.id, attempts=0)
        session.add(intent)
    intent.seal_id, intent.authorisation_id, intent.intended_by = (
        permit.seal_id,
        permit.authorisation_id,
        permit.used_by,
    )
    intent.signing_time, intent.lease_until, intent.done_at = now, now + LEASE, None
    intent.attempts += 1
    return Held(license.id, license.identifier, intent.attempts, license.revision, license)


def _in_flight(session: Session, office: Office, *, besides: Collection[int] = ()) -> dict[int, int]:
    rows = session.execute(
        select(LicenseIntent.authorisation_id, func.count(LicenseIntent.license_id))
        .where(
            LicenseIntent.done_at.is_(None),
            LicenseIntent.lease_until > office.clock.now(),
            LicenseIntent.authorisation_id.is_not(None),
            LicenseIntent.license_id.not_in(besides),
        )
        .group_by(LicenseIntent.authorisation_id)
    )
    return {authorisation: count for authorisation, count in rows if authorisation is not None}


def _locked(license_ids: Collection[int]) -> Select[License]:
    return whole().where(License.id.in_(license_ids)).with_for_update(of=License)


def _intents(license_ids: Collection[int]) -> Select[LicenseIntent]:
    statement = select(LicenseIntent).where(LicenseIntent.license_id.in_(license_ids)).with_for_update()
    return statement.execution_options(populate_existing=True)


def _require_newest(held: Held, license: License, intent: LicenseIntent, office: Office) -> None:
    over = intent.lease_until is None or intent.lease_until <= office.clock.now()
    if license.revision != held.revision or intent.attempts != held.attempt or intent.done_at is not None or over:
        raise FilesOvertaken


def _require_held(files: Sequence[StoredFile], holds: Callable[[str], bool]) -> None:
    for file in files:
        if not holds(file.sha256):
            raise StoredFileLost(file.sha256)


def _room(session: Session, office: Office, *, besides: Collection[int]) -> QueueRoom | HubError:
    """Return the leave to seal now, which holds for the transaction, or why there is none."""
    others = _in_flight(session, office, besides=besides)
    try:
        return room_for_queue(session, kind=KIND, region=office.region, clock=office.clock, in_flight=others)
    except HubError as refused:
        return refused


def _require_room(room: QueueRoom | HubError, permit: Permit, used: int) -> None:
    if isinstance(room, HubError):
        raise room
    if room.left <= used:
        raise CeilingReached(room.ceiling)
    if room.permit != permit:
        raise FilesOvertaken


def _write(license: License, intent: LicenseIntent, *, files: Sequence[StoredFile], office: Office) -> None:
    intent.done_at, intent.lease_until, intent.last_error = office.clock.now(), None, None
    license.revision += 1
    license.files = [
        LicenseFile(
            license_id=license.id,
            format=file.format,
            original=file.original,
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            stored_at=office.clock.now(),
        )
        for file in files
    ]


def _tell(session: Session, batch: Batch, written: Sequence[License], office: Office) -> None:
    """Write the uses of the seal and the ledger's entries of everything written."""
    documents = [
        SealedDocument(
            reference=document_reference(license),
            kind=KIND,
            sha256=next(file.sha256 for file in license.files if file.original),
            case_number=license.case_number,
        )
        for license in written
    ]
    day = batch.signing_time.astimezone(SHANGHAI).date()
    record_uses(session, permit=batch.permit, documents=documents, at=batch.signing_time, on=day, clock=office.clock)
    tell_all(session, written, clock=office.clock)


def document_reference(license: License) -> str:
    """Return what the register of seal uses calls this version; one use exists per reference."""
    return f"license:{license.identifier}"
