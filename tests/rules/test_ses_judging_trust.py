"""What is said of an e-seal whose issuer is unknown, whose times contradict one another, or whose bytes are malformed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509

from hub.signing.anchors import Anchors
from hub.signing.der import tlv
from hub.signing.der_reading import read_der
from hub.signing.ses_making import make_seal
from hub.signing.ses_structures import parse_seal, parse_signature
from hub.signing.verify import verify_document
from tests.seal_desk import DAY, FOUNDED, LONG_AGO, NOW, SIGNED, SealDesk, codes, failed
from tests.seal_judging import CANNOT_TELL, FAILED, found, judged, with_times

SHA1_RSA_OID, MD5_RSA_OID = bytes.fromhex("06092a864886f70d010105"), bytes.fromhex("06092a864886f70d010104")


def rewrapped(signature: bytes, number: int, element: bytes) -> bytes:
    """The signature with its field `number` put in anew: outside what the signer signed."""
    parts = [each.raw for each in read_der(signature).children]
    parts[number] = element
    return tlv(b"\x30", *parts)


def test_an_unknown_issuer_is_noticed_of_signer_and_maker(seal_desk: SealDesk, tmp_path: object) -> None:
    from tests.seal_desk import found_seal_desk

    stranger = found_seal_desk(tmp_path)  # type: ignore[arg-type]
    verdict = verify_document(seal_desk.signature(seal_desk.seal()), stranger.anchors(), NOW)
    assert {"SIG_CERT_CHAIN", "SEAL_MAKER_CERT_CHAIN", "SIG_SEAL_INVALID"} <= failed(verdict)
    assert failed(verify_document(seal_desk.seal(), stranger.anchors(), NOW)) == {"SEAL_MAKER_CERT_CHAIN"}


def test_without_anchors_nothing_better_than_cannot_tell_is_said(seal_desk: SealDesk) -> None:
    verdict = verify_document(seal_desk.seal(), Anchors(), NOW)
    assert verdict.outcome is CANNOT_TELL and codes(verdict) == {"trust.no_anchors"}


def test_how_far_revocation_was_asked_about_is_told(seal_desk: SealDesk) -> None:
    seal, listing = seal_desk.seal(), seal_desk.anchors()
    without = Anchors(listing.certificates, ())
    assert codes(verify_document(seal, without, NOW)) == {"SEAL_VALID", "revocation_not_checked"}
    outdated = seal_desk.anchors(listed_at=LONG_AGO)
    assert codes(verify_document(seal, outdated, NOW)) == {"SEAL_VALID", "revocation_list_outdated"}


def test_lists_of_other_authorities_are_no_source_of_status(seal_desk: SealDesk, tmp_path: object) -> None:
    from hub.signing.authority import found_authority, revocation_list

    found_authority(seal_desk.store, LONG_AGO)
    other = Anchors.from_pem(revocation_list(seal_desk.store, [], NOW)).revocation_lists
    anchors = Anchors(seal_desk.anchors().certificates, other)
    assert codes(verify_document(seal_desk.seal(), anchors, NOW)) == {"SEAL_VALID", "revocation_source_missing"}


def test_a_seal_made_outside_its_validity_breaks_version_five_only(seal_desk: SealDesk) -> None:
    for version, wanted in ((4, set()), (5, {"SEAL_CREATE_TIME"})):
        seal = seal_desk.seal(replace(seal_desk.wanted(version), valid_from=FOUNDED + DAY))
        assert failed(seal_desk.verdict(seal)) == wanted


@pytest.mark.parametrize(("stamped", "wanted"), [(FOUNDED, set()), (FOUNDED - DAY, {"SEAL_TIMESTAMP"})])
def test_a_seal_older_than_it_says_is_noticed_by_its_time_stamp(
    seal_desk: SealDesk, stamped: datetime, wanted: set[str]
) -> None:
    maker = seal_desk.maker()
    token = seal_desk.token(stamped)
    seal = make_seal(seal_desk.wanted(5), maker=maker.key, maker_certificate=maker.certificate, timestamp=token)
    assert failed(seal_desk.verdict(seal)) == wanted


def test_a_seals_time_stamp_that_is_no_token_is_noticed(seal_desk: SealDesk) -> None:
    stamp = tlv(b"\xa0", tlv(b"\x03", b"\x00abc"))
    seal = tlv(b"\x30", read_der(seal_desk.seal(seal_desk.wanted(5))).content, stamp)
    assert failed(seal_desk.verdict(seal)) == {"SEAL_TIMESTAMP"}


def test_a_claimed_time_is_told_as_claimed(seal_desk: SealDesk) -> None:
    parsed = replace(parse_signature(seal_desk.signature(seal_desk.seal())), time_stamp=None)
    findings, report = judged(seal_desk, parsed)
    assert found(findings) == {"SIG_TIMESTAMP_MISSING", "SIG_TIME_CLAIMED"}
    assert (report.signed_at, report.claimed_at, report.valid_at_signing) == (None, SIGNED, CANNOT_TELL)


def test_a_claim_later_than_the_time_stamp_is_a_contradiction(seal_desk: SealDesk) -> None:
    parsed = replace(parse_signature(seal_desk.signature(seal_desk.seal())), claimed_at=SIGNED + timedelta(hours=1))
    assert found(judged(seal_desk, parsed)[0], FAILED) == {"SIG_TIMESTAMP"}


def test_a_claim_from_the_future_is_noticed(seal_desk: SealDesk) -> None:
    parsed = replace(parse_signature(seal_desk.signature(seal_desk.seal())), time_stamp=None)
    assert "SIG_TIME_IN_FUTURE" in found(judged(seal_desk, parsed, at=SIGNED - DAY)[0], CANNOT_TELL)


@pytest.mark.parametrize(("oid", "name"), [(SHA1_RSA_OID, "SHA-1"), (MD5_RSA_OID, "MD5")])
def test_weak_algorithms_are_never_trusted(seal_desk: SealDesk, oid: bytes, name: str) -> None:
    weak = rewrapped(seal_desk.signature(seal_desk.seal()), 2, oid)
    verdict = seal_desk.verdict(weak)
    assert "SIG_WEAK_DIGEST" in failed(verdict)
    assert name in next(each.message_en for each in verdict.findings if each.code == "SIG_WEAK_DIGEST")
    assert failed(seal_desk.verdict(rewrapped(seal_desk.seal(), 2, oid))) == {"SIG_WEAK_DIGEST"}


def test_an_unknown_algorithm_is_cannot_tell(seal_desk: SealDesk) -> None:
    unknown = bytes.fromhex("0603883703")
    verdict = seal_desk.verdict(rewrapped(seal_desk.seal(), 2, unknown))
    assert verdict.outcome is CANNOT_TELL and codes(verdict, CANNOT_TELL) == {"SIG_ALGORITHM_UNSUPPORTED"}


def test_a_seal_of_a_later_version_is_cannot_tell(seal_desk: SealDesk) -> None:
    later = seal_desk.seal().replace(b"\x16\x02ES\x02\x01\x04", b"\x16\x02ES\x02\x01\x06", 1)
    verdict = seal_desk.verdict(later)
    assert verdict.outcome is CANNOT_TELL and codes(verdict) == {"SEAL_VERSION"}


def test_a_broken_seal_file_is_a_finding(seal_desk: SealDesk) -> None:
    assert failed(seal_desk.verdict(seal_desk.seal()[:-1])) == {"SEAL_FORMAT"}
    assert failed(seal_desk.verdict(seal_desk.signature(seal_desk.seal()) + b"\0")) <= {"SEAL_FORMAT", "SIG_FORMAT"}


def test_everything_wrong_is_told_and_not_the_first_alone(seal_desk: SealDesk) -> None:
    forged = parse_seal(
        with_times(seal_desk, SIGNED - 800 * DAY, SIGNED - 100 * DAY).replace(b"\x16\x02ES", b"\x16\x02EX", 1)
    )
    parsed = replace(parse_signature(seal_desk.signature(seal_desk.seal())), seal=forged)
    findings, _ = judged(seal_desk, parsed, (seal_desk.signer().serial, SIGNED - DAY), text=b"another")
    assert found(findings, FAILED) == {
        "SEAL_FORMAT",
        "SEAL_SIGNATURE",
        "SEAL_EXPIRED",
        "SIG_SEAL_INVALID",
        "SIG_SEAL_NOT_VALID_AT_SIGNING",
        "SIG_CERT_REVOKED_BEFORE_SIGNING",
        "SIG_DIGEST_MISMATCH",
    }


def test_a_certificate_whose_names_cannot_be_read_is_a_finding(seal_desk: SealDesk) -> None:
    seal = seal_desk.seal()
    maker = parse_seal(seal).maker_certificate
    unreadable = maker.replace(b"\x06\x03\x55\x04\x03\x0c", b"\x06\x03\x55\x04\x03\x04")  # commonName as OCTET STRING
    assert unreadable != maker
    assert "SEAL_FORMAT" in failed(seal_desk.verdict(rewrapped(seal, 1, tlv(b"\x04", unreadable))))
    value = rewrapped(seal_desk.signature(seal), 1, tlv(b"\x04", unreadable))
    assert "SIG_FORMAT" in failed(seal_desk.verdict(value))


def test_a_certificate_with_a_negative_serial_number_is_a_finding(seal_desk: SealDesk) -> None:
    seal = seal_desk.seal()
    maker = parse_seal(seal).maker_certificate
    at = maker.index(b"\xa0\x03\x02\x01\x02\x02") + 7
    negative = maker[:at] + b"\xff" + maker[at + 1 :]
    assert "SEAL_FORMAT" in failed(seal_desk.verdict(rewrapped(seal, 1, tlv(b"\x04", negative))))


def test_the_bits_a_certificates_signature_leaves_unused_are_none(seal_desk: SealDesk) -> None:
    seal = seal_desk.seal()
    maker = parse_seal(seal).maker_certificate
    at = maker.rindex(x509.load_der_x509_certificate(maker).signature) - 1
    changed = maker[:at] + b"\x01" + maker[at + 1 :]
    assert "SEAL_FORMAT" in failed(seal_desk.verdict(rewrapped(seal, 1, tlv(b"\x04", changed))))
