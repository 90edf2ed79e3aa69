"""The manifest an applicant signs, made from his request: exactly these files, for this purpose, by this person, checked in this way.

No database here, and no judgement: the format is `hub.signing.applicant_record`'s.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hub.clock import iso
from hub.signatures.providers import IdentityCheck, Provider
from hub.signatures.records import SigningFile, SigningRequest
from hub.signatures.rules import SignatureKind
from hub.signatures.signers import ShownSigner
from hub.signatures.strokes import Drawing
from hub.signing.applicant_record import sm3_hex


def manifest_of(
    request: SigningRequest, check: IdentityCheck, provider: Provider, *, drawing: Drawing | None, at: datetime
) -> dict[str, Any]:
    """Return the manifest of a signature made at `at`: drawn when there is a drawing, else by certificate."""
    kind = SignatureKind.CERTIFICATE if drawing is None else SignatureKind.DRAWN
    return {
        "id": request.id,
        "kind": kind.value,
        "purpose": request.purpose,
        "region": request.region,
        "asked_by": request.asked_by_name,
        "case_number": request.case_number,
        "signer": shown_signer(request).to_json(),
        "identity": {
            "provider": provider.name,
            "provider_zh": provider.name_zh,
            "provider_en": provider.name_en,
            "demonstration": provider.demonstration,
            **check.to_json(),
        },
        "files": [_file(each) for each in request.files],
        "drawing_sm3": None if drawing is None else sm3_hex(drawing.to_json()),
        "signed_at": iso(at),
    }


def shown_signer(request: SigningRequest) -> ShownSigner:
    """Return the asked signer as he may be shown."""
    return ShownSigner(request.signer_name, request.signer_code_type, request.signer_code, request.signer_index)


def _file(file: SigningFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "media_type": file.media_type,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256,
        "sm3": file.sm3,
    }
