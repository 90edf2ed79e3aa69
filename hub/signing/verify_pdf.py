"""Finds the signatures of a PDF and judges each over exactly the bytes it covers (ISO 32000-1 section 12.8.1).

No PDF parser is used: a signature's dictionary cannot lie in an object stream, since `ByteRange` names offsets in the file; and when the
bytes outside one `Contents` are all signed, what the PDF means is the signer's affair. That leaves nothing for a malformed file to upset.
Files of this hub (they say so within their signed bytes) must have the one form it writes; others get a remark.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from hub.signing.der import first_element_length
from hub.signing.pades import MARK
from hub.signing.signature_faults import SignatureMalformed, SignatureUnsupported, SignatureWeak
from hub.signing.verdict import Finding, Outcome, SignatureReport, finding
from hub.signing.verify_cms import ParsedSignature, parse_signed_data
from hub.signing.verify_signature import Asked, judge

FAILED, CANNOT_TELL, PASSED = Outcome.FAILED, Outcome.CANNOT_TELL, Outcome.PASSED
HEADER = b"%PDF-"
BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
HEXADECIMAL = re.compile(rb"(?:[0-9A-Fa-f]{2})+")
OURS = re.compile(rb"/Prop_Build\s*<<\s*/App\s*<<\s*/Name\s*/" + MARK.encode() + rb"\s*>>\s*>>")
MAX_SIGNATURES = 16
MAX_CONTENTS_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Slot:
    """Where one signature stands: `data[gap_start:gap_end]` is `<hexadecimal>`, everything else up to `end` is covered."""

    gap_start: int
    gap_end: int
    end: int


def looks_like_pdf(data: bytes) -> bool:
    """Say whether `data` is, or was before somebody changed its beginning, a PDF."""
    return data.startswith(HEADER) or b"startxref" in data[-2048:] or bool(BYTE_RANGE.search(data))


def verify_pdf(data: bytes, asked: Asked) -> tuple[list[Finding], list[SignatureReport]]:
    """Return every finding about the PDF and a report for each readable signature, in the order they were made."""
    findings: list[Finding] = []
    reports: list[SignatureReport] = []
    if not data.startswith(HEADER):
        findings.append(finding("document.header_changed", FAILED))
    found = list(islice(BYTE_RANGE.finditer(data), MAX_SIGNATURES + 1))
    if len(found) > MAX_SIGNATURES:
        return [finding("SIG_FORMAT", FAILED, fact=f"> {MAX_SIGNATURES} ByteRange")], []
    slots = sorted((slot for each in found if (slot := _slot(data, each))), key=lambda slot: slot.end)
    if len(slots) < len(found):
        findings.append(finding("SIG_FORMAT", FAILED, fact="ByteRange"))
    elif not slots:
        findings.append(finding("NOT_SIGNED", FAILED))
    for slot in slots:
        about, report = _verify_slot(data, slot, asked)
        about += _coverage(data, slot, slots)
        reports += [report] if report else []
        if report and all(each.outcome is PASSED for each in about):
            about.append(finding("SIG_VALID", PASSED, signer=report.signer))
        findings += about
    return findings, reports


def _slot(data: bytes, found: re.Match[bytes]) -> Slot | None:
    """Return the slot a ByteRange describes, or None when it does not describe the file around one hexadecimal string."""
    start, length, after, rest = (int(number) for number in found.groups())
    sound = (
        start == 0
        and length + 2 < after <= len(data)
        and after + rest <= len(data)
        and after - length <= 2 * MAX_CONTENTS_BYTES
        and data[length : length + 1] == b"<"
        and data[after - 1 : after] == b">"
        and (found.end() <= length or after <= found.start() < after + rest)
    )
    return Slot(length, after, after + rest) if sound else None


def _verify_slot(data: bytes, slot: Slot, asked: Asked) -> tuple[list[Finding], SignatureReport | None]:
    view = memoryview(data)
    written = data[slot.gap_start + 1 : slot.gap_end - 1]
    if not HEXADECIMAL.fullmatch(written):
        return [finding("SIG_FORMAT", FAILED, fact="Contents")], None
    contents = bytes.fromhex(written.decode("ascii"))
    size = first_element_length(contents) or 0
    try:
        parsed = parse_signed_data(contents[:size])
    except SignatureMalformed as malformed:
        odd = [finding("not_canonical", FAILED, fact="CMS")] if _ours(data, slot) else []
        return [_unreadable(malformed), *odd], None
    digest = hashlib.new(parsed.digest_name, view[: slot.gap_start])
    digest.update(view[slot.gap_end : slot.end])
    findings, report = judge(parsed, digest.digest(), asked)
    return [*findings, *_form(written, contents[size:], parsed, ours=_ours(data, slot))], report


def _ours(data: bytes, slot: Slot) -> bool:
    """Say whether the signature's dictionary, which is signed, says that this hub wrote it."""
    return bool(OURS.search(data, max(0, data.rfind(b" obj", 0, slot.gap_start)), slot.end))


def _unreadable(malformed: SignatureMalformed) -> Finding:
    if isinstance(malformed, SignatureUnsupported):
        return finding("SIG_ALGORITHM_UNSUPPORTED", CANNOT_TELL, fact=malformed.fact)
    code = "SIG_WEAK_DIGEST" if isinstance(malformed, SignatureWeak) else "SIG_FORMAT"
    return finding(code, FAILED, fact=malformed.fact)


def _form(written: bytes, padding: bytes, parsed: ParsedSignature, *, ours: bool) -> Iterator[Finding]:
    """Yield where the unsigned bytes differ from the form this hub writes: refused in its own files, remarked in others."""
    outcome = FAILED if ours else PASSED
    if padding.strip(b"\0"):
        yield finding("not_canonical", outcome, fact="padding")
    if written != written.upper():
        yield finding("not_canonical", outcome, fact="hexadecimal")
    if not parsed.canonical:
        yield finding("not_canonical", outcome, fact="CMS")


def _coverage(data: bytes, slot: Slot, slots: list[Slot]) -> Iterator[Finding]:
    """Yield what lies behind a signature: bytes nobody signed, or a later revision that others signed."""
    if slot is slots[-1]:
        if slot.end < len(data):
            yield finding("SIG_COVERAGE", FAILED, count=len(data) - slot.end)
    else:
        yield finding("SIG_LATER_REVISION", CANNOT_TELL)
