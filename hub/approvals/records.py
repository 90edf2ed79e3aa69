"""Tables of decision documents: the approval, its acts, its numbers, the intent to seal it, and its files."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.approvals.rules import ApprovalAction, ApprovalKind, ApprovalStage
from hub.database import Code, Json, LongCode, Name, Prose, Record, closed_list


class Issuer(Record):
    """The organ that issues a region's approvals, and the template of its numbers."""

    __tablename__ = "approval_issuers"

    region: Mapped[Code] = mapped_column(primary_key=True)
    name_zh: Mapped[Name]
    uscc: Mapped[Code]
    number_template: Mapped[LongCode]  # holds {year} and {serial}, e.g. 沣东审批（演示）〔{year}〕{serial}号


class Approval(Record):
    """A decision document on its route. `version` counts changes (optimistic concurrency); `document_version` counts issues."""

    __tablename__ = "approvals"
    __table_args__ = (UniqueConstraint("number", "document_version"), Index(None, "stage", "due_on"))

    id: Mapped[Code] = mapped_column(primary_key=True)  # a random 32-digit hex number
    region: Mapped[Code]
    kind: Mapped[ApprovalKind] = mapped_column(closed_list(ApprovalKind, "kind"))
    number: Mapped[LongCode | None]  # given at the last pass
    title: Mapped[Name]
    item_code: Mapped[Code | None]
    case_number: Mapped[Code | None]
    addressee: Mapped[Json]  # {name, code, codeType}
    body: Mapped[Json]  # [{heading, text}]
    route: Mapped[Json]  # [{stage, officers}], the stages in order, as data
    stage: Mapped[ApprovalStage] = mapped_column(closed_list(ApprovalStage, "stage"))
    issuer_zh: Mapped[Name]
    issuer_uscc: Mapped[Code]
    dated_on: Mapped[date | None]
    due_on: Mapped[date]
    due_provisional: Mapped[bool]  # due_on leans on a year whose holidays are not published
    drafted_by: Mapped[Code]
    drafted_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    document_version: Mapped[int] = mapped_column(default=1)
    verify_id: Mapped[Code] = mapped_column(unique=True)  # the random part of /verify/<id>
    demonstration: Mapped[bool]
    actions: Mapped[list[ApprovalAct]] = relationship(lazy="raise", order_by="ApprovalAct.id")
    files: Mapped[list[ApprovalFile]] = relationship(lazy="raise", order_by="ApprovalFile.format")


class ApprovalAct(Record):
    """One act of one officer."""

    __tablename__ = "approval_acts"

    id: Mapped[int] = mapped_column(primary_key=True)
    approval_id: Mapped[Code] = mapped_column(ForeignKey("approvals.id"), index=True)
    at: Mapped[datetime]
    officer: Mapped[Code]
    officer_name: Mapped[Name]
    stage: Mapped[ApprovalStage] = mapped_column(closed_list(ApprovalStage, "stage"))
    action: Mapped[ApprovalAction] = mapped_column(closed_list(ApprovalAction, "action"))
    opinion: Mapped[Prose | None]


class ApprovalNumber(Record):
    """A number of a template, given or voided; serials run from 1 in each year without gaps."""

    __tablename__ = "approval_numbers"

    template: Mapped[LongCode] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[int] = mapped_column(primary_key=True)
    approval_id: Mapped[Code] = mapped_column(ForeignKey("approvals.id"), index=True)
    voided_at: Mapped[datetime | None]


class SealingIntent(Record):
    """Committed before anything is signed: which seal, on which exact rendering, at which signing time."""

    __tablename__ = "sealing_intents"
    __table_args__ = (UniqueConstraint("approval_id", "document_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    approval_id: Mapped[Code] = mapped_column(ForeignKey("approvals.id"))
    document_version: Mapped[int]
    seal_id: Mapped[Code] = mapped_column(ForeignKey("seals.id"))
    rendering_sha256: Mapped[Code]
    signing_time: Mapped[datetime]
    intended_by: Mapped[Code]
    authorisation_id: Mapped[int | None] = mapped_column(ForeignKey("standing_authorisations.id"))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[Code | None]
    done_at: Mapped[datetime | None]


class ApprovalFile(Record):
    """A published file; its bytes lie in the content-addressed store under `sha256`."""

    __tablename__ = "approval_files"
    __table_args__ = (UniqueConstraint("approval_id", "document_version", "format"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    approval_id: Mapped[Code] = mapped_column(ForeignKey("approvals.id"))
    document_version: Mapped[int]
    format: Mapped[Code]  # PDF; OFD comes with the four electronics
    sha256: Mapped[Code] = mapped_column(index=True)
    size_bytes: Mapped[int]
    stored_at: Mapped[datetime]
