"""A license as JSON that a stranger verifies offline: `tongban-license/1`, the exchange ledger's entry of it together with its proof.

`license` is the entry's content as JSON: metadata in the manner of GB/T 36903 and the digests of the files, no holder and no face. Its canonical
bytes, after `salt`, are what the header in `proof` answers for. The verdict is about the license on the day it is asked: one that does not
stand, or whose term is over, fails although its proof holds. It says nothing of what was written after the checkpoint.

Source: GB/T 36903-2018; RFC 8785; docs/decisions/0009-what-a-proof-document-is.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from hub.clock import SHANGHAI
from hub.ledger.entry import parse_exchange_content
from hub.ledger.faults import EntryMalformed
from hub.ledger.proof_file import LedgerProof, ProofMalformed, decoded, members_of, proof_findings, proof_in
from hub.licenses.rules import LicenseStatus, in_force
from hub.signing.canonical import JsonMalformed, canonical, parse
from hub.signing.verdict import Finding, Outcome, SignatureReport, finding
from hub.signing.verify_signature import Asked

if TYPE_CHECKING:
    from hub.ledger.reading import InclusionProof

FORMAT: Final = "tongban-license/1"
LICENSE: Final = "license"
MAX_DOCUMENT_BYTES: Final = 2 * 1024 * 1024
MEMBERS: Final = frozenset({"format", "license", "salt", "proof"})
MOST_FILES: Final = 4
LONGEST: Final = 100
TEXTS: Final = ("identifier", "status", "valid_from")

FAILED, PASSED = Outcome.FAILED, Outcome.PASSED


def written(proof: InclusionProof, content: str, salt: str) -> bytes:
    """Return the document as canonical bytes; `content` is the entry's, exactly, and `salt` base64 as feeds carry it."""
    told = parse(content.encode())
    return canonical({"format": FORMAT, "license": told, "salt": salt, "proof": members_of(proof)})


def looks_like_license_document(data: bytes) -> bool:
    """Say whether `data` claims to be a document of this family."""
    return data.lstrip()[:1] == b"{" and b'"tongban-license/' in data[:MAX_DOCUMENT_BYTES]


def verify_license_document(data: bytes, asked: Asked) -> tuple[list[Finding], list[SignatureReport]]:
    """Return every finding about the document and the license on the day asked for; there are no signatures of seals to report."""
    try:
        proof, body = _read(data)
        standing = _standing(body, asked.at.astimezone(SHANGHAI).date())
    except ProofMalformed as malformed:
        return [finding("license_document_format", FAILED, fact=malformed.fact)], []
    findings, header = proof_findings(proof, asked)
    findings += standing
    if header is not None and all(found.outcome is PASSED for found in findings):
        findings.insert(0, _proved(proof, body))
    return [*findings, *_remarks(body)], []


def _read(data: bytes) -> tuple[LedgerProof, Mapping[str, Any]]:
    """Return the proof, with the license as its content, and the license's body; raises ProofMalformed."""
    try:
        told = parse(data, max_bytes=MAX_DOCUMENT_BYTES)
    except JsonMalformed as malformed:
        raise ProofMalformed("JSON") from malformed
    if set(told) != MEMBERS or told["format"] != FORMAT or not isinstance(told["proof"], dict):
        raise ProofMalformed("members")
    content = canonical(told["license"])
    proof = proof_in(told["proof"], content, decoded(told["salt"]))
    try:
        said = parse_exchange_content(content).value
    except EntryMalformed as malformed:
        raise ProofMalformed("license") from malformed
    if said is None or said.version.kind != LICENSE or said.body.get("identifier") != said.version.id:
        raise ProofMalformed("license")
    return proof, said.body


def _standing(body: Mapping[str, Any], on: date) -> list[Finding]:
    """Say what keeps the license from being relied upon on the day `on`; raises ProofMalformed."""
    if not all(isinstance(body.get(name), str) and len(body[name]) <= LONGEST for name in TEXTS):
        raise ProofMalformed("license")
    last = body.get("valid_until")
    try:
        first, until = date.fromisoformat(body["valid_from"]), None if last is None else date.fromisoformat(last)
    except (ValueError, TypeError) as malformed:
        raise ProofMalformed("license") from malformed
    if body["status"] != LicenseStatus.ISSUED:
        return [finding("license_not_standing", FAILED, identifier=body["identifier"], status=body["status"])]
    if in_force(LicenseStatus.ISSUED, first, until, on):
        return []
    term = {"first": first.isoformat(), "last": "—" if until is None else until.isoformat()}
    return [finding("license_out_of_term", FAILED, identifier=body["identifier"], **term)]


def _proved(proof: LedgerProof, body: Mapping[str, Any]) -> Finding:
    issuer = body.get("issuer")
    return finding(
        "license_proved",
        PASSED,
        identifier=body["identifier"],
        issuer=str(issuer.get("name_zh"))[:LONGEST] if isinstance(issuer, dict) else "—",
        origin=proof.origin,
        index=proof.index,
        size=proof.checkpoint.size,
    )


def _remarks(body: Mapping[str, Any]) -> list[Finding]:
    remarks = []
    digests = [
        str(digest.get("value"))[:LONGEST]
        for file in body.get("files") or []
        if isinstance(file, dict)
        for digest in file.get("digests") or []
        if isinstance(digest, dict)
    ]
    if digests:
        remarks.append(finding("license_files", PASSED, count=len(digests), digests="、".join(digests[:MOST_FILES])))
    if body.get("demonstration") is True:
        remarks.append(finding("license_demonstration", PASSED))
    return remarks
