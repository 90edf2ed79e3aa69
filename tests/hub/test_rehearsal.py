"""What the demonstration plants of approvals: one of each kind, passed along its route, saying that it is a demonstration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.approvals.queries import approval_by_id
from hub.approvals.records import Approval
from hub.approvals.rules import ApprovalKind, ApprovalStage
from hub.clock import FixedClock
from hub.web.compose import Hub
from seeds.rehearsal import plant_approvals, plant_seals
from tests.web_hub import composed, open_ledgers


@pytest.fixture
def hub(sqlite_url: str, tmp_path: Path, font_file: Path, clock: FixedClock) -> Iterator[Hub]:
    """The home hub, planted."""
    made = composed(tmp_path / "hub", sqlite_url, font_file, clock)
    open_ledgers(made)
    plant_seals(made)
    plant_approvals(made)
    yield made
    made.database.close()


def planted(hub: Hub) -> list[Approval]:
    """Everything that was planted, with its acts."""
    with hub.database.reading() as session:
        ids = session.scalars(select(Approval.id).order_by(Approval.number)).all()
        return [approval_by_id(session, each) for each in ids]


def test_each_kind_that_follows_nothing_waits_for_its_seal(hub: Hub) -> None:
    found = planted(hub)
    assert Counter(each.kind for each in found) == {
        ApprovalKind.ACCEPTANCE_NOTICE: 1,
        ApprovalKind.CORRECTION_NOTICE: 1,
        ApprovalKind.NOT_ACCEPTED: 1,
        ApprovalKind.GRANT: 2,
        ApprovalKind.DENIAL: 1,
        ApprovalKind.REPLY: 1,
    }
    assert {each.stage for each in found} == {ApprovalStage.APPROVED}


def test_everything_says_that_it_is_a_demonstration(hub: Hub) -> None:
    assert all(each.demonstration and "演示" in each.title and "（演示）" in str(each.number) for each in planted(hub))


def test_refusals_give_reasons_and_remedies(hub: Hub) -> None:
    refusals = [each for each in planted(hub) if each.kind in (ApprovalKind.DENIAL, ApprovalKind.NOT_ACCEPTED)]
    told = [each.particulars or {} for each in refusals]
    assert len(told) == 2 and all(each["reasons"] and each["remedies"]["court"] for each in told)


def test_kinds_are_numbered_apart(hub: Hub) -> None:
    assert "沣东补正（演示）〔2026〕1号" in {each.number for each in planted(hub)}


def test_the_police_take_part_in_joint_handling(hub: Hub) -> None:
    (joint,) = [each for each in planted(hub) if len(each.route) == 4]
    assert [done.officer for done in joint.actions] == ["examiner-1", "checker-1", "checker-2", "approver-1"]


def test_planting_again_plants_nothing(hub: Hub) -> None:
    plant_approvals(hub)
    assert len(planted(hub)) == 7
