"""The route of an approval: its stages, what may be done in each, by whom, and what comes next.

`MOVES` is the only list of acts per stage and `ROUTES` the list of routes inside a department; both are data. Stages are 审 (EXAMINE,
drafting belongs to it), 核 (CHECK, where 双核 is two officers in one stage) and 准 (APPROVE). In joint handling a stage may come again, in
another department; `step` is then the place on the route, from 0. No database here.

Source: the service centre's report for 2023 (单审、双核、三准).
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.approvals.faults import ApprovalMoveRefused, OfficerActedBefore, OpinionMissing, RouteNotAllowed


class ApprovalKind(enum.StrEnum):
    """Kinds of decision document (行政许可法 arts 32, 38, 69)."""

    ACCEPTANCE_NOTICE = "ACCEPTANCE_NOTICE"  # 受理通知书
    CORRECTION_NOTICE = "CORRECTION_NOTICE"  # 补正告知书
    NOT_ACCEPTED = "NOT_ACCEPTED"  # 不予受理
    GRANT = "GRANT"  # 准予许可
    DENIAL = "DENIAL"  # 不予许可
    REPLY = "REPLY"  # 批复
    WITHDRAWAL = "WITHDRAWAL"  # 撤销许可


class ApprovalStage(enum.StrEnum):
    """Where an approval rests. EXAMINE, CHECK and APPROVE wait for an officer; APPROVED waits for its seal."""

    EXAMINE = "EXAMINE"  # 审
    CHECK = "CHECK"  # 核
    APPROVE = "APPROVE"  # 准
    APPROVED = "APPROVED"  # 待签章
    SEALED = "SEALED"  # 已签章
    SUPERSEDED = "SUPERSEDED"  # 已被更正
    WITHDRAWN = "WITHDRAWN"  # 已撤销
    REFUSED = "REFUSED"  # 不予批准


class ApprovalAction(enum.StrEnum):
    """What an officer may do with an approval that waits for him, and TAKE_BACK: undo what he did last."""

    PASS = "PASS"  # noqa: S105  通过
    RETURN = "RETURN"  # 退回
    REFUSE = "REFUSE"  # 不同意
    TAKE_BACK = "TAKE_BACK"  # 收回；见 hub.approvals.taking_back


EXAMINE, CHECK, APPROVE = ApprovalStage.EXAMINE, ApprovalStage.CHECK, ApprovalStage.APPROVE
PASS, RETURN, REFUSE = ApprovalAction.PASS, ApprovalAction.RETURN, ApprovalAction.REFUSE
MAX_STAGES = 3


class Route(enum.StrEnum):
    """The routes inside a department."""

    STANDARD = "STANDARD"  # 审、核、准
    TWO_STAGE = "TWO_STAGE"  # 审、准：程序性文书
    DOUBLE_CHECK = "DOUBLE_CHECK"  # 审、双核、准
    ONE_STAGE = "ONE_STAGE"  # 即办件：审即定


@dataclass(frozen=True)
class Step:
    """A stage of a route, how many officers must pass the approval in it, and in joint handling whose officers: a region's, a department's."""

    stage: ApprovalStage
    officers: int = 1
    region: str | None = None  # None: the approval's own
    department: str | None = None  # None: any officer of the region with the stage's role

    def to_json(self) -> dict[str, Any]:
        """Return the step as an approval keeps it; region and department only where they are named."""
        placed = {"region": self.region, "department": self.department}
        named = {name: value for name, value in placed.items() if value is not None}
        return {"stage": self.stage.value, "officers": self.officers} | named


@dataclass(frozen=True)
class Deed:
    """What one officer did; the rules need no more of an act.

    `step` is where on the route, None: the first step of its stage. `for_officer` is whose duty he did, when not his own. What was taken
    back counts as having acted, not as a pass.
    """

    officer: str
    stage: ApprovalStage
    action: ApprovalAction
    step: int | None = None
    for_officer: str | None = None
    taken_back: bool = False

    @property
    def persons(self) -> set[str]:
        """Return who answers for it."""
        return {self.officer, self.for_officer or self.officer}


ROUTES: dict[Route, tuple[Step, ...]] = {
    Route.STANDARD: (Step(EXAMINE), Step(CHECK), Step(APPROVE)),
    Route.TWO_STAGE: (Step(EXAMINE), Step(APPROVE)),
    Route.DOUBLE_CHECK: (Step(EXAMINE), Step(CHECK, officers=2), Step(APPROVE)),
    Route.ONE_STAGE: (Step(EXAMINE),),
}

MOVES: dict[ApprovalStage, frozenset[ApprovalAction]] = {
    EXAMINE: frozenset({PASS, REFUSE}),
    CHECK: frozenset({PASS, RETURN, REFUSE}),
    APPROVE: frozenset({PASS, RETURN, REFUSE}),
    ApprovalStage.APPROVED: frozenset({RETURN}),  # before it is sealed; its number is voided
    ApprovalStage.SEALED: frozenset(),
    ApprovalStage.SUPERSEDED: frozenset(),
    ApprovalStage.WITHDRAWN: frozenset(),
    ApprovalStage.REFUSED: frozenset(),
}

NEEDS_OPINION = frozenset({RETURN, REFUSE})


def route_json(route: Route) -> list[dict[str, Any]]:
    """Return the route as an approval keeps it: [{stage, officers}], in order."""
    return [step.to_json() for step in ROUTES[route]]


def steps_of(kept: Sequence[dict[str, Any]]) -> tuple[Step, ...]:
    """Return the steps of a route as an approval keeps it."""
    return tuple(
        Step(ApprovalStage(step["stage"]), step["officers"], step.get("region"), step.get("department"))
        for step in kept
    )


def require_route(route: Route, *, immediate: bool) -> None:
    """Return when the route may be taken; raises RouteNotAllowed for one stage without an item handled at once (即办件)."""
    if route is Route.ONE_STAGE and not immediate:
        raise RouteNotAllowed("一审制只适用于即办件。", "A one-stage route is only for items handled at once.")


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


def place(steps: Sequence[Step], stage: ApprovalStage, step: int | None = None) -> int:
    """Return where on the route an approval in `stage` stands: `step` where it was kept, else the first of the stage, else the last."""
    if step is not None and stage is not ApprovalStage.APPROVED:
        return step
    own = duty(steps, stage)
    found = [index for index, each in enumerate(steps) if each.stage is own]
    return found[0] if stage is own else len(steps) - 1


def require_other_officer(
    steps: Sequence[Step],
    deeds: Sequence[Deed],
    *,
    stage: ApprovalStage,
    officer: str,
    drafter: str,
    step: int | None = None,
) -> None:
    """Return when `officer` may act in `stage`; raises OfficerActedBefore.

    Nobody acts under two duties of one approval, in any round; drafting belongs to examining. Nobody passes one stage twice in a round.
    Whoever acts for another counts as both, so the caller asks about both.
    """
    own = place(steps, stage, step)
    acted = {place(steps, deed.stage, deed.step) for deed in deeds if officer in deed.persons}
    if officer == drafter:
        acted.add(0)
    passed = () if stage is ApprovalStage.APPROVED else _passes(steps, deeds, own)
    if acted - {own} or any(officer in deed.persons for deed in passed):
        raise OfficerActedBefore


def next_place(
    steps: Sequence[Step], deeds: Sequence[Deed], *, at: int, action: ApprovalAction
) -> tuple[ApprovalStage, int | None]:
    """Return (stage, step) where the approval rests after `action` at step `at`, which is not yet among `deeds`; None: on no step.

    A return leads to the first step and begins a new round; a pass leads on when as many officers passed in this round as the step asks for.
    """
    if action is REFUSE:
        return ApprovalStage.REFUSED, None
    if action is RETURN:
        return EXAMINE, 0
    if len(_passes(steps, deeds, at)) + 1 < steps[at].officers:
        return steps[at].stage, at
    return (steps[at + 1].stage, at + 1) if at + 1 < len(steps) else (ApprovalStage.APPROVED, None)


def next_stage(
    steps: Sequence[Step], deeds: Sequence[Deed], *, stage: ApprovalStage, action: ApprovalAction
) -> ApprovalStage:
    """Return the stage where the approval rests after `action` in the first step of `stage`, as `next_place` does."""
    return next_place(steps, deeds, at=place(steps, stage), action=action)[0]


def _passes(steps: Sequence[Step], deeds: Sequence[Deed], at: int) -> list[Deed]:
    """Return the passes of the step since the approval was last returned."""
    passes: list[Deed] = []
    for deed in deeds:
        if deed.taken_back:
            continue
        if deed.action is RETURN:
            passes.clear()
        elif deed.action is PASS and place(steps, deed.stage, deed.step) == at:
            passes.append(deed)
    return passes
