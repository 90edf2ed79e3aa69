"""The partners' documents, verbatim: each is valid under the schema, and those whose rooms stand are answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse, print_ast, validate

from schema.build import core
from tests.schema.planting import (
    CONTRACT,
    HOME,
    OFFICER,
    OPERATOR,
    QINDU,
    SCHEMA,
    Hub,
    bundle,
    dataset,
    offer,
    service_item,
)

LATER = {  # operations of rooms that are not built yet
    "PrepareDeviceSignature",
    "CompleteDeviceSignature",
    "Demands",
    "Retrieve",
    "License",
    "VerifyLicense",
    "VerifyDocument",
    "Issue",
    "Suspend",
    "WhoLooked",
    "Submit",
    "Advance",
    "Case",
    "CaseLoad",
}
VARIABLES: dict[str, Any] = json.loads((CONTRACT / "variables.json").read_text())


def operations() -> dict[str, str]:
    """Return every operation of the contract by name, as text of its own."""
    found = {}
    for file in sorted(CONTRACT.glob("*.graphql")):
        for node in parse(file.read_text()).definitions:
            assert isinstance(node, OperationDefinitionNode) and node.name
            found[node.name.value] = print_ast(node)
    return found


OPERATIONS = operations()
PRESENT = sorted(OPERATIONS.keys() - LATER)


@pytest.mark.parametrize("name", PRESENT)
def test_a_document_of_the_contract_is_valid_as_it_was_sent(name: str) -> None:
    assert validate(core(SCHEMA), parse(OPERATIONS[name])) == []


@pytest.fixture
def planted(hub: Hub) -> Hub:
    """A hub with an item of each side, offers, a bundle and a data set."""
    hub.plant(
        "service_item",
        service_item(1, "食品经营许可", labels=["ALWAYS_OPEN", "IN_PARK"]),
        service_item(2, "公章刻制备案", base_code="000172149002"),
    )
    hub.plant("service_item", service_item(3, "食品生产许可", QINDU), origin=QINDU)
    hub.plant("cross_region_offer", offer(1, QINDU, HOME), offer(2, QINDU, HOME, mode="HANDLED_JOINTLY"))
    hub.plant("cross_region_offer", offer(3, HOME, QINDU, mode="ACCEPTED_ELSEWHERE"), origin=QINDU)
    hub.plant("bundle", bundle("open-a-restaurant", [(1, []), (2, [1])]))
    hub.plant("dataset_release", dataset())
    hub.sequence()
    return hub


@pytest.mark.parametrize("name", ["Regions", "Matrix", "Bundles", "LicenseTypes", "Datasets", "Ledgers"])
def test_an_open_document_without_variables_is_answered(planted: Hub, name: str) -> None:
    assert all(planted.data(OPERATIONS[name]).values())


@pytest.mark.parametrize("name", ["Offers", "SameItemElsewhere", "Search", "Indicators"])
def test_an_open_document_is_answered_with_its_example_variables(planted: Hub, name: str) -> None:
    answered = planted.data(OPERATIONS[name], VARIABLES[name])
    assert next(iter(answered.values()))["edges"]


def test_the_offers_of_a_partner_are_those_of_both_directions(planted: Hub) -> None:
    found = planted.data(OPERATIONS["Offers"], VARIABLES["Offers"])["crossRegionOffers"]
    pairs = {
        (edge["node"]["acceptingRegion"]["code"], edge["node"]["handlingRegion"]["code"]) for edge in found["edges"]
    }
    assert (found["totalCount"], pairs) == (3, {(QINDU, HOME), (HOME, QINDU)})


def test_the_published_figure_of_a_pair_is_the_sum_of_both_cells(planted: Hub) -> None:
    cells = planted.data(OPERATIONS["Matrix"])["crossRegionMatrix"]
    told = {(cell["acceptingRegion"]["code"], cell["handlingRegion"]["code"]): cell["items"] for cell in cells}
    assert told == {(HOME, QINDU): 1, (QINDU, HOME): 2}


def test_a_replaced_material_names_the_license_that_replaces_it(planted: Hub) -> None:
    found = planted.data(OPERATIONS["Offers"], VARIABLES["Offers"])["crossRegionOffers"]["edges"][0]["node"]["item"]
    assert [material["replacedBy"] for material in found["materials"]] == [
        None,
        {"code": "11100000000013338W011", "nameZh": "营业执照"},
    ]


def test_a_bundle_asks_for_each_material_once(planted: Hub) -> None:
    found = planted.data(OPERATIONS["Bundles"])["bundles"]["edges"][0]["node"]
    assert [material["nameZh"] for material in found["materials"]] == ["申请书", "营业执照复印件"]


def test_a_step_of_a_bundle_names_what_comes_before_it(planted: Hub) -> None:
    found = planted.data(OPERATIONS["Bundles"])["bundles"]["edges"][0]["node"]
    assert found["steps"][1] == {"item": {"nameZh": "公章刻制备案"}, "after": [{"nameZh": "食品经营许可"}]}


def test_a_sequenced_record_shows_the_checkpoint_that_covers_it(planted: Hub) -> None:
    found = planted.data(OPERATIONS["SameItemElsewhere"], VARIABLES["SameItemElsewhere"])["serviceItems"]["edges"]
    standing = {edge["node"]["region"]["code"]: edge["node"]["provenance"] for edge in found}
    size = planted.data("{ ledgers { name size } }")["ledgers"][0]["size"]
    assert standing[HOME] == {"origin": {"code": HOME}, "version": 1, "checkpoint": {"size": size}}


def test_a_partners_record_without_a_verified_checkpoint_shows_none(planted: Hub) -> None:
    found = planted.data(OPERATIONS["SameItemElsewhere"], VARIABLES["SameItemElsewhere"])["serviceItems"]["edges"]
    standing = {edge["node"]["region"]["code"]: edge["node"]["provenance"] for edge in found}
    assert standing[QINDU] == {"origin": {"code": QINDU}, "version": 1, "checkpoint": None}


def test_figures_leave_as_decimal_strings(planted: Hub) -> None:
    found = planted.data(OPERATIONS["Indicators"], VARIABLES["Indicators"])["indicators"]["edges"]
    assert {edge["node"]["code"]: edge["node"]["points"][0]["value"] for edge in found} == {
        "licenses_issued": "72.6",
        "seal_uses": "220000",
    }


def test_a_size_past_the_32_bit_range_is_a_number(planted: Hub) -> None:
    found = planted.data(OPERATIONS["Datasets"])["datasets"]["edges"][0]["node"]
    assert found["distributions"][0]["bytes"] == 2**33


def test_changes_deliver_every_header_with_a_proof_to_the_checkpoint(planted: Hub) -> None:
    page = planted.data(OPERATIONS["Changes"], {"ledger": "PUBLIC", "after": 0, "first": 3})["changes"]
    assert ([entry["index"] for entry in page["entries"]], bool(page["consistency"])) == ([0, 1, 2], True)


def test_the_exchange_ledger_is_refused_to_the_public(planted: Hub) -> None:
    body = planted.ask(OPERATIONS["Changes"], {"ledger": "EXCHANGE", "after": 0, "first": 3})
    assert (body["data"], body["errors"][0]["extensions"]["code"]) == ({"changes": None}, "access.not_permitted")


def test_a_sequenced_record_is_proven_by_its_node_id(planted: Hub) -> None:
    node = planted.data("{ regions { id code } }")["regions"][0]
    proof = planted.data(OPERATIONS["Proof"], {"id": node["id"]})["inclusionProof"]
    assert json.loads(proof["header"])["id"] == HOME


def test_an_unsequenced_record_cannot_be_proven_yet(hub: Hub) -> None:
    node = hub.data("{ regions { id } }")["regions"][0]
    body = hub.ask(OPERATIONS["Proof"], {"id": node["id"]})
    assert body["errors"][0]["extensions"]["code"] == "ledger.not_sequenced"


@pytest.mark.parametrize(("name", "actor"), [("Approvals", OFFICER), ("Seals", OFFICER), ("Connectors", OPERATOR)])
def test_those_who_work_here_are_answered(hub: Hub, name: str, actor: Any) -> None:
    assert hub.data(OPERATIONS[name], VARIABLES.get(name), actor=actor)


@pytest.mark.parametrize("name", ["Approvals", "Seals", "Connectors", "Runs"])
def test_the_public_is_refused_the_work_of_the_hub(hub: Hub, name: str) -> None:
    body = hub.ask(OPERATIONS[name], VARIABLES.get(name))
    assert [error["extensions"] for error in body["errors"]] == [{"code": "access.not_permitted", "requestId": "req-1"}]


def test_a_guide_points_at_the_hub_that_is_the_items_authority(planted: Hub) -> None:
    hub_guide = {"chart": True, "video_url": "/items/x#video", "vr_url": None}
    planted.plant(
        "service_item", service_item(4, "秦都事项", QINDU, guide=hub_guide, labels=["ALWAYS_OPEN"]), origin=QINDU
    )
    found = planted.data(OPERATIONS["Search"], {"text": "秦都事项"})["serviceItems"]["edges"][0]["node"]["guide"]
    assert {address and address.split("/items/")[0] for address in found.values()} == {"https://qindu.example", None}
