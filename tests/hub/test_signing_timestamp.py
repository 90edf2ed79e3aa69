"""Time stamps: what OpenSSL says of ours, and what the client refuses to believe."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hub.signing.anchors import Anchors
from hub.signing.authority import certify_time_stamps
from hub.signing.keys import SM2, Purpose
from hub.signing.sm2 import sm3
from hub.signing.timestamp import POLICY, Answer, TimeStampAuthority, TimeStampKey, request
from hub.signing.timestamp_client import (
    TimeStampCertificateUnexpected,
    TimeStampClient,
    TimeStampMismatch,
    TimeStampRefused,
)
from hub.signing.verify_cms import parse_signed_data
from hub.signing.verify_stamp import read_token, stamp_findings
from hub.signing.x509_text import fingerprint
from tests.signing_desk import FOUNDED, SIGNED, SigningDesk, flipped, found_desk, voice

DIGEST = hashlib.sha256(b"signature value").digest()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> SigningDesk:
    return found_desk(tmp_path_factory.mktemp("timestamp"), font_file)


def information(response: bytes) -> tsp.TSTInfo:
    token = Answer.load(response)["time_stamp_token"].dump()
    return tsp.TSTInfo.load(parse_signed_data(token).content)


def openssl(desk: SigningDesk, response: bytes, digest: bytes = DIGEST) -> str:
    answer, root = desk.folder / "answer.tsr", desk.folder / "root.pem"
    answer.write_bytes(response)
    root.write_bytes(desk.root_pem)
    at = str(int(SIGNED.timestamp()))
    arguments: list[str | Path] = [
        "ts",
        "-verify",
        "-digest",
        digest.hex(),
        "-in",
        answer,
        "-CAfile",
        root,
        "-attime",
        at,
    ]
    return voice("openssl", "openssl", *arguments)


def test_openssl_accepts_our_time_stamp(desk: SigningDesk) -> None:
    assert "Verification: OK" in openssl(desk, desk.authority().respond(request(DIGEST, 7)))


def test_openssl_refuses_our_time_stamp_for_another_digest(desk: SigningDesk) -> None:
    response = desk.authority().respond(request(DIGEST, 7))
    assert "Verification: FAILED" in openssl(desk, response, hashlib.sha256(b"other").digest())


def test_a_request_made_by_openssl_is_answered(desk: SigningDesk) -> None:
    query = desk.folder / "query.tsq"
    voice("openssl", "openssl", "ts", "-query", "-digest", DIGEST.hex(), "-sha256", "-cert", "-out", query)
    assert "Verification: OK" in openssl(desk, desk.authority().respond(query.read_bytes()))


def test_a_token_names_time_policy_and_nonce(desk: SigningDesk) -> None:
    said = information(desk.authority().respond(request(DIGEST, 7)))
    assert (said["gen_time"].native, said["policy"].native, said["nonce"].native) == (SIGNED, POLICY, 7)


def test_no_two_tokens_share_a_serial_number(desk: SigningDesk) -> None:
    authority = desk.authority()
    serials = {information(authority.respond(request(DIGEST, n)))["serial_number"].native for n in range(50)}
    assert len(serials) == 50


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (b"", "bad_data_format"),
        (b"not a request", "bad_data_format"),
        (request(DIGEST, 1) + b"\0", "bad_data_format"),
        (request(b"short", 1), "bad_data_format"),
        (b"0" * 5000, "bad_data_format"),
    ],
)
def test_a_malformed_request_is_refused_in_the_protocols_words(desk: SigningDesk, asked: bytes, reason: str) -> None:
    answer = Answer.load(desk.authority().respond(asked))
    assert (answer["status"]["status"].native, answer["status"]["fail_info"].native) == ("rejection", {reason})


def test_an_imprint_other_than_sha256_is_refused(desk: SigningDesk) -> None:
    imprint = {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": hashlib.sha1(b"").digest()}
    asked = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint}).dump()
    assert Answer.load(desk.authority().respond(asked))["status"]["fail_info"].native == {"bad_alg"}


def test_the_client_returns_a_checked_token(desk: SigningDesk) -> None:
    parsed = parse_signed_data(desk.client().token(DIGEST))
    assert parsed.certificate_der == desk.stamp_chain[0]


def test_the_client_names_both_certificates_when_another_one_signed(desk: SigningDesk) -> None:
    others = certify_time_stamps(desk.store, "other", "别的机构", FOUNDED)
    other = TimeStampAuthority(desk.store.open(Purpose.TIMESTAMP, "other"), others, desk.authority().clock)
    with pytest.raises(TimeStampCertificateUnexpected) as refused:
        TimeStampClient(other.respond, desk.stamp_chain[0]).check()
    assert (refused.value.configured, refused.value.received) == (
        fingerprint(desk.stamp_chain[0]),
        fingerprint(others[0]),
    )


def test_the_client_refuses_a_replayed_answer(desk: SigningDesk) -> None:
    old = desk.authority().respond(request(DIGEST, 7))
    with pytest.raises(TimeStampMismatch) as refused:
        TimeStampClient(lambda _: old, desk.stamp_chain[0]).token(DIGEST)
    assert refused.value.fact == "nonce"


def test_the_client_refuses_a_stamp_over_something_else(desk: SigningDesk) -> None:
    other = desk.authority().respond(request(hashlib.sha256(b"other").digest(), 7))
    with pytest.raises(TimeStampMismatch) as refused:
        TimeStampClient(lambda _: other, desk.stamp_chain[0]).token(DIGEST)
    assert refused.value.fact == "imprint"


def test_the_client_passes_on_a_refusal_with_its_reason(desk: SigningDesk) -> None:
    refusing = desk.authority().respond(b"")
    with pytest.raises(TimeStampRefused) as refused:
        TimeStampClient(lambda _: refusing, desk.stamp_chain[0]).token(DIGEST)
    assert refused.value.reason == "bad_data_format"


@pytest.mark.parametrize("answer", [b"", b"<html>502</html>", b"0\0"])
def test_the_client_refuses_what_is_no_answer(desk: SigningDesk, answer: bytes) -> None:
    with pytest.raises(TimeStampMismatch):
        TimeStampClient(lambda _: answer, desk.stamp_chain[0]).token(DIGEST)


def test_the_client_never_believes_an_answer_with_a_changed_bit(desk: SigningDesk) -> None:
    def transport(asked: bytes) -> bytes:
        honest = desk.authority(SIGNED + timedelta(hours=1)).respond(asked)
        return flipped(honest, honest.index(b"20261125030000Z") + 5)

    with pytest.raises(TimeStampMismatch) as refused:
        TimeStampClient(transport, desk.stamp_chain[0]).token(DIGEST)
    assert refused.value.fact == "signature"


@pytest.fixture(scope="module")
def national(desk: SigningDesk) -> tuple[TimeStampAuthority, TimeStampClient]:
    """The authority with an SM2 key for SM3 imprints beside its P-256 key, and its client."""
    chain = certify_time_stamps(desk.store, "tsa-sm2", "沣东新城管理委员会", FOUNDED, algorithm=SM2)
    stamping = TimeStampKey(desk.store.open(Purpose.TIMESTAMP, "tsa-sm2"), chain)
    authority = replace(desk.authority(), sm2=stamping)
    return authority, TimeStampClient(authority.respond, desk.stamp_chain[0], chain[0])


def test_an_sm3_imprint_is_answered_with_the_sm2_key(national: tuple[TimeStampAuthority, TimeStampClient]) -> None:
    parsed = parse_signed_data(national[1].sm3_token(sm3(b"signature value")))
    assert (parsed.digest_name, parsed.canonical, parsed.certificate_digest) == (
        "sm3",
        True,
        ("sm3", sm3(parsed.certificate_der)),
    )


def test_a_sha256_imprint_is_answered_with_the_p256_key_and_openssl_accepts_it(
    desk: SigningDesk, national: tuple[TimeStampAuthority, TimeStampClient]
) -> None:
    assert "Verification: OK" in openssl(desk, national[0].respond(request(DIGEST, 7)))


def test_an_authority_without_an_sm2_key_answers_sm3_with_the_key_it_has(desk: SigningDesk) -> None:
    parsed = parse_signed_data(desk.client().sm3_token(sm3(b"signature value")))
    assert parsed.digest_name == "sha256" and parsed.certificate_der == desk.stamp_chain[0]


def test_an_sm2_stamp_is_sound_and_trusted_under_its_own_root(
    national: tuple[TimeStampAuthority, TimeStampClient],
) -> None:
    stamp, findings = read_token(national[1].sm3_token(sm3(b"signature value")), b"signature value")
    assert stamp is not None and findings == [] and stamp.at == SIGNED
    root = Anchors.from_pem(pem_of(national[0].sm2.chain[-1])) if national[0].sm2 else Anchors()
    assert list(stamp_findings(stamp, None, root, SIGNED)) == []


def test_an_sm2_stamp_over_another_value_is_refused(national: tuple[TimeStampAuthority, TimeStampClient]) -> None:
    stamp, (fault,) = read_token(national[1].sm3_token(sm3(b"signature value")), b"another value")
    assert stamp is None and fault.code == "SIG_TIMESTAMP"


def test_a_flipped_bit_in_an_sm2_stamp_is_never_sound(national: tuple[TimeStampAuthority, TimeStampClient]) -> None:
    token = national[1].sm3_token(sm3(b"signature value"))
    assert [at for at in range(0, len(token), 3) if read_token(flipped(token, at, at % 8), b"signature value")[0]] == []


def test_the_client_asks_for_both_kinds_at_start_up(
    desk: SigningDesk, national: tuple[TimeStampAuthority, TimeStampClient]
) -> None:
    national[1].check()
    with pytest.raises(TimeStampCertificateUnexpected):
        replace(national[1], sm2_certificate=desk.seal_chain[0]).check()


def test_an_answer_over_the_same_digest_by_another_algorithm_is_refused(desk: SigningDesk) -> None:
    def other(question: bytes) -> bytes:
        asked = tsp.TimeStampReq.load(question)
        return desk.authority().respond(request(DIGEST, asked["nonce"].native, "sha256"))

    with pytest.raises(TimeStampMismatch):
        TimeStampClient(other, desk.stamp_chain[0]).sm3_token(DIGEST)


def pem_of(certificate_der: bytes) -> bytes:
    return x509.load_der_x509_certificate(certificate_der).public_bytes(Encoding.PEM)
