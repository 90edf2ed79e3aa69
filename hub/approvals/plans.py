"""What a sealing wants before anything is rendered: under which permit, which seal, on which version of which document.

Asked of the register and the approval in one short transaction, so that rendering and signing hold no lock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from hub.approvals.faults import ApprovalMoveRefused
from hub.approvals.queries import approval_by_id
from hub.approvals.records import Approval
from hub.approvals.rendering import contents_of, decision_document
from hub.approvals.rules import ApprovalStage
from hub.approvals.texts import WORDINGS
from hub.ledger.names import LedgerName
from hub.ledger.standing import require_signing
from hub.seals.permits import Permit
from hub.seals.queries import seal_by_id, shape_of, structure_of
from hub.signing.seal_drawing import SealShape

if TYPE_CHECKING:
    from hub.approvals.sealing import Desk
    from hub.seals.sealing import Contents
    from hub.signing.gbt9704 import DecisionDocument

PermitFor = Callable[[Session, Approval], Permit]


@dataclass(frozen=True)
class Plan:
    """What is wanted before anything is rendered: under which permit, with which seal, on which version of which document."""

    version: int
    permit: Permit
    shape: SealShape
    structure: bytes | None
    document: DecisionDocument
    contents: Contents
    reason: str


def plan_for(desk: Desk, approval_id: str, permit_for: PermitFor) -> Plan:
    """Return what is wanted; raises ApprovalMissing, ApprovalMoveRefused unless APPROVED, what ledger and permit raise."""
    with desk.database.transaction() as session:
        require_signing(session, LedgerName.EXCHANGE)  # an old copy of this hub may have sealed it already
        approval = approval_by_id(session, approval_id)
        require_approved(approval)
        permit = permit_for(session, approval)
        structure = structure_of(session, permit.seal_id)
        return Plan(
            version=approval.version,
            permit=permit,
            shape=shape_of(seal_by_id(session, permit.seal_id), structure),
            structure=structure,
            document=decision_document(approval, public_url=desk.public_url),
            contents=contents_of(approval),
            reason=f"{WORDINGS[approval.kind].name_zh} {approval.number}",
        )


def require_approved(approval: Approval) -> None:
    """Return when the approval waits for its seal; raises ApprovalMoveRefused."""
    if approval.stage is not ApprovalStage.APPROVED:
        raise ApprovalMoveRefused(approval.stage, "SEAL")
