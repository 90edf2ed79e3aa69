"""Tables of regions and places. A region that is not served any more keeps its row with `tombstoned_at`."""

from __future__ import annotations

import enum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Code, Json, LongCode, Name, Record, closed_list
from hub.replicas import Replicated


class RegionKind(enum.StrEnum):
    """What a region is in law: only districts have a GB/T 2260 code."""

    NEW_TOWN = "NEW_TOWN"  # 新城
    HIGH_TECH_ZONE = "HIGH_TECH_ZONE"  # 高新区
    DISTRICT = "DISTRICT"  # 区


class PlaceKind(enum.StrEnum):
    """Where service is given."""

    HALL = "HALL"  # 政务大厅
    PARK_STATION = "PARK_STATION"  # 园区驿站
    WINDOW = "WINDOW"  # 窗口


class Region(Replicated, Record):
    """A district that runs, or is served by, a hub."""

    __tablename__ = "regions"
    __table_args__ = (UniqueConstraint("origin", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name | None]
    kind: Mapped[RegionKind] = mapped_column(closed_list(RegionKind, "kind"))
    parent_name_zh: Mapped[Name | None]
    codes: Mapped[Json]  # [{scheme, code}]
    hub_url: Mapped[LongCode | None]


class ServicePoint(Replicated, Record):
    """A hall, a park station or a window kind."""

    __tablename__ = "service_points"
    __table_args__ = (UniqueConstraint("origin", "record_id"), Index(None, "region", "kind"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    region: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name | None]
    kind: Mapped[PlaceKind] = mapped_column(closed_list(PlaceKind, "kind"))
    parent: Mapped[Code | None]
    address_zh: Mapped[Name | None]
    hours: Mapped[Json]  # [{days_zh, opens, closes, always_open, night_market}]
    window_kind: Mapped[Code | None]
    demonstration: Mapped[bool]
