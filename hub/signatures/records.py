"""Tables of applicants' signatures: the requests, the files each is for, and what was signed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.database import Bytes, Code, LongCode, Name, Record, closed_list
from hub.signatures.rules import RequestStatus, SignatureKind


class SigningRequest(Record):
    """签名请求. Of the three secrets (code, watching page, phone) only the SHA-256 is kept, of the signer only what is masked and keyed."""

    __tablename__ = "signing_requests"
    __table_args__ = (Index(None, "status", "expires_at"),)

    id: Mapped[Code] = mapped_column(primary_key=True)  # a random 32-digit hex number
    hand_over_sha256: Mapped[Code] = mapped_column(unique=True)  # of what the QR code says; good once
    watch_sha256: Mapped[Code] = mapped_column(unique=True)  # of what opens the desktop page
    phone_sha256: Mapped[Code | None] = mapped_column(unique=True)  # of the cookie of the phone that opened it
    region: Mapped[Code]
    asked_by: Mapped[Code]
    asked_by_name: Mapped[Name]
    case_number: Mapped[Code | None]
    signer_name: Mapped[Name]  # masked
    signer_code_type: Mapped[Code]
    signer_code: Mapped[Code]  # masked
    signer_index: Mapped[Code]  # HMAC-SM3, hex
    purpose: Mapped[Name]
    status: Mapped[RequestStatus] = mapped_column(closed_list(RequestStatus, "status"))
    attempts: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    check_provider: Mapped[Code | None]
    check_reference: Mapped[LongCode | None]
    check_level: Mapped[Code | None]
    checked_at: Mapped[datetime | None]
    swept_at: Mapped[datetime | None]  # when the files of a request that led to nothing were removed
    version: Mapped[int] = mapped_column(default=1)

    files: Mapped[list[SigningFile]] = relationship(lazy="raise", order_by="SigningFile.place")


class SigningFile(Record):
    """One file of a request; its bytes lie in the file store under `sha256`."""

    __tablename__ = "signing_files"
    __table_args__ = (
        UniqueConstraint("request_id", "place"),
        UniqueConstraint("request_id", "name"),
        Index(None, "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[Code] = mapped_column(ForeignKey("signing_requests.id"))
    place: Mapped[int]
    name: Mapped[Name]
    media_type: Mapped[Code]
    size_bytes: Mapped[int]
    sha256: Mapped[Code]
    sm3: Mapped[Code]


class ApplicantSignature(Record):
    """电子签名: the signature record of a request, byte for byte as it was made; there is one, or none."""

    __tablename__ = "applicant_signatures"

    request_id: Mapped[Code] = mapped_column(ForeignKey("signing_requests.id"), primary_key=True)
    kind: Mapped[SignatureKind] = mapped_column(closed_list(SignatureKind, "kind"))
    provider: Mapped[Code]
    record: Mapped[Bytes]
    record_sha256: Mapped[Code] = mapped_column(unique=True)
    manifest_sm3: Mapped[Code]
    signed_at: Mapped[datetime]
