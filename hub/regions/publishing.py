"""How regions and service points stand in the public ledger: content <-> row."""

from __future__ import annotations

from typing import Any

from hub.regions.records import PlaceKind, Region, RegionKind, ServicePoint
from hub.replicas import Content, Shape


def _region(content: Content) -> dict[str, Any]:
    return {
        "code": content["code"],
        "name_zh": content["name_zh"],
        "name_en": content.get("name_en"),
        "kind": RegionKind(content["kind"]),
        "parent_name_zh": content.get("parent_name_zh"),
        "codes": [{"scheme": each["scheme"], "code": each["code"]} for each in content["codes"]],
        "hub_url": content.get("hub_url"),
    }


def _service_point(content: Content) -> dict[str, Any]:
    return {
        "code": content["code"],
        "region": content["region"],
        "name_zh": content["name_zh"],
        "name_en": content.get("name_en"),
        "kind": PlaceKind(content["kind"]),
        "parent": content.get("parent"),
        "address_zh": content.get("address_zh"),
        "hours": list(content["hours"]),
        "window_kind": content.get("window_kind"),
        "demonstration": bool(content["demonstration"]),
    }


def _code(content: Content) -> str:
    return str(content["code"])


REGION = Shape("region", Region, _region, authority=_code, identity=_code)
SERVICE_POINT = Shape(
    "service_point", ServicePoint, _service_point, authority=lambda content: str(content["region"]), identity=_code
)
