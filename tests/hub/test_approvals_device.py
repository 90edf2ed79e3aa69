"""Sealing with a key its keeper holds: prepare, sign on the device, complete; nothing changes unless everything is right."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from hub.approvals.device import complete_device_signature
from hub.approvals.faults import SealingUnderWay
from hub.approvals.intents import end_leases
from hub.approvals.queue import seal_due
from hub.approvals.records import Approval
from hub.approvals.rules import ApprovalAction, ApprovalStage
from hub.approvals.sealing import seal
from hub.clock import FixedClock
from hub.database import Database
from hub.seals.device_faults import (
    ContentFrozen,
    RequestExpired,
    SignatureWrong,
    SignedOtherwise,
)
from hub.signing.anchors import Anchors
from hub.signing.keys import P256, SM2, Purpose
from hub.signing.sm2 import raw_of
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from tests.approval_desk import APPROVER, KEEPER, Room, fresh_key, open_room
from tests.device_sealing import complete, prepare, sign

ORIGINALS = {P256: "PDF", SM2: "OFD"}


@pytest.fixture(params=[P256, SM2])
def room(
    request: pytest.FixtureRequest, database: Database, clock: FixedClock, tmp_path: Path, font_file: Path
) -> Room:
    opened = open_room(database, clock, tmp_path, font_file, algorithm=request.param)
    opened.grant()
    return opened


@pytest.fixture
def p256_room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    opened = open_room(database, clock, tmp_path, font_file)
    opened.grant()
    return opened


def _outcomes(room: Room, approval: Approval) -> dict[str, Outcome]:
    roots = [
        room.keys.certificates(purpose, name)[-1]
        for purpose in (Purpose.SEAL, Purpose.RENDITION, Purpose.TIMESTAMP, Purpose.SEAL_MAKER)
        for name in room.keys.names(purpose)
    ]
    pem = b"".join(
        x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM) for der in dict.fromkeys(roots)
    )
    anchors = Anchors.from_pem(pem)
    return {
        file.format: verify_document(room.desk.files.read(file.sha256), anchors, room.clock.now()).outcome
        for file in approval.files
    }


def test_a_document_signed_on_the_device_is_published_with_both_files_that_verify(room: Room) -> None:
    approval = room.approved()
    request = prepare(room, approval)
    assert request.expires_at == room.clock.now() + timedelta(minutes=15)
    done = complete(room, request)
    assert done.stage is ApprovalStage.SEALED
    assert [file.format for file in done.files if file.original] == [ORIGINALS[request.algorithm]]
    assert _outcomes(room, done) == {"OFD": Outcome.PASSED, "PDF": Outcome.PASSED}
    assert room.uses() == 1
    assert set(room.stored()) == set(room.published())


def test_a_signature_of_64_bytes_is_taken_as_r_and_s(room: Room) -> None:
    request = prepare(room, room.approved())
    assert complete(room, request, raw_of(sign(room, request))).stage is ApprovalStage.SEALED


def test_a_request_outlives_a_start_of_the_hub(p256_room: Room) -> None:
    room, request = p256_room, prepare(p256_room, p256_room.approved())
    with room.database.transaction() as session:
        end_leases(session, clock=room.clock)
    assert complete(room, request).stage is ApprovalStage.SEALED


def test_completing_again_with_the_same_signature_answers_the_first_result(room: Room) -> None:
    request = prepare(room, room.approved())
    signature = sign(room, request)
    first = complete(room, request, signature)
    room.clock.advance(timedelta(hours=1))
    assert complete(room, request, raw_of(signature)).version == first.version
    assert (room.uses(), len(room.published())) == (1, 2)


def test_completing_again_with_another_signature_is_a_conflict(p256_room: Room) -> None:
    request = prepare(p256_room, p256_room.approved())
    complete(p256_room, request)
    with pytest.raises(SignedOtherwise):
        complete(p256_room, request)  # ECDSA never signs twice alike


def test_the_same_completion_sent_twice_at_once_publishes_once(p256_room: Room) -> None:
    room, request = p256_room, prepare(p256_room, p256_room.approved())
    signature = sign(room, request)
    with ThreadPoolExecutor(2) as workers:
        done = list(workers.map(lambda _: complete(room, request, signature).stage, range(2)))
    assert done == [ApprovalStage.SEALED] * 2
    assert (room.uses(), len(room.published())) == (1, 2)


@pytest.mark.parametrize("spoilt", [b"", b"\x00" * 64, b"no signature", b"\x30\x06\x02\x01\x01\x02\x01\x01"])
def test_a_wrong_signature_changes_nothing_and_the_request_still_waits(p256_room: Room, spoilt: bytes) -> None:
    request = prepare(p256_room, p256_room.approved())
    with pytest.raises(SignatureWrong):
        complete_device_signature(p256_room.desk, request.id, signature=spoilt, actor=KEEPER)
    assert (p256_room.published(), p256_room.uses()) == ([], 0)
    assert complete(p256_room, request).stage is ApprovalStage.SEALED


def test_a_signature_over_the_digest_instead_of_the_bytes_is_wrong(room: Room) -> None:
    request = prepare(room, room.approved())
    with pytest.raises(SignatureWrong):
        complete(room, request, sign(room, replace(request, bytes_to_sign=request.bytes_to_sign + b"\0")))


def test_an_expired_request_publishes_nothing_and_another_can_be_prepared(room: Room) -> None:
    approval = room.approved()
    request = prepare(room, approval)
    room.clock.advance(timedelta(minutes=15))
    with pytest.raises(RequestExpired):
        complete(room, request)
    assert room.published() == []
    assert complete(room, prepare(room, approval)).stage is ApprovalStage.SEALED


def test_the_content_is_frozen_until_the_request_expires(p256_room: Room) -> None:
    room, approval = p256_room, p256_room.approved()
    prepare(room, approval)
    with pytest.raises(ContentFrozen):
        room.act(approval, ApprovalAction.RETURN, APPROVER, opinion="文字有误。")
    with pytest.raises(SealingUnderWay):
        seal(room.desk, approval.id, seal_id=room.seal_id, actor=KEEPER, key=fresh_key())
    room.authorise()
    assert seal_due(room.desk).sealed == ()
    room.clock.advance(timedelta(minutes=15))
    assert room.act(approval, ApprovalAction.RETURN, APPROVER, opinion="文字有误。").stage is ApprovalStage.EXAMINE


def test_preparing_again_answers_the_request_that_waits(room: Room) -> None:
    approval = room.approved()
    assert prepare(room, approval) == prepare(room, approval)


def test_what_an_expired_request_left_is_swept_once(p256_room: Room) -> None:
    room = p256_room
    prepare(room, room.approved())
    room.clock.advance(timedelta(minutes=17))
    assert [seal_due(room.desk).swept for _ in range(2)] == [1, 0]
    assert room.stored() == []
