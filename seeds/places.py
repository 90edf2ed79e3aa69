"""Regions, their service points and the bodies that implement items there.

Zones have no code of GB/T 2260 and none is invented for them; the bodies are invented and their names end in （演示）.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from hub.codes import regions, uscc
from seeds.tables import records, rows

HOME: Final = "xixian-fengdong"
REGIONS: tuple[str, ...] = (HOME, "xian-hightech", "xianyang-hightech", "xianyang-qindu", "xianyang-weicheng")


def region(code: str, hub_url: str | None) -> dict[str, Any]:
    """Return the content of one region's record; `hub_url` is null when its hub is not known."""
    told = _told(code)
    return {
        "code": code,
        "name_zh": told["name_zh"],
        "name_en": told["name_en"],
        "kind": told["kind"],
        "parent_name_zh": told["parent_name_zh"],
        "codes": [
            {"scheme": each["scheme"], "code": regions.parse(each["scheme"], each["code"]).text}
            for each in told["codes"]
        ],
        "hub_url": hub_url,
    }


def handled_items(code: str) -> int | None:
    """Return how many items of the catalogue the region handles; None means all."""
    count: int | None = _told(code)["items"]
    return count


def service_points(code: str) -> list[dict[str, Any]]:
    """Return the contents of a region's service points, halls before what belongs to them."""
    # Copied deep: the file is read once and the caller owns what it is handed.
    return [
        deepcopy({**point, "demonstration": True}) for point in records("service_points") if point["region"] == code
    ]


@cache
def bodies(code: str) -> Mapping[str, Mapping[str, str]]:
    """Return the region's implementing bodies by kind (approval, police, social, land): {name_zh, uscc}."""
    found = {
        row["body"]: MappingProxyType({"name_zh": row["name_zh"], "uscc": uscc.parse(row["uscc"]).text})
        for row in rows("bodies")
        if row["region"] == code
    }
    return MappingProxyType(found)


def _told(code: str) -> Mapping[str, Any]:
    return next(record for record in records("regions") if record["code"] == code)
