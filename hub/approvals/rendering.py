"""Describes the document of an approval: what is printed, and what its files carry besides. `hub.seals.sealing` makes the files.

Deterministic: the same approval, address and fonts give the same bytes, so that the digests committed as an intent can be checked.
Needs an approval that is numbered and dated. Reads no database.
"""

from __future__ import annotations

from hub.approvals.faults import ApprovalMoveRefused
from hub.approvals.records import Approval
from hub.approvals.rules import ApprovalKind
from hub.approvals.texts import WORDINGS, printed_paragraphs, remedies_sentence
from hub.seals.previewing import preview_pdf
from hub.seals.sealing import Contents
from hub.signing.fonts import FontSet
from hub.signing.gbt9704 import DecisionDocument, lay_out
from hub.signing.seal_drawing import SealShape

ACROSS_EDGES = frozenset({ApprovalKind.GRANT, ApprovalKind.DENIAL})
"""The kinds whose documents get a cross-page seal (骑缝章) when they have several pages."""


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


def contents_of(approval: Approval) -> Contents:
    """Return what the files carry besides the layout: their date, and whether a seal goes across the edges."""
    return Contents(created=approval.dated_on, across=approval.kind in ACROSS_EDGES)


def preview(document: DecisionDocument, shape: SealShape, fonts: FontSet, *, across: bool) -> bytes:
    """Return a PDF that shows the document with the seal in its place, marked 预览 on every page and signed by nobody."""
    return preview_pdf(lay_out(document, fonts), shape, fonts, across=across)
