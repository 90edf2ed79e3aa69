"""Judges an e-seal and a signature made with one: GM/T 0031-2014, GB/T 38540-2020 and GM/T 0031-2025, every step, all findings.

The steps and their order are the standards'; none stops the others from being looked at. Two answers are kept apart: whether all was right
when the document was sealed, and whether it still is. The time of sealing is a sound time stamp's; without one it is what the signer wrote,
told as claimed. What an installed reader often leaves out is done here: the seal's own signature, the signer in the seal's list, the
seal's validity, the chains of signer and maker.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from hub.clock import iso
from hub.signing.ses_checks import DIGEST_OF, WEAK, Value, listed, readable, seal_value, self_made, value_of
from hub.signing.ses_values import V5, ParsedSeal, ParsedSignature
from hub.signing.shown import shown
from hub.signing.verdict import Finding, Outcome, SignatureReport, finding, worst
from hub.signing.verify_chain import ChainCheck, check_chain, may_make_seals, may_sign
from hub.signing.verify_signature import Asked, chain_findings
from hub.signing.verify_stamp import CLOCK_SKEW, Stamp, read_token, stamp_findings
from hub.signing.x509_text import fingerprint, subject

FAILED, CANNOT_TELL, PASSED = Outcome.FAILED, Outcome.CANNOT_TELL, Outcome.PASSED
MOST_NAME = 200
OUT_OF_FORCE = ("SEAL_EXPIRED", "SEAL_NOT_YET_VALID")


@dataclass(frozen=True)
class SealJudgement:
    """Every finding about a seal at the time asked about, and whether the seal would still be good at the time of verification."""

    findings: tuple[Finding, ...]
    now: Outcome


@dataclass(frozen=True)
class Sealed:
    """What a signature is said to be over: the bytes of the description it signs, the path it stands at, and what was found about the rest."""

    description: bytes
    path: str
    about: Sequence[Finding] = ()


def judge_seal(seal: ParsedSeal, asked: Asked, at_signing: datetime | None = None) -> SealJudgement:
    """Return what is to be said of `seal` when it was used at `at_signing` (aware), or as of now when it was not used.

    The maker's certificate is asked about at the time of use, in version 5 at the time of making (GM/T 0031-2025), which the maker wrote
    down himself: after a revocation only a time stamp proves it.
    """
    maker = readable(seal.maker_certificate)
    findings = [*_form(seal), *_seal_value(seal), *_in_force(seal, asked, at_signing)]
    if maker is None:
        return SealJudgement((*findings, finding("SEAL_FORMAT", FAILED, fact="cert")), FAILED)
    reference = seal.created_at if seal.version == V5 else at_signing or asked.at
    check = check_chain(maker, (), asked.anchors, reference)
    findings += _maker_findings(maker, check, reference, asked)
    findings += _maker_revoked(maker, check, reference, _proven(seal, reference, at_signing, asked))
    if self_made(seal, maker):
        findings.append(finding("SEAL_SELF_MADE", CANNOT_TELL, seal=seal.name))
    if seal.version == V5:
        findings += _made_in_time(seal, check, asked)
    good_now = seal.valid_from <= asked.at <= seal.valid_until and (seal.version == V5 or _good(maker, check, asked))
    return SealJudgement(tuple(findings), worst([*(each.outcome for each in findings), PASSED if good_now else FAILED]))


def judge_signature(
    parsed: ParsedSignature, sealed: Sealed | None, asked: Asked
) -> tuple[list[Finding], SignatureReport | None]:
    """Return every finding about one e-seal signature, and its report; None for a report when the certificate cannot be read.

    `sealed` is None when the signature stands alone, without the document.
    """
    signer = readable(parsed.certificate)
    if signer is None:
        return [finding("SIG_FORMAT", FAILED, fact="cert"), *(sealed.about if sealed else ())], None
    stamp, about_stamp = read_token(parsed.time_stamp, parsed.signature)
    at = stamp.at if stamp else parsed.claimed_at or asked.at
    check = check_chain(signer, (), asked.anchors, at)
    if stamp:
        about_stamp += stamp_findings(stamp, check.root, asked.anchors, asked.at)
    seal = judge_seal(parsed.seal, asked, at)
    findings = [
        *_signature_form(parsed, sealed),
        *_signature_value(parsed, signer, sealed),
        *_seal_as_used(parsed, seal),
        *_signer_findings(signer, check, asked),
        *_signer_in_time(signer, check, (stamp, at), asked),
        *about_stamp,
        *_claim(parsed, stamp, asked),
        *(sealed.about if sealed else ()),
    ]
    return findings, _report(parsed, signer, (findings, stamp), (seal, check, asked))


def _form(seal: ParsedSeal) -> Iterator[Finding]:
    for fault in seal.faults:
        yield finding("SEAL_FORMAT", FAILED, fact=fault)


def _seal_value(seal: ParsedSeal) -> Iterator[Finding]:
    value = seal_value(seal)
    if value is Value.BROKEN:
        yield finding("SEAL_SIGNATURE", FAILED)
    elif value is Value.WEAK:
        yield finding("SIG_WEAK_DIGEST", FAILED, fact=WEAK[seal.algorithm])
    elif value is Value.UNKNOWN:
        yield finding("SIG_ALGORITHM_UNSUPPORTED", CANNOT_TELL, fact=seal.algorithm)


def _in_force(seal: ParsedSeal, asked: Asked, at_signing: datetime | None) -> Iterator[Finding]:
    at = at_signing or asked.at
    if at < seal.valid_from:
        yield finding("SEAL_NOT_YET_VALID", FAILED, seal=seal.name, first=iso(seal.valid_from))
    elif at > seal.valid_until:
        yield finding("SEAL_EXPIRED", FAILED, seal=seal.name, last=iso(seal.valid_until))
    elif asked.at > seal.valid_until:
        yield finding("WARN_SEAL_EXPIRED_NOW", PASSED, seal=seal.name, last=iso(seal.valid_until))


def _maker_findings(maker: x509.Certificate, check: ChainCheck, at: datetime, asked: Asked) -> Iterator[Finding]:
    name, first, last = subject(maker), maker.not_valid_before_utc, maker.not_valid_after_utc
    yield from chain_findings(maker, check, asked, finding("SEAL_MAKER_CERT_CHAIN", FAILED, maker=name))
    if not may_make_seals(maker):
        yield finding("SEAL_MAKER_CERT_USAGE", FAILED, maker=name)
    if at < first:
        yield finding("SEAL_MAKER_CERT_NOT_YET_VALID", FAILED, maker=name, first=iso(first))
    elif at > last:
        yield finding("SEAL_MAKER_CERT_EXPIRED", FAILED, maker=name, last=iso(last))
    elif asked.at > last:
        yield finding("WARN_SEAL_MAKER_CERT_EXPIRED", PASSED, maker=name, last=iso(last))


def _maker_revoked(
    maker: x509.Certificate, check: ChainCheck, at: datetime, proven: datetime | None
) -> Iterator[Finding]:
    """Yield a revocation: before the time asked about, after it for certain, or after it by the maker's own word alone."""
    since = check.revoked_since
    if since is None:
        return
    facts = {"maker": subject(maker), "since": iso(since)}
    if at >= since:
        yield finding("SEAL_MAKER_CERT_REVOKED", FAILED, **facts)
    elif proven is None or proven >= since:
        yield finding("SEAL_MAKER_CERT_REVOKED_UNPROVEN", CANNOT_TELL, **facts)
    else:
        yield finding("WARN_SEAL_MAKER_CERT_REVOKED", PASSED, **facts)


