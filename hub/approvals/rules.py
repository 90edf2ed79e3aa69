"""The route of an approval: its stages, what may be done in each, by whom, and what comes next.

`MOVES` is the only list of acts per stage and `ROUTES` the only list of routes; both are data. Stages are 审 (EXAMINE, drafting belongs to
it), 核 (CHECK, where 双核 is two officers in one stage) and 准 (APPROVE), at most three inside a department. No database here.

Source: the service centre's report for 2023 (单审、双核、三准).
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.approvals.faults import ApprovalMoveRefused, OfficerActedBefore, OpinionMissing, RouteNotAllowed


class ApprovalKind(enum.StrEnum):
    """Kinds of decision document of the first cut."""

    GRANT = "GRANT"  # 准予许可
    REPLY = "REPLY"  # 批复


class ApprovalStage(enum.StrEnum):
    """Where an approval rests. EXAMINE, CHECK and APPROVE wait for an officer; APPROVED waits for its seal."""

    EXAMINE = "EXAMINE"  # 审
    CHECK = "CHECK"  # 核
    APPROVE = "APPROVE"  # 准
    APPROVED = "APPROVED"  # 待签章
    SEALED = "SEALED"  # 已签章
    REFUSED = "REFUSED"  # 不予批准


class ApprovalAction(enum.StrEnum):
    """What an officer may do with an approval that waits for him."""

    PASS = "PASS"  # noqa: S105  通过
    RETURN = "RETURN"  # 退回
    REFUSE = "REFUSE"  # 不同意


EXAMINE, CHECK, APPROVE = ApprovalStage.EXAMINE, ApprovalStage.CHECK, ApprovalStage.APPROVE
PASS, RETURN, REFUSE = ApprovalAction.PASS, ApprovalAction.RETURN, ApprovalAction.REFUSE
MAX_STAGES = 3


class Route(enum.StrEnum):
    """The routes inside a department."""

    STANDARD = "STANDARD"  # 审、核、准
    DOUBLE_CHECK = "DOUBLE_CHECK"  # 审、双核、准
    ONE_STAGE = "ONE_STAGE"  # 即办件：审即定


@dataclass(frozen=True)
class Step:
    """A stage of a route, and how many officers must pass the approval in it."""

    stage: ApprovalStage
    officers: int = 1


@dataclass(frozen=True)
class Deed:
    """What one officer did; the rules need no more of an act."""

    officer: str
    stage: ApprovalStage
    action: ApprovalAction


ROUTES: dict[Route, tuple[Step, ...]] = {
    Route.STANDARD: (Step(EXAMINE), Step(CHECK), Step(APPROVE)),
    Route.DOUBLE_CHECK: (Step(EXAMINE), Step(CHECK, officers=2), Step(APPROVE)),
    Route.ONE_STAGE: (Step(EXAMINE),),
}

MOVES: dict[ApprovalStage, frozenset[ApprovalAction]] = {
    EXAMINE: frozenset({PASS, REFUSE}),
    CHECK: frozenset({PASS, RETURN, REFUSE}),
    APPROVE: frozenset({PASS, RETURN, REFUSE}),
    ApprovalStage.APPROVED: frozenset({RETURN}),  # before it is sealed; its number is voided
    ApprovalStage.SEALED: frozenset(),
    ApprovalStage.REFUSED: frozenset(),
}

NEEDS_OPINION = frozenset({RETURN, REFUSE})


def route_json(route: Route) -> list[dict[str, Any]]:
    """Return the route as an approval keeps it: [{stage, officers}], in order."""
    return [{"stage": step.stage.value, "officers": step.officers} for step in ROUTES[route]]


def steps_of(kept: Sequence[dict[str, Any]]) -> tuple[Step, ...]:
    """Return the steps of a route as an approval keeps it."""
    return tuple(Step(ApprovalStage(step["stage"]), step["officers"]) for step in kept)


def require_route(route: Route, *, immediate: bool) -> None:
    """Return when the route may be taken; raises RouteNotAllowed for one stage without an item handled at once (即办件)."""
    if route is Route.ONE_STAGE and not immediate:
        raise RouteNotAllowed


def require_move(stage: ApprovalStage, action: ApprovalAction) -> None:
    """Return when `action` is possible in `stage`; raises ApprovalMoveRefused."""
    if action not in MOVES[stage]:
        raise ApprovalMoveRefused(stage, action)


def require_opinion(action: ApprovalAction, opinion: str | None) -> None:
    """Return when `action` needs no opinion or has one; raises OpinionMissing."""
    if action in NEEDS_OPINION and not (opinion and opinion.strip()):
        raise OpinionMissing


def duty(steps: Sequence[Step], stage: ApprovalStage) -> ApprovalStage:
    """Return the stage whose officers act in `stage`: itself, and once approved the route's last stage."""
    return stage if stage in (EXAMINE, CHECK, APPROVE) else steps[-1].stage


def require_other_officer(
    steps: Sequence[Step], deeds: Sequence[Deed], *, stage: ApprovalStage, officer: str, drafter: str
) -> None:
    """Return when `officer` may act in `stage`; raises OfficerActedBefore.

    Nobody acts under two duties of one approval, in any round; drafting belongs to examining. Nobody passes one stage twice in a round.
    """
    own = duty(steps, stage)
    acted = {duty(steps, deed.stage) for deed in deeds if deed.officer == officer}
    if officer == drafter:
        acted.add(EXAMINE)
    if acted - {own} or officer in _passed(deeds, stage):
        raise OfficerActedBefore


def next_stage(
    steps: Sequence[Step], deeds: Sequence[Deed], *, stage: ApprovalStage, action: ApprovalAction
) -> ApprovalStage:
    """Return where the approval rests after `action`, which is not yet among `deeds`.

    A return leads to EXAMINE and begins a new round; a pass leads on when as many officers passed in this round as the step asks for.
    """
    if action is REFUSE:
        return ApprovalStage.REFUSED
    if action is RETURN:
        return EXAMINE
    at = next(index for index, step in enumerate(steps) if step.stage is stage)
    if len(_passed(deeds, stage)) + 1 < steps[at].officers:
        return stage
    return steps[at + 1].stage if at + 1 < len(steps) else ApprovalStage.APPROVED


def _passed(deeds: Sequence[Deed], stage: ApprovalStage) -> list[str]:
    """Return who passed the approval in `stage` since it was last returned."""
    passed: list[str] = []
    for deed in deeds:
        if deed.action is RETURN:
            passed.clear()
        elif deed.stage is stage and deed.action is PASS:
            passed.append(deed.officer)
    return passed
