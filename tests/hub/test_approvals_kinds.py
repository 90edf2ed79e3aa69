"""Every kind of document is drafted, numbered by its own template and takes its own routes; joint handling crosses departments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hub.access.records import Role
from hub.approvals.faults import RemediesUnknown, RouteNotAllowed, RouteUnknown, TextMissing
from hub.approvals.numbering import numbers, register_issuer
from hub.approvals.particulars import Particulars, Remedies
from hub.approvals.records import Approval
from hub.approvals.rendering import decision_document
from hub.approvals.routes import assign_officer, register_route
from hub.approvals.rules import APPROVE, CHECK, EXAMINE, ApprovalAction, ApprovalKind, ApprovalStage, Route, Step
from hub.approvals.sealing import seal
from hub.clock import FixedClock
from hub.database import Database
from hub.errors import NotPermitted
from tests.approval_desk import (
    APPROVER,
    CHECKER,
    DRAFT,
    EXAMINER,
    KEEPER,
    OWNER,
    REGION,
    SECOND_CHECKER,
    TEMPLATE,
    TEXT,
    Room,
    fresh_key,
    officer,
    open_room,
)

PASS, RETURN = ApprovalAction.PASS, ApprovalAction.RETURN
REMEDIES = Remedies("西咸新区管委会（演示）", "西安铁路运输法院（演示）")
OWN_TEMPLATE = "沣东不予（演示）〔{year}〕{serial}号"
DENIAL = replace(
    DRAFT,
    kind=ApprovalKind.DENIAL,
    text=replace(TEXT, particulars=Particulars(reasons="经营场所不符合食品安全标准。")),
)
NOTICE = replace(
    DRAFT,
    kind=ApprovalKind.CORRECTION_NOTICE,
    text=replace(TEXT, particulars=Particulars(gaps=("平面图", "管理制度"), correct_by=date(2026, 12, 10))),
    route=None,
)
ABROAD = officer("elsewhere", Role.CHECKER, region="xianyang-qindu")


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    opened = open_room(database, clock, tmp_path, font_file)
    with database.transaction() as session:
        register_issuer(
            session,
            region=REGION,
            name_zh=OWNER.name_zh,
            uscc_code=OWNER.uscc,
            number_template=TEMPLATE,
            templates={ApprovalKind.DENIAL: OWN_TEMPLATE},
            remedies=REMEDIES,
        )
        register_route(
            session,
            region=REGION,
            code="JOINT-RESTAURANT",
            name_zh="餐饮联办",
            steps=(
                Step(EXAMINE),
                Step(CHECK, department="消防"),
                Step(CHECK, region="xianyang-qindu"),
                Step(APPROVE),
            ),
            kinds=[ApprovalKind.GRANT],
        )
        assign_officer(session, region=REGION, department="消防", officer=CHECKER.code)
    return opened


def _joint(room: Room) -> Approval:
    return room.act(room.draft(replace(DRAFT, route=None, named_route="JOINT-RESTAURANT")), PASS, EXAMINER)


def test_a_kind_with_a_template_of_its_own_is_numbered_by_it(room: Room) -> None:
    assert [room.approved(wanted).number for wanted in (DENIAL, DRAFT)] == [
        "沣东不予（演示）〔2026〕1号",
        "沣东审批（演示）〔2026〕1号",
    ]


def test_voided_numbers_of_a_template_are_listed_with_the_time(room: Room) -> None:
    room.act(room.approved(DENIAL), RETURN, APPROVER, opinion="文字有误。")
    with room.database.reading() as session:
        listed = session.scalars(numbers(year=2026, template=OWN_TEMPLATE)).all()
    assert [(given.serial, given.voided_at) for given in listed] == [(1, room.clock.now())]


def test_a_denial_without_reasons_is_not_drafted(room: Room) -> None:
    with pytest.raises(TextMissing):
        room.draft(replace(DENIAL, text=TEXT))


def test_a_denial_is_not_drafted_where_the_issuer_has_no_remedies(
    database: Database, clock: FixedClock, tmp_path: Path, font_file: Path
) -> None:
    with pytest.raises(RemediesUnknown):
        open_room(database, clock, tmp_path, font_file).draft(DENIAL)


def test_the_remedies_of_a_denial_stay_when_the_issuer_changes_them(room: Room) -> None:
    approval = room.approved(DENIAL)
    with room.database.transaction() as session:
        register_issuer(
            session,
            region=REGION,
            name_zh=OWNER.name_zh,
            uscc_code=OWNER.uscc,
            number_template=TEMPLATE,
            remedies=Remedies("另一机关", "另一法院"),
        )
    printed = decision_document(approval, public_url="https://hub.example")
    assert printed.remedies == REMEDIES.sentence()
    assert printed.kind_zh == "不予行政许可决定书"


def test_a_denial_is_sealed_like_any_other_document(room: Room) -> None:
    room.grant(kinds=["DENIAL"])
    approval = room.approved(DENIAL)
    seal(room.desk, approval.id, seal_id=room.seal_id, actor=KEEPER, key=fresh_key())
    assert room.stage(approval) is ApprovalStage.SEALED


def test_a_notice_is_due_in_five_working_days_and_takes_two_stages(room: Room) -> None:
    approval = room.draft(NOTICE)
    assert approval.due_on == date(2026, 12, 2)
    approval = room.act(approval, PASS, EXAMINER)
    assert room.act(approval, PASS, APPROVER).stage is ApprovalStage.APPROVED


def test_a_grant_does_not_take_two_stages(room: Room) -> None:
    with pytest.raises(RouteNotAllowed):
        room.draft(replace(DRAFT, route=Route.TWO_STAGE))


def test_a_route_nobody_defined_is_unknown(room: Room) -> None:
    with pytest.raises(RouteUnknown):
        room.draft(replace(DRAFT, named_route="NOWHERE"))


def test_a_defined_route_is_for_its_kinds_only(room: Room) -> None:
    with pytest.raises(RouteNotAllowed):
        room.draft(replace(DENIAL, named_route="JOINT-RESTAURANT"))


def test_joint_handling_goes_through_departments_and_regions_in_order(room: Room) -> None:
    approval = _joint(room)
    for actor, stage in (
        (CHECKER, ApprovalStage.CHECK),
        (ABROAD, ApprovalStage.APPROVE),
        (APPROVER, ApprovalStage.APPROVED),
    ):
        approval = room.act(approval, PASS, actor)
        assert approval.stage is stage
    assert [done.step for done in approval.actions] == [0, 1, 2, 3]


def test_an_officer_of_another_department_does_not_check_for_it(room: Room) -> None:
    with pytest.raises(NotPermitted):
        room.act(_joint(room), PASS, SECOND_CHECKER)


def test_a_return_in_joint_handling_begins_again_and_asks_every_department(room: Room) -> None:
    approval = room.act(room.act(_joint(room), PASS, CHECKER), RETURN, ABROAD, opinion="请补充。")
    assert (approval.stage, approval.step) == (ApprovalStage.EXAMINE, 0)
    approval = room.act(room.act(approval, PASS, EXAMINER), PASS, CHECKER)
    assert (approval.stage, approval.step) == (ApprovalStage.CHECK, 2)
