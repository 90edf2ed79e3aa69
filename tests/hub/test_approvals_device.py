"""Sealing with a key its keeper holds: prepare, sign on the device, complete; nothing changes unless everything is right."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from hub.approvals.decisions import act
from hub.approvals.device import SignatureRequest, complete_device_signature, prepare_device_signature
from hub.approvals.faults import ApprovalMoveRefused, SealingUnderWay, TimeStampUnavailable
from hub.approvals.intents import end_leases
from hub.approvals.queue import seal_due, sweep_orphans
from hub.approvals.records import Approval
from hub.approvals.rules import ApprovalAction, ApprovalStage
from hub.approvals.sealing import Desk, seal
from hub.clock import FixedClock
from hub.database import Database
from hub.errors import HubError, NotPermitted
from hub.seals.device_faults import (
    CertificateNotForSigning,
    CertificateNotInSeal,
    CertificateOutOfTerm,
    CertificateUnreadable,
    ContentFrozen,
    DeviceAlgorithmUnsupported,
    RequestExpired,
    RequestMissing,
    SignatureWrong,
    SignedOtherwise,
)
from hub.seals.records import Seal
from hub.signing.anchors import Anchors
from hub.signing.keys import P256, RSA, SM2, Purpose
from hub.signing.sm2 import raw_of
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from tests.approval_desk import APPROVER, KEEPER, Room, fresh_key, no_time_stamp, officer, open_room

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


def _key_name(room: Room) -> str:
    with room.database.reading() as session:
        return session.get_one(Seal, room.seal_id).key_name


def _certificate(room: Room) -> bytes:
    return room.keys.certificates(Purpose.SEAL, _key_name(room))[0]


def _sign(room: Room, request: SignatureRequest) -> bytes:
    """Sign as the device would; the key in the folder stands for the one in the device."""
    return room.keys.open(Purpose.SEAL, _key_name(room)).sign(request.bytes_to_sign)


def _prepare(
    room: Room, approval: Approval, *, certificate: bytes | None = None, desk: Desk | None = None
) -> SignatureRequest:
    return prepare_device_signature(
        desk or room.desk,
        approval.id,
        seal_id=room.seal_id,
        certificate=certificate or _certificate(room),
        actor=KEEPER,
    )


def _complete(
    room: Room, request: SignatureRequest, signature: bytes | None = None, *, desk: Desk | None = None
) -> Approval:
    signed = _sign(room, request) if signature is None else signature
    return complete_device_signature(desk or room.desk, request.id, signature=signed, actor=KEEPER)


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
    request = _prepare(room, approval)
    assert request.expires_at == room.clock.now() + timedelta(minutes=15)
    done = _complete(room, request)
    assert done.stage is ApprovalStage.SEALED
    assert [file.format for file in done.files if file.original] == [ORIGINALS[request.algorithm]]
    assert _outcomes(room, done) == {"OFD": Outcome.PASSED, "PDF": Outcome.PASSED}
    assert room.uses() == 1
    assert set(room.stored()) == set(room.published())


def test_a_signature_of_64_bytes_is_taken_as_r_and_s(room: Room) -> None:
    request = _prepare(room, room.approved())
    assert _complete(room, request, raw_of(_sign(room, request))).stage is ApprovalStage.SEALED


def test_a_request_outlives_a_start_of_the_hub(p256_room: Room) -> None:
    room, request = p256_room, _prepare(p256_room, p256_room.approved())
    with room.database.transaction() as session:
        end_leases(session, clock=room.clock)
    assert _complete(room, request).stage is ApprovalStage.SEALED


def test_completing_again_with_the_same_signature_answers_the_first_result(room: Room) -> None:
    request = _prepare(room, room.approved())
    signature = _sign(room, request)
    first = _complete(room, request, signature)
    room.clock.advance(timedelta(hours=1))
    assert _complete(room, request, raw_of(signature)).version == first.version
    assert (room.uses(), len(room.published())) == (1, 2)


def test_completing_again_with_another_signature_is_a_conflict(p256_room: Room) -> None:
    request = _prepare(p256_room, p256_room.approved())
    _complete(p256_room, request)
    with pytest.raises(SignedOtherwise):
        _complete(p256_room, request)  # ECDSA never signs twice alike


def test_the_same_completion_sent_twice_at_once_publishes_once(p256_room: Room) -> None:
    room, request = p256_room, _prepare(p256_room, p256_room.approved())
    signature = _sign(room, request)
    with ThreadPoolExecutor(2) as workers:
        done = list(workers.map(lambda _: _complete(room, request, signature).stage, range(2)))
    assert done == [ApprovalStage.SEALED] * 2
    assert (room.uses(), len(room.published())) == (1, 2)


@pytest.mark.parametrize("spoilt", [b"", b"\x00" * 64, b"no signature", b"\x30\x06\x02\x01\x01\x02\x01\x01"])
def test_a_wrong_signature_changes_nothing_and_the_request_still_waits(p256_room: Room, spoilt: bytes) -> None:
    request = _prepare(p256_room, p256_room.approved())
    with pytest.raises(SignatureWrong):
        complete_device_signature(p256_room.desk, request.id, signature=spoilt, actor=KEEPER)
    assert (p256_room.published(), p256_room.uses()) == ([], 0)
    assert _complete(p256_room, request).stage is ApprovalStage.SEALED


def test_a_signature_over_the_digest_instead_of_the_bytes_is_wrong(room: Room) -> None:
    request = _prepare(room, room.approved())
    with pytest.raises(SignatureWrong):
        _complete(room, request, _sign(room, replace(request, bytes_to_sign=request.bytes_to_sign + b"\0")))


def test_an_expired_request_publishes_nothing_and_another_can_be_prepared(room: Room) -> None:
    approval = room.approved()
    request = _prepare(room, approval)
    room.clock.advance(timedelta(minutes=15))
    with pytest.raises(RequestExpired):
        _complete(room, request)
    assert room.published() == []
    assert _complete(room, _prepare(room, approval)).stage is ApprovalStage.SEALED


def test_the_content_is_frozen_until_the_request_expires(p256_room: Room) -> None:
    room, approval = p256_room, p256_room.approved()
    _prepare(room, approval)
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
    assert _prepare(room, approval) == _prepare(room, approval)


def test_what_an_expired_request_left_is_swept_once(p256_room: Room) -> None:
    room = p256_room
    _prepare(room, room.approved())
    room.clock.advance(timedelta(minutes=17))
    assert [seal_due(room.desk).swept for _ in range(2)] == [1, 0]
    assert room.stored() == []


def test_without_a_time_stamp_nothing_is_published_and_the_same_signature_serves_later(room: Room) -> None:
    request = _prepare(room, room.approved())
    signature = _sign(room, request)
    with pytest.raises(TimeStampUnavailable):
        _complete(
            room,
            request,
            signature,
            desk=room.desk_with(timestamp=lambda digest, algorithm="sha256": no_time_stamp(digest)),
        )
    assert (room.published(), room.uses()) == ([], 0)
    assert _complete(room, request, signature).stage is ApprovalStage.SEALED


def test_another_keepers_request_is_missing(p256_room: Room) -> None:
    request = _prepare(p256_room, p256_room.approved())
    other = officer("keeper-2", *KEEPER.roles)
    with pytest.raises(RequestMissing):
        complete_device_signature(p256_room.desk, request.id, signature=b"", actor=other)
    with pytest.raises(NotPermitted):
        complete_device_signature(p256_room.desk, request.id, signature=b"", actor=APPROVER)


def test_only_an_approved_document_is_prepared(p256_room: Room) -> None:
    with pytest.raises(ApprovalMoveRefused):
        _prepare(p256_room, p256_room.draft())


def _made(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, signs: bool = True, begins: datetime | None = None
) -> bytes:
    """Return a certificate the key issued to itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "设备证书（演示）")])
    first = begins or datetime(2026, 11, 1, tzinfo=UTC)
    usage = x509.KeyUsage(signs, False, not signs, False, False, False, False, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(first + timedelta(days=60))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


def _list_in_seal(room: Room, certificate: bytes) -> None:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(certificate)
    with room.database.transaction() as session:
        session.get_one(Seal, room.seal_id).certificate_sha256 = digest.finalize().hex()


def test_an_rsa_key_signs_the_pdf(p256_room: Room) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = _made(key)
    _list_in_seal(p256_room, certificate)
    request = _prepare(p256_room, p256_room.approved(), certificate=certificate)
    assert request.algorithm == RSA
    done = _complete(p256_room, request, key.sign(request.bytes_to_sign, padding.PKCS1v15(), hashes.SHA256()))
    original = next(file for file in done.files if file.original)
    content = p256_room.desk.files.read(original.sha256)
    anchors = Anchors.from_pem(x509.load_der_x509_certificate(certificate).public_bytes(serialization.Encoding.PEM))
    found = {each.code for each in verify_document(content, anchors, p256_room.clock.now()).findings}
    assert not found & {"SIG_VALUE", "SIG_DIGEST_MISMATCH", "SIG_FORMAT", "SIG_CERT_CHAIN"}


_KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    ("certificate", "refused"),
    [
        (b"no certificate", CertificateUnreadable),
        (_made(_KEY), CertificateNotInSeal),
        (_made(_KEY, signs=False), CertificateNotForSigning),
        (_made(_KEY, begins=datetime(2026, 9, 1, tzinfo=UTC)), CertificateOutOfTerm),
        (_made(_KEY, begins=datetime(2026, 12, 1, tzinfo=UTC)), CertificateOutOfTerm),
        (_made(ec.generate_private_key(ec.SECP384R1())), DeviceAlgorithmUnsupported),
    ],
    ids=["unreadable", "not listed", "not for signing", "expired", "not yet valid", "P-384"],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_certificate_that_will_not_do_is_refused_and_freezes_nothing(
    p256_room: Room, certificate: bytes, refused: type[HubError]
) -> None:
    approval = p256_room.approved()
    with pytest.raises(refused):
        _prepare(p256_room, approval, certificate=certificate)
    with p256_room.database.transaction() as session:
        act(
            session,
            approval.id,
            ApprovalAction.RETURN,
            opinion="文字有误。",
            version=approval.version,
            actor=APPROVER,
            key=fresh_key(),
            clock=p256_room.clock,
        )


def test_a_seal_suspended_after_preparing_publishes_nothing(p256_room: Room) -> None:
    from hub.seals.custody import suspend
    from hub.seals.faults import SealNotActive

    request = _prepare(p256_room, p256_room.approved())
    with p256_room.database.transaction() as session:
        suspend(session, p256_room.seal_id, by=KEEPER, clock=p256_room.clock)
    with pytest.raises(SealNotActive):
        _complete(p256_room, request)
    assert p256_room.published() == []


class PowerCut(BaseException):
    """The machine stops here."""


@pytest.mark.parametrize("step", ["signed", "stored", "committed"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_after_a_power_cut_the_same_completion_publishes_once(p256_room: Room, step: str) -> None:
    room, request = p256_room, _prepare(p256_room, p256_room.approved())
    signature = _sign(room, request)

    def cut(reached: str) -> None:
        if reached == step:
            raise PowerCut

    with pytest.raises(PowerCut):
        _complete(room, request, signature, desk=room.desk_with(reached=cut))
    assert _complete(room, request, signature).stage is ApprovalStage.SEALED
    assert (room.uses(), len(room.published())) == (1, 2)
    room.clock.advance(timedelta(hours=1))
    sweep_orphans(room.database, room.desk.files, clock=room.clock)
    assert set(room.stored()) == set(room.published())
