"""Tables of seals, who may use them, the keeper's standing authorisation, and every use (用印台账)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Bytes, Code, Json, LongCode, Name, Prose, Record, closed_list
from hub.seals.rules import SealKind, SealOutline, SealSource, SealStatus


class Seal(Record):
    """电子印章. `key_name` is its key in the key store (purpose SEAL); its certificates lie there too.

    A seal whose key is held elsewhere (`key_elsewhere`) is used through the holder's device only, and its `key_name` names nothing. The
    columns from `kind` on are None for seals made before structures were kept.
    """

    __tablename__ = "seals"

    id: Mapped[Code] = mapped_column(primary_key=True)  # a random 32-digit hex number
    name_zh: Mapped[Name]
    owner_zh: Mapped[Name]
    owner_uscc: Mapped[Code]
    region: Mapped[Code]
    purpose_line_zh: Mapped[Name]  # e.g. 行政审批专用章
    diameter_mm: Mapped[int]
    status: Mapped[SealStatus] = mapped_column(closed_list(SealStatus, "status"))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    key_name: Mapped[LongCode] = mapped_column(unique=True)
    certificate_sha256: Mapped[Code]
    filing_number: Mapped[Code | None]
    demonstration: Mapped[bool]
    version: Mapped[int] = mapped_column(default=1)
    kind: Mapped[SealKind | None] = mapped_column(closed_list(SealKind, "kind"))
    source: Mapped[SealSource | None] = mapped_column(closed_list(SealSource, "source"))
    outline: Mapped[SealOutline | None] = mapped_column(closed_list(SealOutline, "outline"))
    ses_version: Mapped[int | None]  # of the structure: 1, 4 or 5
    es_id: Mapped[Code | None]  # 印章编码 in the structure
    maker_zh: Mapped[Name | None]  # whose certificate signed the structure (制章者)
    key_elsewhere: Mapped[bool | None]
    status_since: Mapped[datetime | None]  # of the newest move


class SealStructure(Record):
    """The e-seal structure (GB/T 38540 SES_Seal) of a seal, byte for byte as its maker signed it."""

    __tablename__ = "seal_structures"

    seal_id: Mapped[Code] = mapped_column(ForeignKey("seals.id"), primary_key=True)
    sha256: Mapped[Code]
    content: Mapped[Bytes]


class SealMove(Record):
    """One change of a seal's status: since when it holds, when it was written down, who said so, and why."""

    __tablename__ = "seal_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    seal_id: Mapped[Code] = mapped_column(ForeignKey("seals.id"), index=True)
    status: Mapped[SealStatus] = mapped_column(closed_list(SealStatus, "status"))
    since: Mapped[datetime]
    written_at: Mapped[datetime]
    by: Mapped[Code]  # officer code, or the name of the feed
    reason: Mapped[Prose | None]


class SealGrant(Record):
    """`officer` may use the seal on documents of `kinds` until `until` (exclusive)."""

    __tablename__ = "seal_grants"

    id: Mapped[int] = mapped_column(primary_key=True)
    seal_id: Mapped[Code] = mapped_column(ForeignKey("seals.id"), index=True)
    officer: Mapped[Code]
    kinds: Mapped[Json]
    granted_by: Mapped[Code]
    granted_at: Mapped[datetime]
    until: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class StandingAuthorisation(Record):
    """The keeper lets the signing queue seal documents of `kinds`, at most `daily_ceiling` a civil day, until `until`."""

    __tablename__ = "standing_authorisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    seal_id: Mapped[Code] = mapped_column(ForeignKey("seals.id"), index=True)
    keeper: Mapped[Code]  # officer code
    kinds: Mapped[Json]
    daily_ceiling: Mapped[int]
    granted_at: Mapped[datetime]
    until: Mapped[datetime]
    stopped_at: Mapped[datetime | None]  # the one stop switch


class SealUse(Record):
    """One use of a seal: exactly one per document reference (`approval:<id>:<document version>`)."""

    __tablename__ = "seal_uses"
    __table_args__ = (
        UniqueConstraint("document"),
        Index(None, "seal_id", "used_at"),
        Index(None, "authorisation_id", "used_on"),
    )

    id: Mapped[Code] = mapped_column(primary_key=True)  # a random 32-digit hex number
    seal_id: Mapped[Code] = mapped_column(ForeignKey("seals.id"))
    document: Mapped[LongCode]
    document_kind: Mapped[Code]
    document_sha256: Mapped[Code]  # of the rendering before sealing
    case_number: Mapped[Code | None]
    used_by: Mapped[Code]  # officer code, or `queue` under a standing authorisation
    authorisation_id: Mapped[int | None] = mapped_column(ForeignKey("standing_authorisations.id"))
    used_at: Mapped[datetime]
    used_on: Mapped[date]  # the civil day in Asia/Shanghai that a daily ceiling counts by
