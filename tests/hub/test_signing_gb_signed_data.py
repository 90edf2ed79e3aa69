"""SignedData of GB/T 35275: made by our SM2 key over given bytes, read back strictly, and never believed when a bit is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hub.signing.anchors import Anchors
from hub.signing.authority import certify_rendition
from hub.signing.key_files import FileKeyStore
from hub.signing.keys import SM2, Key, KeyAlgorithmUnsupported, Purpose
from hub.signing.signature_faults import SignatureMalformed
from hub.signing.signed_data import detached, sm2_signed_data
from hub.signing.sm2 import sm3
from hub.signing.verdict import Outcome
from hub.signing.verify_cms import parse_signed_data, signature_holds
from hub.signing.verify_gb_signed_data import parse_sm2_signed_data, verify_sm2_signed_data
from hub.signing.verify_signature import Asked, judge
from tests.signing_desk import FOUNDED, SIGNED, SigningDesk, flipped, found_desk, voice

CONTENT = "<ofd:Signature/> 正文".encode()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> SigningDesk:
    return found_desk(tmp_path_factory.mktemp("gb-signed-data"), font_file)


@pytest.fixture(scope="module")
def chain(desk: SigningDesk) -> list[bytes]:
    return certify_rendition(desk.store, "hub", "沣东新城通办枢纽", FOUNDED, algorithm=SM2)


@pytest.fixture(scope="module")
def key(desk: SigningDesk, chain: list[bytes]) -> Key:
    return desk.store.open(Purpose.RENDITION, "hub")


@pytest.fixture(scope="module")
def signed(key: Key, chain: list[bytes]) -> bytes:
    return sm2_signed_data(CONTENT, key=key, chain=chain)


def test_what_we_sign_verifies_over_the_same_bytes_alone(signed: bytes) -> None:
    assert verify_sm2_signed_data(signed, CONTENT) and not verify_sm2_signed_data(signed, CONTENT + b" ")


def test_the_structure_bears_the_standards_own_names(signed: bytes) -> None:
    for arc in ("6.1.4.2.2", "6.1.4.2.1", "1.401", "1.301.1"):
        assert core.ObjectIdentifier(f"1.2.156.10197.{arc}").dump() in signed


def test_the_signature_is_over_the_content_itself_as_openssl_confirms(
    signed: bytes, chain: list[bytes], tmp_path: Path
) -> None:
    parsed = parse_sm2_signed_data(signed, CONTENT)
    for name, content in (("c", CONTENT), ("s", parsed.signature), ("k", chain[0])):
        (tmp_path / name).write_bytes(content)
    said = voice(
        "openssl", "openssl", "pkeyutl", "-verify", "-certin", "-keyform", "DER", "-inkey", tmp_path / "k", "-rawin",
        "-in", tmp_path / "c", "-sigfile", tmp_path / "s", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678",
    )  # fmt: skip
    assert "Signature Verified Successfully" in said


def test_our_own_form_is_recognised_and_any_flipped_bit_is_noticed(signed: bytes, chain: list[bytes]) -> None:
    asked = Asked(Anchors.from_pem(pem_of(chain[-1])), SIGNED)

    def passes(data: bytes) -> bool:
        try:
            parsed = parse_sm2_signed_data(data, CONTENT)
        except SignatureMalformed:
            return False
        bad = {each.code for each in judge(parsed, sm3(CONTENT), asked)[0] if each.outcome is Outcome.FAILED}
        return parsed.canonical and not bad

    assert passes(signed)
    assert [at for at in range(len(signed)) if passes(flipped(signed, at, at % 8))] == []


def test_the_common_judge_takes_it_as_any_signature(desk: SigningDesk, key: Key, chain: list[bytes]) -> None:
    stamped = sm2_signed_data(CONTENT, key=key, chain=chain, timestamp=desk.client().sm3_token)
    parsed = parse_sm2_signed_data(stamped, CONTENT)
    anchors = Anchors.from_pem(desk.root_pem + pem_of(chain[-1]))
    findings, report = judge(parsed, sm3(CONTENT), Asked(anchors, SIGNED))
    assert parsed.canonical and [each.code for each in findings] == ["revocation_not_checked"]
    assert (report.signed_at, report.valid_at_signing, report.valid_now) == (SIGNED, Outcome.PASSED, Outcome.PASSED)


def test_a_key_on_another_curve_signs_no_such_structure(desk: SigningDesk) -> None:
    with pytest.raises(KeyAlgorithmUnsupported):
        sm2_signed_data(CONTENT, key=desk.store.open(Purpose.SEAL, "bureau"), chain=desk.seal_chain)


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"\x30\x80" * 10_000, b"\x30" * 300_000])
def test_bytes_that_are_no_such_structure_are_refused(data: bytes) -> None:
    assert not verify_sm2_signed_data(data, CONTENT)


def test_ordinary_cms_is_not_taken_for_it(desk: SigningDesk) -> None:
    cms = detached(sm3(CONTENT), key=desk.store.open(Purpose.SEAL, "bureau"), chain=desk.seal_chain).encoded()
    with pytest.raises(SignatureMalformed):
        parse_sm2_signed_data(cms, CONTENT)


def test_cms_with_an_sm2_key_is_read_and_holds(key: Key, chain: list[bytes]) -> None:
    parsed = parse_signed_data(detached(sm3(CONTENT), key=key, chain=chain).encoded())
    assert signature_holds(parsed) and parsed.canonical and parsed.message_digest == sm3(CONTENT)


def test_an_sm2_signature_by_another_key_does_not_hold(desk: SigningDesk, chain: list[bytes]) -> None:
    stranger = FileKeyStore(desk.folder / "strangers", b"x").create(Purpose.RENDITION, "stranger", SM2)
    assert not verify_sm2_signed_data(sm2_signed_data(CONTENT, key=stranger, chain=chain), CONTENT)


def pem_of(certificate_der: bytes) -> bytes:
    return x509.load_der_x509_certificate(certificate_der).public_bytes(Encoding.PEM)
