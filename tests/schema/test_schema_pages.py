"""Walks through lists that change under the reader: every untouched row exactly once, in either direction.

Answers field cases 31 (nulls and ties lose rows, offsets repeat them, a cursor outlives its sort) and 32 (unbounded lists).
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import select

from hub.catalog.queries import ServiceItem
from hub.projections import project
from tests.schema.planting import HOME, Heard, Hub, item_code, offer, service_item

NAMES_EN = [None, None, "alpha", "Beta", "beta", "Ωmega", "alpha", "zeta"]  # half of them missing or tied
PAGE = """
query Page($field: ServiceItemOrderField!, $direction: Direction!, $first: Int, $after: String, $last: Int, $before: String) {
  serviceItems(orderBy: {field: $field, direction: $direction}, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { implementationCode nameEn } }
  }
}
"""
ORDERS = [
    (field, direction) for field in ("NAME_EN", "NAME", "CODE", "PROMISED_LIMIT") for direction in ("ASC", "DESC")
]


def plant(hub: Hub, numbers: range) -> None:
    """Plant an item for each number, names and limits full of ties and gaps, in one transaction."""
    heard = [
        Heard(
            HOME,
            item_code(number),
            service_item(
                number,
                ("食品经营许可", "公章刻制", "药品零售")[number % 3],
                name_en=NAMES_EN[number % len(NAMES_EN)],
                promised_limit_days=number % 4,
            ),
        )
        for number in numbers
    ]
    with hub.database.transaction() as session:
        project(session, "service_item", heard, hub.clock)


def bury(hub: Hub, codes: list[str]) -> None:
    """Take items away."""
    with hub.database.transaction() as session:
        project(session, "service_item", [Heard(HOME, code, {"tombstone": True}, 2) for code in codes], hub.clock)


def page(hub: Hub, order: tuple[str, str], **window: Any) -> dict[str, Any]:
    """Return one page of the list."""
    asked = {"field": order[0], "direction": order[1]} | window
    found: dict[str, Any] = hub.data(PAGE, asked)["serviceItems"]
    return found


def codes(found: dict[str, Any]) -> list[str]:
    """Return the codes on a page."""
    return [edge["node"]["implementationCode"] for edge in found["edges"]]


def whole(hub: Hub, order: tuple[str, str]) -> list[str]:
    """Return the whole list by large pages."""
    told: list[str] = []
    after = None
    while True:
        found = page(hub, order, first=200, after=after)
        told += codes(found)
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return told


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("forward", [True, False])
def test_a_walk_meets_every_untouched_row_once_while_others_come_and_go(
    hub: Hub, order: tuple[str, str], forward: bool
) -> None:
    chance = random.Random(f"{order}{forward}")
    plant(hub, range(60))
    untouched = set(range(0, 60, 2))
    removable = [item_code(number) for number in range(1, 60, 2)]
    chance.shuffle(removable)
    met: list[str] = []
    cursor, fresh = None, 100
    while True:
        found = page(hub, order, **({"first": 7, "after": cursor} if forward else {"last": 7, "before": cursor}))
        met += codes(found) if forward else reversed(codes(found))
        cursor = found["pageInfo"]["endCursor" if forward else "startCursor"]
        if not found["pageInfo"]["hasNextPage" if forward else "hasPreviousPage"]:
            break
        bury(hub, [removable.pop(), removable.pop()])
        plant(hub, range(fresh, fresh + 2))
        fresh += 2
    seen = [code for code in met if code in {item_code(number) for number in untouched}]
    assert sorted(seen) == sorted(item_code(number) for number in untouched)


@pytest.mark.parametrize("order", ORDERS)
def test_random_windows_are_slices_of_the_whole_list(hub: Hub, order: tuple[str, str]) -> None:
    chance = random.Random(str(order))
    plant(hub, range(40))
    everything = whole(hub, order)
    cursors = {
        code: edge["cursor"]
        for edge in page(hub, order, first=200)["edges"]
        for code in [edge["node"]["implementationCode"]]
    }
    for _ in range(40):
        after, before = sorted(chance.sample(range(-1, 41), 2))
        size, forward = chance.randrange(0, 12), chance.random() < 0.5
        window: dict[str, Any] = {"first" if forward else "last": size}
        if after >= 0:
            window["after"] = cursors[everything[after]]
        if before < 40:
            window["before"] = cursors[everything[before]]
        between = everything[after + 1 : before]
        wanted = between[:size] if forward else between[max(len(between) - size, 0) :]
        found = page(hub, order, **window)
        begin = after + 1 if forward else min(before, 40) - len(wanted)
        told = (found["pageInfo"]["hasPreviousPage"], found["pageInfo"]["hasNextPage"])
        assert (codes(found), told) == (wanted, (begin > 0, begin + len(wanted) < 40)), (window, after, before)


def test_nulls_come_last_and_text_is_ordered_by_its_bytes(hub: Hub) -> None:
    plant(hub, range(8))
    names = [edge["node"]["nameEn"] for edge in page(hub, ("NAME_EN", "ASC"), first=20)["edges"]]
    assert names == ["Beta", "alpha", "alpha", "beta", "zeta", "Ωmega", None, None]


def test_a_list_without_a_size_answers_fifty_rows(hub: Hub) -> None:
    plant(hub, range(60))
    found = hub.data("{ serviceItems { totalCount edges { cursor } } }")["serviceItems"]
    assert (found["totalCount"], len(found["edges"])) == (60, 50)


def test_only_before_is_answered_with_the_rows_right_in_front(hub: Hub) -> None:
    plant(hub, range(60))
    order = ("CODE", "ASC")
    last = page(hub, order, last=1)
    assert codes(page(hub, order, before=last["pageInfo"]["startCursor"])) == whole(hub, order)[9:59]


@pytest.mark.parametrize(
    ("window", "code"),
    [
        ({"first": -1}, "paging.size_invalid"),
        ({"last": -5}, "paging.size_invalid"),
        ({"first": 201}, "paging.too_large"),
        ({"first": 1000000}, "paging.too_large"),
        ({"last": 201}, "paging.too_large"),
        ({"first": 1, "last": 1}, "paging.first_and_last"),
        ({"first": 1, "after": ""}, "paging.cursor_invalid"),
        ({"first": 1, "after": "AAAA"}, "paging.cursor_invalid"),
        ({"first": 1, "after": "游标"}, "paging.cursor_invalid"),
        ({"first": 1, "before": "x" * 5000}, "paging.cursor_invalid"),
        ({"first": 0, "after": "AAAA"}, "paging.cursor_invalid"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_impossible_window_is_a_coded_error(hub: Hub, window: dict[str, Any], code: str) -> None:
    body = hub.ask(PAGE, {"field": "CODE", "direction": "ASC"} | window)
    assert ([error["extensions"]["code"] for error in body["errors"]], body["data"]) == ([code], {"serviceItems": None})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_cursor_is_refused_under_another_sort_direction_filter_or_list(hub: Hub) -> None:
    plant(hub, range(8))
    hub.plant("cross_region_offer", offer(1, "xianyang-qindu", HOME))
    cursor = page(hub, ("CODE", "ASC"), first=1)["pageInfo"]["endCursor"]
    others = [
        "serviceItems(orderBy: {field: NAME}, after: $c)",
        "serviceItems(orderBy: {field: CODE, direction: DESC}, after: $c)",
        'serviceItems(search: "食", after: $c)',
        "serviceItems(filter: {caseType: {eq: PROMISED}}, after: $c)",
        "crossRegionOffers(after: $c)",
        "licenseTypes(before: $c)",
    ]
    told = [
        hub.ask(f"query Q($c: String) {{ it: {other} {{ edges {{ cursor }} }} }}", {"c": cursor}) for other in others
    ]
    assert [body["errors"][0]["extensions"]["code"] for body in told] == ["paging.cursor_invalid"] * len(others)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_cursor_with_any_altered_character_is_refused(hub: Hub) -> None:
    plant(hub, range(3))
    cursor = page(hub, ("CODE", "ASC"), first=1)["pageInfo"]["endCursor"]
    altered = [cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :] for at in range(len(cursor) - 1)]
    told = [hub.ask(PAGE, {"field": "CODE", "direction": "ASC", "after": one}) for one in altered]
    assert {body["errors"][0]["extensions"]["code"] for body in told} == {"paging.cursor_invalid"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_cursor_says_nothing_of_its_row(hub: Hub) -> None:
    import base64

    plant(hub, range(3))
    cursor = page(hub, ("CODE", "ASC"), first=1)["pageInfo"]["endCursor"]
    assert b"11610100" not in base64.urlsafe_b64decode(cursor + "==")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_same_page_has_the_same_cursors_every_time(hub: Hub) -> None:
    plant(hub, range(9))
    assert page(hub, ("NAME", "ASC"), first=5) == page(hub, ("NAME", "ASC"), first=5)


def test_a_changed_row_is_met_where_it_now_stands(hub: Hub) -> None:
    plant(hub, range(5))
    first = page(hub, ("PROMISED_LIMIT", "ASC"), first=2)
    with hub.database.transaction() as session:
        moved = session.scalar(select(ServiceItem).where(ServiceItem.implementation_code == codes(first)[0]))
        assert moved is not None
        moved.promised_limit_days = 9
    rest = page(hub, ("PROMISED_LIMIT", "ASC"), first=10, after=first["pageInfo"]["endCursor"])
    assert codes(rest)[-1] == codes(first)[0]
