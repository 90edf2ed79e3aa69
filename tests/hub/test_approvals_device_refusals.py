"""When sealing with a key its keeper holds is refused, or interrupted, nothing is published and nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from hub.approvals.decisions import act
from hub.approvals.device import complete_device_signature
from hub.approvals.faults import ApprovalMoveRefused, TimeStampUnavailable
from hub.approvals.queue import sweep_orphans
from hub.approvals.rules import ApprovalAction, ApprovalStage
from hub.clock import FixedClock
from hub.database import Database
from hub.errors import HubError, NotPermitted
from hub.seals.device_faults import (
    CertificateNotForSigning,
    CertificateNotInSeal,
    CertificateOutOfTerm,
    CertificateUnreadable,
    DeviceAlgorithmUnsupported,
    RequestMissing,
)
from hub.seals.records import Seal
from hub.signing.anchors import Anchors
from hub.signing.keys import P256, RSA, SM2
from hub.signing.verify import verify_document
from tests.approval_desk import APPROVER, KEEPER, Room, fresh_key, no_time_stamp, officer, open_room
from tests.device_sealing import complete, prepare, sign


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


def test_without_a_time_stamp_nothing_is_published_and_the_same_signature_serves_later(room: Room) -> None:
    request = prepare(room, room.approved())
    signature = sign(room, request)
    with pytest.raises(TimeStampUnavailable):
        complete(
            room,
            request,
            signature,
            desk=room.desk_with(timestamp=lambda digest, algorithm="sha256": no_time_stamp(digest)),
        )
    assert (room.published(), room.uses()) == ([], 0)
    assert complete(room, request, signature).stage is ApprovalStage.SEALED


def test_another_keepers_request_is_missing(p256_room: Room) -> None:
    request = prepare(p256_room, p256_room.approved())
    other = officer("keeper-2", *KEEPER.roles)
    with pytest.raises(RequestMissing):
        complete_device_signature(p256_room.desk, request.id, signature=b"", actor=other)
    with pytest.raises(NotPermitted):
        complete_device_signature(p256_room.desk, request.id, signature=b"", actor=APPROVER)


def test_only_an_approved_document_is_prepared(p256_room: Room) -> None:
    with pytest.raises(ApprovalMoveRefused):
        prepare(p256_room, p256_room.draft())


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
    request = prepare(p256_room, p256_room.approved(), certificate=certificate)
    assert request.algorithm == RSA
    done = complete(p256_room, request, key.sign(request.bytes_to_sign, padding.PKCS1v15(), hashes.SHA256()))
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
        prepare(p256_room, approval, certificate=certificate)
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

    request = prepare(p256_room, p256_room.approved())
    with p256_room.database.transaction() as session:
        suspend(session, p256_room.seal_id, by=KEEPER, clock=p256_room.clock)
    with pytest.raises(SealNotActive):
        complete(p256_room, request)
    assert p256_room.published() == []


class PowerCut(BaseException):
    """The machine stops here."""


@pytest.mark.parametrize("step", ["signed", "stored", "committed"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_after_a_power_cut_the_same_completion_publishes_once(p256_room: Room, step: str) -> None:
    room, request = p256_room, prepare(p256_room, p256_room.approved())
    signature = sign(room, request)

    def cut(reached: str) -> None:
        if reached == step:
            raise PowerCut

    with pytest.raises(PowerCut):
        complete(room, request, signature, desk=room.desk_with(reached=cut))
    assert complete(room, request, signature).stage is ApprovalStage.SEALED
    assert (room.uses(), len(room.published())) == (1, 2)
    room.clock.advance(timedelta(hours=1))
    sweep_orphans(room.database, room.desk.files, clock=room.clock)
    assert set(room.stored()) == set(room.published())
