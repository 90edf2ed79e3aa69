"""Judges an applicant's signature record, offline: its form, its one-time certificate, its signature and time stamp; and files against it.

The verdict names the kind: drawn, with an identity check by which provider, or by certificate. A demonstration provider is named as such.
A one-time certificate is meant to run out: after that its signature is as good as it was, unless the certificate was revoked.

Source: 电子签名法 art. 13; GB/T 35275-2017; RFC 5280; RFC 3161.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace

from hub.clock import iso
from hub.signing.applicant_record import (
    DRAWN,
    SignatureRecord,
    SignatureRecordMalformed,
    looks_like_signature_record,
    read,
    sm3_hex,
)
from hub.signing.one_time_certificates import bound_imprint, imprint
from hub.signing.signature_faults import SignatureMalformed, SignatureUnsupported, SignatureWeak
from hub.signing.sm2 import sm3
from hub.signing.verdict import Finding, Outcome, SignatureReport, finding
from hub.signing.verify_cms import ParsedSignature
from hub.signing.verify_gb_signed_data import parse_sm2_signed_data
from hub.signing.verify_signature import Asked, judge

__all__ = ["check_files", "looks_like_signature_record", "verify_signature_record"]

FAILED, CANNOT_TELL, PASSED = Outcome.FAILED, Outcome.CANNOT_TELL, Outcome.PASSED
EXPIRED_NOW, REVOKED_AFTER = "WARN_CERT_EXPIRED_NOW", "WARN_CERT_REVOKED_AFTER_SIGNING"
MOST_NAMES = 5


def verify_signature_record(data: bytes, asked: Asked) -> tuple[list[Finding], list[SignatureReport]]:
    """Return every finding about the record, what kind of signature it is first, and the report of its signature."""
    try:
        record = read(data)
    except SignatureRecordMalformed as malformed:
        return [finding("applicant_record_format", FAILED, fact=malformed.fact)], []
    content = record.signed_bytes
    form = list(_form(record))
    try:
        parsed = parse_sm2_signed_data(record.signature, content)
    except SignatureMalformed as malformed:
        return [*form, _unreadable(malformed)], []
    judged, report = judge(parsed, sm3(content), asked)
    findings = [*form, *_binding(parsed, content), *(_as_meant(each, parsed) for each in judged)]
    if all(each.outcome is PASSED for each in findings):
        findings.insert(0, _kind(record))
    return [*findings, *_remarks(record)], [_lasting(report, findings)]


def check_files(data: bytes, files: Mapping[str, bytes]) -> list[Finding]:
    """Return what is to be said of `files` (by name) against the record in `data`: same, altered, left out, or never signed.

    Whether the record itself holds is another question: `verify_signature_record`.
    """
    try:
        record = read(data)
    except SignatureRecordMalformed as malformed:
        return [finding("applicant_record_format", FAILED, fact=malformed.fact)]
    signed = {str(each["name"]): each for each in record.files}
    added = [finding("applicant_file_not_signed", FAILED, name=name) for name in files if name not in signed]
    return [*(_compared(each, files.get(name)) for name, each in signed.items()), *added]


def _compared(signed: Mapping[str, object], content: bytes | None) -> Finding:
    name = signed["name"]
    if content is None:
        return finding("applicant_file_left_out", FAILED, name=name)
    same = (
        len(content) == signed["size_bytes"]
        and hashlib.sha256(content).hexdigest() == signed["sha256"]
        and sm3(content).hex() == signed["sm3"]
    )
    return (
        finding("applicant_file_matches", PASSED, name=name)
        if same
        else finding("applicant_file_altered", FAILED, name=name)
    )


def _form(record: SignatureRecord) -> Iterator[Finding]:
    if not record.is_canonical:
        yield finding("not_canonical", FAILED, fact="JSON")
    if record.drawing is not None and sm3_hex(record.drawing) != record.manifest["drawing_sm3"]:
        yield finding("applicant_drawing_altered", FAILED)


def _binding(parsed: ParsedSignature, content: bytes) -> Iterator[Finding]:
    if not parsed.canonical:
        yield finding("not_canonical", FAILED, fact="SignedData")
    if bound_imprint(parsed.certificate) != imprint(sm3(content)):
        yield finding("one_time_certificate_elsewhere", FAILED)


def _as_meant(judged: Finding, parsed: ParsedSignature) -> Finding:
    if judged.code != EXPIRED_NOW:
        return judged
    return finding("one_time_certificate_spent", PASSED, last=iso(parsed.certificate.not_valid_after_utc))


def _kind(record: SignatureRecord) -> Finding:
    identity = record.manifest["identity"]
    return finding(
        "applicant_drawn" if record.kind == DRAWN else "applicant_certificate",
        PASSED,
        signer=record.manifest["signer"]["name"],
        provider=(identity["provider_zh"], identity["provider_en"]),
    )


def _remarks(record: SignatureRecord) -> Iterator[Finding]:
    if record.manifest["identity"]["demonstration"]:
        yield finding("applicant_demonstration_provider", PASSED)
    names = [str(each["name"]) for each in record.files]
    listed = "、".join(names[:MOST_NAMES]) + ("…" if len(names) > MOST_NAMES else "")
    yield finding("applicant_files", PASSED, count=len(names), names=listed)


def _lasting(report: SignatureReport, findings: list[Finding]) -> SignatureReport:
    """Return the report with what a one-time certificate's running out does not change."""
    revoked = any(each.code == REVOKED_AFTER for each in findings)
    return replace(report, valid_now=FAILED if revoked else report.valid_at_signing)


def _unreadable(malformed: SignatureMalformed) -> Finding:
    if isinstance(malformed, SignatureUnsupported):
        return finding("SIG_ALGORITHM_UNSUPPORTED", CANNOT_TELL, fact=malformed.fact)
    code = "SIG_WEAK_DIGEST" if isinstance(malformed, SignatureWeak) else "SIG_FORMAT"
    return finding(code, FAILED, fact=malformed.fact)