def _proven(seal: ParsedSeal, reference: datetime, at_signing: datetime | None, asked: Asked) -> datetime | None:
    """Return the earliest time for which something else than the maker's word says that the seal was there."""
    if seal.version != V5:
        return reference
    stamp, faults = read_token(seal.time_stamp, seal.signature)
    if stamp:
        faults += stamp_findings(stamp, None, asked.anchors, asked.at)
    stamped = stamp.at if stamp and all(each.outcome is PASSED for each in faults) else None
    return min((each for each in (stamped, at_signing) if each), default=None)


def _made_in_time(seal: ParsedSeal, check: ChainCheck, asked: Asked) -> Iterator[Finding]:
    """Yield what GM/T 0031-2025 adds: the seal was valid when made, and not made after its own time stamp."""
    if not seal.valid_from <= seal.created_at <= seal.valid_until:
        yield finding("SEAL_CREATE_TIME", FAILED, seal=seal.name, time=iso(seal.created_at))
    if seal.time_stamp is None:
        return
    stamp, about = read_token(seal.time_stamp, seal.signature)
    yield from (finding("SEAL_TIMESTAMP", FAILED, fact="token") for _ in about)
    if stamp:
        later = [each for each in stamp_findings(stamp, check.root, asked.anchors, asked.at) if each.outcome is FAILED]
        if later or seal.created_at > stamp.at + CLOCK_SKEW:
            yield finding("SEAL_TIMESTAMP", FAILED, fact="authority" if later else "createDate")


def _good(certificate: x509.Certificate, check: ChainCheck, asked: Asked) -> bool:
    within = certificate.not_valid_before_utc <= asked.at <= certificate.not_valid_after_utc
    return within and check.revoked_since is None


def _signature_form(parsed: ParsedSignature, sealed: Sealed | None) -> Iterator[Finding]:
    for fault in parsed.faults:
        yield finding("SIG_FORMAT", FAILED, fact=fault)
    if sealed and parsed.property_info != sealed.path:
        yield finding("SIG_PROPERTY_INFO", PASSED, written=parsed.property_info[:80], path=sealed.path)


