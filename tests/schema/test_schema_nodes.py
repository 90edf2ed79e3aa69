"""`node(id:)` reads nothing that the other paths refuse, and its ids are the same on every hub (field cases 36 and 39)."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLInterfaceType

from connectors.records import Connector, Outcome, Run
from hub.access.actors import PUBLIC_ACTOR, Actor
from hub.access.policy import level_allows
from schema.build import core
from schema.nodes import node_id
from schema.root_node import NODES
from tests.schema.planting import (
    HOME,
    OFFICER,
    OPERATOR,
    PARTNER,
    QINDU,
    SCHEMA,
    Hub,
    bundle,
    dataset,
    item_code,
    offer,
    service_item,
)
from tests.schema.working import seal_row

ACTORS = [PUBLIC_ACTOR, PARTNER, OFFICER, OPERATOR]
NODE = "query Node($id: ID!) { node(id: $id) { __typename id } }"
TYPES = {
    "region": ("Region", HOME),
    "service_point": ("ServicePoint", "hall-1"),
    "license_type": ("LicenseType", "11100000000013338W011"),
    "service_item": ("ServiceItem", item_code(1)),
    "cross_region_offer": ("CrossRegionOffer", f"{item_code(1)}-{QINDU}"),
    "bundle": ("Bundle", "b-1"),
    "dataset_release": ("Dataset", "fengdong-2023"),
    "approval": ("Approval", "a-1"),
    "seal_status": ("Seal", "seal-1"),
    "run": ("Run", "run-1"),
}
POINT = {
    "code": "hall-1", "region": HOME, "name_zh": "政务大厅", "name_en": None, "kind": "HALL", "parent": None, "address_zh": None,
    "hours": [{"days_zh": "工作日", "opens": "09:00", "closes": "17:00", "always_open": False, "night_market": False}],
    "window_kind": None, "demonstration": True,
}  # fmt: skip


@pytest.fixture
def full(hub: Hub) -> Hub:
    """A hub with one record of every identified kind, approvals excepted."""
    hub.plant("service_point", POINT)
    hub.plant("service_item", service_item(1, "食品经营许可"))
    hub.plant("cross_region_offer", offer(1, QINDU, HOME))
    hub.plant("bundle", bundle("b-1", [(1, [])]))
    hub.plant("dataset_release", dataset())
    at = hub.clock.now()
    with hub.database.transaction() as session:
        connector = Connector(
            name="file:1", adapter="file", source="x.csv", settings={}, schedule={"every_seconds": 60}
        )
        session.add_all([seal_row(1, hub), connector])
        session.flush()
        session.add(
            Run(
                id="run-1",
                connector_id=connector.id,
                due_at=at,
                started_at=at,
                lease_until=at + timedelta(minutes=1),
                owner="w",
                outcome=Outcome.RUNNING,
            )  # fmt: skip
        )
    return hub


def seen(hub: Hub, id_: str, actor: Actor) -> str:
    """Return the type that was answered, or the code of the refusal."""
    body = hub.ask(NODE, {"id": id_}, actor=actor)
    return str(body["errors"][0]["extensions"]["code"] if "errors" in body else body["data"]["node"]["__typename"])


def of(kind: str) -> str:
    """Return the node id of the planted record of a kind."""
    return node_id(kind, HOME, TYPES[kind][1])


@pytest.mark.parametrize("kind", sorted(TYPES.keys() - {"approval"}))
def test_a_node_is_answered_to_those_of_its_level_and_to_nobody_else(full: Hub, kind: str) -> None:
    told = {actor.kind: seen(full, of(kind), actor) for actor in ACTORS}
    assert told == {
        actor.kind: TYPES[kind][0] if level_allows(actor, NODES[kind].level) else "access.not_permitted"
        for actor in ACTORS
    }


@pytest.mark.parametrize("kind", sorted(TYPES))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_missing_record_is_refused_like_a_present_one(hub: Hub, kind: str) -> None:
    told = {actor.kind: seen(hub, node_id(kind, HOME, "nothing"), actor) for actor in ACTORS}
    assert told == {
        actor.kind: "record.not_found" if level_allows(actor, NODES[kind].level) else "access.not_permitted"
        for actor in ACTORS
    }


def test_every_identified_type_has_a_door_and_every_door_a_type() -> None:
    interface = core(SCHEMA).type_map["Node"]
    assert isinstance(interface, GraphQLInterfaceType)
    types = {kind.name for kind in core(SCHEMA).get_possible_types(interface)}
    assert ({name for name, _ in TYPES.values()}, set(TYPES)) == (types, set(NODES))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "id_",
    [
        "",
        "x",
        "游标",
        "====",
        "cmVnaW9u",
        base64.urlsafe_b64encode(b"region/\xff/x").decode(),
        node_id("partner", HOME, "1"),
        node_id("token", HOME, "1"),
    ],
)
def test_what_is_no_id_leads_to_nothing(hub: Hub, id_: str) -> None:
    assert seen(hub, id_, OPERATOR) == "record.not_found"


def test_an_id_says_kind_origin_and_record_and_nothing_of_this_hub(full: Hub) -> None:
    found = full.data("{ regions { id code } }")["regions"]
    told = {region["code"]: base64.urlsafe_b64decode(region["id"] + "==").decode() for region in found}
    assert told[QINDU] == f"region/{QINDU}/{QINDU}"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_id_of_a_listed_row_leads_back_to_it(full: Hub) -> None:
    document = """{
      serviceItems { edges { node { id } } } crossRegionOffers { edges { node { id } } } bundles { edges { node { id } } }
      datasets { edges { node { id } } } licenseTypes { edges { node { id } } } servicePoints { edges { node { id } } }
    }"""
    lists: dict[str, Any] = full.data(document)
    ids = [edge["node"]["id"] for found in lists.values() for edge in found["edges"]]
    assert [full.data(NODE, {"id": one})["node"]["id"] for one in ids] == ids


def test_a_tombstoned_record_is_not_found(full: Hub) -> None:
    from hub.projections import publish

    with full.database.transaction() as session:
        publish(session, region=HOME, kind="bundle", record_id="b-1", content={"tombstone": True}, clock=full.clock)
    assert seen(full, of("bundle"), PUBLIC_ACTOR) == "record.not_found"


def test_every_request_reads_what_is_there_now(full: Hub) -> None:
    document = "query Node($id: ID!) { node(id: $id) { ... on ServiceItem { nameZh } } }"
    before = full.data(document, {"id": of("service_item")})["node"]
    full.plant("service_item", service_item(1, "食品经营许可（新）"))
    assert (before, full.data(document, {"id": of("service_item")})["node"]) == (
        {"nameZh": "食品经营许可"},
        {"nameZh": "食品经营许可（新）"},
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_seal_reached_through_node_shows_its_fields_to_officers_only(full: Hub) -> None:
    document = "query Node($id: ID!) { node(id: $id) { ... on Seal { nameZh uses { totalCount } } } }"
    told = [full.ask(document, {"id": of("seal_status")}, actor=actor)["data"]["node"] for actor in (PARTNER, OFFICER)]
    assert told == [None, {"nameZh": "审批专用章 1", "uses": {"totalCount": 0}}]
