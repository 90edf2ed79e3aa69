"""A sealed document is corrected by another, or withdrawn by a decision; both stay readable."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.approvals.corrections import correct, withdraw
from hub.approvals.duty_faults import CorrectionUnderWay
from hub.approvals.faults import ApprovalMoveRefused
from hub.approvals.numbering import register_issuer
from hub.approvals.particulars import Particulars, Remedies
from hub.approvals.queries import approval_by_id, followed_by, sealed_by_verify_id
from hub.approvals.records import Approval
from hub.approvals.rules import ApprovalAction, ApprovalKind, ApprovalStage
from hub.approvals.sealing import seal
from hub.approvals.texts import Paragraph
from hub.clock import FixedClock
from hub.database import Database
from hub.ledger.records import LedgerEntry
from tests.approval_desk import (
    APPROVER,
    CHECKER,
    DRAFT,
    EXAMINER,
    KEEPER,
    OWNER,
    REGION,
    TEMPLATE,
    TEXT,
    Room,
    fresh_key,
    open_room,
)

PASS, REFUSE = ApprovalAction.PASS, ApprovalAction.REFUSE
CORRECTED = replace(TEXT, body=(Paragraph(None, "经营场所地址更正为沣东新城某路1号（演示）。"),))
WITHDRAWAL = replace(DRAFT, text=replace(TEXT, particulars=Particulars(reasons="以欺骗手段取得。")))


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    opened = open_room(database, clock, tmp_path, font_file)
    opened.grant(kinds=[kind.value for kind in ApprovalKind])
    with database.transaction() as session:
        register_issuer(
            session,
            region=REGION,
            name_zh=OWNER.name_zh,
            uscc_code=OWNER.uscc,
            number_template=TEMPLATE,
            remedies=Remedies("西咸新区管委会（演示）", "西安铁路运输法院（演示）"),
        )
    return opened


def _sealed(room: Room, approval: Approval | None = None) -> Approval:
    if approval is None:
        approval = room.draft()
    for actor in (EXAMINER, CHECKER, APPROVER):
        approval = room.act(approval, PASS, actor)
    seal(room.desk, approval.id, seal_id=room.seal_id, actor=KEEPER, key=fresh_key())
    return _now(room, approval)


def _now(room: Room, approval: Approval) -> Approval:
    with room.database.reading() as session:
        return approval_by_id(session, approval.id)


def _correct(room: Room, old: Approval, *, key: str | None = None) -> Approval:
    with room.database.transaction() as session:
        return correct(
            session,
            old.id,
            CORRECTED,
            version=old.version,
            actor=EXAMINER,
            key=key or fresh_key(),
            fonts=room.fonts,
            clock=room.clock,
        )


def _withdraw(room: Room, old: Approval) -> Approval:
    with room.database.transaction() as session:
        return withdraw(
            session,
            old.id,
            WITHDRAWAL,
            version=old.version,
            actor=EXAMINER,
            key=fresh_key(),
            fonts=room.fonts,
            clock=room.clock,
        )


def test_a_correction_is_a_document_of_the_next_version_that_names_the_old(room: Room) -> None:
    old = _sealed(room)
    new = _correct(room, old)
    assert (new.corrects, new.document_version, new.stage) == (old.id, 2, ApprovalStage.EXAMINE)
    assert _now(room, old).stage is ApprovalStage.SEALED


def test_once_the_correction_is_sealed_the_old_one_is_superseded_and_both_are_readable(room: Room) -> None:
    old = _sealed(room)
    new = _sealed(room, _correct(room, old))
    assert (new.number, new.stage) == ("沣东审批（演示）〔2026〕2号", ApprovalStage.SEALED)
    with room.database.reading() as session:
        told, after = sealed_by_verify_id(session, old.verify_id), followed_by(session, old.id)
        assert told is not None and after is not None
        assert (told.stage, len(told.files), after.id) == (ApprovalStage.SUPERSEDED, 2, new.id)


def test_the_ledger_is_told_that_the_old_one_is_superseded(room: Room) -> None:
    old = _sealed(room)
    _sealed(room, _correct(room, old))
    with room.database.reading() as session:
        newest = session.scalars(
            select(LedgerEntry).where(LedgerEntry.record_id == old.id).order_by(LedgerEntry.version.desc())
        ).first()
    assert newest is not None
    assert json.loads(newest.content or b"{}")["body"]["stage"] == "SUPERSEDED"


def test_only_a_sealed_document_is_corrected(room: Room) -> None:
    with pytest.raises(ApprovalMoveRefused):
        _correct(room, room.approved())


def test_one_correction_is_under_way_at_a_time_and_a_refused_one_frees_it(room: Room) -> None:
    old = _sealed(room)
    first = _correct(room, old)
    with pytest.raises(CorrectionUnderWay):
        _correct(room, old)
    with pytest.raises(CorrectionUnderWay):
        _withdraw(room, old)
    room.act(first, REFUSE, EXAMINER, opinion="无须更正。")
    assert _correct(room, old).corrects == old.id


def test_a_superseded_document_is_not_corrected_again_but_its_correction_is(room: Room) -> None:
    old = _sealed(room)
    new = _sealed(room, _correct(room, old))
    with pytest.raises(ApprovalMoveRefused):
        _correct(room, _now(room, old))
    assert _correct(room, new).document_version == 3


def test_correcting_again_with_its_key_answers_the_first_draft(room: Room) -> None:
    old, key = _sealed(room), fresh_key()
    assert _correct(room, old, key=key).id == _correct(room, old, key=key).id


def test_a_withdrawal_is_a_decision_with_reasons_and_remedies_that_withdraws_when_sealed(room: Room) -> None:
    old = _sealed(room)
    decision = _withdraw(room, old)
    assert (decision.kind, decision.withdraws) == (ApprovalKind.WITHDRAWAL, old.id)
    assert "remedies" in (decision.particulars or {})
    assert _sealed(room, decision).stage is ApprovalStage.SEALED
    assert _now(room, old).stage is ApprovalStage.WITHDRAWN


def test_a_withdrawal_is_corrected_and_not_withdrawn(room: Room) -> None:
    decision = _sealed(room, _withdraw(room, _sealed(room)))
    with pytest.raises(ApprovalMoveRefused):
        _withdraw(room, decision)
