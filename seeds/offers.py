"""Cross-region offers (跨区域通办): which item of which region is accepted where, and how.

The published number for a pair counts both directions. Which items they are follows from rank: first those both
regions handle and handle jointly, the same base codes in both directions; then each handling region's own.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from seeds.items import VALID_FROM, handled, implementation_code, site_visits
from seeds.ranks import first_by_rank, rank
from seeds.tables import rows

JOINT_SHARE: Final = 8  # One in eight of the smaller direction is handled jointly.


def cross_region_offers(region: str) -> list[dict[str, Any]]:
    """Return the contents of the offers the region handles, by accepting region and then in the catalogue's order."""
    return [
        _offer(region, accepting, base_code)
        for handling, accepting in _counts()
        if handling == region
        for base_code in _offered(region, accepting)
    ]


def _offer(handling: str, accepting: str, base_code: str) -> dict[str, Any]:
    mode = _mode(handling, accepting, base_code)
    return {
        "item": implementation_code(handling, base_code),
        "accepting_region": accepting,
        "handling_region": handling,
        "mode": mode,
        "joint_id": f"joint-{base_code}" if mode == "HANDLED_JOINTLY" else None,
        "valid_from": VALID_FROM,
        "valid_to": None,
    }


def _mode(handling: str, accepting: str, base_code: str) -> str:
    if base_code in _joint(*sorted((handling, accepting))):
        return "HANDLED_JOINTLY"
    online = site_visits(base_code) == 0 and rank("mode", handling, accepting, base_code) % 2 == 0
    return "FULLY_ONLINE" if online else "ACCEPTED_ELSEWHERE"


@cache
def _offered(handling: str, accepting: str) -> tuple[str, ...]:
    joint = _joint(*sorted((handling, accepting)))
    own = [code for code in handled(handling) if code not in joint]
    chosen = joint | set(first_by_rank(f"{handling} for {accepting}", own, _counts()[handling, accepting] - len(joint)))
    return tuple(code for code in handled(handling) if code in chosen)


@cache
def _joint(one: str, other: str) -> frozenset[str]:
    # One choice for all pairs, so that several pairs of regions meet in the same joint items.
    both = set(handled(one)) & set(handled(other))
    count = min(_counts()[one, other], _counts()[other, one]) // JOINT_SHARE
    return frozenset(first_by_rank("jointly", both, count))


@cache
def _counts() -> dict[tuple[str, str], int]:
    return {(row["handling"], row["accepting"]): int(row["offers"]) for row in rows("offer_counts")}
