"""Tables of the service catalog: items with materials, cross-region offers and bundles, of this region and of its partners."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.database import Code, Json, LongCode, Name, Prose, Record, closed_list
from hub.replicas import Replicated


class CaseType(enum.StrEnum):
    """办件类型 (national code list): decided at once, or within a promised limit."""

    IMMEDIATE = "IMMEDIATE"  # 1 即办件
    PROMISED = "PROMISED"  # 2 承诺件


class OfferMode(enum.StrEnum):
    """The three modes of cross-region service (国办发〔2020〕35号)."""

    FULLY_ONLINE = "FULLY_ONLINE"  # 全程网办
    ACCEPTED_ELSEWHERE = "ACCEPTED_ELSEWHERE"  # 异地代收代办
    HANDLED_JOINTLY = "HANDLED_JOINTLY"  # 多地联办


class ItemLabel(enum.StrEnum):
    """The labels the service centre's report counts."""

    ALWAYS_OPEN = "ALWAYS_OPEN"  # 不打烊
    FIFTEEN_MINUTE = "FIFTEEN_MINUTE"  # 15 分钟即来即办
    IN_PARK = "IN_PARK"  # 不出园区


class Necessity(enum.StrEnum):
    """Whether a material must be there."""

    REQUIRED = "REQUIRED"  # 必要
    OPTIONAL = "OPTIONAL"  # 非必要
    LATER = "LATER"  # 容缺后补


class ServiceItem(Replicated, Record):
    """政务服务事项 as one region implements it (GB/T 39554)."""

    __tablename__ = "service_items"
    __table_args__ = (
        UniqueConstraint("origin", "record_id"),
        Index(None, "base_code"),
        Index(None, "region", "name_zh"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    implementation_code: Mapped[Code] = mapped_column(unique=True)  # 31 characters
    base_code: Mapped[Code]  # 12
    handling_code: Mapped[Code]  # 33
    region: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name | None]
    item_type: Mapped[Code]  # 01 行政许可 … 20 公共服务
    case_type: Mapped[CaseType] = mapped_column(closed_list(CaseType, "case_type"))
    exercise_level: Mapped[int]
    body_name_zh: Mapped[Name]
    body_uscc: Mapped[Code]
    legal_limit_days: Mapped[int | None]  # working days
    promised_limit_days: Mapped[int]  # working days; 0: at once
    site_visits: Mapped[int]
    route: Mapped[Code]
    item_group: Mapped[Code]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    item_version: Mapped[int]
    conditions_zh: Mapped[Prose | None]
    service_objects: Mapped[Json]
    channels: Mapped[Json]
    legal_basis: Mapped[Json]
    result: Mapped[Json]
    steps: Mapped[Json]
    fees: Mapped[Json]
    guide: Mapped[Json]
    demonstration_fields: Mapped[Json]
    materials: Mapped[list[Material]] = relationship(
        lazy="raise", order_by="Material.position", cascade="all, delete-orphan", passive_deletes=True
    )
    labels: Mapped[list[Labelled]] = relationship(
        lazy="raise", order_by="Labelled.label", cascade="all, delete-orphan", passive_deletes=True
    )


class Material(Record):
    """A material an item asks for; `replaced_by` is the license type that makes it needless (免证办)."""

    __tablename__ = "materials"
    __table_args__ = (UniqueConstraint("item_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("service_items.id", ondelete="CASCADE"))
    position: Mapped[int]
    material_id: Mapped[Code]
    name_zh: Mapped[Name]
    necessity: Mapped[Necessity] = mapped_column(closed_list(Necessity, "necessity"))
    form: Mapped[Code]
    copies: Mapped[int]
    source: Mapped[Code]
    replaced_by: Mapped[Code | None]


class Labelled(Record):
    """One label of one item."""

    __tablename__ = "item_labels"

    item_id: Mapped[int] = mapped_column(ForeignKey("service_items.id", ondelete="CASCADE"), primary_key=True)
    label: Mapped[ItemLabel] = mapped_column(closed_list(ItemLabel, "label"), primary_key=True)


class Offer(Replicated, Record):
    """跨区通办: one item of the handling region, accepted in another region, in one mode."""

    __tablename__ = "cross_region_offers"
    __table_args__ = (
        UniqueConstraint("origin", "record_id"),
        UniqueConstraint("item", "accepting_region"),
        Index(None, "accepting_region", "handling_region"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[Code]  # implementation code
    accepting_region: Mapped[Code]
    handling_region: Mapped[Code]
    mode: Mapped[OfferMode] = mapped_column(closed_list(OfferMode, "mode"))
    joint_id: Mapped[LongCode | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Bundle(Replicated, Record):
    """一件事: several items as one application."""

    __tablename__ = "bundles"
    __table_args__ = (UniqueConstraint("origin", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    region: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name | None]
    steps: Mapped[Json]  # [{item, after: [implementation codes]}], in order
