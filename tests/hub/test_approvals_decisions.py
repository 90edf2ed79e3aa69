"""Drafting an approval and taking it through its stages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from hub.access.records import Role
from hub.approvals.faults import (
    CharacterWithoutGlyph,
    IssuerUnknown,
    ItemUnknown,
    OfficerActedBefore,
    OpinionMissing,
    RouteNotAllowed,
    VersionConflict,
)
from hub.approvals.queries import approvals
from hub.approvals.rules import ApprovalAction, ApprovalStage, Route
from hub.catalog.records import CaseType, ServiceItem
from hub.clock import FixedClock
from hub.database import Database
from hub.errors import Conflict, NotPermitted
from tests.approval_desk import (
    CHECKER,
    DRAFT,
    EXAMINER,
    OWNER,
    REGION,
    SECOND_CHECKER,
    TEXT,
    Room,
    fresh_key,
    officer,
    open_room,
)

PASS, RETURN, REFUSE = ApprovalAction.PASS, ApprovalAction.RETURN, ApprovalAction.REFUSE
ITEM = "11610100MB0000000J4000172149001"


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    return open_room(database, clock, tmp_path, font_file)


def _item(session: Session, clock: FixedClock, *, case_type: CaseType, days: int, region: str = REGION) -> None:
    session.add(
        ServiceItem(
            origin=region,
            record_id=ITEM,
            version=1,
            entry_index=None,
            changed_at=clock.now(),
            tombstoned_at=None,
            implementation_code=ITEM,
            base_code="000172149001",
            handling_code=ITEM + "01",
            region=region,
            name_zh="食品经营许可",
            name_en=None,
            item_type="01",
            case_type=case_type,
            exercise_level=4,
            body_name_zh=OWNER.name_zh,
            body_uscc=OWNER.uscc,
            legal_limit_days=20,
            promised_limit_days=days,
            site_visits=0,
            route="STANDARD",
            item_group="demonstration",
            valid_from=date(2026, 1, 1),
            valid_to=None,
            item_version=1,
            conditions_zh=None,
            service_objects=[],
            channels=[],
            legal_basis=[],
            result={},
            steps=[],
            fees=[],
            guide={},
            demonstration_fields=[],
        )
    )


def _with_item(room: Room, *, case_type: CaseType = CaseType.PROMISED, days: int = 3, region: str = REGION) -> None:
    with room.database.transaction() as session:
        _item(session, room.clock, case_type=case_type, days=days, region=region)


def test_a_draft_waits_to_be_examined(room: Room) -> None:
    assert room.draft().stage is ApprovalStage.EXAMINE


def test_a_draft_bears_the_issuer_of_its_region(room: Room) -> None:
    assert room.draft().issuer_uscc == OWNER.uscc


def test_a_draft_has_no_number_yet(room: Room) -> None:
    assert room.draft().number is None


def test_a_draft_without_an_item_is_due_in_twenty_working_days(room: Room) -> None:
    assert room.draft().due_on == date(2026, 12, 23)


def test_a_draft_is_due_when_its_item_promises(room: Room) -> None:
    _with_item(room, days=3)
    assert room.draft(replace(DRAFT, item_code=ITEM)).due_on == date(2026, 11, 30)


def test_an_item_of_another_region_is_unknown(room: Room) -> None:
    _with_item(room, region="xianyang-qindu")
    with pytest.raises(ItemUnknown):
        room.draft(replace(DRAFT, item_code=ITEM))


def test_an_immediate_item_may_go_the_one_stage_route(room: Room) -> None:
    _with_item(room, case_type=CaseType.IMMEDIATE, days=0)
    approval = room.draft(replace(DRAFT, item_code=ITEM, route=Route.ONE_STAGE))
    assert room.act(approval, PASS, EXAMINER).stage is ApprovalStage.APPROVED


def test_a_promised_item_may_not_go_the_one_stage_route(room: Room) -> None:
    _with_item(room)
    with pytest.raises(RouteNotAllowed):
        room.draft(replace(DRAFT, item_code=ITEM, route=Route.ONE_STAGE))


def test_a_character_without_a_glyph_is_refused_at_drafting(room: Room) -> None:
    with pytest.raises(CharacterWithoutGlyph, match=r"U\+20000"):
        room.draft(replace(DRAFT, text=replace(TEXT, title="关于𠀀的批复")))


def test_only_an_examiner_drafts(room: Room) -> None:
    with room.database.transaction() as session, pytest.raises(NotPermitted):
        from hub.approvals.decisions import draft

        draft(session, DRAFT, actor=CHECKER, key=fresh_key(), fonts=room.fonts, demonstration=True, clock=room.clock)


def test_nothing_is_drafted_where_no_issuer_is_registered(room: Room) -> None:
    from hub.approvals.decisions import draft

    stranger = officer("stranger", Role.EXAMINER, region="xianyang-qindu")
    with room.database.transaction() as session, pytest.raises(IssuerUnknown):
        draft(session, DRAFT, actor=stranger, key=fresh_key(), fonts=room.fonts, demonstration=True, clock=room.clock)


def test_drafting_again_with_the_same_key_answers_the_first_draft(room: Room) -> None:
    key = fresh_key()
    assert room.draft(key=key).id == room.draft(key=key).id


def test_the_same_key_for_another_draft_is_a_conflict(room: Room) -> None:
    key = fresh_key()
    room.draft(key=key)
    with pytest.raises(Conflict):
        room.draft(replace(DRAFT, case_number="2026-1"), key=key)


def test_the_same_draft_sent_twice_at_once_makes_one_draft(room: Room) -> None:
    key, together = fresh_key(), Barrier(2)

    def send() -> str | None:
        together.wait()
        try:
            return room.draft(key=key).id
        except Conflict:
            return None

    with ThreadPoolExecutor(2) as workers:
        answered = {outcome.result() for outcome in [workers.submit(send) for _ in range(2)]}
    with room.database.reading() as session:
        assert {approval.id for approval in session.scalars(approvals())} == answered - {None}


def test_three_officers_take_it_to_approved(room: Room) -> None:
    assert room.approved().stage is ApprovalStage.APPROVED


def test_the_last_pass_numbers_and_dates_the_document(room: Room) -> None:
    approval = room.approved()
    assert (approval.number, approval.dated_on) == ("沣东审批（演示）〔2026〕1号", date(2026, 11, 25))


def test_double_check_needs_two_checkers(room: Room) -> None:
    approval = room.act(room.draft(replace(DRAFT, route=Route.DOUBLE_CHECK)), PASS, EXAMINER)
    assert room.act(approval, PASS, CHECKER).stage is ApprovalStage.CHECK
    assert room.act(approval, PASS, SECOND_CHECKER).stage is ApprovalStage.APPROVE


def test_the_same_officer_is_not_both_checkers(room: Room) -> None:
    approval = room.act(room.draft(replace(DRAFT, route=Route.DOUBLE_CHECK)), PASS, EXAMINER)
    room.act(approval, PASS, CHECKER)
    with pytest.raises(OfficerActedBefore):
        room.act(approval, PASS, CHECKER)


def test_an_officer_with_every_role_still_acts_in_one_stage_only(room: Room) -> None:
    everything = officer("everything", Role.EXAMINER, Role.CHECKER, Role.APPROVER)
    approval = room.act(room.draft(), PASS, everything)
    with pytest.raises(OfficerActedBefore):
        room.act(approval, PASS, everything)


def test_the_drafter_does_not_check_his_own_draft(room: Room) -> None:
    other = officer("examiner-2", Role.EXAMINER)
    drafter = officer(EXAMINER.code, Role.EXAMINER, Role.CHECKER)
    approval = room.act(room.draft(), PASS, other)
    with pytest.raises(OfficerActedBefore):
        room.act(approval, PASS, drafter)


def test_each_stage_asks_for_its_own_role(room: Room) -> None:
    with pytest.raises(NotPermitted):
        room.act(room.draft(), PASS, CHECKER)


def test_an_officer_of_another_region_may_not_act(room: Room) -> None:
    with pytest.raises(NotPermitted):
        room.act(room.draft(), PASS, officer("stranger", Role.EXAMINER, region="xianyang-qindu"))


def test_an_old_version_is_a_conflict(room: Room) -> None:
    approval = room.draft()
    room.act(approval, PASS, EXAMINER)
    with pytest.raises(VersionConflict):
        room.act(approval, PASS, CHECKER, version=approval.version)


def test_repeating_an_act_with_its_key_answers_the_approval_and_does_nothing(room: Room) -> None:
    approval, key = room.draft(), fresh_key()
    for _ in range(2):
        done = room.act(approval, PASS, EXAMINER, version=1, key=key)
    assert (done.stage, len(done.actions)) == (ApprovalStage.CHECK, 1)


def test_a_refused_act_is_not_remembered(room: Room) -> None:
    approval, key = room.act(room.draft(), PASS, EXAMINER), fresh_key()
    with pytest.raises(OpinionMissing):
        room.act(approval, RETURN, CHECKER, opinion=None, key=key)
    assert room.act(approval, PASS, CHECKER, key=key).stage is ApprovalStage.APPROVE
