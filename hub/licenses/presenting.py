"""Presentation (出示): a code the holder shows, which gives one reader named fields of one license, once, for a few minutes.

Only the SHA-256 of a code is kept; 128 random bits leave nothing to guess. Whoever redeems it needs no grant for the license: the holder
showed it. The read is recorded like any other. Functions receive the session; the caller commits.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.grants import LICENSE_PRESENTATION, leaves, require
from hub.access.records import ActorKind
from hub.clock import Clock
from hub.codes import licenses as codes
from hub.errors import NotPermitted
from hub.licenses.acting import Office
from hub.licenses.contents import content_of
from hub.licenses.faults import LicenseMissing, PresentationRefused, TermsRefused
from hub.licenses.queries import names_of_types, whole
from hub.licenses.reading import Asking, record_read
from hub.licenses.records import License
from hub.licenses.sharing_records import Operation, PresentationCode, ReadOutcome
from hub.licenses.views import HOLDER, HOLDER_CODE, NUMBER, LicenseView, view

PREFIX = "tbp_"
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(minutes=10)
MAX_CODE = 64


def present(
    session: Session,
    identifier: str,
    *,
    fields: Sequence[str],
    valid: timedelta,
    by: Actor,
    office: Office,
    audience: str | None = None,
) -> str:
    """Return a new code for the license, shown once: `fields` in clear, for `audience` (a partner's code) alone where one is named.

    `valid` is 30 seconds to 10 minutes. Raises NotPermitted, LicenseMissing, TermsRefused for the term or for fields the license lacks.
    """
    held = require(leaves(session, by, region=office.region, at=office.clock.now()), LICENSE_PRESENTATION)
    license = session.scalar(whole().where(License.identifier == codes.parse(identifier).text))
    code_types = [] if license is None else [holder.code_type for holder in license.holders]
    if license is None or not any(
        leave.covers(LICENSE_PRESENTATION, type_code=license.type_code, code_types=code_types) for leave in held
    ):
        raise LicenseMissing
    if not SHORTEST <= valid <= LONGEST:
        raise TermsRefused("validSeconds")
    known = {NUMBER, HOLDER, HOLDER_CODE} | {key for key, _ in content_of(license, office.vault).face}
    if not fields or not known.issuperset(fields):
        raise TermsRefused("fields")
    code = PREFIX + secrets.token_urlsafe(16)
    session.add(
        PresentationCode(
            digest=_digest(code),
            license_id=license.id,
            made_at=office.clock.now(),
            made_by=by.label,
            expires_at=office.clock.now() + valid,
            fields=sorted(set(fields)),
            audience=audience,
            used_at=None,
            used_by=None,
        )
    )
    session.flush()
    return code


def redeem(session: Session, code: str, *, asking: Asking, office: Office) -> LicenseView:
    """Return the license as its holder shows it, and use the code up; raises PresentationRefused, whichever way it fails.

    Raises NotPermitted for the public: a reader has a name. Two readers at once: one gets it.
    """
    if asking.actor.kind not in (ActorKind.PARTNER, ActorKind.OFFICER):
        raise NotPermitted("请以合作方或工作人员身份查阅。", "Read as a partner system or an officer.")
    shown = _used_up(session, code, asking.actor, office.clock)
    license = session.scalars(whole().where(License.id == shown.license_id)).one()
    kind = names_of_types(session, {license.type_code}).get(license.type_code)
    shows = frozenset(shown.fields).__contains__
    seen = view(license, kind, shows=shows, vault=office.vault, on=office.clock.today())
    record_read(
        session,
        license,
        asking=asking,
        at=office.clock.now(),
        operation=Operation.PRESENTATION,
        outcome=ReadOutcome.GIVEN,
        fields=seen.clear,
    )
    return seen


def forget_old_codes(session: Session, *, clock: Clock) -> int:
    """Drop the codes that expired a day ago or more; return how many. For a scheduled run."""
    old = delete(PresentationCode).where(PresentationCode.expires_at <= clock.now() - timedelta(days=1))
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


def _used_up(session: Session, code: str, reader: Actor, clock: Clock) -> PresentationCode:
    now = clock.now()
    digest = _digest(code[:MAX_CODE])
    took = session.execute(
        update(PresentationCode)
        .where(
            PresentationCode.digest == digest,
            PresentationCode.used_at.is_(None),
            PresentationCode.expires_at > now,
            or_(PresentationCode.audience.is_(None), PresentationCode.audience == reader.code),
        )
        .values(used_at=now, used_by=reader.label)
        .execution_options(synchronize_session=False)
    )
    if took.rowcount != 1:  # type: ignore[attr-defined]
        raise PresentationRefused
    return session.scalars(select(PresentationCode).where(PresentationCode.digest == digest)).one()


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
