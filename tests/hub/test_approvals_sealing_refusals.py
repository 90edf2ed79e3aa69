"""Sealing is refused, repeated, overtaken or raced, and publishes once at most; strangers find the published file sound."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from cryptography import x509

from hub.access.records import Role
from hub.approvals.faults import (
    ApprovalMoveRefused,
    SealingOvertaken,
    SealingUnderWay,
    TimeStampUnavailable,
)
from hub.approvals.intents import LEASE
from hub.approvals.queries import (
    approval_by_id,
    sealing_intents,
)
from hub.approvals.rules import ApprovalAction, ApprovalStage
from hub.approvals.sealing import SIGNED, STORED, Sealed, seal
from hub.clock import FixedClock
from hub.database import Database
from hub.errors import Conflict, HubError, NotPermitted
from hub.seals.custody import suspend
from hub.seals.faults import SealNotActive, SealNotGranted
from hub.signing.anchors import Anchors
from hub.signing.authority import found_authority
from hub.signing.keys import P256
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from tests.approval_desk import (
    APPROVER,
    CHECKER,
    EXAMINER,
    KEEPER,
    Room,
    fresh_key,
    no_time_stamp,
    officer,
    open_room,
)

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def algorithm() -> str:
    """That of the seal's key; tests of both profiles name both."""
    return P256


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path, algorithm: str) -> Room:
    opened = open_room(database, clock, tmp_path, font_file, algorithm=algorithm)
    opened.grant()
    return opened


def _seal(room: Room, approval_id: str, *, key: str | None = None, **changes: object) -> Sealed:
    desk = room.desk_with(**changes)
    return seal(desk, approval_id, seal_id=room.seal_id, actor=KEEPER, key=key or fresh_key())


def _at(step: str, do: Callable[[], object]) -> Callable[[str], None]:
    def reached(now: str) -> None:
        if now == step:
            do()

    return reached


def _suspend(room: Room) -> None:
    with room.database.transaction() as session:
        suspend(session, room.seal_id, by=KEEPER, clock=room.clock)


def test_repeating_with_the_same_key_answers_the_first_result(room: Room) -> None:
    approval, key = room.approved(), fresh_key()
    assert _seal(room, approval.id, key=key) == _seal(room, approval.id, key=key)


def test_a_sealed_approval_is_not_sealed_again(room: Room) -> None:
    approval = room.approved()
    _seal(room, approval.id)
    with pytest.raises(ApprovalMoveRefused):
        _seal(room, approval.id)


def test_an_approval_that_is_not_approved_is_not_sealed(room: Room) -> None:
    with pytest.raises(ApprovalMoveRefused):
        _seal(room, room.draft().id)


def test_an_approver_is_no_seal_keeper(room: Room) -> None:
    approval = room.approved()
    with pytest.raises(NotPermitted):
        seal(room.desk, approval.id, seal_id=room.seal_id, actor=APPROVER, key=fresh_key())


def test_a_keeper_of_another_region_may_not_seal(room: Room) -> None:
    stranger = officer("stranger", Role.SEAL_KEEPER, region="xianyang-qindu")
    approval = room.approved()
    with pytest.raises(NotPermitted):
        seal(room.desk, approval.id, seal_id=room.seal_id, actor=stranger, key=fresh_key())


def test_a_keeper_without_a_grant_leaves_no_intent(room: Room) -> None:
    second = officer("keeper-2", Role.SEAL_KEEPER)
    approval = room.approved()
    with pytest.raises(SealNotGranted):
        seal(room.desk, approval.id, seal_id=room.seal_id, actor=second, key=fresh_key())
    with room.database.reading() as session:
        assert sealing_intents(session, [approval.id]) == {}


def test_without_a_time_stamp_it_stays_approved(room: Room) -> None:
    approval = room.approved()
    with pytest.raises(TimeStampUnavailable):
        _seal(room, approval.id, timestamp=no_time_stamp)
    assert (room.stage(approval), room.uses(), room.stored()) == (ApprovalStage.APPROVED, 0, [])


def test_why_sealing_failed_stays_visible(room: Room) -> None:
    approval = room.approved()
    with pytest.raises(TimeStampUnavailable):
        _seal(room, approval.id, timestamp=no_time_stamp)
    with room.database.reading() as session:
        intent = sealing_intents(session, [approval.id])[approval.id]
        assert (intent.attempts, intent.last_error, intent.lease_until) == (1, "timestamp.unavailable", None)


def test_after_a_failed_attempt_it_can_be_sealed_at_once(room: Room) -> None:
    approval = room.approved()
    with pytest.raises(TimeStampUnavailable):
        _seal(room, approval.id, timestamp=no_time_stamp)
    _seal(room, approval.id)
    assert room.uses() == 1


def test_while_it_is_being_sealed_a_second_sealer_is_told_so(room: Room) -> None:
    approval = room.approved()

    def second() -> None:
        with pytest.raises(SealingUnderWay):
            _seal(room, approval.id)

    _seal(room, approval.id, reached=_at(SIGNED, second))
    assert room.uses() == 1


def test_a_seal_suspended_while_signing_publishes_nothing(room: Room) -> None:
    approval = room.approved()
    with pytest.raises(SealNotActive):
        _seal(room, approval.id, reached=_at(STORED, lambda: _suspend(room)))
    assert (room.stage(approval), room.uses(), room.stored()) == (ApprovalStage.APPROVED, 0, [])


