"""The verdict: every finding, at signing and now, and never a pass for what cannot be told."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from hub.clock import FixedClock
from hub.signing.anchors import Anchors, AnchorsUnreadable
from hub.signing.authority import revocation_list
from hub.signing.keys import Purpose
from hub.signing.signed_data import detached
from hub.signing.timestamp import TimeStampAuthority
from hub.signing.timestamp_client import TimeStampClient
from hub.signing.verdict import Outcome, Verdict
from hub.signing.verify import MAX_DOCUMENT_BYTES, verify_document
from tests.signing_desk import FOUNDED, SIGNED, SigningDesk, decision, flipped, found_desk, gap, years

FAILED, CANNOT_TELL, PASSED = Outcome.FAILED, Outcome.CANNOT_TELL, Outcome.PASSED
NEXT_DAY = SIGNED + timedelta(days=1)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> SigningDesk:
    return found_desk(tmp_path_factory.mktemp("verify"), font_file)


@pytest.fixture(scope="module")
def sealed(desk: SigningDesk) -> bytes:
    return desk.sealed()


def codes(verdict: Verdict) -> list[str]:
    return [finding.code for finding in verdict.findings]


def rewritten(sealed: bytes, contents: bytes) -> bytes:
    """Put other hexadecimal digits, padded with zeros, into the gap."""
    start, end = gap(sealed)
    return sealed[: start + 1] + contents.ljust(end - start - 2, b"0") + sealed[end - 1 :]


def without_stamp(desk: SigningDesk, sealed: bytes) -> bytes:
    """Sign the same bytes anew, without a time stamp."""
    start, end = gap(sealed)
    digest = hashlib.sha256(sealed[:start] + sealed[end:]).digest()
    signed = detached(digest, key=desk.store.open(Purpose.SEAL, "bureau"), chain=desk.seal_chain)
    return rewritten(sealed, signed.encoded().hex().upper().encode())


def test_a_sealed_document_passes(desk: SigningDesk, sealed: bytes) -> None:
    verdict = verify_document(sealed, desk.anchors, NEXT_DAY)
    assert verdict.outcome is PASSED and verdict.findings[0].code == "SIG_VALID"


def test_the_report_names_signer_time_and_both_validities(desk: SigningDesk, sealed: bytes) -> None:
    (report,) = verify_document(sealed, desk.anchors, NEXT_DAY).signatures
    assert "演示专用" in report.signer and "TSA" in (report.time_stamp_authority or "")
    assert (report.signed_at, report.valid_at_signing, report.valid_now) == (SIGNED, PASSED, PASSED)


def test_a_time_stamp_by_the_seals_own_operator_is_remarked(desk: SigningDesk, sealed: bytes) -> None:
    assert "time_stamp_same_operator" in codes(verify_document(sealed, desk.anchors, NEXT_DAY))


def test_without_anchors_nothing_is_ever_passed(sealed: bytes) -> None:
    verdict = verify_document(sealed, Anchors(), NEXT_DAY)
    assert (verdict.outcome, codes(verdict)[0]) == (CANNOT_TELL, "trust.no_anchors") and "SIG_VALID" not in codes(
        verdict
    )


def test_a_seal_of_an_authority_that_is_not_trusted_fails(desk: SigningDesk, sealed: bytes, tmp_path: Path) -> None:
    stranger = found_desk(tmp_path, desk.fonts.body)
    verdict = verify_document(sealed, stranger.anchors, NEXT_DAY)
    assert (verdict.outcome, codes(verdict)[0]) == (FAILED, "SIG_CERT_CHAIN")


def test_a_changed_byte_is_found(desk: SigningDesk, sealed: bytes) -> None:
    verdict = verify_document(flipped(sealed, 2000), desk.anchors, NEXT_DAY)
    assert (verdict.outcome, codes(verdict)[0]) == (FAILED, "SIG_DIGEST_MISMATCH")


def test_a_changed_byte_and_an_expired_certificate_are_both_found(desk: SigningDesk) -> None:
    late = flipped(desk.sealed(at=FOUNDED + years(4)), 2000)
    found = codes(verify_document(late, desk.anchors, FOUNDED + years(4)))
    assert "SIG_DIGEST_MISMATCH" in found and "SIG_CERT_EXPIRED_AT_SIGNING" in found


def test_a_seal_stays_valid_at_signing_after_its_certificate_has_expired(desk: SigningDesk, sealed: bytes) -> None:
    verdict = verify_document(sealed, desk.anchors, SIGNED + years(5))
    (report,) = verdict.signatures
    assert (verdict.outcome, report.valid_at_signing, report.valid_now) == (PASSED, PASSED, FAILED)
    assert "WARN_CERT_EXPIRED_NOW" in codes(verdict)


def test_without_a_time_stamp_the_time_of_signing_cannot_be_told(desk: SigningDesk, sealed: bytes) -> None:
    verdict = verify_document(without_stamp(desk, sealed), desk.anchors, SIGNED + years(5))
    assert (verdict.outcome, codes(verdict)[0]) == (CANNOT_TELL, "SIG_TIMESTAMP_MISSING")


def test_a_time_stamp_whose_authority_expired_proves_nothing_alone(desk: SigningDesk, sealed: bytes) -> None:
    verdict = verify_document(sealed, desk.anchors, SIGNED + years(13))
    assert (verdict.outcome, codes(verdict)[0]) == (CANNOT_TELL, "SIG_TIMESTAMP_EXPIRED_NOW")


def test_a_time_stamp_in_the_future_is_doubted(desk: SigningDesk, sealed: bytes) -> None:
    assert "SIG_TIME_IN_FUTURE" in codes(verify_document(sealed, desk.anchors, SIGNED - timedelta(days=1)))


def test_a_file_can_be_verified_in_the_minute_it_was_sealed(desk: SigningDesk, sealed: bytes) -> None:
    assert verify_document(sealed, desk.anchors, SIGNED - timedelta(seconds=1)).outcome is PASSED


def revoked(desk: SigningDesk, since: datetime) -> Anchors:
    serial = x509.load_der_x509_certificate(desk.seal_chain[0]).serial_number
    return Anchors.from_pem(desk.root_pem + revocation_list(desk.store, [(serial, since)], NEXT_DAY))


def test_a_certificate_revoked_before_signing_fails(desk: SigningDesk, sealed: bytes) -> None:
    verdict = verify_document(sealed, revoked(desk, SIGNED - timedelta(hours=1)), NEXT_DAY)
    assert (verdict.outcome, codes(verdict)[0]) == (FAILED, "SIG_CERT_REVOKED_BEFORE_SIGNING")


def test_a_certificate_revoked_after_signing_is_remarked(desk: SigningDesk, sealed: bytes) -> None:
    verdict = verify_document(sealed, revoked(desk, SIGNED + timedelta(hours=1)), NEXT_DAY)
    (report,) = verdict.signatures
    assert verdict.outcome is PASSED and "WARN_CERT_REVOKED_AFTER_SIGNING" in codes(verdict)
    assert (report.valid_at_signing, report.valid_now) == (PASSED, FAILED)


def test_revocation_that_was_not_checked_is_remarked(desk: SigningDesk, sealed: bytes) -> None:
    assert "revocation_not_checked" in codes(verify_document(sealed, desk.anchors, NEXT_DAY))


def test_an_unsigned_pdf_is_not_signed(desk: SigningDesk) -> None:
    verdict = verify_document(desk.rendered(decision()), desk.anchors, NEXT_DAY)
    assert (verdict.outcome, codes(verdict)) == (FAILED, ["NOT_SIGNED"])


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"{}", b"\0" * 5000, "公文".encode()])
def test_an_unknown_format_cannot_be_told(desk: SigningDesk, content: bytes) -> None:
    verdict = verify_document(content, desk.anchors, NEXT_DAY)
    assert (verdict.outcome, codes(verdict)) == (CANNOT_TELL, ["document.unknown_format"])


def test_a_file_over_64_mebibytes_is_not_read(desk: SigningDesk) -> None:
    verdict = verify_document(bytes(MAX_DOCUMENT_BYTES + 1), desk.anchors, NEXT_DAY)
    assert (verdict.outcome, codes(verdict)) == (CANNOT_TELL, ["document.too_large"])


def test_bytes_after_the_signature_are_found(desk: SigningDesk, sealed: bytes) -> None:
    verdict = verify_document(sealed + b"\n% more", desk.anchors, NEXT_DAY)
    assert (verdict.outcome, codes(verdict)[0]) == (FAILED, "SIG_COVERAGE") and "SIG_VALID" not in codes(verdict)


def test_changed_padding_is_refused(desk: SigningDesk, sealed: bytes) -> None:
    _, end = gap(sealed)
    verdict = verify_document(sealed[: end - 3] + b"1" + sealed[end - 2 :], desk.anchors, NEXT_DAY)
    assert (verdict.outcome, codes(verdict)[0]) == (FAILED, "not_canonical")


def test_hexadecimal_in_another_case_is_refused(desk: SigningDesk, sealed: bytes) -> None:
    start, end = gap(sealed)
    verdict = verify_document(rewritten(sealed, sealed[start + 1 : end - 1].lower()), desk.anchors, NEXT_DAY)
    assert (verdict.outcome, codes(verdict)[0]) == (FAILED, "not_canonical")


def test_a_file_of_another_maker_gets_a_remark_for_its_form(desk: SigningDesk, sealed: bytes) -> None:
    foreign = sealed.replace(b"/Tongban", b"/Tongbao")
    signed = without_stamp(desk, foreign)
    _, end = gap(signed)
    verdict = verify_document(signed[: end - 3] + b"1" + signed[end - 2 :], desk.anchors, NEXT_DAY)
    assert (verdict.outcome, codes(verdict)) == (
        CANNOT_TELL,
        ["SIG_TIMESTAMP_MISSING", "revocation_not_checked", "not_canonical"],
    )


def test_a_second_byte_range_is_judged_too(desk: SigningDesk, sealed: bytes) -> None:
    verdict = verify_document(sealed + b"\n/ByteRange [0 10 20 30]", desk.anchors, NEXT_DAY)
    assert verdict.outcome is FAILED and "SIG_FORMAT" in codes(verdict)


def test_a_flood_of_byte_ranges_is_refused_at_once(desk: SigningDesk) -> None:
    verdict = verify_document(b"%PDF-1.7\n" + b"/ByteRange [0 1 3 4]" * 100_000, desk.anchors, NEXT_DAY)
    assert (verdict.outcome, codes(verdict)) == (FAILED, ["SIG_FORMAT"])


def test_the_time_stamp_of_another_signature_is_refused(desk: SigningDesk, sealed: bytes) -> None:
    start, end = gap(sealed)
    digest = hashlib.sha256(sealed[:start] + sealed[end:]).digest()
    signed = detached(digest, key=desk.store.open(Purpose.SEAL, "bureau"), chain=desk.seal_chain)
    token = desk.client().token(hashlib.sha256(b"another signature").digest())
    verdict = verify_document(rewritten(sealed, signed.encoded(token).hex().upper().encode()), desk.anchors, NEXT_DAY)
    assert (verdict.outcome, codes(verdict)[0]) == (FAILED, "SIG_TIMESTAMP")


def test_a_time_stamp_made_with_a_certificate_for_seals_is_refused(desk: SigningDesk, sealed: bytes) -> None:
    verdict = verify_document(rewritten(sealed, _stamped_by_the_seal(desk, sealed)), desk.anchors, NEXT_DAY)
    assert "SIG_TIMESTAMP" in codes(verdict)


def _stamped_by_the_seal(desk: SigningDesk, sealed: bytes) -> bytes:
    """Return Contents whose time stamp was made with the seal's own key, which is no time-stamp authority's."""
    start, end = gap(sealed)
    key = desk.store.open(Purpose.SEAL, "bureau")
    signed = detached(hashlib.sha256(sealed[:start] + sealed[end:]).digest(), key=key, chain=desk.seal_chain)
    own = TimeStampClient(TimeStampAuthority(key, desk.seal_chain, FixedClock(SIGNED)).respond, desk.seal_chain[0])
    return signed.encoded(own.token(hashlib.sha256(signed.signature).digest())).hex().upper().encode()


def test_anchors_that_are_no_pem_are_refused() -> None:
    with pytest.raises(AnchorsUnreadable):
        Anchors.from_pem(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


def test_an_empty_anchor_file_gives_no_anchors() -> None:
    assert Anchors.from_pem(b"") == Anchors()
