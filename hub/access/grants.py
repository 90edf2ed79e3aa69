"""How far a caller reaches into licenses: what the grants of a partner system, or the roles of an officer, cover.

A `Leave` is one grant in force, or what an officer's roles come to. Nothing here reads a license; whoever does asks `covers` of the
leaves and answers what is not covered as if it did not exist.

Source: 政务数据共享条例 (2025) (use for the stated purpose only); GB/T 36906-2018 (authorisation by license type).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, allows
from hub.access.records import Grant, Partner
from hub.errors import NotPermitted

EVERYTHING: Final = "*"
LICENSE: Final = "license"  # search, read, check, download
LICENSE_ISSUE: Final = "license_issue"  # issue, renew, suspend and the other acts
LICENSE_READS: Final = "license_reads"  # who read a license, on behalf of its holder
LICENSE_PRESENTATION: Final = "license_presentation"  # codes to be shown, on behalf of the holder
LICENSE_KINDS: Final = (LICENSE, LICENSE_ISSUE, LICENSE_READS, LICENSE_PRESENTATION)

_ACTS = {
    LICENSE: Act.READ_LICENSES,
    LICENSE_ISSUE: Act.ISSUE_LICENSE,
    LICENSE_READS: Act.SEE_LICENSE_READS,
    LICENSE_PRESENTATION: Act.SEE_LICENSE_READS,
}


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far a grant reaches into licenses; `EVERYTHING` in a collection covers all. Empty covers nothing."""

    license_types: Collection[str] = ()
    holder_code_types: Collection[str] = ()
    fields: Collection[str] = ()
    issuers: Collection[str] = ()
    legal_basis: str | None = None
    may_withhold: bool = False


@dataclass(frozen=True)
class Leave:
    """One grant in force; `purpose` is None for an officer, who states one each time."""

    purpose: str | None
    kinds: frozenset[str]
    reach: Reach = field(default_factory=Reach)

    def covers(self, kind: str, *, type_code: str, code_types: Collection[str] = ()) -> bool:
        """Say whether this covers records of `kind` for licenses of that type, whose holders' codes are all of covered types."""
        return (
            kind in self.kinds
            and _in(type_code, self.reach.license_types)
            and all(_in(code_type, self.reach.holder_code_types) for code_type in code_types)
        )

    def issues_for(self, issuer_uscc: str) -> bool:
        """Say whether this lets licenses be issued and changed in the name of that issuer."""
        return _in(issuer_uscc, self.reach.issuers)

    def shows(self, key: str) -> bool:
        """Say whether the field of that key is given unmasked."""
        return _in(key, self.reach.fields)


def leaves(session: Session, actor: Actor, *, region: str, at: datetime) -> tuple[Leave, ...]:
    """Return what `actor` may reach in the licenses of `region` at the instant `at`; () for the public and for operators.

    One statement for a partner, none for anybody else.
    """
    if not actor.is_partner:
        return _of_officer(actor, region)
    grants = session.scalars(
        select(Grant)
        .join(Partner, Partner.id == Grant.partner_id)
        .where(Partner.code == actor.code, Grant.revoked_at.is_(None), Grant.granted_at <= at, Grant.until > at)
        .order_by(Grant.id)
    )
    return tuple(_of_grant(grant) for grant in grants if not set(LICENSE_KINDS).isdisjoint(grant.kinds))


def require(held: Sequence[Leave], kind: str) -> tuple[Leave, ...]:
    """Return those of the leaves that are about `kind`; raises NotPermitted when none is, whatever was asked for."""
    fitting = tuple(leave for leave in held if kind in leave.kinds)
    if not fitting:
        raise NotPermitted("您没有读取或办理电子证照的授权。", "You have no grant for licenses.")
    return fitting


def _of_officer(actor: Actor, region: str) -> tuple[Leave, ...]:
    kinds = frozenset(kind for kind, act in _ACTS.items() if allows(actor, act, region=region))
    everything = (EVERYTHING,)
    reach = Reach(license_types=everything, holder_code_types=everything, fields=everything, issuers=everything)
    return (Leave(None, kinds, reach),) if kinds else ()


def _of_grant(grant: Grant) -> Leave:
    reach = Reach(
        license_types=frozenset(grant.license_types or ()),
        holder_code_types=frozenset(grant.holder_code_types or ()),
        fields=frozenset(grant.fields or ()),
        issuers=frozenset(grant.issuers or ()),
        legal_basis=grant.legal_basis,
        may_withhold=bool(grant.may_withhold),
    )
    return Leave(grant.purpose, frozenset(grant.kinds), reach)


def _in(value: str, covered: Collection[str]) -> bool:
    return value in covered or EVERYTHING in covered
