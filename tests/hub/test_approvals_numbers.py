"""Refusals, numbers and amendments of approvals, and how approvals are found."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.access.records import Role
from hub.approvals.decisions import amend
from hub.approvals.faults import (
    ApprovalMissing,
    ApprovalMoveRefused,
    NumberTemplateInvalid,
    OfficerActedBefore,
    VersionConflict,
)
from hub.approvals.numbering import numbers, register_issuer
from hub.approvals.queries import approval_by_id, approvals, sealed_by_verify_id, stage_counts
from hub.approvals.records import Approval
from hub.approvals.rules import ApprovalAction, ApprovalStage
from hub.approvals.texts import DocumentText, Paragraph
from hub.clock import FixedClock
from hub.database import Database
from hub.ledger.records import LedgerEntry
from tests.approval_desk import (
    APPROVER,
    CHECKER,
    EXAMINER,
    OWNER,
    REGION,
    TEMPLATE,
    TEXT,
    Room,
    fresh_key,
    officer,
    open_room,
)

PASS, RETURN, REFUSE = ApprovalAction.PASS, ApprovalAction.RETURN, ApprovalAction.REFUSE
OTHER_TEXT = replace(TEXT, body=(Paragraph("一、决定", "补正后重新拟稿。"),))


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    return open_room(database, clock, tmp_path, font_file)


def _amend(room: Room, approval: Approval, text: DocumentText = OTHER_TEXT, **changes: object) -> Approval:
    asked = {"actor": EXAMINER, "version": approval.version, "key": fresh_key()} | changes
    with room.database.transaction() as session:
        return amend(session, approval.id, text, fonts=room.fonts, clock=room.clock, **asked)  # type: ignore[arg-type]


def _numbers(room: Room, *, voided: bool | None = None) -> list[int]:
    with room.database.reading() as session:
        return [given.serial for given in session.scalars(numbers(year=2026, template=TEMPLATE, voided=voided))]


def test_a_refusal_ends_the_approval(room: Room) -> None:
    approval = room.act(room.draft(), REFUSE, EXAMINER, opinion="不符合条件。")
    with pytest.raises(ApprovalMoveRefused):
        room.act(approval, PASS, EXAMINER)


def test_a_refused_approval_uses_up_no_number(room: Room) -> None:
    room.act(room.draft(), REFUSE, EXAMINER, opinion="不符合条件。")
    assert _numbers(room) == []


def test_an_act_keeps_who_did_what_and_why(room: Room) -> None:
    done = room.act(room.draft(), REFUSE, EXAMINER, opinion=" 不符合条件。 ")
    deed = done.actions[0]
    assert (deed.officer, deed.stage, deed.action, deed.opinion) == (
        EXAMINER.code,
        ApprovalStage.EXAMINE,
        REFUSE,
        "不符合条件。",
    )


def test_an_opinion_is_never_in_the_ledger(room: Room) -> None:
    room.act(room.draft(), REFUSE, EXAMINER, opinion="只给下一位经办人看。")
    with room.database.reading() as session:
        told = session.scalars(select(LedgerEntry.content).where(LedgerEntry.kind == "approval")).all()
    assert not any("只给下一位经办人看" in (content or b"").decode() for content in told)


def test_every_version_is_told_in_the_exchange_ledger(room: Room) -> None:
    room.approved()
    with room.database.reading() as session:
        told = session.scalars(
            select(LedgerEntry.content).where(LedgerEntry.kind == "approval").order_by(LedgerEntry.version)
        ).all()
    stages = [json.loads(content or b"{}")["body"]["stage"] for content in told]
    assert stages == ["EXAMINE", "CHECK", "APPROVE", "APPROVED"]


def test_numbers_run_without_gaps(room: Room) -> None:
    for _ in range(3):
        room.approved()
    assert _numbers(room) == [1, 2, 3]


def test_numbers_begin_anew_each_civil_year(room: Room) -> None:
    room.approved()
    room.clock.advance(timedelta(days=37, hours=-9))  # 2027-01-01 01:00 in Shanghai, still 2026 in UTC
    assert room.approved().number == "沣东审批（演示）〔2027〕1号"


def test_returning_an_approved_one_voids_its_number_and_lists_it(room: Room) -> None:
    approval = room.act(room.approved(), RETURN, APPROVER, opinion="文字有误。")
    assert approval.number is None
    assert _numbers(room, voided=True) == [1]


def test_a_voided_number_is_never_given_again(room: Room) -> None:
    approval = room.act(room.approved(), RETURN, APPROVER, opinion="文字有误。")
    for actor in (EXAMINER, CHECKER, APPROVER):
        approval = room.act(approval, PASS, actor)
    assert approval.number == "沣东审批（演示）〔2026〕2号"


@pytest.mark.parametrize(
    "template", ["沣东审批", "〔{year}〕号", "〔{year}〕{serial}{serial}号", "〔{year}〕{serial}号{x}"]
)
def test_a_template_without_year_and_serial_once_each_is_refused(room: Room, template: str) -> None:
    with room.database.transaction() as session, pytest.raises(NumberTemplateInvalid):
        register_issuer(session, region=REGION, name_zh=OWNER.name_zh, uscc_code=OWNER.uscc, number_template=template)


def test_a_returned_draft_can_be_amended(room: Room) -> None:
    approval = room.act(room.act(room.draft(), PASS, EXAMINER), RETURN, CHECKER, opinion="请补正。")
    assert _amend(room, approval).body == [{"heading": "一、决定", "text": "补正后重新拟稿。"}]


def test_a_draft_in_check_can_no_longer_be_amended(room: Room) -> None:
    with pytest.raises(ApprovalMoveRefused):
        _amend(room, room.act(room.draft(), PASS, EXAMINER))


def test_amending_an_old_version_is_a_conflict(room: Room) -> None:
    approval = room.draft()
    _amend(room, approval)
    with pytest.raises(VersionConflict):
        _amend(room, approval)


def test_amending_again_with_its_key_does_nothing(room: Room) -> None:
    approval, key = room.draft(), fresh_key()
    versions = [_amend(room, approval, key=key).version for _ in range(2)]
    assert versions == [2, 2]


def test_who_checked_may_not_amend(room: Room) -> None:
    both = officer("both", Role.EXAMINER, Role.CHECKER)
    approval = room.act(room.act(room.draft(), PASS, EXAMINER), RETURN, both, opinion="请补正。")
    with pytest.raises(OfficerActedBefore):
        _amend(room, approval, actor=both)


def test_an_unknown_approval_is_missing(room: Room) -> None:
    with room.database.reading() as session, pytest.raises(ApprovalMissing):
        approval_by_id(session, "0" * 32)


def test_approvals_are_listed_by_stage(room: Room) -> None:
    waiting, _ = room.draft(), room.approved()
    with room.database.reading() as session:
        found = session.scalars(approvals(region=REGION, stage=ApprovalStage.EXAMINE)).all()
        assert [approval.id for approval in found] == [waiting.id]


def test_stages_are_counted_and_empty_ones_count_nothing(room: Room) -> None:
    room.draft()
    with room.database.reading() as session:
        counts = stage_counts(session, region=REGION)
    assert (counts[ApprovalStage.EXAMINE], counts[ApprovalStage.SEALED]) == (1, 0)


def test_a_verification_code_names_nothing_before_the_document_is_sealed(room: Room) -> None:
    approval = room.approved()
    with room.database.reading() as session:
        assert sealed_by_verify_id(session, approval.verify_id) is None
