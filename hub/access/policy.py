"""The one policy: who may do what. Asked on every path, GraphQL fields and roots, feeds, files, pages and error texts alike.

Two tables and no other: `LEVELS` says which callers see a field of each access level; `ACTS` says who may perform an act.
"""

from __future__ import annotations

import enum

from hub.access.actors import Actor
from hub.access.records import ActorKind, Role
from hub.errors import NotPermitted


class Level(enum.StrEnum):
    """The access level every GraphQL field declares."""

    PUBLIC = "PUBLIC"  # anyone
    PARTNER = "PARTNER"  # partner systems and everybody inside
    PERSONAL = "PERSONAL"  # a grant with a purpose; recorded for the holder
    OFFICER = "OFFICER"  # officers and operators of this hub
    OPERATOR = "OPERATOR"  # the people who run this hub


LEVELS: dict[Level, frozenset[ActorKind]] = {
    Level.PUBLIC: frozenset(ActorKind),
    Level.PARTNER: frozenset({ActorKind.PARTNER, ActorKind.OFFICER, ActorKind.OPERATOR}),
    # Necessary, never enough: such fields stand on what a reading verb gave, which asked grant and purpose and recorded the read.
    Level.PERSONAL: frozenset({ActorKind.PARTNER, ActorKind.OFFICER, ActorKind.OPERATOR}),
    Level.OFFICER: frozenset({ActorKind.OFFICER, ActorKind.OPERATOR}),
    Level.OPERATOR: frozenset({ActorKind.OPERATOR}),
}


class Act(enum.StrEnum):
    """What the policy can be asked about."""

    READ_EXCHANGE = "READ_EXCHANGE"
    READ_APPROVALS = "READ_APPROVALS"
    SEE_PREVIEWS = "SEE_PREVIEWS"
    DRAFT_APPROVAL = "DRAFT_APPROVAL"
    EXAMINE = "EXAMINE"
    CHECK = "CHECK"
    APPROVE = "APPROVE"
    SEAL = "SEAL"
    KEEP_SEALS = "KEEP_SEALS"
    REQUEST_SIGNATURE = "REQUEST_SIGNATURE"
    RUN_CONNECTOR = "RUN_CONNECTOR"
    READ_RUNS = "READ_RUNS"
    READ_LICENSES = "READ_LICENSES"
    ISSUE_LICENSE = "ISSUE_LICENSE"
    SEE_LICENSE_READS = "SEE_LICENSE_READS"
    AUDIT_LICENSE_READS = "AUDIT_LICENSE_READS"


ACTS: dict[Act, tuple[frozenset[ActorKind], frozenset[Role] | None]] = {
    Act.READ_EXCHANGE: (LEVELS[Level.PARTNER], None),
    Act.READ_APPROVALS: (LEVELS[Level.OFFICER], None),
    Act.SEE_PREVIEWS: (frozenset({ActorKind.OFFICER}), None),
    Act.DRAFT_APPROVAL: (frozenset({ActorKind.OFFICER}), frozenset({Role.EXAMINER})),
    Act.EXAMINE: (frozenset({ActorKind.OFFICER}), frozenset({Role.EXAMINER})),
    Act.CHECK: (frozenset({ActorKind.OFFICER}), frozenset({Role.CHECKER})),
    Act.APPROVE: (frozenset({ActorKind.OFFICER}), frozenset({Role.APPROVER})),
    Act.SEAL: (frozenset({ActorKind.OFFICER}), frozenset({Role.SEAL_KEEPER})),
    Act.KEEP_SEALS: (frozenset({ActorKind.OFFICER}), frozenset({Role.SEAL_KEEPER})),
    Act.REQUEST_SIGNATURE: (frozenset({ActorKind.OFFICER, ActorKind.PARTNER}), None),
    Act.RUN_CONNECTOR: (LEVELS[Level.OPERATOR], None),
    Act.READ_RUNS: (LEVELS[Level.OPERATOR], None),
    # Partner systems reach licenses by grants alone: `hub.access.grants`.
    Act.READ_LICENSES: (
        frozenset({ActorKind.OFFICER}),
        frozenset({Role.EXAMINER, Role.CHECKER, Role.APPROVER, Role.SEAL_KEEPER}),
    ),
    Act.ISSUE_LICENSE: (frozenset({ActorKind.OFFICER}), frozenset({Role.APPROVER})),
    Act.SEE_LICENSE_READS: (frozenset({ActorKind.OFFICER}), frozenset({Role.APPROVER})),
    Act.AUDIT_LICENSE_READS: (LEVELS[Level.OPERATOR], None),
}


def level_allows(actor: Actor, level: Level | str) -> bool:
    """Say whether `actor` may see a field of `level`."""
    return actor.kind in LEVELS[Level(level)]


def allows(actor: Actor, act: Act, *, region: str | None = None) -> bool:
    """Say whether `actor` may do `act`; where `region` is given, an officer must belong to it."""
    kinds, roles = ACTS[act]
    if actor.kind not in kinds:
        return False
    if roles is not None and not roles & actor.roles:
        return False
    return region is None or actor.kind is not ActorKind.OFFICER or actor.region == region


def may(actor: Actor, act: Act, *, region: str | None = None) -> None:
    """Return when `actor` may do `act`; raises NotPermitted, whose text says nothing of any record."""
    if not allows(actor, act, region=region):
        raise NotPermitted("您没有办理此事的权限。", "You are not permitted to do this.")
