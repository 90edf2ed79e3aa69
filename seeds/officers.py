"""The demonstration's officers, partners and operator of one hub, with the tokens that are shown in var/demo.json."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.enrolment import enrol_officer, enrol_partner, grant
from hub.access.grants import LICENSE_KINDS, Reach
from hub.access.records import ActorKind, Role
from hub.access.tokens import adopt_token
from hub.clock import Clock
from seeds.license_types import license_types
from seeds.places import bodies

OPERATOR = "operator"
OFFICERS: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("examiner-1", "演示审查员甲", (Role.EXAMINER,)),
    ("checker-1", "演示核查员甲", (Role.CHECKER,)),
    ("checker-2", "演示核查员乙", (Role.CHECKER,)),
    ("approver-1", "演示审批员甲", (Role.APPROVER,)),
    ("keeper-1", "演示印章保管员甲", (Role.SEAL_KEEPER,)),
)
GRANT_PURPOSE = "演示：跨区域通办办件协同"
GRANTED_KINDS = ("approval", "seal_use")
GRANT_DAYS = 366
LICENSE_PURPOSE = "演示：受理跨区域通办事项，核验、颁发和出示电子证照"
LICENSE_BASIS = "《政务数据共享条例》（2025年）（演示）"
LICENSE_FIELDS = ("ZZBH", "CZZT", "CZZTDM", "KZ_SCOPE")
"""What the partner sees unmasked; names and addresses on a face are not among them."""


@dataclass(frozen=True)
class Tokens:
    """The tokens one hub's demonstration is told with; `partner` belongs to the system of `partner_region`."""

    partner: str
    operator: str
    officers: Mapping[str, str]  # officer code -> token

    @staticmethod
    def fresh() -> Tokens:
        """Return new random tokens."""
        return Tokens(_token(), _token(), {code: _token() for code, _, _ in OFFICERS})

    @staticmethod
    def told(entry: Mapping[str, Any]) -> Tokens:
        """Return the tokens of one region's entry in demo.json."""
        return Tokens(
            entry["partnerToken"], entry["operatorToken"], {one["code"]: one["token"] for one in entry["officers"]}
        )

    def officer_entries(self) -> list[dict[str, Any]]:
        """Return the officers as demo.json lists them."""
        return [
            {"code": code, "name": name, "roles": [role.value for role in roles], "token": self.officers[code]}
            for code, name, roles in OFFICERS
        ]


def officer_actor(region: str, code: str) -> Actor:
    """Return the demonstration officer `code` of `region` as an actor."""
    name, roles = next((name, roles) for known, name, roles in OFFICERS if known == code)
    return Actor(ActorKind.OFFICER, code, name, region, frozenset(roles))


def enrol(session: Session, *, region: str, neighbours: Mapping[str, str], tokens: Tokens, clock: Clock) -> None:
    """Enter officers, operator and the neighbouring districts' systems ({region: name}); repeating changes nothing.

    The partner token acts as the first neighbour's system, which is granted the exchange kinds for one purpose.
    """
    for code, name, roles in OFFICERS:
        enrol_officer(session, code=code, name=name, region=region, roles=roles, clock=clock)
        adopt_token(session, tokens.officers[code], ActorKind.OFFICER, code, clock=clock)
    adopt_token(session, tokens.operator, ActorKind.OPERATOR, OPERATOR, clock=clock)
    for neighbour, name in neighbours.items():
        enrol_partner(session, code=neighbour, region=neighbour, name_zh=f"{name}政务服务系统（演示）", clock=clock)
    first = next(iter(neighbours))
    partner = enrol_partner(
        session, code=f"{first}-system", region=first, name_zh=f"{neighbours[first]}业务系统（演示）", clock=clock
    )
    adopt_token(session, tokens.partner, ActorKind.PARTNER, partner.code, clock=clock)
    grant(
        session,
        partner=partner,
        purpose=GRANT_PURPOSE,
        kinds=GRANTED_KINDS,
        until=clock.now() + timedelta(days=GRANT_DAYS),
        granted_by=OPERATOR,
        clock=clock,
    )
    grant(
        session,
        partner=partner,
        purpose=LICENSE_PURPOSE,
        kinds=LICENSE_KINDS,
        until=clock.now() + timedelta(days=GRANT_DAYS),
        granted_by=OPERATOR,
        clock=clock,
        reach=_license_reach(region),
    )


def _license_reach(region: str) -> Reach:
    """Return how far the partner reaches: every pooled type held by organisations, in the name of the region's approval office."""
    return Reach(
        license_types=[kind["code"] for kind in license_types() if kind["holder_kind"] != "NATURAL_PERSON"],
        holder_code_types=["001"],
        fields=LICENSE_FIELDS,
        issuers=[bodies(region)["approval"]["uscc"]],
        legal_basis=LICENSE_BASIS,
    )


def _token() -> str:
    return f"tb_{secrets.token_urlsafe(32)}"
