"""How many SQL statements an answer costs: the same for one row and for a hundred (field case 38)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from hub.access.actors import Actor
from hub.projections import project
from tests.schema.planting import (
    HOME,
    OFFICER,
    OPERATOR,
    QINDU,
    Heard,
    Hub,
    bundle,
    dataset,
    indicator,
    item_code,
    license_type,
    material,
    offer,
    service_item,
)
from tests.schema.working import plant_work

OFFERS = """
{ crossRegionOffers(first: 200) {
    totalCount pageInfo { hasNextPage hasPreviousPage }
    edges { node {
      id mode provenance { version origin { code nameZh } checkpoint { size } }
      acceptingRegion { code hub { url reachable ledgers { name appliedSize } } } handlingRegion { code }
      item { nameZh labels region { code } guide { url chartUrl } provenance { checkpoint { size } }
             materials { nameZh replacedBy { code nameZh provenance { version } } } }
    } }
} }
"""
BUNDLES = """
{ bundles(first: 200) { edges { node { code region { code } provenance { version }
    materials { nameZh replacedBy { code } } steps { item { nameZh materials { nameZh } } after { nameZh } } } } } }
"""
DATASETS = """
{ datasets(first: 200) { edges { node { distributions { url } release { checkpoint { size } } region { code } } } }
  indicators(first: 200) { edges { node { points { value } source { title } } } } }
"""
SEALS = """
{ seals(first: 200) { edges { node { nameZh uses(first: 3) { totalCount pageInfo { hasNextPage } edges { node { document } } } } } } }
"""
CONNECTORS = (
    "{ connectors { name state lastRun { outcome rejects(first: 2) { totalCount edges { node { remoteId } } } } } }"
)
RUNS = '{ runs(connector: "file:1", first: 200) { totalCount edges { node { id rejects { edges { node { reason } } } } } } }'


@contextmanager
def counted(hub: Hub) -> Iterator[list[str]]:
    """Yield the statements that are sent meanwhile."""
    sent: list[str] = []

    def note(*told: Any) -> None:
        sent.append(told[2])

    event.listen(hub.database.read_engine, "before_cursor_execute", note)
    yield sent
    event.remove(hub.database.read_engine, "before_cursor_execute", note)


def cost(hub: Hub, document: str, actor: Actor = OFFICER) -> int:
    """Return how many statements the answer took."""
    with counted(hub) as sent:
        hub.data(document, actor=actor)
    return len(sent)


def plant_catalog(hub: Hub, first: int, last: int) -> None:
    """Plant items, each with an offer and a bundle; every item's materials name a license type of its own."""
    numbers = range(first, last)
    types = {number: f"1110000000001333{number:03d}11" for number in numbers}
    items = {
        number: service_item(
            number,
            f"事项 {number}",
            materials=[material("m1", "申请书"), material("m2", f"证照 {number}", types[number])],
        )
        for number in numbers
    }
    told: dict[str, list[tuple[str, Any]]] = {
        "license_type": [(types[number], license_type(types[number], f"证照 {number}")) for number in numbers],
        "service_item": [(item_code(number), items[number]) for number in numbers],
        "cross_region_offer": [(f"{item_code(number)}-{QINDU}", offer(number, QINDU, HOME)) for number in numbers],
        "bundle": [(f"b-{number}", bundle(f"b-{number}", [(number, []), (number, [number])])) for number in numbers],
        "dataset_release": [
            (f"d-{number}", dataset(f"d-{number}", indicators=[indicator(f"i-{number}", "1")])) for number in numbers
        ],
    }
    with hub.database.transaction() as session:
        for kind, records in told.items():
            project(session, kind, [Heard(HOME, record_id, content) for record_id, content in records], hub.clock)


@pytest.mark.parametrize("document", [OFFERS, BUNDLES, DATASETS], ids=["offers", "bundles", "datasets"])
def test_a_catalog_answer_costs_the_same_for_one_row_and_for_a_hundred(hub: Hub, document: str) -> None:
    costs = []
    planted = 1
    for rows in (1, 10, 100):
        plant_catalog(hub, planted, rows + 1)
        planted = rows + 1
        costs.append(cost(hub, document))
    assert costs == [costs[0]] * 3


@pytest.mark.parametrize(
    ("document", "actor"),
    [(SEALS, OFFICER), (CONNECTORS, OPERATOR), (RUNS, OPERATOR)],
    ids=["seals", "connectors", "runs"],
)
def test_an_answer_about_the_hubs_work_costs_the_same_for_one_row_and_for_a_hundred(
    hub: Hub, document: str, actor: Actor
) -> None:
    costs = []
    planted = 1
    for rows in (1, 10, 100):
        plant_work(hub, planted, rows + 1)
        planted = rows + 1
        costs.append(cost(hub, document, actor))
    assert costs == [costs[0]] * 3


def test_all_rows_are_counted_only_when_asked(hub: Hub) -> None:
    plant_catalog(hub, 1, 4)
    document = "{ crossRegionOffers { %s edges { cursor } } }"
    assert cost(hub, document % "totalCount") == cost(hub, document % "") + 1


def test_only_the_count_reads_no_rows(hub: Hub) -> None:
    plant_catalog(hub, 1, 4)
    with counted(hub) as sent:
        hub.data("{ serviceItems { totalCount } }")
    assert [statement for statement in sent if "SELECT" in statement and "count(" not in statement] == []


def test_a_nested_list_answers_what_each_parent_has(hub: Hub) -> None:
    plant_work(hub, 1, 7)
    found = hub.data(SEALS, actor=OFFICER)["seals"]["edges"]
    told = {edge["node"]["nameZh"]: edge["node"]["uses"] for edge in found}
    assert {name: (uses["totalCount"], len(uses["edges"])) for name, uses in told.items()} == {
        f"审批专用章 {number}": (number % 3 + 1, number % 3 + 1) for number in range(1, 7)
    }


def test_a_nested_list_goes_on_from_its_own_cursor_and_from_no_other(hub: Hub) -> None:
    plant_work(hub, 1, 3)
    document = "query Q($c: String) { seals { edges { node { id uses(first: 1, after: $c) { edges { cursor node { document } } } } } } }"
    first = hub.data(document, actor=OFFICER)["seals"]["edges"]
    cursor = first[1]["node"]["uses"]["edges"][0]["cursor"]
    body = hub.ask(document, {"c": cursor}, actor=OFFICER)
    assert [error["extensions"]["code"] for error in body["errors"]] == ["paging.cursor_invalid"]
