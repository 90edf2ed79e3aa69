"""The one verifier: bytes, trust anchors and an instant in; a verdict out. Works offline, with nothing else.

Never raises on what is in the file: anything malformed is a finding. Formats are a table: PDF, e-seals (GB/T 38540), OFD (GB/T 33190),
signature records; `hub.verdicts.formats` adds what stands on ledgers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime

from hub.signing.anchors import Anchors
from hub.signing.applicant_verify import check_files, looks_like_signature_record, verify_signature_record
from hub.signing.ofd.verify import looks_like_ofd, verify_ofd
from hub.signing.ses_files import looks_like_seal, verify_seal_file
from hub.signing.verdict import Finding, Outcome, SignatureReport, Verdict, finding, verdict
from hub.signing.verify_pdf import looks_like_pdf, verify_pdf
from hub.signing.verify_signature import Asked

MEBIBYTE = 1024 * 1024
MAX_DOCUMENT_MIB = 64
MAX_DOCUMENT_BYTES = MAX_DOCUMENT_MIB * MEBIBYTE

Verifier = Callable[[bytes, Asked], tuple[list[Finding], list[SignatureReport]]]
Formats = tuple[tuple[Callable[[bytes], bool], Verifier], ...]
FORMATS: Formats = (
    (looks_like_signature_record, verify_signature_record),
    (looks_like_ofd, verify_ofd),  # before PDF, since an OFD may carry a PDF as it is
    (looks_like_seal, verify_seal_file),
    (looks_like_pdf, verify_pdf),
)


def verify_document(data: bytes, anchors: Anchors, at: datetime, *, formats: Formats = FORMATS) -> Verdict:
    """Return the verdict on `data` as of `at` (aware), trusting `anchors` and nobody else; the first of `formats` that knows it answers.

    Without anchors the answer is never better than cannot tell. Files over 64 MiB and unknown formats are cannot tell.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    if len(data) > MAX_DOCUMENT_BYTES:
        return verdict([finding("document.too_large", Outcome.CANNOT_TELL, limit=MAX_DOCUMENT_MIB)], [], sha256)
    for recognises, verifier in formats:
        if recognises(data):
            findings, reports = verifier(data, Asked(anchors, at))
            return verdict(findings, reports, sha256)
    return verdict([finding("document.unknown_format", Outcome.CANNOT_TELL)], [], sha256)


def with_signed_files(told: Verdict, record: bytes, files: Mapping[str, bytes]) -> Verdict:
    """Return the verdict `told` about a signature record with what `files` (by name) are against it: same, altered, left out, added."""
    return verdict([*told.findings, *check_files(record, files)], told.signatures, told.sha256)
