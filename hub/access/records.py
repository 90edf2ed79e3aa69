"""Tables of who may act: partner systems, officers, their tokens and grants; refused acts; remembered requests."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Code, Hash, Json, LongCode, Name, Prose, Record, closed_list


class ActorKind(enum.StrEnum):
    """The classes of caller the policy knows. PUBLIC has no token."""

    PUBLIC = "PUBLIC"
    PARTNER = "PARTNER"
    OFFICER = "OFFICER"
    OPERATOR = "OPERATOR"


class Role(enum.StrEnum):
    """What an officer may be trusted with."""

    EXAMINER = "examiner"  # 审
    CHECKER = "checker"  # 核
    APPROVER = "approver"  # 准
    SEAL_KEEPER = "seal_keeper"  # 印章保管人


class Partner(Record):
    """A district system that may ask: `code` is its region's code for a hub."""

    __tablename__ = "partners"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    region: Mapped[Code]
    name_zh: Mapped[Name]
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Officer(Record):
    """A person with roles in this hub's region."""

    __tablename__ = "officers"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    region: Mapped[Code]
    roles: Mapped[Json]  # list of Role values, sorted
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Token(Record):
    """A bearer token, kept only as its SHA-256; it stops at `expires_at` (exclusive) or when revoked."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[Hash] = mapped_column(unique=True)
    kind: Mapped[ActorKind] = mapped_column(closed_list(ActorKind, "kind"))
    subject: Mapped[Code]  # partner code, officer code or operator name
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Grant(Record):
    """A partner may read records of `kinds` for `purpose` until `until` (exclusive).

    The members after `revoked_at` say how far it reaches into licenses (`hub.access.grants`); None covers nothing, ["*"] everything.
    """

    __tablename__ = "grants"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    purpose: Mapped[Prose]
    kinds: Mapped[Json]
    granted_at: Mapped[datetime]
    granted_by: Mapped[Code]
    until: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    legal_basis: Mapped[Prose | None]
    license_types: Mapped[Json | None]  # list of license type codes
    holder_code_types: Mapped[Json | None]  # list of GB/T 36903 annex A codes
    fields: Mapped[Json | None]  # list of keys (CZZT, ZZBH, KZ_...) that are given unmasked
    issuers: Mapped[Json | None]  # list of USCCs in whose name licenses may be issued and changed
    may_withhold: Mapped[bool | None]  # its reads may be kept from the holder under a legal basis


class Refusal(Record):
    """An act the policy refused, written in a short transaction of its own after the request's had rolled back."""

    __tablename__ = "refusals"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[ActorKind] = mapped_column(closed_list(ActorKind, "actor_kind"))
    actor: Mapped[Code]
    act: Mapped[Code]
    subject: Mapped[LongCode]
    code: Mapped[Code]
    request_id: Mapped[Code]


class RememberedRequest(Record):
    """A mutation that was carried out under an idempotency key; kept 30 days."""

    __tablename__ = "remembered_requests"
    __table_args__ = (UniqueConstraint("actor", "mutation", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    actor: Mapped[LongCode]
    mutation: Mapped[Code]
    key: Mapped[LongCode]
    digest: Mapped[Hash]  # of the request's arguments in canonical JSON
    subject: Mapped[LongCode]  # the object that was answered
    at: Mapped[datetime]
