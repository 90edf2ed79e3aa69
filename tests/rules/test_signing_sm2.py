"""SM2 and SM3: the standards' own vectors, what must be refused, and openssl's word in both directions.

Vectors: GB/T 32918.5-2017 annex A (recommended curve), GB/T 32905-2016 annex A.
"""

from __future__ import annotations

import gc
import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.signing import libcrypto
from hub.signing.sm2 import (
    ORDER,
    Sm2PrivateKey,
    Sm2Refused,
    der_of,
    identity_digest,
    message_digest,
    raw_of,
    sm3,
    verify,
)
from tests.signing_desk import voice

SCALAR = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
POINT = bytes.fromhex(
    "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
R = bytes.fromhex("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3")
S = bytes.fromhex("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA")
MESSAGE = b"message digest"
DISTID = "distid:1234567812345678"


@pytest.fixture(scope="module")
def key() -> Sm2PrivateKey:
    return Sm2PrivateKey.from_scalar(SCALAR)


def integer(number: bytes) -> bytes:
    return bytes([2, len(number)]) + number


def test_the_published_private_key_has_the_published_public_point(key: Sm2PrivateKey) -> None:
    assert key.public_point == POINT


def test_the_published_digests_of_identity_and_message_come_out() -> None:
    assert identity_digest(POINT).hex().upper() == "B2E14C5C79C6DF5B85F4FE7ED8DB7A262B9DA7E07CCB0EA9F4747B8CCDA8A4F3"
    assert (
        message_digest(POINT, MESSAGE).hex().upper()
        == "F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640"
    )


@pytest.mark.parametrize(
    ("content", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
        (b"", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"),
    ],
)
def test_the_published_sm3_digests_come_out(content: bytes, digest: str) -> None:
    assert sm3(content).hex() == digest


def test_the_published_signature_verifies() -> None:
    assert verify(POINT, MESSAGE, der_of(R + S))


def test_a_signature_of_ours_verifies_and_fits_its_bounds(key: Sm2PrivateKey) -> None:
    signature = key.sign(MESSAGE)
    assert verify(POINT, MESSAGE, signature) and len(signature) <= 72 and der_of(raw_of(signature)) == signature


def test_any_flipped_bit_of_message_or_signature_fails() -> None:
    good = der_of(R + S)
    for position in range(len(good)):
        bad = bytearray(good)
        bad[position] ^= 1
        assert not verify(POINT, MESSAGE, bytes(bad)), position
    assert not verify(POINT, b"Message digest", good)


def test_another_or_an_empty_user_id_fails() -> None:
    good = der_of(R + S)
    assert not verify(POINT, MESSAGE, good, b"") and not verify(POINT, MESSAGE, good, b"ALICE123@YAHOO.COM")


def test_a_signature_under_another_user_id_verifies_under_it_alone(key: Sm2PrivateKey) -> None:
    signature = key.sign(MESSAGE, b"ALICE123@YAHOO.COM")
    assert verify(POINT, MESSAGE, signature, b"ALICE123@YAHOO.COM") and not verify(POINT, MESSAGE, signature)


ZERO, ABOVE = bytes(32), ORDER.to_bytes(32, "big")
OPPOSITE = (ORDER - int.from_bytes(R, "big")).to_bytes(32, "big")


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"\x30\x00",
        b"0" * 5000,
        b"\x30\x06" + integer(b"\x01") + integer(b"\x00"),  # s = 0
        b"\x30\x06" + integer(b"\x00") + integer(b"\x01"),  # r = 0
        b"\x30\x45" + integer(b"\x00" + R) + integer(OPPOSITE),  # r + s = n
        b"\x30\x46" + integer(b"\x00" + ABOVE) + integer(b"\x00" + S),  # r = n
        b"\x30\x47" + integer(b"\x00\x00" + R) + integer(b"\x00" + S),  # a superfluous zero
        b"\x30\x44" + integer(R) + integer(S),  # negative numbers
        der_of(R + S) + b"\x00",  # bytes left over
        b"\x30\x81\x46" + der_of(R + S)[2:],  # a length not in its shortest form
    ],
)
def test_a_malformed_signature_is_no_signature(signature: bytes) -> None:
    assert not verify(POINT, MESSAGE, signature)


@pytest.mark.parametrize("raw", [R, R + ZERO, ZERO + S, ABOVE + S, R + S + b"\x00"])
def test_raw_numbers_out_of_range_are_refused(raw: bytes) -> None:
    with pytest.raises(Sm2Refused):
        der_of(raw)


