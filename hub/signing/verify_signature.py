"""Judges one parsed signature: value, certificate, time stamp, and whether all was right at signing and still is now.

The time of signing is what a sound time stamp says, never what the file claims. Each doubt becomes a finding; none stops the others
from being looked for (GB/T 38540 and GM/T 0031 give the checks; a reader of the verdict needs all of them).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from hub.clock import iso
from hub.signing.anchors import Anchors
from hub.signing.verdict import Finding, Outcome, SignatureReport, finding, worst
from hub.signing.verify_chain import ChainCheck, check_chain, may_sign
from hub.signing.verify_cms import ParsedSignature, names_its_certificate, signature_holds
from hub.signing.verify_stamp import Stamp, read_stamp, stamp_findings
from hub.signing.x509_text import fingerprint, subject

FAILED, CANNOT_TELL, PASSED = Outcome.FAILED, Outcome.CANNOT_TELL, Outcome.PASSED
DATA = "data"


@dataclass(frozen=True)
class Asked:
    """What a verification is given besides the file: whom to trust, and the instant (aware) for which the answer holds."""

    anchors: Anchors
    at: datetime


def judge(parsed: ParsedSignature, digest: bytes, asked: Asked) -> tuple[list[Finding], SignatureReport]:
    """Return every finding about one signature over content with `digest`, and its report."""
    stamp, about_stamp = read_stamp(parsed)
    then = check_chain(parsed.certificate, parsed.others, asked.anchors, stamp.at if stamp else asked.at)
    if stamp:
        about_stamp += stamp_findings(stamp, then.root, asked.anchors, asked.at)
    findings = [
        *_value_findings(parsed, digest),
        *_trust_findings(parsed, then, asked),
        *_validity_findings(parsed, then, stamp, asked),
        *about_stamp,
    ]
    return findings, _report(parsed, findings, stamp, asked)


def chain_findings(
    certificate: x509.Certificate, check: ChainCheck, asked: Asked, unknown: Finding
) -> Iterator[Finding]:
    """Yield what is to be said of a chain: `unknown` when it leads nowhere, and how far revocation could be asked about."""
    if not asked.anchors.certificates:
        yield finding("trust.no_anchors", CANNOT_TELL)
    elif check.root is None:
        yield unknown
    elif not asked.anchors.revocation_lists:
        yield finding("revocation_not_checked", PASSED)
    elif not check.revocation_checked:
        yield finding("revocation_source_missing", PASSED, signer=subject(certificate))
    elif _outdated(certificate, asked):
        yield finding("revocation_list_outdated", PASSED, signer=subject(certificate))


def _outdated(certificate: x509.Certificate, asked: Asked) -> bool:
    """Say whether every list of the certificate's issuer was due to be replaced before the time asked about."""
    lists = asked.anchors.revocation_lists
    current = [each for each in lists if each.next_update_utc is None or each.next_update_utc >= asked.at]
    return len(current) < len(lists) and all(each.issuer != certificate.issuer for each in current)


def _report(parsed: ParsedSignature, findings: list[Finding], stamp: Stamp | None, asked: Asked) -> SignatureReport:
    at_signing = worst([each.outcome for each in findings])
    now = check_chain(parsed.certificate, parsed.others, asked.anchors, asked.at)
    good_now = now.within_validity and now.revoked_since is None
    return SignatureReport(
        signer=parsed.signer,
        certificate_sha256=fingerprint(parsed.certificate_der),
        signed_at=stamp.at if stamp else None,
        time_stamp_authority=stamp.token.signer if stamp else None,
        valid_at_signing=at_signing,
        valid_now=worst([at_signing, PASSED if good_now else FAILED]),
    )


def _value_findings(parsed: ParsedSignature, digest: bytes) -> Iterator[Finding]:
    if parsed.message_digest != digest:
        yield finding("SIG_DIGEST_MISMATCH", FAILED)
    if not signature_holds(parsed):
        yield finding("SIG_VALUE", FAILED)
    if parsed.content_type != DATA or parsed.encapsulated_type != DATA or parsed.content is not None:
        yield finding("SIG_FORMAT", FAILED, fact="content type")
    if parsed.certificate_digest is not None and not names_its_certificate(parsed):
        yield finding("SIG_FORMAT", FAILED, fact="signing-certificate-v2")


def _trust_findings(parsed: ParsedSignature, then: ChainCheck, asked: Asked) -> Iterator[Finding]:
    name = parsed.signer
    yield from chain_findings(parsed.certificate, then, asked, finding("SIG_CERT_CHAIN", FAILED, signer=name))
    if not may_sign(parsed.certificate):
        yield finding("SIG_CERT_USAGE", FAILED, signer=name)


def _validity_findings(
    parsed: ParsedSignature, then: ChainCheck, stamp: Stamp | None, asked: Asked
) -> Iterator[Finding]:
    """Expiry and revocation; without a stamp only what is bad at any time is certain, and SIG_TIMESTAMP_MISSING says the rest."""
    name = parsed.signer
    first, last = parsed.certificate.not_valid_before_utc, parsed.certificate.not_valid_after_utc
    if stamp and not then.within_validity:
        yield finding("SIG_CERT_EXPIRED_AT_SIGNING", FAILED, signer=name, first=iso(first), last=iso(last))
    elif stamp and asked.at > last:
        yield finding("WARN_CERT_EXPIRED_NOW", PASSED, signer=name, last=iso(last))
    if then.revoked_since and stamp and stamp.at < then.revoked_since:
        yield finding("WARN_CERT_REVOKED_AFTER_SIGNING", PASSED, signer=name, since=iso(then.revoked_since))
    elif then.revoked_since:
        yield finding("SIG_CERT_REVOKED_BEFORE_SIGNING", FAILED, signer=name, since=iso(then.revoked_since))
