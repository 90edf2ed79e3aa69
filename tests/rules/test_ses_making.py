"""E-seals are made and used in the order the standards give; openssl accepts what maker and signer sign."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hub.signing.der import tlv
from hub.signing.keys import P256, KeyAlgorithmUnsupported, Purpose
from hub.signing.ses_making import SealNotInForce, SealUnsound, SignerUnfit, make_seal, sign_with_seal
from hub.signing.ses_structures import parse_seal, parse_signature
from hub.signing.sm2 import sm3
from tests.seal_desk import DAY, FOUNDED, PATH, SIGNED, SealDesk, openssl, sample

EARLY = FOUNDED - 4 * 365 * DAY


@pytest.mark.parametrize("version", [4, 5])
def test_a_seal_says_what_was_wanted(seal_desk: SealDesk, version: int) -> None:
    wanted = seal_desk.wanted(version)
    seal = parse_seal(seal_desk.seal(wanted))
    assert (seal.version, seal.es_id, seal.name, seal.kind) == (version, wanted.es_id, wanted.name_zh, wanted.kind)
    assert (seal.created_at, seal.valid_from, seal.valid_until) == (
        wanted.created_at,
        wanted.valid_from,
        wanted.valid_until,
    )
    assert (seal.vendor_id, seal.picture, seal.certificates) == ("TBAN", wanted.picture, tuple(wanted.certificates))


def test_the_header_and_times_are_written_as_the_standard_shows(seal_desk: SealDesk) -> None:
    seal = seal_desk.seal(replace(seal_desk.wanted(), vendor_id="XXFD"))
    assert bytes.fromhex("300d16024553020104160458584644") in seal
    assert tlv(b"\x18", b"20261101000000Z") * 2 in seal


@pytest.mark.parametrize("version", [4, 5])
def test_a_signature_holds_the_seal_as_it_is(seal_desk: SealDesk, version: int) -> None:
    seal = seal_desk.seal(seal_desk.wanted(version))
    signature = parse_signature(seal_desk.signature(seal))
    assert (signature.version, signature.seal.raw, signature.property_info) == (version, seal, PATH)
    assert (signature.claimed_at, signature.data_hash) == (SIGNED, sm3(b"text"))
    assert signature.time_stamp is not None


def test_a_seal_of_version_five_can_carry_a_time_stamp(seal_desk: SealDesk) -> None:
    maker, wanted = seal_desk.maker(), seal_desk.wanted(5)
    seal = make_seal(wanted, maker=maker.key, maker_certificate=maker.certificate, timestamp=seal_desk.token(FOUNDED))
    assert parse_seal(seal).time_stamp is not None


def test_openssl_accepts_the_makers_signature(seal_desk: SealDesk, tmp_path: Path) -> None:
    seal = parse_seal(seal_desk.seal())
    assert _openssl_accepts(tmp_path, seal.maker_certificate, seal.signed_bytes, seal.signature)
    assert not _openssl_accepts(tmp_path, seal.maker_certificate, seal.signed_bytes + b"\0", seal.signature)


def test_openssl_accepts_the_signers_signature(seal_desk: SealDesk, tmp_path: Path) -> None:
    signature = parse_signature(seal_desk.signature(seal_desk.seal()))
    assert _openssl_accepts(tmp_path, signature.certificate, signature.signed_bytes, signature.signature)
    assert not _openssl_accepts(tmp_path, signature.certificate, signature.raw, signature.signature)


def test_a_seal_changed_since_its_maker_signed_is_not_used(seal_desk: SealDesk) -> None:
    changed = seal_desk.seal().replace("行政审批专用章".encode(), "行政处罚专用章".encode(), 1)
    with pytest.raises(SealUnsound, match="SEAL_SIGNATURE"):
        seal_desk.signature(changed)


def test_a_seal_of_version_one_is_read_but_not_used(seal_desk: SealDesk) -> None:
    with pytest.raises(SealUnsound, match="SEAL_FORMAT"):
        seal_desk.signature(sample("UserV1.esl"))


@pytest.mark.parametrize("moved", [timedelta(days=1), -timedelta(days=800)])
def test_a_seal_out_of_its_validity_is_not_used(seal_desk: SealDesk, moved: timedelta) -> None:
    wanted = seal_desk.wanted()
    beyond = replace(wanted, valid_from=SIGNED + moved, valid_until=SIGNED + moved + 700 * DAY)
    with pytest.raises(SealNotInForce):
        seal_desk.signature(seal_desk.seal(beyond))


def test_a_signer_whom_the_seal_does_not_list_cannot_use_it(seal_desk: SealDesk) -> None:
    with pytest.raises(SignerUnfit, match="certList"):
        seal_desk.signature(seal_desk.seal(), seal_desk.signer(FOUNDED + DAY))


def test_a_signer_listed_by_digest_can_use_the_seal(seal_desk: SealDesk) -> None:
    seal = seal_desk.seal(replace(seal_desk.wanted(), by_digest=True))
    assert parse_signature(seal_desk.signature(seal)).certificate == seal_desk.signer().certificate


@pytest.mark.parametrize("at", [EARLY, SIGNED + DAY])
def test_a_certificate_out_of_its_validity_does_not_sign(seal_desk: SealDesk, at: object) -> None:
    signer = seal_desk.signer(at)  # type: ignore[arg-type]
    seal = seal_desk.seal(replace(seal_desk.wanted(), certificates=(signer.certificate,)))
    with pytest.raises(SignerUnfit, match="certificate"):
        seal_desk.signature(seal, signer)


def test_a_key_does_not_sign_under_another_keys_certificate(seal_desk: SealDesk) -> None:
    own, other = seal_desk.signer(), seal_desk.signer(FOUNDED + DAY)
    with pytest.raises(SignerUnfit, match="key"):
        sign_with_seal(
            seal_desk.seal(),
            data_hash=sm3(b"text"),
            property_info=PATH,
            key=other.key,
            certificate=own.certificate,
            signed_at=SIGNED,
            timestamp=None,
        )


@pytest.mark.parametrize("at", [EARLY, SIGNED + DAY])
def test_a_maker_out_of_validity_makes_no_seal(seal_desk: SealDesk, at: object) -> None:
    with pytest.raises(SealUnsound, match="MAKER"):
        seal_desk.seal(maker=seal_desk.maker(at))  # type: ignore[arg-type]


def test_only_versions_four_and_five_are_made(seal_desk: SealDesk) -> None:
    with pytest.raises(SealUnsound, match="SEAL_FORMAT"):
        seal_desk.seal(replace(seal_desk.wanted(), version=1))


def test_a_key_that_is_not_sm2_makes_no_seal(seal_desk: SealDesk) -> None:
    key = seal_desk.store.create(Purpose.SEAL_MAKER, "p256-maker", P256)
    with pytest.raises(KeyAlgorithmUnsupported):
        make_seal(seal_desk.wanted(), maker=key, maker_certificate=seal_desk.maker().certificate)


def _openssl_accepts(folder: Path, certificate: bytes, message: bytes, signature: bytes) -> bool:
    files = {"certificate.der": certificate, "message": message, "signature": signature}
    named = openssl(folder, "x509", "-inform", "DER", "-in", "certificate.der", "-noout", "-pubkey", files=files)
    answer = openssl(
        folder,
        *("pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "message", "-sigfile", "signature"),
        *("-digest", "sm3", "-pkeyopt", "distid:1234567812345678"),
        files={"key.pem": named.stdout},
    )
    return answer.returncode == 0
