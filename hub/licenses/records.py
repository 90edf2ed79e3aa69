"""Tables of license types (电子证照目录, GB/T 36902) and of the licenses of this hub: versions, holders, history, files, status lists.

Who read what, copies, and codes shown to others are in `hub.licenses.sharing_records`. Names, codes, numbers as printed and face elements
lie only encrypted (`hub.licenses.vault`).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.database import Bytes, Code, Hash, Json, LongCode, Name, Prose, Record, closed_list
from hub.licenses.rules import LicenseAct, LicenseStatus
from hub.replicas import Replicated


class LicenseType(Replicated, Record):
    """One kind of license with its face elements."""

    __tablename__ = "license_types"
    __table_args__ = (UniqueConstraint("origin", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)  # 21 characters
    name_zh: Mapped[Name]
    name_en: Mapped[Name | None]
    authority_name_zh: Mapped[Name]
    authority_uscc: Mapped[Code]
    holder_kind: Mapped[Code]
    holder_code_types: Mapped[Json | None]  # list of GB/T 36903 annex A codes; None: any of the holder kind
    validity_zh: Mapped[Name | None]  # how long one usually runs, in words
    catalog_class: Mapped[Code | None]  # LICENSE (证照) or APPROVAL_DOCUMENT (批文)
    face_elements: Mapped[Json]  # [{key, name_zh, type, required, order, max_length, field_class}]
    code_is_demonstration: Mapped[bool]


class License(Record):
    """One version of a license. `revision` counts every change of the row (optimistic concurrency)."""

    __tablename__ = "licenses"
    __table_args__ = (
        UniqueConstraint("lineage", "version"),
        UniqueConstraint("list_id", "list_index"),
        Index(None, "type_code", "issued_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    identifier: Mapped[LongCode] = mapped_column(unique=True)  # 电子证照标识, normal form
    lineage: Mapped[LongCode]  # what its versions share: type, issuer, serial
    version: Mapped[int]
    type_code: Mapped[Code]
    region: Mapped[Code]
    issuer_zh: Mapped[Name]
    issuer_uscc: Mapped[Code]
    content: Mapped[Bytes]  # encrypted {number, face: [[key, value]]}
    status: Mapped[LicenseStatus] = mapped_column(closed_list(LicenseStatus, "status"))
    status_text: Mapped[Prose | None]  # mandatory for OTHER
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    previous: Mapped[LongCode | None]  # identifier of the version before
    case_number: Mapped[Code | None]
    seal_id: Mapped[Code | None]  # the seal its files are to bear; None: the issuer's
    verify_id: Mapped[Code] = mapped_column(unique=True)  # the random part of /verify/<id>
    list_id: Mapped[Code]
    list_index: Mapped[int]  # its place in that status list, random
    demonstration: Mapped[bool]
    revision: Mapped[int]
    holders: Mapped[list[LicenseHolder]] = relationship(lazy="raise", order_by="LicenseHolder.position")
    history: Mapped[list[LicenseHistory]] = relationship(lazy="raise", order_by="LicenseHistory.id")
    files: Mapped[list[LicenseFile]] = relationship(lazy="raise", order_by="LicenseFile.format")


class LicenseHolder(Record):
    """One holder of a license, in the order of its face; found by `code_index` alone."""

    __tablename__ = "license_holders"
    __table_args__ = (UniqueConstraint("license_id", "position"), Index(None, "code_index", "license_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    license_id: Mapped[int] = mapped_column(ForeignKey("licenses.id"))
    position: Mapped[int]
    code_type: Mapped[Code]  # GB/T 36903 annex A
    personal: Mapped[bool]
    name: Mapped[Bytes]  # encrypted
    code: Mapped[Bytes]  # encrypted
    code_index: Mapped[Hash]  # HMAC-SM3 over type and code


class LicenseHistory(Record):
    """One act on a license version, never changed afterwards."""

    __tablename__ = "license_history"

    id: Mapped[int] = mapped_column(primary_key=True)
    license_id: Mapped[int] = mapped_column(ForeignKey("licenses.id"), index=True)
    at: Mapped[datetime]
    act: Mapped[LicenseAct] = mapped_column(closed_list(LicenseAct, "act"))
    status: Mapped[LicenseStatus] = mapped_column(closed_list(LicenseStatus, "status"))  # afterwards
    reason: Mapped[Prose]
    basis: Mapped[Prose]
    by: Mapped[LongCode]  # the actor's label


class LicenseFile(Record):
    """A published file of a license; its bytes lie in the content-addressed store under `sha256`."""

    __tablename__ = "license_files"
    __table_args__ = (UniqueConstraint("license_id", "format"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    license_id: Mapped[int] = mapped_column(ForeignKey("licenses.id"))
    format: Mapped[Code]  # OFD or PDF
    original: Mapped[bool]  # 正本; the other is a rendition (阅览件)
    sha256: Mapped[Code] = mapped_column(index=True)
    size_bytes: Mapped[int]
    stored_at: Mapped[datetime]


class LicenseIntent(Record):
    """Committed before a license's files are signed: under which seal, at which signing time, and until when nobody else may."""

    __tablename__ = "license_intents"

    license_id: Mapped[int] = mapped_column(ForeignKey("licenses.id"), primary_key=True, autoincrement=False)
    seal_id: Mapped[Code] = mapped_column(ForeignKey("seals.id"))
    signing_time: Mapped[datetime]
    intended_by: Mapped[Code]
    authorisation_id: Mapped[int | None] = mapped_column(ForeignKey("standing_authorisations.id"))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int]
    last_error: Mapped[Code | None]
    done_at: Mapped[datetime | None]


class OwnStatusList(Record):
    """A status list this hub fills: one bit-field per license; places are given at random until half are taken."""

    __tablename__ = "own_status_lists"

    id: Mapped[Code] = mapped_column(primary_key=True)  # <region>-<number>
    taken: Mapped[int]
    changes: Mapped[int]  # how often a license of it changed its status
    published: Mapped[int | None]  # at how many changes it was last published


class LicenseStatusList(Replicated, Record):
    """A published status list, ours or a partner's: bits, and nothing of any holder."""

    __tablename__ = "license_status_lists"
    __table_args__ = (UniqueConstraint("origin", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[Code] = mapped_column(unique=True)
    region: Mapped[Code]
    entries: Mapped[int]
    bits: Mapped[Prose]  # as in the ledger: base64 of zlib
