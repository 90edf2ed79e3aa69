"""What every act on a license shares: where it happens, its ground, who may, once per idempotency key, and what the ledger is told.

Functions receive the session; the caller commits. The acts themselves are `hub.licenses.life`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.grants import LICENSE_ISSUE, Leave, leaves, require
from hub.access.replay import remember, remembered
from hub.clock import Clock
from hub.codes import licenses as codes
from hub.errors import Conflict, NotPermitted
from hub.ledger.names import LedgerName
from hub.ledger.queries import ledger_named, newest_entries
from hub.ledger.writing import Told, add_versions, record_entry
from hub.licenses.contents import NewLicense
from hub.licenses.faults import LicenseMissing
from hub.licenses.pen import Pen
from hub.licenses.publishing import LICENSE, license_body
from hub.licenses.queries import license_for_change
from hub.licenses.records import License
from hub.licenses.rules import LicenseAct, require_reason
from hub.licenses.vault import LicenseVault
from hub.signing.fonts import FontSet

ISSUED_REASON = "准予颁发"
MUTATION = "actOnLicense"


@dataclass(frozen=True, kw_only=True)
class Office:
    """Where licenses are issued: the hub's region, the keys of its licenses, whether it is a demonstration, and the fonts of its files."""

    region: str
    vault: LicenseVault
    clock: Clock
    demonstration: bool
    fonts: FontSet | None = None  # None: characters without a glyph show only when files are made


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Why an authority acts: the reason, its legal basis (None: the law the act usually stands on), and for OTHER the status's words."""

    reason: str
    basis: str | None = None
    text: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON, for idempotency digests."""
        return {"reason": self.reason, "basis": self.basis, "text": self.text}


def once(
    session: Session,
    identifier: str,
    move: Callable[[License], str],
    *,
    arguments: dict[str, Any],
    office: Office,
    actor: Actor,
    key: str,
) -> str:
    """Carry out `move` on the locked license unless the request was carried out before; return the identifier to answer with."""
    held = require(leaves(session, actor, region=office.region, at=office.clock.now()), LICENSE_ISSUE)
    done = remembered(session, actor=actor, mutation=MUTATION, key=key, arguments=arguments)
    if done is not None:
        return done
    license = license_for_change(session, codes.parse(identifier).text)
    if license is None or not _may_act(held, license):
        raise LicenseMissing
    subject = move(license)
    remember(session, actor=actor, mutation=MUTATION, key=key, arguments=arguments, subject=subject, clock=office.clock)
    tell(session, license, clock=office.clock)
    return subject


def tell(session: Session, license: License, *, clock: Clock) -> None:
    """Record the present state of the version in the exchange ledger, with the digests of its published files (which are loaded)."""
    session.flush()
    body = license_body(license, license.files)
    record_entry(session, kind=LICENSE, record_id=license.identifier, body=body, addressees=(), clock=clock)


def tell_all(session: Session, licenses: Sequence[License], *, clock: Clock) -> None:
    """Record what `tell` does of many licenses at once, each of which has changed."""
    session.flush()
    ledger = ledger_named(session, LedgerName.EXCHANGE)
    names = [license.identifier for license in licenses]
    newest = newest_entries(session, ledger.id, kind=LICENSE, record_ids=names)
    told = [
        Told(license.identifier, newest.get(license.identifier), license_body(license, license.files))
        for license in licenses
    ]
    add_versions(session, ledger, told, kind=LICENSE, clock=clock)


def require_issuing(held: tuple[Leave, ...], wanted: NewLicense) -> None:
    """Return when one leave covers issuing this; raises NotPermitted."""
    code_types = [holder.code_type for holder in wanted.holders]
    for leave in held:
        if leave.covers(LICENSE_ISSUE, type_code=wanted.type_code, code_types=code_types) and leave.issues_for(
            wanted.issuer.uscc
        ):
            return
    raise NotPermitted(
        "您没有以该机构名义颁发此类证照的授权。", "You have no grant to issue such licenses for this issuer."
    )


def pen_of(office: Office, actor: Actor) -> Pen:
    """Return the pen of a first version, written by `actor` now."""
    stated = require_reason(LicenseAct.ISSUE, ISSUED_REASON, None)
    return Pen(
        region=office.region,
        vault=office.vault,
        at=office.clock.now(),
        on=office.clock.today(),
        by=actor.label,
        demonstration=office.demonstration,
        deed=LicenseAct.ISSUE,
        stated=stated,
        fonts=office.fonts,
    )


def added(session: Session, license: License) -> None:
    """Add a new version with its rows; raises Conflict when its identifier is taken."""
    session.flush()  # so that a violation below can only be this license's
    session.add(license)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("这一证照标识已被使用。", "This license identifier is taken.", path="identifier") from error


def _may_act(held: tuple[Leave, ...], license: License) -> bool:
    code_types = [holder.code_type for holder in license.holders]
    return any(
        leave.covers(LICENSE_ISSUE, type_code=license.type_code, code_types=code_types)
        and leave.issues_for(license.issuer_uscc)
        for leave in held
    )
