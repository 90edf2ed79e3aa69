"""The one verifier with every format this program knows: signed documents, seals, signature records, ledger proofs, licenses as JSON.

The page, GraphQL and the offline command all ask here, so that they say the same. Needs no network and no database.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.ledger.proof_file import looks_like_ledger_proof, verify_ledger_proof
from hub.licenses.document import looks_like_license_document, verify_license_document
from hub.signing.anchors import Anchors
from hub.signing.verdict import Verdict
from hub.signing.verify import FORMATS as SIGNED
from hub.signing.verify import verify_document as verify_as

FORMATS: Final = (
    (looks_like_license_document, verify_license_document),
    (looks_like_ledger_proof, verify_ledger_proof),
    *SIGNED,
)


def verify_document(data: bytes, anchors: Anchors, at: datetime) -> Verdict:
    """Return the verdict on `data` as of `at` (aware), trusting `anchors` and nobody else, as `hub.signing.verify.verify_document` does."""
    return verify_as(data, anchors, at, formats=FORMATS)
