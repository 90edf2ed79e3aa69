"""Verifies e-seals and e-seal signatures that stand alone as files: a seal (`.esl`), or a signature without its document (`.dat`).

A seal alone is judged as of now; a signature alone can never pass, because what it signs is not at hand (GB/T 38540-2020).
"""

from __future__ import annotations

from hub.signing.der_reading import INTEGER, DerMalformed
from hub.signing.ses_judging import judge_seal, judge_signature
from hub.signing.ses_structures import parse_seal, parse_signature, unwrapped
from hub.signing.ses_values import MAGIC, SealMalformed, SealVersionUnknown, SesSignatureMalformed
from hub.signing.verdict import Finding, Outcome, SignatureReport, finding
from hub.signing.verify_signature import Asked

FAILED, CANNOT_TELL, PASSED = Outcome.FAILED, Outcome.CANNOT_TELL, Outcome.PASSED
DER_SEQUENCE, DER_OCTETS = b"\x30", b"\x04"
HEADER_WITHIN = 64  # SES_Header stands this near the beginning of a seal, and of a signature
MARK = b"\x16\x02" + MAGIC.encode()


def looks_like_seal(data: bytes) -> bool:
    """Say whether `data` begins as an e-seal or an e-seal signature does, or did before somebody changed a little."""
    return data[:1] in (DER_SEQUENCE, DER_OCTETS) and MARK in data[:HEADER_WITHIN]


def verify_seal_file(data: bytes, asked: Asked) -> tuple[list[Finding], list[SignatureReport]]:
    """Return every finding about a seal or a signature that stands alone, and the report of the signature, if it is one."""
    try:
        if _is_signature(data):
            return _verify_signature(data, asked)
        seal = parse_seal(data)
    except SealVersionUnknown as later:
        return [finding("SEAL_VERSION", CANNOT_TELL, fact=later.fact)], []
    except SealMalformed as malformed:
        return [finding("SEAL_FORMAT", FAILED, fact=malformed.fact)], []
    except SesSignatureMalformed as malformed:
        return [finding("SIG_FORMAT", FAILED, fact=malformed.fact)], []
    findings = list(judge_seal(seal, asked).findings)
    if all(each.outcome is PASSED for each in findings):
        findings.append(finding("SEAL_VALID", PASSED, seal=seal.name))
    return findings, []


def _verify_signature(data: bytes, asked: Asked) -> tuple[list[Finding], list[SignatureReport]]:
    findings, report = judge_signature(parse_signature(data), None, asked)
    return findings, [report] if report else []


def _is_signature(data: bytes) -> bool:
    """Say whether what is signed begins with a version (TBS_Sign), and not with a header (SES_SealInfo)."""
    try:
        first = unwrapped(data).children[:1]
    except DerMalformed:
        return False
    return bool(first) and [each.tag for each in first[0].children[:1]] == [INTEGER]
