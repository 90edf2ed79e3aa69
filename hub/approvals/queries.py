"""Reads of approvals: one with its acts and files, many by stage, what a verification code names, which files are published.

Writes nothing. A file that is not in `approval_files` was never published and is never found here.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from hub.approvals.faults import ApprovalMissing
from hub.approvals.records import Approval, ApprovalFile, SealingIntent
from hub.approvals.rules import ApprovalKind, ApprovalStage

SEALED_ONCE = (ApprovalStage.SEALED, ApprovalStage.SUPERSEDED, ApprovalStage.WITHDRAWN)
"""Where a document rests that was sealed and published."""


def approval_by_id(session: Session, approval_id: str) -> Approval:
    """Return the approval with its acts (oldest first) and published files; raises ApprovalMissing. Three statements."""
    approval = session.scalar(_whole().where(Approval.id == approval_id).execution_options(populate_existing=True))
    if approval is None:
        raise ApprovalMissing
    return approval


def approval_for_change(session: Session, approval_id: str) -> Approval:
    """Return the approval with its acts and files, its row locked until the caller's transaction ends; raises ApprovalMissing."""
    locked = session.scalar(
        select(Approval).where(Approval.id == approval_id).with_for_update().execution_options(populate_existing=True)
    )
    if locked is None:
        raise ApprovalMissing
    return approval_by_id(session, approval_id)


def approvals(
    *,
    region: str | None = None,
    stage: ApprovalStage | None = None,
    kind: ApprovalKind | None = None,
    case_number: str | None = None,
) -> Select[Approval]:
    """Return the statement of approvals that fit; the caller orders and pages by (due_on, id), for which `stage` has an index.

    Acts and files are not loaded: add `selectinload` where they are shown.
    """
    wanted = (
        (Approval.region, region),
        (Approval.stage, stage),
        (Approval.kind, kind),
        (Approval.case_number, case_number),
    )
    return select(Approval).where(*(column == value for column, value in wanted if value is not None))


def stage_counts(session: Session, *, region: str) -> dict[ApprovalStage, int]:
    """Return how many approvals of the region rest in each stage, 0 included. One statement."""
    counted = session.execute(
        select(Approval.stage, func.count(Approval.id)).where(Approval.region == region).group_by(Approval.stage)
    )
    found = {stage: count for stage, count in counted}
    return {stage: found.get(stage, 0) for stage in ApprovalStage}


def sealed_by_verify_id(session: Session, verify_id: str) -> Approval | None:
    """Return the approval whose code opens `/verify/<verify_id>`, with its files, once it is sealed; None for any other id.

    It may have been SUPERSEDED or WITHDRAWN since, which whoever shows it must say: `followed_by` names the document that did.
    """
    return session.scalar(_whole().where(Approval.verify_id == verify_id, Approval.stage.in_(SEALED_ONCE)))


def followed_by(session: Session, approval_id: str) -> Approval | None:
    """Return the sealed document that corrected or withdrew this one, with acts and files; None while none is sealed."""
    follows = or_(Approval.corrects == approval_id, Approval.withdraws == approval_id)
    return session.scalar(
        _whole().where(follows, Approval.stage.in_(SEALED_ONCE)).order_by(Approval.drafted_at).limit(1)
    )


def published_file(session: Session, sha256: str) -> ApprovalFile | None:
    """Return the published file with this digest (64 hex digits, lower case); None when none was published."""
    return session.scalar(select(ApprovalFile).where(ApprovalFile.sha256 == sha256).limit(1))


def approval_of_file(session: Session, sha256: str) -> Approval | None:
    """Return the approval that published the file with this digest, with acts and files; None when none did."""
    found = select(ApprovalFile.approval_id).where(ApprovalFile.sha256 == sha256).limit(1)
    return session.scalar(_whole().where(Approval.id.in_(found)))


def sealing_intents(session: Session, approval_ids: Sequence[str]) -> dict[str, SealingIntent]:
    """Return what is known of the sealing of each approval that was ever begun to be sealed: attempts, last error, lease. One statement."""
    rows = session.scalars(
        select(SealingIntent)
        .where(SealingIntent.approval_id.in_(approval_ids))
        .order_by(SealingIntent.document_version)
    )
    return {intent.approval_id: intent for intent in rows}


def _whole() -> Select[Approval]:
    return select(Approval).options(selectinload(Approval.actions), selectinload(Approval.files))
