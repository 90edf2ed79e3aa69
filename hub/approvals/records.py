"""Tables of decision documents: issuers, routes and delegations; the approval, its acts, numbers, files, and what is done to seal it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.approvals.rules import ApprovalAction, ApprovalKind, ApprovalStage
from hub.database import Bytes, Code, Json, LongCode, Name, Prose, Record, closed_list


class Issuer(Record):
    """The organ that issues a region's approvals, and the template of its numbers."""

    __tablename__ = "approval_issuers"

    region: Mapped[Code] = mapped_column(primary_key=True)
    name_zh: Mapped[Name]
    uscc: Mapped[Code]
    number_template: Mapped[LongCode]  # holds {year} and {serial}, e.g. 沣东审批（演示）〔{year}〕{serial}号
    review_authority_zh: Mapped[Name | None]  # 行政复议机关, printed on refusals
    court_zh: Mapped[Name | None]  # 有管辖权的人民法院, printed on refusals


class NumberTemplate(Record):
    """The template of one kind of document of a region, where it differs from its issuer's."""

    __tablename__ = "approval_number_templates"

    region: Mapped[Code] = mapped_column(ForeignKey("approval_issuers.region"), primary_key=True)
    kind: Mapped[ApprovalKind] = mapped_column(closed_list(ApprovalKind, "kind"), primary_key=True)
    template: Mapped[LongCode]


class NamedRoute(Record):
    """A route a region has defined: joint handling by several departments or regions, or one of its own; `kinds` None: any."""

    __tablename__ = "approval_routes"

    region: Mapped[Code] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(primary_key=True)
    name_zh: Mapped[Name]
    steps: Mapped[Json]  # [{stage, officers, region?, department?}], in order
    kinds: Mapped[Json | None]


class DepartmentOfficer(Record):
    """An officer acts for a department in the steps of joint handling that name it."""

    __tablename__ = "approval_department_officers"

    region: Mapped[Code] = mapped_column(primary_key=True)
    department: Mapped[Name] = mapped_column(primary_key=True)
    officer: Mapped[Code] = mapped_column(primary_key=True)


class Delegation(Record):
    """AB岗: `to_officer` may do the duties of `from_officer` from `since` until `until` (exclusive)."""

    __tablename__ = "approval_delegations"
    __table_args__ = (Index(None, "to_officer", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[Code]
    from_officer: Mapped[Code]
    to_officer: Mapped[Code]
    duties: Mapped[Json]  # stages: EXAMINE, CHECK, APPROVE
    since: Mapped[datetime]
    until: Mapped[datetime]
    granted_by: Mapped[LongCode]  # KIND:code
    granted_at: Mapped[datetime]
    revoked_by: Mapped[LongCode | None]
    revoked_at: Mapped[datetime | None]


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
    particulars: Mapped[Json | None]  # what its kind needs: {reasons?, gaps?, correctBy?, remedies?}
    corrects: Mapped[Code | None] = mapped_column(
        ForeignKey("approvals.id"), index=True
    )  # the document this one supersedes
    withdraws: Mapped[Code | None] = mapped_column(
        ForeignKey("approvals.id"), index=True
    )  # the decision this one withdraws
    route: Mapped[Json]  # [{stage, officers, region?, department?}], the stages in order, as data
    step: Mapped[int | None]  # where on the route, from 0; None: the first step of `stage`
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
    on_behalf_of: Mapped[Code | None]  # whose duty it was, under a delegation
    on_behalf_of_name: Mapped[Name | None]
    delegation_id: Mapped[int | None] = mapped_column(ForeignKey("approval_delegations.id"))
    step: Mapped[int | None]  # None: the first step of `stage`
    taken_back_at: Mapped[datetime | None]
    stage: Mapped[ApprovalStage] = mapped_column(closed_list(ApprovalStage, "stage"))
    action: Mapped[ApprovalAction] = mapped_column(closed_list(ApprovalAction, "action"))
    opinion: Mapped[Prose | None]


class ApprovalOpening(Record):
    """When an officer first opened the approval after the act `after_act` (0: before any), in `stage`."""

    __tablename__ = "approval_openings"

    approval_id: Mapped[Code] = mapped_column(ForeignKey("approvals.id"), primary_key=True)
    after_act: Mapped[int] = mapped_column(primary_key=True)
    officer: Mapped[Code] = mapped_column(primary_key=True)
    stage: Mapped[ApprovalStage] = mapped_column(closed_list(ApprovalStage, "stage"))
    opened_at: Mapped[datetime]


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
    rendering_sha256: Mapped[Code]  # of the original before it is sealed
    rendition_sha256: Mapped[Code | None]  # of the other file before it is signed
    signing_time: Mapped[datetime]
    intended_by: Mapped[Code]
    authorisation_id: Mapped[int | None] = mapped_column(ForeignKey("standing_authorisations.id"))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[Code | None]
    done_at: Mapped[datetime | None]


class DeviceRequest(Record):
    """A file prepared for a signature that is made on the seal keeper's own device; nothing about the document changes until it ends.

    `prepared_sha256` is the whole file with its gap, in the file store; the intent's lease ends at `expires_at`.
    """

    __tablename__ = "device_requests"
    __table_args__ = (Index(None, "approval_id", "expires_at"),)

    id: Mapped[Code] = mapped_column(primary_key=True)  # a random 32-digit hex number
    approval_id: Mapped[Code] = mapped_column(ForeignKey("approvals.id"))
    approval_version: Mapped[int]
    seal_id: Mapped[Code] = mapped_column(ForeignKey("seals.id"))
    intent_id: Mapped[int]  # and `attempt`: the claim; the intent may be withdrawn after the request ended
    attempt: Mapped[int]
    certificate: Mapped[Bytes]  # DER
    algorithm: Mapped[Code]
    format: Mapped[Code]  # PDF or OFD: which file the device signs
    rendering_sha256: Mapped[Code]
    prepared_sha256: Mapped[Code]
    prepared: Mapped[Json]  # what completing needs besides the file and `to_sign`
    to_sign: Mapped[Bytes]
    signing_time: Mapped[datetime]
    requested_by: Mapped[Code]
    expires_at: Mapped[datetime]
    signature: Mapped[Bytes | None]
    completed_at: Mapped[datetime | None]


class ApprovalFile(Record):
    """A published file; its bytes lie in the content-addressed store under `sha256`."""

    __tablename__ = "approval_files"
    __table_args__ = (UniqueConstraint("approval_id", "document_version", "format"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    approval_id: Mapped[Code] = mapped_column(ForeignKey("approvals.id"))
    document_version: Mapped[int]
    format: Mapped[Code]  # OFD or PDF
    original: Mapped[bool | None]  # 正本; False: a rendition (阅览件); None: the only file, before both were made
    sha256: Mapped[Code] = mapped_column(index=True)
    sm3: Mapped[Code | None]
    size_bytes: Mapped[int]
    stored_at: Mapped[datetime]
