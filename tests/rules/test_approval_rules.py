"""The route of an approval, told as the whole table of stages and acts."""

from __future__ import annotations

import pytest

from hub.approvals.faults import ApprovalMoveRefused, OfficerActedBefore, OpinionMissing, RouteNotAllowed
from hub.approvals.rules import (
    MAX_STAGES,
    MOVES,
    ROUTES,
    ApprovalAction,
    ApprovalStage,
    Deed,
    Route,
    duty,
    next_stage,
    require_move,
    require_opinion,
    require_other_officer,
    require_route,
    route_json,
    steps_of,
)

EXAMINE, CHECK, APPROVE = ApprovalStage.EXAMINE, ApprovalStage.CHECK, ApprovalStage.APPROVE
APPROVED, SEALED, REFUSED = ApprovalStage.APPROVED, ApprovalStage.SEALED, ApprovalStage.REFUSED
SUPERSEDED, WITHDRAWN = ApprovalStage.SUPERSEDED, ApprovalStage.WITHDRAWN
PASS, RETURN, REFUSE = ApprovalAction.PASS, ApprovalAction.RETURN, ApprovalAction.REFUSE
STANDARD, DOUBLE, ONE = ROUTES[Route.STANDARD], ROUTES[Route.DOUBLE_CHECK], ROUTES[Route.ONE_STAGE]

# What follows on the standard route; None: refused.
TABLE = {
    (EXAMINE, PASS): CHECK,
    (EXAMINE, RETURN): None,
    (EXAMINE, REFUSE): REFUSED,
    (CHECK, PASS): APPROVE,
    (CHECK, RETURN): EXAMINE,
    (CHECK, REFUSE): REFUSED,
    (APPROVE, PASS): APPROVED,
    (APPROVE, RETURN): EXAMINE,
    (APPROVE, REFUSE): REFUSED,
    (APPROVED, PASS): None,
    (APPROVED, RETURN): EXAMINE,
    (APPROVED, REFUSE): None,
    (SEALED, PASS): None,
    (SEALED, RETURN): None,
    (SEALED, REFUSE): None,
    (REFUSED, PASS): None,
    (REFUSED, RETURN): None,
    (REFUSED, REFUSE): None,
} | {
    (stage, action): None
    for stage in ApprovalStage
    for action in ApprovalAction
    if stage in (SUPERSEDED, WITHDRAWN) or action is ApprovalAction.TAKE_BACK
}


@pytest.mark.parametrize(("stage", "action"), [(stage, action) for stage in ApprovalStage for action in ApprovalAction])
def test_every_act_in_every_stage_leads_where_the_table_says(stage: ApprovalStage, action: ApprovalAction) -> None:
    expected = TABLE[stage, action]
    if expected is None:
        with pytest.raises(ApprovalMoveRefused):
            require_move(stage, action)
    else:
        require_move(stage, action)
        assert next_stage(STANDARD, [], stage=stage, action=action) is expected


def test_every_stage_has_its_line_in_the_moves() -> None:
    assert set(MOVES) == set(ApprovalStage)


def test_no_route_inside_a_department_has_more_than_three_stages() -> None:
    assert max(len(steps) for steps in ROUTES.values()) == MAX_STAGES


def test_every_route_begins_with_examining_because_drafting_belongs_to_it() -> None:
    assert {steps[0].stage for steps in ROUTES.values()} == {EXAMINE}


@pytest.mark.parametrize("route", Route)
def test_a_route_survives_being_kept_as_data(route: Route) -> None:
    assert steps_of(route_json(route)) == ROUTES[route]


def test_the_first_of_two_checkers_leaves_the_approval_in_check() -> None:
    assert next_stage(DOUBLE, [Deed("e", EXAMINE, PASS)], stage=CHECK, action=PASS) is CHECK


def test_the_second_of_two_checkers_leads_to_approve() -> None:
    deeds = [Deed("e", EXAMINE, PASS), Deed("c1", CHECK, PASS)]
    assert next_stage(DOUBLE, deeds, stage=CHECK, action=PASS) is APPROVE


def test_after_a_return_both_checkers_must_pass_again() -> None:
    deeds = [Deed("e", EXAMINE, PASS), Deed("c1", CHECK, PASS), Deed("c2", CHECK, RETURN), Deed("e", EXAMINE, PASS)]
    assert next_stage(DOUBLE, deeds, stage=CHECK, action=PASS) is CHECK


def test_a_one_stage_route_is_approved_by_its_only_stage() -> None:
    assert next_stage(ONE, [], stage=EXAMINE, action=PASS) is APPROVED


def test_a_one_stage_route_is_refused_for_an_item_that_is_not_immediate() -> None:
    with pytest.raises(RouteNotAllowed):
        require_route(Route.ONE_STAGE, immediate=False)


@pytest.mark.parametrize("route", [Route.STANDARD, Route.DOUBLE_CHECK])
def test_the_longer_routes_need_no_immediate_item(route: Route) -> None:
    require_route(route, immediate=False)


@pytest.mark.parametrize("action", [RETURN, REFUSE])
@pytest.mark.parametrize("opinion", [None, "", "  \n"])
def test_returning_and_refusing_need_an_opinion(action: ApprovalAction, opinion: str | None) -> None:
    with pytest.raises(OpinionMissing):
        require_opinion(action, opinion)


def test_passing_needs_no_opinion() -> None:
    require_opinion(PASS, None)


def _refused(deeds: list[Deed], stage: ApprovalStage, officer: str, *, steps: object = STANDARD) -> bool:
    assert isinstance(steps, tuple)
    try:
        require_other_officer(steps, deeds, stage=stage, officer=officer, drafter="drafter")
    except OfficerActedBefore:
        return True
    return False


def test_the_drafter_may_examine_his_own_draft() -> None:
    assert not _refused([], EXAMINE, "drafter")


@pytest.mark.parametrize("stage", [CHECK, APPROVE, APPROVED])
def test_the_drafter_may_act_in_no_later_stage(stage: ApprovalStage) -> None:
    assert _refused([], stage, "drafter")


def test_who_examined_may_not_check() -> None:
    assert _refused([Deed("e", EXAMINE, PASS)], CHECK, "e")


def test_who_checked_in_an_earlier_round_may_not_approve() -> None:
    deeds = [Deed("e", EXAMINE, PASS), Deed("c", CHECK, RETURN), Deed("e", EXAMINE, PASS), Deed("d", CHECK, PASS)]
    assert _refused(deeds, APPROVE, "c")


def test_who_returned_it_may_check_it_again() -> None:
    assert not _refused([Deed("e", EXAMINE, PASS), Deed("c", CHECK, RETURN), Deed("e", EXAMINE, PASS)], CHECK, "c")


def test_one_officer_is_not_both_of_two_checkers() -> None:
    assert _refused([Deed("e", EXAMINE, PASS), Deed("c", CHECK, PASS)], CHECK, "c", steps=DOUBLE)


def test_who_approved_may_take_it_back_before_it_is_sealed() -> None:
    assert not _refused([Deed("a", APPROVE, PASS)], APPROVED, "a")


@pytest.mark.parametrize("stage", [EXAMINE, CHECK, APPROVE])
def test_each_stage_is_the_duty_of_its_own_officers(stage: ApprovalStage) -> None:
    assert duty(STANDARD, stage) is stage


def test_taking_back_an_approved_one_is_the_approvers_duty() -> None:
    assert duty(STANDARD, APPROVED) is APPROVE


def test_on_a_one_stage_route_taking_back_is_the_examiners_duty() -> None:
    assert duty(ONE, APPROVED) is EXAMINE