def _signature_value(parsed: ParsedSignature, signer: x509.Certificate, sealed: Sealed | None) -> Iterator[Finding]:
    value = value_of(signer, parsed.algorithm, parsed.signed_bytes, parsed.signature)
    if value is Value.BROKEN:
        yield finding("SIG_VALUE", FAILED)
    elif value is Value.WEAK:
        yield finding("SIG_WEAK_DIGEST", FAILED, fact=WEAK[parsed.algorithm])
    elif value is Value.UNKNOWN:
        yield finding("SIG_ALGORITHM_UNSUPPORTED", CANNOT_TELL, fact=parsed.algorithm)
    if sealed is None:
        yield finding("SIG_DOCUMENT_MISSING", CANNOT_TELL)
    elif hashlib.new(DIGEST_OF.get(parsed.algorithm, "sm3"), sealed.description).digest() != parsed.data_hash:
        yield finding("SIG_DIGEST_MISMATCH", FAILED)


def _seal_as_used(parsed: ParsedSignature, seal: SealJudgement) -> Iterator[Finding]:
    """Yield the findings about the seal, and what they mean for the signature made with it."""
    if not listed(parsed.seal, parsed.certificate):
        yield finding("SIG_CERT_NOT_IN_SEAL", FAILED, seal=parsed.seal.name)
    yield from seal.findings
    bad = sorted({each.code for each in seal.findings if each.outcome is FAILED})
    if any(code in OUT_OF_FORCE for code in bad):
        yield finding("SIG_SEAL_NOT_VALID_AT_SIGNING", FAILED, seal=parsed.seal.name)
    if inner := [code for code in bad if code not in OUT_OF_FORCE]:
        yield finding("SIG_SEAL_INVALID", FAILED, codes=", ".join(inner))


def _signer_findings(signer: x509.Certificate, check: ChainCheck, asked: Asked) -> Iterator[Finding]:
    name = subject(signer)
    yield from chain_findings(signer, check, asked, finding("SIG_CERT_CHAIN", FAILED, signer=name))
    if not may_sign(signer):
        yield finding("SIG_CERT_USAGE", FAILED, signer=name)


def _signer_in_time(
    signer: x509.Certificate, check: ChainCheck, when: tuple[Stamp | None, datetime], asked: Asked
) -> Iterator[Finding]:
    """Yield expiry and revocation at signing; a revoked certificate needs a time stamp to prove that it signed before."""
    name, first, last = subject(signer), signer.not_valid_before_utc, signer.not_valid_after_utc
    stamp, at = when
    if at < first:
        yield finding("SIG_CERT_NOT_YET_VALID", FAILED, signer=name, first=iso(first))
    elif at > last:
        yield finding("SIG_CERT_EXPIRED_AT_SIGNING", FAILED, signer=name, first=iso(first), last=iso(last))
    elif asked.at > last:
        yield finding("WARN_CERT_EXPIRED_NOW", PASSED, signer=name, last=iso(last))
    if check.revoked_since and stamp and at < check.revoked_since:
        yield finding("WARN_CERT_REVOKED_AFTER_SIGNING", PASSED, signer=name, since=iso(check.revoked_since))
    elif check.revoked_since:
        yield finding("SIG_CERT_REVOKED_BEFORE_SIGNING", FAILED, signer=name, since=iso(check.revoked_since))


def _claim(parsed: ParsedSignature, stamp: Stamp | None, asked: Asked) -> Iterator[Finding]:
    """Yield what the signer's own word about the time is worth: a remark without a stamp, a contradiction when later than one."""
    claimed = parsed.claimed_at
    if claimed is None:
        return
    if stamp and claimed > stamp.at + CLOCK_SKEW:
        yield finding("SIG_TIMESTAMP", FAILED, fact="timeInfo")
    elif not stamp:
        yield finding("SIG_TIME_CLAIMED", PASSED, time=iso(claimed))
        if claimed > asked.at + CLOCK_SKEW:
            yield finding("SIG_TIME_IN_FUTURE", CANNOT_TELL, time=iso(claimed))


def _report(
    parsed: ParsedSignature,
    signer: x509.Certificate,
    found: tuple[Iterable[Finding], Stamp | None],
    judged: tuple[SealJudgement, ChainCheck, Asked],
) -> SignatureReport:
    findings, stamp = found
    seal, check, asked = judged
    at_signing = worst([each.outcome for each in findings])
    good_now = _good(signer, check, asked)
    return SignatureReport(
        signer=subject(signer),
        certificate_sha256=fingerprint(parsed.certificate),
        signed_at=stamp.at if stamp else None,
        time_stamp_authority=stamp.token.signer if stamp else None,
        valid_at_signing=at_signing,
        valid_now=worst([at_signing, seal.now, PASSED if good_now else FAILED]),
        seal_name=shown(parsed.seal.name, MOST_NAME),
        claimed_at=parsed.claimed_at,
    )
