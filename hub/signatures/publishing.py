"""What the exchange ledger is told of a signature: that it was made, how, and digests. Never a name, a number, a file's name or a stroke."""

from __future__ import annotations

from sqlalchemy.orm import Session

from hub.clock import Clock, iso
from hub.ledger.writing import record_entry
from hub.signatures.records import ApplicantSignature, SigningRequest

SIGNATURE = "signature"


def tell(session: Session, request: SigningRequest, signature: ApplicantSignature, *, clock: Clock) -> None:
    """Record the signature in the exchange ledger, in the transaction that keeps it."""
    body = {
        "signature": request.id,
        "region": request.region,
        "kind": signature.kind.value,
        "provider": signature.provider,
        "case_number": request.case_number,
        "record_sha256": signature.record_sha256,
        "manifest_sm3": signature.manifest_sm3,
        "files_sm3": [file.sm3 for file in request.files],
        "signed_at": iso(signature.signed_at),
    }
    record_entry(session, kind=SIGNATURE, record_id=request.id, body=body, addressees=(), clock=clock)
