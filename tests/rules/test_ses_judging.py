"""An e-seal is judged by every step of the standards, at signing and now apart, with a code for each thing that can be wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509

from hub.signing.anchors import Anchors
from hub.signing.der import tlv
from hub.signing.der_reading import read_der
from hub.signing.ses_judging import Sealed, judge_seal, judge_signature
from hub.signing.ses_making import make_seal
from hub.signing.ses_structures import parse_seal, parse_signature
from hub.signing.ses_values import ParsedSignature
from hub.signing.verdict import Finding, Outcome, SignatureReport
from hub.signing.verify import verify_document
from hub.signing.verify_signature import Asked
from tests.seal_desk import DAY, FOUNDED, LONG_AGO, NOW, PATH, SIGNED, SealDesk, codes, failed, in_octets

PASSED, FAILED, CANNOT_TELL = Outcome.PASSED, Outcome.FAILED, Outcome.CANNOT_TELL
YEARS = 365 * DAY
WELL = {"time_stamp_same_operator"}
SM2_OID = bytes.fromhex("06082a811ccf55018375")
SHA1_RSA_OID, MD5_RSA_OID = bytes.fromhex("06092a864886f70d010105"), bytes.fromhex("06092a864886f70d010104")


def judged(
    desk: SealDesk,
    signature: bytes | ParsedSignature,
    *revoked: tuple[int, datetime],
    at: datetime = NOW,
    text: bytes = b"text",
) -> tuple[list[Finding], SignatureReport]:
    parsed = parse_signature(signature) if isinstance(signature, bytes) else signature
    findings, report = judge_signature(parsed, Sealed(text, PATH), Asked(desk.anchors(*revoked), at))
    assert report is not None
    return findings, report


def found(findings: list[Finding], *outcomes: Outcome) -> set[str]:
    return {each.code for each in findings if not outcomes or each.outcome in outcomes}


def answers(report: SignatureReport) -> tuple[Outcome, Outcome]:
    return report.valid_at_signing, report.valid_now


def with_times(desk: SealDesk, first: datetime, last: datetime, version: int = 4) -> bytes:
    return desk.seal(replace(desk.wanted(version), valid_from=first, valid_until=last, created_at=max(first, FOUNDED)))


def rewrapped(signature: bytes, number: int, element: bytes) -> bytes:
    """The signature with its field `number` put in anew: outside what the signer signed."""
    parts = [each.raw for each in read_der(signature).children]
    parts[number] = element
    return tlv(b"\x30", *parts)


@pytest.mark.parametrize("version", [4, 5])
def test_a_sound_signature_is_valid_then_and_now(seal_desk: SealDesk, version: int) -> None:
    findings, report = judged(seal_desk, seal_desk.signature(seal_desk.seal(seal_desk.wanted(version))))
    assert found(findings) == WELL and answers(report) == (PASSED, PASSED)
    assert (report.signed_at, report.claimed_at, report.seal_name) == (SIGNED, SIGNED, seal_desk.wanted().name_zh)


@pytest.mark.parametrize("version", [4, 5])
def test_a_sound_seal_alone_is_valid(seal_desk: SealDesk, version: int) -> None:
    assert codes(seal_desk.verdict(seal_desk.seal(seal_desk.wanted(version)))) == {"SEAL_VALID"}


def test_a_seal_in_an_octet_string_is_judged_alike(seal_desk: SealDesk) -> None:
    assert codes(seal_desk.verdict(in_octets(seal_desk.seal()))) == {"SEAL_VALID"}


def test_a_signature_without_its_document_never_passes(seal_desk: SealDesk) -> None:
    verdict = seal_desk.verdict(seal_desk.signature(seal_desk.seal()))
    assert verdict.outcome is CANNOT_TELL and codes(verdict) == WELL | {"SIG_DOCUMENT_MISSING"}


def test_a_signature_over_other_bytes_is_noticed(seal_desk: SealDesk) -> None:
    findings, report = judged(seal_desk, seal_desk.signature(seal_desk.seal()), text=b"another text")
    assert found(findings, FAILED) == {"SIG_DIGEST_MISMATCH"} and answers(report) == (FAILED, FAILED)


def test_a_value_of_another_signature_is_noticed(seal_desk: SealDesk) -> None:
    parsed = parse_signature(seal_desk.signature(seal_desk.seal()))
    other = parse_signature(seal_desk.signature(seal_desk.seal()))
    findings, _ = judged(seal_desk, replace(parsed, signature=other.signature))
    assert found(findings, FAILED) == {"SIG_VALUE", "SIG_TIMESTAMP"}


def test_the_seals_own_signature_is_checked(seal_desk: SealDesk) -> None:
    parsed = parse_signature(seal_desk.signature(seal_desk.seal()))
    forged = parse_seal(seal_desk.seal().replace("行政审批专用章".encode(), "行政处罚专用章".encode(), 1))
    findings, _ = judged(seal_desk, replace(parsed, seal=forged))
    assert found(findings, FAILED) == {"SEAL_SIGNATURE", "SIG_SEAL_INVALID"}
    assert failed(seal_desk.verdict(forged.raw)) == {"SEAL_SIGNATURE"}


def test_a_signer_outside_the_seals_list_is_noticed(seal_desk: SealDesk) -> None:
    other = seal_desk.signer(FOUNDED + DAY)
    parsed = parse_signature(seal_desk.signature(seal_desk.seal()))
    own = replace(parsed, certificate=other.certificate, signature=other.key.sign(parsed.signed_bytes), time_stamp=None)
    findings, _ = judged(seal_desk, own)
    assert found(findings, FAILED) == {"SIG_CERT_NOT_IN_SEAL"}


def test_a_list_of_forgeable_digests_lists_nobody(seal_desk: SealDesk) -> None:
    parsed = parse_signature(seal_desk.signature(seal_desk.seal(replace(seal_desk.wanted(), by_digest=True))))
    weak = replace(parsed.seal, digests=tuple(replace(each, kind="SHA-1") for each in parsed.seal.digests))
    assert found(judged(seal_desk, replace(parsed, seal=weak))[0], FAILED) == {"SIG_CERT_NOT_IN_SEAL"}


def test_a_seal_expired_since_signing_was_valid_then_and_is_not_now(seal_desk: SealDesk) -> None:
    seal = with_times(seal_desk, FOUNDED, SIGNED + DAY)
    findings, report = judged(seal_desk, seal_desk.signature(seal), at=SIGNED + 2 * DAY)
    assert found(findings) == WELL | {"WARN_SEAL_EXPIRED_NOW"} and answers(report) == (PASSED, FAILED)


@pytest.mark.parametrize(
    ("moved", "code"), [(-800 * DAY, "SEAL_EXPIRED"), (DAY, "SEAL_NOT_YET_VALID")], ids=["expired", "not yet valid"]
)
def test_a_seal_out_of_force_at_signing_is_noticed(seal_desk: SealDesk, moved: timedelta, code: str) -> None:
    parsed = parse_signature(seal_desk.signature(seal_desk.seal()))
    seal = parse_seal(with_times(seal_desk, SIGNED + moved, SIGNED + moved + 700 * DAY))
    findings, report = judged(seal_desk, replace(parsed, seal=seal))
    assert found(findings, FAILED) == {code, "SIG_SEAL_NOT_VALID_AT_SIGNING"} and report.valid_at_signing is FAILED
    assert failed(seal_desk.verdict(seal.raw, at=SIGNED)) == {code}


def test_an_expired_signer_is_noticed_and_one_expired_since_is_remarked(seal_desk: SealDesk) -> None:
    signer = seal_desk.signer(SIGNED - 3 * YEARS + 5 * DAY)
    seal = seal_desk.seal(replace(seal_desk.wanted(), certificates=(signer.certificate,)))
    in_time = seal_desk.signature(seal, signer)
    findings, report = judged(seal_desk, in_time, at=SIGNED + 6 * DAY)
    assert found(findings) == WELL | {"WARN_CERT_EXPIRED_NOW"} and answers(report) == (PASSED, FAILED)
    late = replace(parse_signature(in_time), time_stamp=None, claimed_at=SIGNED + 6 * DAY)
    findings, _ = judged(seal_desk, late, at=SIGNED + 7 * DAY)
    assert "SIG_CERT_EXPIRED_AT_SIGNING" in found(findings, FAILED)


def test_a_signer_not_yet_valid_is_noticed(seal_desk: SealDesk) -> None:
    parsed = parse_signature(seal_desk.signature(seal_desk.seal()))
    findings, _ = judged(seal_desk, replace(parsed, time_stamp=None, claimed_at=FOUNDED - DAY))
    assert {"SIG_CERT_NOT_YET_VALID", "SEAL_NOT_YET_VALID"} <= found(findings, FAILED)


def test_a_signer_revoked_before_signing_fails_and_revoked_after_is_remarked(seal_desk: SealDesk) -> None:
    signature, serial = seal_desk.signature(seal_desk.seal()), seal_desk.signer().serial
    findings, report = judged(seal_desk, signature, (serial, SIGNED - DAY))
    assert found(findings, FAILED) == {"SIG_CERT_REVOKED_BEFORE_SIGNING"} and answers(report) == (FAILED, FAILED)
    findings, report = judged(seal_desk, signature, (serial, SIGNED + timedelta(hours=1)))
    assert found(findings) == WELL | {"WARN_CERT_REVOKED_AFTER_SIGNING"} and answers(report) == (PASSED, FAILED)


def test_without_a_time_stamp_a_revoked_signer_cannot_claim_to_have_signed_before(seal_desk: SealDesk) -> None:
    parsed = replace(parse_signature(seal_desk.signature(seal_desk.seal())), time_stamp=None)
    findings, _ = judged(seal_desk, parsed, (seal_desk.signer().serial, SIGNED + timedelta(hours=1)))
    assert found(findings, FAILED) == {"SIG_CERT_REVOKED_BEFORE_SIGNING"}


@pytest.mark.parametrize(("version", "then"), [(4, FAILED), (5, PASSED)])
def test_a_maker_expired_before_signing_ends_version_four_and_warns_in_version_five(
    seal_desk: SealDesk, version: int, then: Outcome
) -> None:
    made = SIGNED - 3 * YEARS - 5 * DAY
    wanted = replace(seal_desk.wanted(version), created_at=made + DAY, valid_from=made)
    seal = seal_desk.seal(wanted, seal_desk.maker(made))
    findings, report = judged(seal_desk, seal_desk.signature(seal))
    failing = {"SEAL_MAKER_CERT_EXPIRED", "SIG_SEAL_INVALID"}
    assert found(findings, FAILED) == (failing if then is FAILED else set()) and report.valid_at_signing is then
    assert ("WARN_SEAL_MAKER_CERT_EXPIRED" in found(findings)) is (then is PASSED)


def test_a_maker_not_yet_valid_is_noticed(seal_desk: SealDesk) -> None:
    seal = parse_seal(seal_desk.seal(maker=seal_desk.maker()))
    judgement = judge_seal(seal, Asked(seal_desk.anchors(), NOW), FOUNDED - DAY)
    assert found(list(judgement.findings), FAILED) == {"SEAL_MAKER_CERT_NOT_YET_VALID", "SEAL_NOT_YET_VALID"}


def test_a_maker_revoked_before_signing_fails_and_revoked_after_is_remarked(seal_desk: SealDesk) -> None:
    signature, serial = seal_desk.signature(seal_desk.seal()), seal_desk.maker().serial
    findings, _ = judged(seal_desk, signature, (serial, SIGNED - DAY))
    assert found(findings, FAILED) == {"SEAL_MAKER_CERT_REVOKED", "SIG_SEAL_INVALID"}
    findings, report = judged(seal_desk, signature, (serial, SIGNED + timedelta(hours=1)))
    assert found(findings) == WELL | {"WARN_SEAL_MAKER_CERT_REVOKED"} and answers(report) == (PASSED, FAILED)


def test_a_certificate_that_is_not_for_signing_makes_no_seal_and_no_signature(seal_desk: SealDesk) -> None:
    root = seal_desk.maker().chain[-1]  # an authority's: it may certify, and not sign documents
    parsed = parse_signature(seal_desk.signature(seal_desk.seal()))
    findings, _ = judged(
        seal_desk, replace(parsed, certificate=root, seal=replace(parsed.seal, maker_certificate=root))
    )
    assert {"SIG_CERT_USAGE", "SEAL_MAKER_CERT_USAGE"} <= found(findings, FAILED)


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
