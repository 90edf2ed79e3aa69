"""What the readers of many approvals join: the record classes and the links from an approval to its acts and files."""

from __future__ import annotations

from hub.approvals.records import Approval, ApprovalAct, ApprovalFile, Delegation
from hub.approvals.rules import ApprovalAction, ApprovalKind, ApprovalStage
from hub.links import Link

__all__ = [
    "ACTS",
    "FILES",
    "Approval",
    "ApprovalAct",
    "ApprovalAction",
    "ApprovalFile",
    "ApprovalKind",
    "ApprovalStage",
    "Delegation",
]

ACTS = Link(key=Approval.id, to=ApprovalAct.approval_id, many=True, order=(ApprovalAct.id,))
FILES = Link(
    key=Approval.id,
    to=ApprovalFile.approval_id,
    many=True,
    order=(ApprovalFile.document_version.desc(), ApprovalFile.format),
)
