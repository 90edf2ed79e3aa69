"""The pen of the licenses: issue one, issue its next version, and every act of the one table (`hub.licenses.rules`).

Every door has the four beats and the memory of idempotency keys: may -> move -> write -> tell. Each act is one event of the license's
history and one entry of the exchange ledger, in the caller's transaction; the public status list follows in batches. Nothing is deleted.
Functions receive the session; the caller commits. Files are made afterwards by `hub.licenses.issuing`.

Source: 行政许可法 art. 39, 49, 50, 69, 70; GB/T 36904-2018 (identifier, versions).
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.grants import LICENSE_ISSUE, leaves, require
from hub.access.replay import remember, remembered
from hub.codes import licenses as codes
from hub.licenses.acting import (
    Ground,
    Office,
    added,
    once,
    pen_of,
    require_issuing,
    tell,
)
from hub.licenses.amending import Amendment, amended
from hub.licenses.contents import NewLicense
from hub.licenses.faults import LicenseTypeUnknown
from hub.licenses.pen import history_line, new_rows
from hub.licenses.queries import license_by_identifier, license_type
from hub.licenses.records import License
from hub.licenses.rules import LicenseAct, require_move, require_reason, require_text
from hub.licenses.status_lists import mark_changed, take_places

__all__ = [
    "Amendment",
    "Ground",
    "LicenseAct",
    "NewLicense",
    "Office",
    "act",
    "cancel",
    "change",
    "issue",
    "lapse",
    "other",
    "recall",
    "renew",
    "resume",
    "revoke",
    "suspend",
    "transfer_out",
    "withdraw",
]


def issue(session: Session, wanted: NewLicense, *, office: Office, actor: Actor, key: str) -> License:
    """Return a new license, version 1, ISSUED; repeated with its `key`, the one of the first time.

    Raises NotPermitted unless the actor may issue licenses of this type in this issuer's name, Conflict, LicenseTypeUnknown, what
    `hub.licenses.contents.checked` raises, and LicenseCharacterWithoutGlyph. About ten statements.
    """
    held = require(leaves(session, actor, region=office.region, at=office.clock.now()), LICENSE_ISSUE)
    request = {"license": wanted.to_json()}
    done = remembered(session, actor=actor, mutation="issueLicense", key=key, arguments=request)
    if done is not None:
        return license_by_identifier(session, done)
    require_issuing(held, wanted)
    kind = license_type(session, codes.parse_type(wanted.type_code).text)
    if kind is None:
        raise LicenseTypeUnknown
    (place,) = take_places(session, region=office.region, count=1)
    license = new_rows(wanted, kind, pen_of(office, actor), place)
    added(session, license)
    remember(
        session,
        actor=actor,
        mutation="issueLicense",
        key=key,
        arguments=request,
        subject=license.identifier,
        clock=office.clock,
    )
    tell(session, license, clock=office.clock)
    return license_by_identifier(session, license.identifier)


def renew(
    session: Session, identifier: str, ground: Ground, *, to: Amendment, office: Office, actor: Actor, key: str
) -> License:
    """Return the next version with its new term (延续); the old one becomes SUPERSEDED. Raises as `change` does."""
    return _next_version(session, LicenseAct.RENEW, identifier, ground, to=to, office=office, actor=actor, key=key)


def change(
    session: Session, identifier: str, ground: Ground, *, to: Amendment, office: Office, actor: Actor, key: str
) -> License:
    """Return the next version with what was changed (变更); the old one becomes SUPERSEDED.

    Raises LicenseMissing also where the actor may not act, LicenseMoveRefused, ReasonMissing, Conflict, CodePart after version 999, what
    `hub.licenses.contents.checked` raises, and LicenseCharacterWithoutGlyph.
    """
    return _next_version(session, LicenseAct.CHANGE, identifier, ground, to=to, office=office, actor=actor, key=key)


def suspend(session: Session, identifier: str, ground: Ground, *, office: Office, actor: Actor, key: str) -> License:
    """Take the license away for a time (暂扣); it may return. Raises as `act` does."""
    return act(session, LicenseAct.SUSPEND, identifier, ground, office=office, actor=actor, key=key)


def resume(session: Session, identifier: str, ground: Ground, *, office: Office, actor: Actor, key: str) -> License:
    """Give a suspended license back (解除暂扣). Raises as `act` does."""
    return act(session, LicenseAct.RESUME, identifier, ground, office=office, actor=actor, key=key)


def recall(session: Session, identifier: str, ground: Ground, *, office: Office, actor: Actor, key: str) -> License:
    """Take a lawful license back for changed circumstances (撤回). Raises as `act` does."""
    return act(session, LicenseAct.RECALL, identifier, ground, office=office, actor=actor, key=key)


def withdraw(session: Session, identifier: str, ground: Ground, *, office: Office, actor: Actor, key: str) -> License:
    """Undo a license that was granted unlawfully (撤销). Raises as `act` does."""
    return act(session, LicenseAct.WITHDRAW, identifier, ground, office=office, actor=actor, key=key)


def revoke(session: Session, identifier: str, ground: Ground, *, office: Office, actor: Actor, key: str) -> License:
    """Take the license as a penalty (吊销); it cannot return. Raises as `act` does."""
    return act(session, LicenseAct.REVOKE, identifier, ground, office=office, actor=actor, key=key)


def cancel(session: Session, identifier: str, ground: Ground, *, office: Office, actor: Actor, key: str) -> License:
    """Close the license in the register (注销), for ever. Raises as `act` does."""
    return act(session, LicenseAct.CANCEL, identifier, ground, office=office, actor=actor, key=key)


def lapse(session: Session, identifier: str, ground: Ground, *, office: Office, actor: Actor, key: str) -> License:
    """Note that the license lost its effect (失效) before its last day. Raises as `act` does."""
    return act(session, LicenseAct.LAPSE, identifier, ground, office=office, actor=actor, key=key)


def transfer_out(
    session: Session, identifier: str, ground: Ground, *, office: Office, actor: Actor, key: str
) -> License:
    """Let the license go on elsewhere (转出); the ground names its basis. Raises as `act` does."""
    return act(session, LicenseAct.TRANSFER_OUT, identifier, ground, office=office, actor=actor, key=key)


def other(session: Session, identifier: str, ground: Ground, *, office: Office, actor: Actor, key: str) -> License:
    """Put the license into a status in words; the ground has the words and its basis. Raises as `act` does."""
    return act(session, LicenseAct.OTHER, identifier, ground, office=office, actor=actor, key=key)


def act(
    session: Session,
    deed: LicenseAct,
    identifier: str,
    ground: Ground,
    *,
    office: Office,
    actor: Actor,
    key: str,
) -> License:
    """Return the license after an act that makes no new version; repeated with its `key`, as it is now.

    Raises NotPermitted for who may act on no license at all, LicenseMissing also where the actor may not act on this one,
    LicenseMoveRefused, ReasonMissing, Conflict, CodeInvalid for the identifier.
    """
    stated = require_reason(deed, ground.reason, ground.basis)
    words = require_text(ground.text or "") if deed is LicenseAct.OTHER else None

    def move(license: License) -> str:
        license.status = require_move(license.status, deed)
        license.status_text = words
        license.revision += 1
        session.add(history_line(license, deed, stated, pen_of(office, actor)))
        mark_changed(session, license.list_id)
        return license.identifier

    arguments = {"id": identifier, "act": deed.value, **ground.to_json()}
    done = once(session, identifier, move, arguments=arguments, office=office, actor=actor, key=key)
    return license_by_identifier(session, done)


def _next_version(
    session: Session,
    deed: LicenseAct,
    identifier: str,
    ground: Ground,
    *,
    to: Amendment,
    office: Office,
    actor: Actor,
    key: str,
) -> License:
    stated = require_reason(deed, ground.reason, ground.basis)

    def move(license: License) -> str:
        license.status = require_move(license.status, deed)
        license.revision += 1
        pen = pen_of(office, actor)
        session.add(history_line(license, deed, stated, pen))
        mark_changed(session, license.list_id)
        kind = license_type(session, license.type_code)
        if kind is None:
            raise LicenseTypeUnknown
        (place,) = take_places(session, region=office.region, count=1)
        wanted = amended(license, to, office.vault)
        following = replace(pen, deed=deed, stated=stated, previous=codes.parse(license.identifier))
        version = new_rows(wanted, kind, following, place)
        added(session, version)
        tell(session, version, clock=office.clock)
        return version.identifier

    arguments = {"id": identifier, "act": deed.value, "to": to.to_json(), **ground.to_json()}
    done = once(session, identifier, move, arguments=arguments, office=office, actor=actor, key=key)
    return license_by_identifier(session, done)
