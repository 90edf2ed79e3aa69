"""Makes the document of an approval: a description, its layout after GB/T 9704, and the PDF before it is sealed.

Deterministic: the same approval, address and fonts give the same bytes, so that the digest committed as an intent can be checked.
Needs an approval that is numbered and dated. Reads no database.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from hub.approvals.faults import ApprovalMoveRefused
from hub.approvals.records import Approval
from hub.approvals.texts import WORDINGS, printed_paragraphs, remedies_sentence
from hub.signing.fonts import FontSet
from hub.signing.gbt9704 import DecisionDocument, lay_out
from hub.signing.layout import SealPlace
from hub.signing.pdf_render import render_pdf


@dataclass(frozen=True)
class Rendering:
    """A PDF ready for its seal, its SHA-256 (hex), and where the seal goes."""

    pdf: bytes
    sha256: str
    place: SealPlace


def verify_url(public_url: str, verify_id: str) -> str:
    """Return the address printed on the document, which describes it and asks for the file."""
    return f"{public_url}/verify/{verify_id}"


def decision_document(approval: Approval, *, public_url: str) -> DecisionDocument:
    """Return what the document says: the body, what its kind needs besides, the sentence of legal result, and the remedies.

    Raises ApprovalMoveRefused before the last pass has dated and numbered it.
    """
    if approval.number is None or approval.dated_on is None:
        raise ApprovalMoveRefused(approval.stage, "RENDER")
    return DecisionDocument(
        issuer_zh=approval.issuer_zh,
        number=approval.number,
        kind_zh=WORDINGS[approval.kind].name_zh,
        title=approval.title,
        addressee=approval.addressee["name"],
        paragraphs=printed_paragraphs(approval.kind, approval.body, approval.particulars),
        dated_on=approval.dated_on,
        verify_url=verify_url(public_url, approval.verify_id),
        demonstration=approval.demonstration,
        remedies=remedies_sentence(approval.particulars),
    )


def render(document: DecisionDocument, fonts: FontSet) -> Rendering:
    """Return the rendering; raises CharactersMissing when a font lacks a character. Costs about 0.1 s, and 0.3 s the first time."""
    layout = lay_out(document, fonts)
    pdf = render_pdf(layout, fonts)
    return Rendering(pdf, hashlib.sha256(pdf).hexdigest(), layout.seal)
