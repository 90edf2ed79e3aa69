"""Which of the home region's items carry its labels and its guides.

The counts are published, the items are not: they are chosen by rank among those a label can belong to. The labels are
a reform of the home region alone, so partners' items carry none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from seeds.ranks import first_by_rank
from seeds.tables import Row, rows

LABELS: Final = ("ALWAYS_OPEN", "FIFTEEN_MINUTE", "IN_PARK")
GUIDES: Final = ("chart", "video", "vr")


def labels(base_code: str) -> list[str]:
    """Return the labels of a home item, in the order of `LABELS`."""
    return [label for label in LABELS if base_code in _chosen()[label]]


def guide(base_code: str, implementation_code: str) -> dict[str, Any]:
    """Return what guides a home item has; links are relative to the hub and point at sections of the item's own page."""
    has = {kind: base_code in _chosen()[kind] for kind in GUIDES}
    return {
        "chart": has["chart"],
        "video_url": f"/items/{implementation_code}#video" if has["video"] else None,
        "vr_url": f"/items/{implementation_code}#vr" if has["vr"] else None,
    }


@cache
def _chosen() -> Mapping[str, frozenset[str]]:
    wanted = {row["what"]: int(row["items"]) for row in rows("home_counts")}
    chosen = {}
    for what, count in wanted.items():
        able = [row["base_code"] for row in rows("items") if _can_carry(what, row)]
        chosen[what] = frozenset(first_by_rank(what, able, count))
    return MappingProxyType(chosen)


def _can_carry(what: str, row: Row) -> bool:
    # Fifteen minutes need a decision at once; a desk that never closes needs an item without a visit, as a park
    # station does.
    if what == "FIFTEEN_MINUTE":
        return row["promised_days"] == "0"
    if what in {"ALWAYS_OPEN", "IN_PARK"}:
        return row["site_visits"] == "0"
    return True
