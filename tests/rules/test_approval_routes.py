"""Routes as data: what a route may be, and that nobody acts in two of its steps, whoever stands in for whom."""

from __future__ import annotations

import pytest

from hub.approvals.faults import OfficerActedBefore, RouteInvalid
from hub.approvals.routes import KIND_ROUTES, checked_steps
from hub.approvals.rules import (
    ROUTES,
    ApprovalAction,
    ApprovalKind,
    ApprovalStage,
    Deed,
    Route,
    Step,
    next_place,
    require_other_officer,
    steps_of,
)

EXAMINE, CHECK, APPROVE = ApprovalStage.EXAMINE, ApprovalStage.CHECK, ApprovalStage.APPROVE
PASS, RETURN = ApprovalAction.PASS, ApprovalAction.RETURN
JOINT = (
    Step(EXAMINE),
    Step(CHECK, department="规划"),
    Step(CHECK, department="消防"),
    Step(CHECK, region="xianyang-qindu"),
    Step(APPROVE),
)


def test_joint_handling_may_have_five_stages() -> None:
    assert checked_steps(JOINT) == JOINT


def test_a_joint_route_survives_being_kept_as_data() -> None:
    assert steps_of([step.to_json() for step in JOINT]) == JOINT


@pytest.mark.parametrize(
    "steps",
    [
        (*JOINT[:-1], Step(CHECK, department="环保"), Step(APPROVE)),
        (Step(EXAMINE), Step(CHECK), Step(CHECK), Step(APPROVE)),
        (Step(EXAMINE), Step(CHECK, department="规划"), Step(CHECK, department="规划"), Step(APPROVE)),
        (Step(CHECK), Step(APPROVE)),
        (Step(EXAMINE), Step(CHECK, department="规划")),
        (Step(EXAMINE), Step(APPROVE, region="xianyang-qindu")),
        (Step(EXAMINE), Step(CHECK, officers=3), Step(APPROVE)),
        (Step(EXAMINE), Step(CHECK), Step(APPROVE, officers=2)),
        (Step(EXAMINE),),
        (),
    ],
    ids=[
        "six stages",
        "four in a department",
        "one twice",
        "no examination",
        "no approval",
        "approved elsewhere",
        "three check",
        "two approve",
        "one stage",
        "none",
    ],
)
def test_a_route_that_breaks_a_rule_is_refused(steps: tuple[Step, ...]) -> None:
    with pytest.raises(RouteInvalid):
        checked_steps(steps)


def test_every_kind_has_its_routes_and_only_notices_take_two_stages() -> None:
    two = {kind for kind, routes in KIND_ROUTES.items() if Route.TWO_STAGE in routes}
    assert set(KIND_ROUTES) == set(ApprovalKind)
    assert two == {ApprovalKind.ACCEPTANCE_NOTICE, ApprovalKind.CORRECTION_NOTICE}


def test_joint_handling_passes_from_department_to_department() -> None:
    places, deeds = [0], list[Deed]()
    for number in range(len(JOINT)):
        at = places[-1]
        stage, step = next_place(JOINT, deeds, at=at, action=PASS)
        deeds.append(Deed(f"o{number}", JOINT[at].stage, PASS, step=at))
        if step is None:
            assert stage is ApprovalStage.APPROVED
            break
        places.append(step)
    assert places == [0, 1, 2, 3, 4]


def test_a_return_in_joint_handling_begins_at_the_first_step() -> None:
    assert next_place(JOINT, [], at=3, action=RETURN) == (EXAMINE, 0)


def test_one_officer_does_not_check_for_two_departments() -> None:
    with pytest.raises(OfficerActedBefore):
        require_other_officer(JOINT, [Deed("c", CHECK, PASS, step=1)], stage=CHECK, officer="c", drafter="e", step=2)


DOUBLE = ROUTES[Route.DOUBLE_CHECK]


@pytest.mark.parametrize("officer", ["deputy", "principal"])
@pytest.mark.parametrize("stage", [CHECK, APPROVE])
def test_who_stood_in_and_whom_for_both_count_as_having_acted(officer: str, stage: ApprovalStage) -> None:
    deeds = [Deed("e", EXAMINE, PASS), Deed("deputy", CHECK, PASS, for_officer="principal")]
    with pytest.raises(OfficerActedBefore):
        require_other_officer(DOUBLE, deeds, stage=stage, officer=officer, drafter="e")


def test_a_pass_that_was_taken_back_is_no_pass_but_its_officer_has_acted() -> None:
    deeds = [Deed("e", EXAMINE, PASS), Deed("c", CHECK, PASS, taken_back=True)]
    assert next_place(DOUBLE, deeds, at=1, action=PASS) == (CHECK, 1)
    require_other_officer(DOUBLE, deeds, stage=CHECK, officer="c", drafter="e")
    with pytest.raises(OfficerActedBefore):
        require_other_officer(DOUBLE, deeds, stage=APPROVE, officer="c", drafter="e")


def test_a_return_that_was_taken_back_clears_nothing() -> None:
    deeds = [Deed("e", EXAMINE, PASS), Deed("c1", CHECK, PASS), Deed("c2", CHECK, RETURN, taken_back=True)]
    assert next_place(DOUBLE, deeds, at=1, action=PASS) == (APPROVE, 2)
