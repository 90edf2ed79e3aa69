"""Sealing one approved document by hand: who may, what is published, what is never published twice."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from cryptography import x509
from sqlalchemy import select

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
    approval_of_file,
    published_file,
    sealed_by_verify_id,
    sealing_intents,
)
from hub.approvals.records import Approval, ApprovalFile
from hub.approvals.rendering import contents_of, decision_document
from hub.approvals.rules import ApprovalAction, ApprovalStage
from hub.approvals.sealing import COMMITTED, INTENDED, SIGNED, STORED, Sealed, seal
from hub.clock import FixedClock
from hub.database import Database
from hub.errors import Conflict, HubError, NotPermitted
from hub.ledger.records import LedgerEntry
from hub.seals.custody import suspend
from hub.seals.faults import SealNotActive, SealNotGranted
from hub.seals.queries import seal_by_id, shape_of
from hub.seals.records import SealUse
from hub.seals.sealing import Format, Renderings, render_files
from hub.signing.anchors import Anchors
from hub.signing.authority import found_authority
from hub.signing.gbt9704 import lay_out
from hub.signing.keys import P256, SM2
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


BOTH = pytest.mark.parametrize(
    ("algorithm", "original"), [(SM2, "OFD"), (P256, "PDF")], ids=["national", "international"]
)


@pytest.fixture
def algorithm() -> str:
    """That of the seal's key; tests of both profiles name both."""
    return P256


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path, algorithm: str) -> Room:
    opened = open_room(database, clock, tmp_path, font_file, algorithm=algorithm)
    opened.grant()
    return opened


def _files(room: Room, approval_id: str) -> list[ApprovalFile]:
    with room.database.reading() as session:
        return approval_by_id(session, approval_id).files


def _anchors(room: Room) -> Anchors:
    roots = [found_authority(room.keys, room.clock.now(), each) for each in (P256, SM2)]
    return Anchors(tuple(x509.load_der_x509_certificate(root) for root in roots))


def _told(room: Room, approval_id: str) -> dict[str, Any]:
    """Return the newest body the exchange ledger holds of the approval."""
    with room.database.reading() as session:
        newest = session.scalars(
            select(LedgerEntry.content)
            .where(LedgerEntry.kind == "approval", LedgerEntry.record_id == approval_id)
            .order_by(LedgerEntry.version.desc())
        ).first()
    body: dict[str, Any] = json.loads(newest or b"{}")["body"]
    return body


def _rendered(room: Room, approval: Approval, original: str) -> Renderings:
    """Return what anybody can render again: the same bytes."""
    with room.database.reading() as session:
        shape = shape_of(seal_by_id(session, room.seal_id))
    layout = lay_out(decision_document(approval, public_url="https://hub.example"), room.fonts)
    wanted: Format = "OFD" if original == "OFD" else "PDF"
    return render_files(layout, wanted, shape, room.fonts, contents=contents_of(approval))


def _pdf_text(content: bytes) -> str:
    from pypdfium2 import PdfDocument

    with PdfDocument(content) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


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


@BOTH
def test_a_sealed_approval_has_one_use_and_one_file_of_each_format(room: Room, algorithm: str, original: str) -> None:
    approval = room.approved()
    done = _seal(room, approval.id)
    files = _files(room, approval.id)
    assert (room.stage(approval), room.uses()) == (ApprovalStage.SEALED, 1)
    assert {file.format: file.original for file in files} == {"OFD": original == "OFD", "PDF": original == "PDF"}
    assert [file.sha256 for file in files if file.original] == [done.sha256]


@BOTH
def test_both_files_pass_on_the_demonstrations_roots(room: Room, algorithm: str, original: str) -> None:
    approval = room.approved()
    _seal(room, approval.id)
    for file in _files(room, approval.id):
        verdict = verify_document(room.desk.files.read(file.sha256), _anchors(room), room.clock.now())
        assert (file.format, verdict.outcome) == (file.format, Outcome.PASSED)


@BOTH
def test_the_rendition_says_which_file_is_the_original(room: Room, algorithm: str, original: str) -> None:
    approval = room.approved()
    _seal(room, approval.id)
    (rendition,) = (file for file in _files(room, approval.id) if not file.original)
    content = room.desk.files.read(rendition.sha256)
    notice = f"阅览件，以 {original} 原件为准"
    shown = content if rendition.format == "OFD" else _pdf_text(content).encode()
    assert notice.encode() in shown


@BOTH
def test_the_original_does_not_call_itself_a_rendition(room: Room, algorithm: str, original: str) -> None:
    content = room.desk.files.read(_seal(room, room.approved().id).sha256)
    shown = content if original == "OFD" else _pdf_text(content).encode()
    assert "阅览件".encode() not in shown


@BOTH
def test_the_ledger_is_told_both_digests_of_both_files(room: Room, algorithm: str, original: str) -> None:
    approval = room.approved()
    _seal(room, approval.id)
    told = _told(room, approval.id)["files"]
    expected = {(file.format, file.original, "SHA-256", file.sha256) for file in _files(room, approval.id)} | {
        (file.format, file.original, "SM3", file.sm3) for file in _files(room, approval.id)
    }
    digests = {(f["format"], f["original"], d["algorithm"], d["value"]) for f in told for d in f["digests"]}
    assert digests == expected


@BOTH
def test_the_intent_holds_the_digests_of_both_renderings(room: Room, algorithm: str, original: str) -> None:
    approval = room.approved()
    done = _seal(room, approval.id)
    made = _rendered(room, approval, original)
    with room.database.reading() as session:
        intent = sealing_intents(session, [approval.id])[approval.id]
        use = session.get_one(SealUse, done.use_id)
        assert (intent.rendering_sha256, intent.rendition_sha256) == (made.original_sha256, made.rendition_sha256)
        assert use.document_sha256 == made.original_sha256


def test_the_steps_are_reached_in_their_order(room: Room) -> None:
    steps: list[str] = []
    _seal(room, room.approved().id, reached=steps.append)
    assert steps == [INTENDED, SIGNED, STORED, COMMITTED]


def test_the_published_pdf_begins_with_the_rendering_that_was_intended(room: Room) -> None:
    approval = room.approved()
    done = _seal(room, approval.id)
    assert room.desk.files.read(done.sha256).startswith(_rendered(room, approval, "PDF").pdf)


def test_only_a_published_file_is_found_by_its_digest(room: Room) -> None:
    orphan = room.desk.files.put(b"an orphan")
    done = _seal(room, room.approved().id)
    with room.database.reading() as session:
        assert published_file(session, orphan) is None
        found = published_file(session, done.sha256)
        assert found is not None and found.size_bytes == len(room.desk.files.read(done.sha256))


def test_a_verification_code_names_the_sealed_document(room: Room) -> None:
    approval = room.approved()
    done = _seal(room, approval.id)
    with room.database.reading() as session:
        found = sealed_by_verify_id(session, approval.verify_id)
        assert found is not None and done.sha256 in [file.sha256 for file in found.files]


def test_a_file_leads_back_to_its_approval(room: Room) -> None:
    approval = room.approved()
    done = _seal(room, approval.id)
    with room.database.reading() as session:
        found = approval_of_file(session, done.sha256)
        assert found is not None and found.id == approval.id


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