@pytest.mark.parametrize("point", [b"", POINT[1:], b"\x04" + bytes(64), b"\x02" + POINT[1:], POINT[:-1] + b"\x00"])
def test_a_point_off_the_curve_verifies_nothing(point: bytes) -> None:
    assert not verify(point, MESSAGE, der_of(R + S))


@pytest.mark.parametrize("scalar", [b"", bytes(32), b"\xff" * 32, (ORDER - 1).to_bytes(32, "big")])
def test_a_private_number_out_of_range_is_refused(scalar: bytes) -> None:
    with pytest.raises(Sm2Refused):
        Sm2PrivateKey.from_scalar(scalar)


def test_a_user_id_too_long_for_its_length_field_is_refused(key: Sm2PrivateKey) -> None:
    assert not verify(POINT, MESSAGE, der_of(R + S), bytes(8192))
    with pytest.raises(Sm2Refused):
        key.sign(MESSAGE, bytes(8192))


def test_a_key_survives_its_encrypted_file(key: Sm2PrivateKey) -> None:
    pem = key.to_pem(b"a passphrase")
    assert Sm2PrivateKey.from_pem(pem, b"a passphrase").public_point == POINT


def test_a_wrong_passphrase_and_a_damaged_file_are_refused(key: Sm2PrivateKey) -> None:
    pem = key.to_pem(b"a passphrase")
    for damaged, passphrase in ((pem, b"another"), (pem[:-60], b"a passphrase"), (b"", b""), (b"\xff", b"")):
        with pytest.raises(Sm2Refused):
            Sm2PrivateKey.from_pem(damaged, passphrase)


def test_openssl_reads_our_key_and_accepts_our_signature(key: Sm2PrivateKey, tmp_path: Path) -> None:
    for name, content in (("k.pem", key.to_pem(b"pw")), ("m", MESSAGE), ("s.der", key.sign(MESSAGE))):
        (tmp_path / name).write_bytes(content)
    voice("openssl", "openssl", "pkey", "-in", tmp_path / "k.pem", "-passin", "pass:pw", "-pubout", "-out", tmp_path / "p.pem")  # fmt: skip
    said = voice(
        "openssl", "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", tmp_path / "p.pem", "-rawin", "-in", tmp_path / "m",
        "-sigfile", tmp_path / "s.der", "-digest", "sm3", "-pkeyopt", DISTID,
    )  # fmt: skip
    assert "Signature Verified Successfully" in said


def test_we_accept_the_signature_openssl_makes(key: Sm2PrivateKey, tmp_path: Path) -> None:
    (tmp_path / "k.pem").write_bytes(key.to_pem(b"pw"))
    (tmp_path / "m").write_bytes(MESSAGE)
    voice(
        "openssl", "openssl", "pkeyutl", "-sign", "-inkey", tmp_path / "k.pem", "-passin", "pass:pw", "-rawin",
        "-in", tmp_path / "m", "-out", tmp_path / "s.der", "-digest", "sm3", "-pkeyopt", DISTID,
    )  # fmt: skip
    assert verify(POINT, MESSAGE, (tmp_path / "s.der").read_bytes())


def test_many_threads_sign_with_one_key_at_once(key: Sm2PrivateKey) -> None:
    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(key.sign, [bytes([number]) for number in range(100)]))
    assert all(verify(POINT, bytes([number]), signature) for number, signature in enumerate(signatures))


def test_signing_and_verifying_leave_no_memory_behind() -> None:
    def rounds(count: int) -> None:
        for number in range(count):
            own = Sm2PrivateKey.generate()
            assert verify(own.public_point, b"m", own.sign(b"m")) and not verify(POINT, bytes([number % 256]), der_of(R + S))  # fmt: skip
        gc.collect()

    rounds(300)  # what is held (256 public keys) is held now
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rounds(300)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1024  # KiB; a kept context is about 4 KiB


def test_a_refusal_leaves_no_error_in_the_thread_queue(key: Sm2PrivateKey) -> None:
    pem = key.to_pem(b"right")
    with pytest.raises(Sm2Refused):
        Sm2PrivateKey.from_pem(pem, b"wrong")
    assert not verify(POINT, b"other", der_of(R + S)) and not verify(b"\x04" + bytes(64), b"m", der_of(R + S))
    assert libcrypto.library().ERR_peek_error() == 0
