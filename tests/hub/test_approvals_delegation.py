"""Standing in (AB岗), and taking back what was done last."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hub.access.actors import Actor
from hub.access.records import ActorKind, Officer, Role
from hub.approvals.delegation import delegate, delegations, revoke_delegation
from hub.approvals.duty_faults import DelegationInvalid, DelegationMissing, TakingBackTooLate
from hub.approvals.faults import OfficerActedBefore
from hub.approvals.numbering import numbers
from hub.approvals.queries import approval_by_id
from hub.approvals.records import Approval
from hub.approvals.rules import CHECK, EXAMINE, ApprovalAction, ApprovalStage, Route
from hub.approvals.taking_back import open_approval, take_back
from hub.clock import FixedClock
from hub.database import Database
from hub.errors import HubError, NotPermitted
from tests.approval_desk import (
    APPROVER,
    CHECKER,
    DRAFT,
    EXAMINER,
    KEEPER,
    SECOND_CHECKER,
    Room,
    fresh_key,
    officer,
    open_room,
)

PASS, RETURN, REFUSE, TAKE_BACK = ApprovalAction
DEPUTY = officer("deputy")
THIRD = officer("third")
ABROAD = officer("abroad", region="xianyang-qindu")
OPERATOR = Actor(ActorKind.OPERATOR, "operator", "管理员")
ENROLLED = (EXAMINER, CHECKER, SECOND_CHECKER, APPROVER, DEPUTY, THIRD, ABROAD)


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    with database.transaction() as session:
        session.add_all(
            Officer(
                code=actor.code,
                name=actor.name,
                region=actor.region,
                roles=sorted(actor.roles),
                since=clock.now(),
                ended_at=None,
            )
            for actor in ENROLLED
        )
    return open_room(database, clock, tmp_path, font_file)


def _delegate(room: Room, to: Actor = DEPUTY, *, of: Actor = CHECKER, by: Actor | None = None, **asked: object) -> int:
    now = room.clock.now()
    wanted = {"duties": [CHECK], "since": now, "until": now + timedelta(days=7)} | asked
    with room.database.transaction() as session:
        given = delegate(
            session,
            from_officer=of.code,
            to_officer=to.code,
            by=by or of,
            clock=room.clock,
            **wanted,  # type: ignore[arg-type]
        )
        return given.id


def _in_check(room: Room, route: Route = Route.STANDARD) -> Approval:
    return room.act(room.draft(replace(DRAFT, route=route)), PASS, EXAMINER)


def _take_back(room: Room, approval: Approval, actor: Actor, *, key: str | None = None) -> Approval:
    with room.database.transaction() as session:
        return take_back(
            session,
            approval.id,
            version=approval.version,
            actor=actor,
            key=key or fresh_key(),
            clock=room.clock,
        )


def _open(room: Room, approval: Approval, actor: Actor) -> None:
    with room.database.transaction() as session:
        open_approval(session, approval.id, actor=actor, clock=room.clock)


def test_who_stands_in_acts_and_both_names_are_written_down(room: Room) -> None:
    _delegate(room)
    done = room.act(_in_check(room), PASS, DEPUTY).actions[-1]
    assert (done.officer, done.officer_name) == (DEPUTY.code, DEPUTY.name)
    assert (done.on_behalf_of, done.on_behalf_of_name) == (CHECKER.code, CHECKER.name)


def test_nobody_stands_in_before_the_delegation_begins(room: Room) -> None:
    begins = room.clock.now() + timedelta(days=1)
    _delegate(room, since=begins, until=begins + timedelta(days=1))
    with pytest.raises(NotPermitted):
        room.act(_in_check(room), PASS, DEPUTY)


def test_nobody_stands_in_once_the_delegation_has_ended(room: Room) -> None:
    _delegate(room)
    room.clock.advance(timedelta(days=7))
    with pytest.raises(NotPermitted):
        room.act(_in_check(room), PASS, DEPUTY)


def test_a_revoked_delegation_lets_nobody_act(room: Room) -> None:
    given = _delegate(room)
    with room.database.transaction() as session:
        revoke_delegation(session, given, by=OPERATOR, clock=room.clock)
    with pytest.raises(NotPermitted):
        room.act(_in_check(room), PASS, DEPUTY)
    with room.database.transaction() as session, pytest.raises(DelegationMissing):
        revoke_delegation(session, given, by=OPERATOR, clock=room.clock)


def test_a_delegation_covers_its_duties_only(room: Room) -> None:
    _delegate(room)
    with pytest.raises(NotPermitted):
        room.act(room.draft(), PASS, DEPUTY)


def test_who_stands_in_cannot_pass_the_duty_on(room: Room) -> None:
    _delegate(room)
    with pytest.raises(DelegationInvalid):
        _delegate(room, THIRD, of=DEPUTY)


def test_who_stands_in_acts_in_no_other_stage(room: Room) -> None:
    _delegate(room, EXAMINER)
    with pytest.raises(OfficerActedBefore):
        room.act(_in_check(room), PASS, EXAMINER)


def test_nobody_is_both_checkers_by_standing_in_for_the_other(room: Room) -> None:
    _delegate(room, SECOND_CHECKER)
    approval = room.act(_in_check(room, Route.DOUBLE_CHECK), PASS, SECOND_CHECKER)
    with room.database.transaction() as session, pytest.raises(OfficerActedBefore):
        from hub.approvals.decisions import act

        act(
            session,
            approval.id,
            PASS,
            opinion=None,
            version=approval.version,
            actor=SECOND_CHECKER,
            key=fresh_key(),
            clock=room.clock,
            on_behalf_of=CHECKER.code,
        )


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"to": CHECKER}, "toOfficer"),
        ({"to": ABROAD}, "toOfficer"),
        ({"to": KEEPER}, "toOfficer"),
        ({"duties": []}, "duties"),
        ({"duties": [EXAMINE]}, "duties"),
        ({"duties": [ApprovalStage.SEALED]}, "duties"),
        ({"days": 367}, "until"),
        ({"days": -1}, "until"),
    ],
    ids=["himself", "elsewhere", "unknown", "nothing", "not his", "no duty", "too long", "backwards"],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_delegation_that_breaks_a_rule_is_refused(room: Room, asked: dict[str, object], path: str) -> None:
    to = asked.pop("to", DEPUTY)
    if "days" in asked:
        asked["until"] = room.clock.now() + timedelta(days=int(str(asked.pop("days"))))
    assert isinstance(to, Actor)
    with pytest.raises(DelegationInvalid) as refused:
        _delegate(room, to, of=CHECKER, by=None, **asked)
    assert refused.value.path == path


def test_only_the_officer_himself_or_an_operator_delegates(room: Room) -> None:
    with pytest.raises(NotPermitted):
        _delegate(room, by=APPROVER)
    assert _delegate(room, by=OPERATOR)


def test_delegations_in_force_are_listed_for_both(room: Room) -> None:
    given = _delegate(room)
    for actor in (CHECKER, DEPUTY):
        with room.database.reading() as session:
            found = session.scalars(delegations(officer=actor.code, in_force_at=room.clock.now())).all()
        assert [one.id for one in found] == [given]


def test_a_pass_is_taken_back_until_the_next_officer_opens_it(room: Room) -> None:
    approval = _take_back(room, _in_check(room), EXAMINER)
    assert (approval.stage, [done.action for done in approval.actions]) == (ApprovalStage.EXAMINE, [PASS, TAKE_BACK])
    assert approval.actions[0].taken_back_at == room.clock.now()


def test_once_the_next_officer_has_opened_it_nothing_is_taken_back(room: Room) -> None:
    approval = _in_check(room)
    _open(room, approval, CHECKER)
    with pytest.raises(TakingBackTooLate):
        _take_back(room, approval, EXAMINER)


@pytest.mark.parametrize("reader", [EXAMINER, APPROVER, OPERATOR])
def test_whoever_only_reads_it_leaves_it_to_be_taken_back(room: Room, reader: Actor) -> None:
    approval = _in_check(room)
    _open(room, approval, reader)
    assert _take_back(room, approval, EXAMINER).stage is ApprovalStage.EXAMINE


def test_opening_changes_no_version(room: Room) -> None:
    approval = _in_check(room)
    for _ in range(2):
        _open(room, approval, CHECKER)
    with room.database.reading() as session:
        assert approval_by_id(session, approval.id).version == approval.version


def test_nobody_takes_back_what_another_did(room: Room) -> None:
    with pytest.raises(TakingBackTooLate):
        _take_back(room, _in_check(room), CHECKER)


def test_a_refusal_is_not_taken_back(room: Room) -> None:
    with pytest.raises(TakingBackTooLate):
        _take_back(room, room.act(room.draft(), REFUSE, EXAMINER, opinion="不符合。"), EXAMINER)


def test_taking_back_the_last_pass_voids_the_number_and_lists_it(room: Room) -> None:
    approval = _take_back(room, room.approved(), APPROVER)
    assert (approval.stage, approval.number, approval.dated_on) == (ApprovalStage.APPROVE, None, None)
    with room.database.reading() as session:
        assert [given.serial for given in session.scalars(numbers(year=2026, voided=True))] == [1]
    assert room.act(approval, PASS, APPROVER).number == "沣东审批（演示）〔2026〕2号"


def test_once_the_keeper_has_opened_it_the_last_pass_stands(room: Room) -> None:
    approval = room.approved()
    _open(room, approval, KEEPER)
    with pytest.raises(TakingBackTooLate):
        _take_back(room, approval, APPROVER)


def test_after_a_sealing_has_begun_the_last_pass_stands(room: Room) -> None:
    from hub.approvals.sealing import seal
    from tests.approval_desk import no_time_stamp

    room.grant()
    approval = room.approved()
    with pytest.raises(HubError):
        seal(
            room.desk_with(timestamp=lambda digest, algorithm="sha256": no_time_stamp(digest)),
            approval.id,
            seal_id=room.seal_id,
            actor=KEEPER,
            key=fresh_key(),
        )
    with pytest.raises(TakingBackTooLate):
        _take_back(room, approval, APPROVER)


def test_taking_back_again_with_its_key_does_nothing(room: Room) -> None:
    approval, key = _in_check(room), fresh_key()
    versions = [_take_back(room, approval, EXAMINER, key=key).version for _ in range(2)]
    assert versions == [3, 3]


def test_who_took_back_still_acts_in_that_stage_only(room: Room) -> None:
    both = officer("both", Role.EXAMINER, Role.CHECKER)
    approval = room.act(room.draft(), PASS, both)
    approval = _take_back(room, approval, both)
    with pytest.raises(OfficerActedBefore):
        room.act(room.act(approval, PASS, EXAMINER), PASS, both)
