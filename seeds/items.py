"""Service items (政务服务事项) as each region implements them: GB/T 39554, with what differs between districts.

Names are the national ones. What is invented is listed in each item's `demonstration_fields`. The rules of
consistency that city checkers use (at once <=> 即办件, promised within legal, no visit => mail) hold by construction
and are tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from hub.codes import items as item_codes
from seeds import labels, papers, steps
from seeds.places import HOME, bodies, handled_items
from seeds.ranks import first_by_rank, rank
from seeds.tables import Row, rows

LEVEL: Final = 4  # 县级: districts, zones and new towns exercise the county's powers.
NMPA_EXAMPLE: Final = "000172149001"
VALID_FROM: Final = "2024-01-01"
OBJECTS: Final = {
    "N": ("NATURAL_PERSON",),
    "L": ("LEGAL_PERSON",),
    "NL": ("NATURAL_PERSON", "LEGAL_PERSON"),
}
ALWAYS_INVENTED: Final = (
    "base_code", "channels", "conditions_zh", "exercise_level", "guide", "handling_code", "implementation_code",
    "implementing_body", "labels", "materials", "promised_limit_days", "route", "site_visits", "steps", "valid_from",
)  # fmt: skip


@cache
def handled(region: str) -> tuple[str, ...]:
    """Return the base codes of the items a region handles, in the order of the catalogue."""
    every = [row["base_code"] for row in rows("items")]
    count = handled_items(region)
    if count is None:
        return tuple(every)
    always = {row["base_code"] for row in rows("bundles")} | {NMPA_EXAMPLE}
    chosen = always | set(
        first_by_rank(f"handles {region}", [c for c in every if c not in always], count - len(always))
    )
    return tuple(code for code in every if code in chosen)


@cache
def implementation_code(region: str, base_code: str) -> str:
    """Return the 31-character code of the item as the region implements it."""
    group = _groups()[_rows()[base_code]["group"]]
    return item_codes.mint_implementation(bodies(region)[group["body"]]["uscc"], LEVEL, base_code).text


def site_visits(base_code: str) -> int:
    """Return how often an applicant must come in person; the same in every region."""
    return int(_rows()[base_code]["site_visits"])


def service_items(region: str) -> list[dict[str, Any]]:
    """Return the contents of the region's items, in the order of the catalogue."""
    return [_item(region, _rows()[base_code]) for base_code in handled(region)]


def _item(region: str, row: Row) -> dict[str, Any]:
    promised = _promised_days(region, row)
    route = steps.route(row["materials"], promised)
    return {
        **_identity(region, row),
        **_limits(row, promised),
        "labels": labels.labels(row["base_code"]) if region == HOME else [],
        "legal_basis": [{"law_zh": row["law"], "article": row["article"] or None}],
        "conditions_zh": f"符合《{row['law']}》规定的条件，申请材料齐全、符合法定形式。",
        "channels": _channels(row),
        "result": steps.result(row["item_type"], row["name_zh"], row["result"]),
        "materials": papers.materials(row, region),
        "steps": steps.steps(row["item_type"], route, promised),
        "fees": papers.fees(row["fee"]),
        "route": route,
        "guide": _guide(region, row),
        "valid_from": VALID_FROM,
        "valid_to": None,
        "item_version": 1,
        "state": "IN_USE",
        "group": row["group"],
        "demonstration_fields": _invented(row),
    }


def _identity(region: str, row: Row) -> dict[str, Any]:
    code = implementation_code(region, row["base_code"])
    body = bodies(region)[_groups()[row["group"]]["body"]]
    return {
        "implementation_code": code,
        "base_code": row["base_code"],
        "handling_code": item_codes.mint_handling(code, 1).text,
        "region": region,
        "name_zh": row["name_zh"],
        "name_en": None,
        "item_type": row["item_type"],
        "exercise_level": LEVEL,
        "service_objects": list(OBJECTS[row["objects"]]),
        "implementing_body": dict(body),
    }


def _limits(row: Row, promised: int) -> dict[str, Any]:
    return {
        "case_type": "PROMISED" if promised else "IMMEDIATE",
        "legal_limit_days": int(row["legal_days"]) if row["legal_days"] else None,
        "promised_limit_days": promised,
        "site_visits": site_visits(row["base_code"]),
    }


def _promised_days(region: str, row: Row) -> int:
    promised = int(row["promised_days"])
    if region == HOME or promised == 0:
        return promised
    other = promised + rank("promised", region, row["base_code"]) % 5 - 1
    return max(1, min(other, int(row["legal_days"] or other)))


def _channels(row: Row) -> list[str]:
    # Without a visit the result must be able to reach the applicant: by post, or online.
    if row["site_visits"] == "0":
        return ["WINDOW", "ONLINE", "MAIL"]
    return ["WINDOW", "ONLINE"] if rank("online", row["base_code"]) % 2 else ["WINDOW"]


def _guide(region: str, row: Row) -> dict[str, Any]:
    if region != HOME:
        return {"chart": False, "video_url": None, "vr_url": None}
    return labels.guide(row["base_code"], implementation_code(region, row["base_code"]))


def _invented(row: Row) -> list[str]:
    fields = set(ALWAYS_INVENTED)
    if row["legal_days"] and row["legal_source"] != "statute":
        fields.add("legal_limit_days")
    if papers.invented_fees(row["fee"]):
        fields.add("fees")
    if not row["result"]:
        fields.add("result")
    return sorted(fields)


@cache
def _rows() -> Mapping[str, Row]:
    return {row["base_code"]: row for row in rows("items")}


@cache
def _groups() -> Mapping[str, Row]:
    return {row["code"]: row for row in rows("groups")}
