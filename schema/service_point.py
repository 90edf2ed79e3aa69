"""Halls, park stations and windows, with their hours."""

from __future__ import annotations

import strawberry

from hub.regions.queries import PlaceKind, to_region
from hub.regions.queries import ServicePoint as PointRecord
from schema.declare import PUBLIC, Key, mapped, noun
from schema.nodes import Node, identified
from schema.provenance import Provenance, provenance
from schema.region import Region


@noun(zh="服务时间。", en="Opening hours.")
class OpeningHours:
    """A member of `hours`."""

    days_zh: str = mapped(Key("days_zh"), access=PUBLIC, zh="日期说明。", en="On which days, in Chinese.")
    opens: str | None = mapped(Key("opens"), access=PUBLIC, zh="开门时间（北京时间）。", en="Opens, Beijing time.")
    closes: str | None = mapped(Key("closes"), access=PUBLIC, zh="关门时间（北京时间）。", en="Closes, Beijing time.")
    always_open: bool = mapped(Key("always_open"), access=PUBLIC, zh="是否不打烊。", en="Whether it never closes.")
    night_market: bool = mapped(
        Key("night_market"), access=PUBLIC, zh="是否政务夜市。", en="Whether it is the night market."
    )


@noun(zh="服务场所：大厅、园区驿站、窗口。", en="A hall, a park station or a window.", record=PointRecord)
class ServicePoint(Node):
    """Read from the place's row."""

    id: strawberry.ID = identified(PointRecord, "service_point")
    code: str = mapped(PointRecord.code, access=PUBLIC, zh="代码。", en="Code.")
    name_zh: str = mapped(PointRecord.name_zh, access=PUBLIC, zh="中文名称。", en="Name in Chinese.")
    name_en: str | None = mapped(PointRecord.name_en, access=PUBLIC, zh="英文名称。", en="Name in English.")
    kind: PlaceKind = mapped(PointRecord.kind, access=PUBLIC, zh="类别。", en="Kind.")
    window_kind: str | None = mapped(PointRecord.window_kind, access=PUBLIC, zh="窗口类别。", en="Kind of window.")
    address_zh: str | None = mapped(PointRecord.address_zh, access=PUBLIC, zh="地址。", en="Address, in Chinese.")
    hours: list[OpeningHours] = mapped(PointRecord.hours, access=PUBLIC, zh="服务时间。", en="Opening hours.")
    demonstration: bool = mapped(
        PointRecord.demonstration, access=PUBLIC, zh="是否演示数据。", en="Whether it is demonstration data."
    )
    region: Region | None = mapped(to_region(PointRecord.region), access=PUBLIC, zh="所在区域。", en="Its region.")
    provenance: Provenance = provenance("service_point")
