"""The steps an item passes through, its route of approval, and what comes out.

The route follows 审, 核, 准 (examine, check, approve); an item decided at once has one stage. The days of the steps
sum to the promised limit.
"""

from __future__ import annotations

from typing import Any, Final

LICENSING: Final = "01"
RISKY_SETS: Final = frozenset({"danger", "build", "accept", "drug", "clinic", "gas", "environment"})
AT_ONCE: Final = (("受理", "ACCEPT"), ("当场决定", "APPROVE"), ("送达", "DELIVER"))
LICENSED_AT_ONCE: Final = (
    ("收件", "ACCEPT"), ("受理", "ACCEPT"), ("当场决定", "APPROVE"), ("制证", "DELIVER"), ("送达", "DELIVER"),
)  # fmt: skip
PROMISED: Final = (
    ("受理", "ACCEPT"), ("审查", "EXAMINE"), ("核查", "CHECK"), ("决定", "APPROVE"), ("制证与送达", "DELIVER"),
)  # fmt: skip
DOUBLE: Final = (
    ("受理", "ACCEPT"), ("审查", "EXAMINE"), ("双人核查", "CHECK"), ("决定", "APPROVE"), ("制证与送达", "DELIVER"),
)  # fmt: skip
DEFAULT_RESULTS: Final = {
    "01": "准予行政许可决定书",
    "05": "给付审核决定书",
    "07": "确认结果通知书",
    "08": "奖励决定书",
    "09": "裁决书",
    "20": "服务办理结果通知书",
}
APPROVAL_ENDINGS: Final = ("批复", "决定书", "批准书", "意见书", "裁决书", "同意书")
DOCUMENT_ENDINGS: Final = (
    "证明", "通知书", "协议书", "回执", "确认书", "文书", "登记页", "印鉴卡",
)  # fmt: skip


def route(materials: str, promised_days: int) -> str:
    """Return ONE_STAGE for an item decided at once, DOUBLE_CHECK where danger is checked by two, else STANDARD."""
    if promised_days == 0:
        return "ONE_STAGE"
    return "DOUBLE_CHECK" if materials in RISKY_SETS else "STANDARD"


def steps(item_type: str, chosen_route: str, promised_days: int) -> list[dict[str, Any]]:
    """Return the steps in order, at least three (five for licensing); their days sum to `promised_days`."""
    if chosen_route == "ONE_STAGE":
        flow = LICENSED_AT_ONCE if item_type == LICENSING else AT_ONCE
    else:
        flow = DOUBLE if chosen_route == "DOUBLE_CHECK" else PROMISED
    days = _spread(promised_days, [role for _, role in flow])
    return [
        {"order": order, "name_zh": name_zh, "role": role, "days": days[order - 1]}
        for order, (name_zh, role) in enumerate(flow, 1)
    ]


def result(item_type: str, name_zh: str, named: str) -> dict[str, str]:
    """Return what comes out of the item: `named` where the source names it, else the document of its type."""
    result_zh = named or _default_result(item_type, name_zh)
    if result_zh.endswith(APPROVAL_ENDINGS):
        return {"type": "APPROVAL", "name_zh": result_zh}
    if result_zh.endswith(DOCUMENT_ENDINGS):
        return {"type": "DOCUMENT", "name_zh": result_zh}
    return {"type": "LICENSE", "name_zh": result_zh}


def _default_result(item_type: str, name_zh: str) -> str:
    if item_type == "10":
        return "备案回执" if "备案" in name_zh else "办理结果通知书"
    return DEFAULT_RESULTS[item_type]


def _spread(total: int, roles: list[str]) -> list[int]:
    # One day each in the order of weight of the work, again and again, until the limit is used up.
    days = [0] * len(roles)
    turns = [
        roles.index(role) for role in ("EXAMINE", "APPROVE", "CHECK", "EXAMINE", "ACCEPT", "DELIVER") if role in roles
    ]
    for day in range(total):
        days[turns[day % len(turns)]] += 1
    return days
