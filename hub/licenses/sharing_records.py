"""Tables of how licenses are shared: every read, wrong checks, annotated copies (加注件), single-use presentation codes (GB/T 36906)."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.access.records import ActorKind
from hub.database import Code, Hash, Json, LongCode, Name, Prose, Record, closed_list


class Operation(enum.StrEnum):
    """The sharing operations of GB/T 36906 that touch a license, and presentation."""

    RETRIEVE = "RETRIEVE"  # 检索
    READ = "READ"  # 信息获取
    DOWNLOAD = "DOWNLOAD"  # 文件下载
    COPY = "COPY"  # 加注件
    VERIFY = "VERIFY"  # 信息查验
    PRESENTATION = "PRESENTATION"  # 出示


class ReadOutcome(enum.StrEnum):
    """What became of a read; only the first is for the holder to see, all are for the audit."""

    GIVEN = "GIVEN"
    NOTHING_FOUND = "NOTHING_FOUND"
    NOT_COVERED = "NOT_COVERED"  # the license exists; the caller was told that it does not
    WRONG = "WRONG"  # a check whose elements did not agree


class LicenseRead(Record):
    """One read of a license, or the search that found none; written in the transaction that read."""

    __tablename__ = "license_reads"
    __table_args__ = (Index(None, "lineage", "at"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    license_id: Mapped[int | None] = mapped_column(ForeignKey("licenses.id"))
    lineage: Mapped[LongCode | None]
    holder_index: Mapped[Hash | None]  # of the code searched by
    type_code: Mapped[Code | None]
    reader: Mapped[LongCode]  # the actor's label
    reader_zh: Mapped[Name]
    region: Mapped[Code | None]
    purpose: Mapped[Name]
    legal_basis: Mapped[Prose | None]
    fields: Mapped[Json]  # keys that were given in clear, or checked
    operation: Mapped[Operation] = mapped_column(closed_list(Operation, "operation"))
    outcome: Mapped[ReadOutcome] = mapped_column(closed_list(ReadOutcome, "outcome"))
    request_id: Mapped[Code]
    withheld_until: Mapped[datetime | None]  # exclusive; from then on the holder sees it
    withheld_basis: Mapped[Prose | None]


class CheckWindow(Record):
    """How many wrong checks a caller made within an hour, of one license or (`*`) of all."""

    __tablename__ = "license_check_windows"

    caller: Mapped[LongCode] = mapped_column(primary_key=True)
    subject: Mapped[LongCode] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    wrong: Mapped[int]


class AnnotatedCopy(Record):
    """加注件: a copy of a license for one purpose, until a date."""

    __tablename__ = "annotated_copies"

    id: Mapped[Code] = mapped_column(primary_key=True)  # a random 32-digit hex number
    license_id: Mapped[int] = mapped_column(ForeignKey("licenses.id"), index=True)
    made_at: Mapped[datetime]
    made_by: Mapped[LongCode]
    made_by_zh: Mapped[Name]
    purpose: Mapped[Name]
    valid_until: Mapped[date]  # included
    fields: Mapped[Json]  # keys it shows in clear


class AnnotatedCopyFile(Record):
    """A file of an annotated copy, in the content-addressed store."""

    __tablename__ = "annotated_copy_files"

    copy_id: Mapped[Code] = mapped_column(ForeignKey("annotated_copies.id"), primary_key=True)
    format: Mapped[Code] = mapped_column(primary_key=True)
    sha256: Mapped[Code] = mapped_column(index=True)
    size_bytes: Mapped[int]


class PresentationCode(Record):
    """A code the holder shows: kept only as its SHA-256, for named fields, once, until `expires_at` (exclusive)."""

    __tablename__ = "presentation_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[Hash] = mapped_column(unique=True)
    license_id: Mapped[int] = mapped_column(ForeignKey("licenses.id"), index=True)
    made_at: Mapped[datetime]
    made_by: Mapped[LongCode]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    fields: Mapped[Json]
    audience: Mapped[Code | None]  # a partner's code; None: whoever is shown it and may ask
    used_at: Mapped[datetime | None]
    used_by: Mapped[LongCode | None]


class CopyAddress(Record):
    """A single-use address of an annotated copy: kept only as its SHA-256, for one reader and purpose, until `expires_at` (exclusive)."""

    __tablename__ = "copy_addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[Hash] = mapped_column(unique=True)
    identifier: Mapped[LongCode]
    format: Mapped[Code]
    reader_kind: Mapped[ActorKind] = mapped_column(closed_list(ActorKind, "reader_kind"))
    reader: Mapped[Code]
    reader_zh: Mapped[Name]
    region: Mapped[Code | None]
    purpose: Mapped[Name]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