def test_an_approval_returned_while_signing_publishes_nothing(room: Room) -> None:
    approval = room.approved()

    def take_back() -> None:
        room.act(approval, ApprovalAction.RETURN, APPROVER, opinion="暂缓。")

    with pytest.raises(SealingOvertaken):
        _seal(room, approval.id, reached=_at(STORED, take_back))
    assert (room.stage(approval), room.uses(), room.stored()) == (ApprovalStage.EXAMINE, 0, [])


def test_a_sealer_who_slept_past_his_lease_is_overtaken(room: Room) -> None:
    approval = room.approved()

    def sleep_and_let_another_seal() -> None:
        room.clock.advance(LEASE)
        _seal(room, approval.id)

    with pytest.raises(SealingOvertaken):
        _seal(room, approval.id, reached=_at(STORED, sleep_and_let_another_seal))
    assert (room.uses(), len(room.published()), len(room.stored())) == (1, 2, 2)


def test_an_approval_returned_and_approved_again_is_sealed_under_its_new_number(room: Room) -> None:
    approval = room.act(room.approved(), ApprovalAction.RETURN, APPROVER, opinion="文字有误。")
    for actor in (EXAMINER, CHECKER, APPROVER):
        approval = room.act(approval, ApprovalAction.PASS, actor)
    _seal(room, approval.id)
    with room.database.reading() as session:
        assert approval_by_id(session, approval.id).number == "沣东审批（演示）〔2026〕2号"


def test_of_two_sealers_at_once_one_publishes(room: Room) -> None:
    approval = room.approved()
    together = Barrier(2)

    def one() -> bool:
        together.wait()
        try:
            _seal(room, approval.id)
        except (Conflict, ApprovalMoveRefused):
            return False
        return True

    with ThreadPoolExecutor(2) as workers:
        outcomes = [outcome.result() for outcome in [workers.submit(one) for _ in range(2)]]
    assert sorted(outcomes) == [False, True]
    assert (room.uses(), len(room.published()), len(room.stored())) == (1, 2, 2)


def test_numbers_given_at_the_same_moment_have_no_gap(room: Room) -> None:
    waiting = [room.draft() for _ in range(4)]
    for actor in (EXAMINER, CHECKER):
        waiting = [room.act(approval, ApprovalAction.PASS, actor) for approval in waiting]
    together = Barrier(4)

    def approve(index: int) -> str | None:
        together.wait()
        return room.act(waiting[index], ApprovalAction.PASS, APPROVER).number

    with ThreadPoolExecutor(4) as workers:
        given = sorted(number or "" for number in workers.map(approve, range(4)))
    assert given == [f"沣东审批（演示）〔2026〕{serial}号" for serial in range(1, 5)]


def test_an_expired_seal_refuses_and_says_why(room: Room) -> None:
    room.clock.advance(timedelta(days=3 * 365 + 1))
    room.grant()
    approval = room.approved()
    with pytest.raises(HubError) as refused:
        _seal(room, approval.id)
    assert refused.value.code == "seal.expired"


@ONE_DATABASE
@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="pdfsig is not installed (apt-get install poppler-utils)")
def test_a_stranger_with_pdfsig_finds_the_seal_valid_and_the_whole_document_signed(room: Room, tmp_path: Path) -> None:
    done = _seal(room, room.approved().id)
    path = tmp_path / "sealed.pdf"
    path.write_bytes(room.desk.files.read(done.sha256))
    found = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in found
    assert "Total document signed" in found


@ONE_DATABASE
@pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext is not installed (apt-get install poppler-utils)"
)
def test_the_text_of_the_sealed_document_can_be_read(room: Room, tmp_path: Path) -> None:
    approval = room.approved()
    done = _seal(room, approval.id)
    path = tmp_path / "sealed.pdf"
    path.write_bytes(room.desk.files.read(done.sha256))
    read = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    text = "".join(read.split())  # the watermark runs across, so whole sentences are not found in one piece
    expected = (
        "沣东审批（演示）〔2026〕1号",
        "根据《中华人民共和国行政许可法》第三十八条第一款",
        "决定准予行政许可。",
        "演示样张",
    )
    assert [words for words in expected if words not in text] == []


@ONE_DATABASE
def test_our_verifier_passes_the_published_file_on_the_demonstration_root(room: Room) -> None:
    done = _seal(room, room.approved().id)
    root = x509.load_der_x509_certificate(found_authority(room.keys, room.clock.now()))
    verdict = verify_document(room.desk.files.read(done.sha256), Anchors((root,)), room.clock.now())
    assert (verdict.outcome, verdict.sha256) == (Outcome.PASSED, done.sha256)


@ONE_DATABASE
def test_our_verifier_fails_the_published_file_with_a_changed_byte(room: Room) -> None:
    content = bytearray(room.desk.files.read(_seal(room, room.approved().id).sha256))
    content[len(content) // 3] ^= 1
    root = x509.load_der_x509_certificate(found_authority(room.keys, room.clock.now()))
    assert verify_document(bytes(content), Anchors((root,)), room.clock.now()).outcome is Outcome.FAILED
