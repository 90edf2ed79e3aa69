"""The pen of the seals: move a seal through its life, and record its uses.

Also the only place that opens a seal's key, and only for a document that the seal's rules, a grant or a standing authorisation covers
(`hub.seals.permits`). Seals come into the register through `hub.seals.importing` and `hub.seals.making`. Functions receive the session; the
caller commits.

Source: 电子印章管理办法 (2025); GB/T 38540-2020 (what a seal binds: owner, validity, certificate).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, may
from hub.clock import Clock, iso
from hub.ledger.names import LedgerName
from hub.ledger.queries import ledger_named
from hub.ledger.writing import Told, add_versions, publish_entry
from hub.seals.faults import SealMissing
from hub.seals.permits import Permit
from hub.seals.records import Seal, SealMove, SealUse
from hub.seals.rules import SealStatus, checked_reason, require_move
from hub.signing.keys import Key, KeyStore, Purpose


@dataclass(frozen=True)
class OpenSeal:
    """What signs: an opened key with its chain (DER, own certificate first), the permit it was opened under, and the e-seal structure.

    `structure` is None for a seal that has none (P-256); it is read from the register beforehand (`hub.seals.queries.structure_of`).
    """

    permit: Permit
    key: Key
    chain: Sequence[bytes]
    structure: bytes | None = None


@dataclass(frozen=True)
class SealedDocument:
    """What a seal was put on: a reference that is unique for ever, its kind, and the SHA-256 (hex) before sealing."""

    reference: str
    kind: str
    sha256: str
    case_number: str | None


@dataclass(frozen=True)
class Move:
    """A change of status: to what, since when (aware), who says so (an officer's code or a feed's name), and why."""

    status: SealStatus
    since: datetime
    by: str
    reason: str | None


def activate(session: Session, seal_id: str, *, by: Actor, clock: Clock) -> Seal:
    """Put a registered or suspended seal into use; raises SealMissing, NotPermitted, SealMoveRefused."""
    return _move(session, seal_id, SealStatus.ACTIVE, by=by, clock=clock)


def suspend(session: Session, seal_id: str, *, by: Actor, clock: Clock, reason: str | None = None) -> Seal:
    """Take an active seal out of use (停用); it may return. Raises SealMissing, NotPermitted, SealMoveRefused, TermsInvalid."""
    return _move(session, seal_id, SealStatus.SUSPENDED, by=by, clock=clock, reason=reason)


def cancel(session: Session, seal_id: str, *, by: Actor, clock: Clock, reason: str | None = None) -> Seal:
    """Close the seal in the register (注销), for ever. Raises SealMissing, NotPermitted, SealMoveRefused, TermsInvalid."""
    return _move(session, seal_id, SealStatus.CANCELLED, by=by, clock=clock, reason=reason)


def open_seal(permit: Permit, *, keys: KeyStore, structure: bytes | None = None) -> OpenSeal:
    """Open the key of the permitted seal; costs no database, 10 to 20 ms with file keys. Raises what the key store raises."""
    name = permit.key_name
    return OpenSeal(permit, keys.open(Purpose.SEAL, name), keys.certificates(Purpose.SEAL, name), structure)


def record_use(
    session: Session, *, permit: Permit, document: SealedDocument, at: datetime, on: date, clock: Clock
) -> SealUse:
    """Write down one use of a seal, in the register and in the exchange ledger, at the instant `at` of the civil day `on`.

    A second use for the same document reference fails on the unique constraint when it is flushed, which happens here.
    """
    return record_uses(session, permit=permit, documents=[document], at=at, on=on, clock=clock)[0]


def record_uses(
    session: Session, *, permit: Permit, documents: Sequence[SealedDocument], at: datetime, on: date, clock: Clock
) -> list[SealUse]:
    """Write down the uses of a seal for several documents at once, as `record_use` does for one."""
    uses = [_use(permit, document, at, on) for document in documents]
    session.add_all(uses)
    session.flush()
    told = [Told(use.id, None, _use_body(use)) for use in uses]  # the ids are new: nothing was said of them before
    add_versions(session, ledger_named(session, LedgerName.EXCHANGE), told, kind="seal_use", clock=clock)
    return uses


def _use(permit: Permit, document: SealedDocument, at: datetime, on: date) -> SealUse:
    return SealUse(
        id=secrets.token_hex(16),
        seal_id=permit.seal_id,
        document=document.reference,
        document_kind=document.kind,
        document_sha256=document.sha256,
        case_number=document.case_number,
        used_by=permit.used_by,
        authorisation_id=permit.authorisation_id,
        used_at=at,
        used_on=on,
    )


def status_content(seal: Seal) -> dict[str, Any]:
    """Return what the public ledger says of a seal: kind `seal_status`."""
    return {
        "seal": seal.id,
        "name_zh": seal.name_zh,
        "owner_zh": seal.owner_zh,
        "owner_uscc": seal.owner_uscc,
        "status": seal.status.value,
        "valid_from": seal.valid_from.isoformat(),
        "valid_to": seal.valid_to.isoformat(),
        "certificate_sha256": seal.certificate_sha256,
        "demonstration": seal.demonstration,
    }


def _move(
    session: Session, seal_id: str, wanted: SealStatus, *, by: Actor, clock: Clock, reason: str | None = None
) -> Seal:
    seal = session.get(Seal, seal_id, with_for_update=True)
    if seal is None:
        raise SealMissing
    may(by, Act.KEEP_SEALS, region=seal.region)
    said = Move(wanted, since=clock.now(), by=by.code, reason=checked_reason(reason))
    move(session, seal, said, clock=clock)
    return seal


def move(session: Session, seal: Seal, wanted: Move, *, clock: Clock) -> None:
    """Move a seal whose row the caller has locked, write the move down and tell it in the public ledger; raises SealMoveRefused.

    The caller has asked who may say so.
    """
    require_move(seal.status, wanted.status)
    seal.status = wanted.status
    seal.status_since = wanted.since
    seal.version += 1
    session.add(
        SealMove(
            seal_id=seal.id,
            status=wanted.status,
            since=wanted.since,
            written_at=clock.now(),
            by=wanted.by,
            reason=wanted.reason,
        )
    )
    tell_status(session, seal, clock=clock)


def tell_status(session: Session, seal: Seal, *, clock: Clock) -> None:
    """Record the seal's present status in the public ledger."""
    session.flush()
    publish_entry(session, kind="seal_status", record_id=seal.id, content=status_content(seal), clock=clock)


def _use_body(use: SealUse) -> dict[str, Any]:
    return {
        "use": use.id,
        "seal": use.seal_id,
        "document": use.document,
        "document_kind": use.document_kind,
        "document_sha256": use.document_sha256,
        "case_number": use.case_number,
        "used_by": use.used_by,
        "used_at": iso(use.used_at),
    }
