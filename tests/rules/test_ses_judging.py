"""An e-seal is judged by every step of the standards, at signing and now apart, with a code for each thing that can be wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.signing.ses_judging import judge_seal
from hub.signing.ses_structures import parse_seal, parse_signature
from hub.signing.verdict import Outcome, SignatureReport
from hub.signing.verify_signature import Asked
from tests.seal_desk import DAY, FOUNDED, NOW, SIGNED, SealDesk, codes, failed, in_octets
from tests.seal_judging import CANNOT_TELL, FAILED, PASSED, found, judged, with_times

YEARS = 365 * DAY
WELL = {"time_stamp_same_operator"}
SM2_OID = bytes.fromhex("06082a811ccf55018375")


def answers(report: SignatureReport) -> tuple[Outcome, Outcome]:
    return report.valid_at_signing, report.valid_now


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
