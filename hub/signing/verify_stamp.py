"""Judges the time stamp on a signature (RFC 3161 section 2.2, RFC 5816): sound in itself, by a trusted authority, still worth something."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from hub.clock import iso
from hub.signing.anchors import Anchors
from hub.signing.der_reading import DerMalformed
from hub.signing.ses_checks import digest_name
from hub.signing.signature_faults import SignatureMalformed
from hub.signing.timestamp import POLICY, read_information
from hub.signing.verdict import Finding, Outcome, finding
from hub.signing.verify_chain import check_chain, may_stamp
from hub.signing.verify_cms import (
    DIGESTS,
    MALFORMED,
    ParsedSignature,
    names_its_certificate,
    parse_signed_data,
    signature_holds,
)

FAILED, CANNOT_TELL, PASSED = Outcome.FAILED, Outcome.CANNOT_TELL, Outcome.PASSED
CLOCK_SKEW = timedelta(minutes=5)
TST_INFO = "tst_info"


@dataclass(frozen=True)
class Stamp:
    """A time stamp whose signature and imprint hold; `at` is aware. Whether its authority is trusted is asked apart."""

    at: datetime
    token: ParsedSignature


def read_stamp(parsed: ParsedSignature) -> tuple[Stamp | None, list[Finding]]:
    """Return the time stamp over the value of `parsed` when it is sound in itself; otherwise None and what is wrong with it."""
    return read_token(parsed.token, parsed.signature)


def read_token(encoded: bytes | None, value: bytes) -> tuple[Stamp | None, list[Finding]]:
    """Return the time stamp that `encoded` (a token, DER) puts on a signature value, as `read_stamp` does."""
    if encoded is None:
        return None, [finding("SIG_TIMESTAMP_MISSING", CANNOT_TELL)]
    try:
        token = parse_signed_data(encoded)
        told = read_information(token.content or b"")
        stamp = Stamp(told.at, token)
    except (SignatureMalformed, DerMalformed, *MALFORMED):
        return None, [finding("SIG_TIMESTAMP", FAILED, fact="format")]
    name = digest_name(told.algorithm)
    right = name is not None and name in DIGESTS and told.digest == hashlib.new(name, value).digest()
    faults = [*_token_faults(token), *([] if right else ["imprint"])]
    if told.policy == POLICY and not token.canonical:
        faults.append("not_canonical")  # the hub's own tokens have one form; the policy, which is signed, tells them
    return (None if faults else stamp), [finding("SIG_TIMESTAMP", FAILED, fact=fault) for fault in faults]


def stamp_findings(
    stamp: Stamp, signers_root: x509.Certificate | None, anchors: Anchors, at: datetime
) -> Iterator[Finding]:
    """Yield what is to be said of a sound stamp's authority: trusted then, valid now, independent of the signer."""
    certificate, authority = stamp.token.certificate, stamp.token.signer
    then = check_chain(certificate, stamp.token.others, anchors, stamp.at)
    last = certificate.not_valid_after_utc
    if not may_stamp(certificate):
        yield finding("SIG_TIMESTAMP", FAILED, fact="extendedKeyUsage")
    if anchors.certificates and (then.root is None or not then.within_validity):
        yield finding("SIG_TIMESTAMP_CERT_CHAIN", CANNOT_TELL, authority=authority)
    if then.revoked_since:
        yield finding("SIG_TIMESTAMP", FAILED, fact="revoked")
    if at > last:
        yield finding("SIG_TIMESTAMP_EXPIRED_NOW", CANNOT_TELL, authority=authority, last=iso(last))
    if stamp.at > at + CLOCK_SKEW:
        yield finding("SIG_TIME_IN_FUTURE", CANNOT_TELL, time=iso(stamp.at))
    if signers_root is not None and then.root == signers_root:
        yield finding("time_stamp_same_operator", PASSED)


def _token_faults(token: ParsedSignature) -> Iterator[str]:
    if token.content_type != TST_INFO or token.encapsulated_type != TST_INFO:
        yield "content type"
    if token.content is None or token.message_digest != token.digest(token.content):
        yield "digest"
    if not signature_holds(token):
        yield "signature"
    if token.certificate_digest is not None and not names_its_certificate(token):
        yield "signing-certificate-v2"
