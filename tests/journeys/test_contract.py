"""The partners' documents, sent as they were written to five hubs that run: what a district's system may count on.

Nothing here reads a database or calls the program; proofs are followed with code of the tests' own.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from typing import Any

import httpx
import pytest

from seeds.hubs import INTERNATIONAL
from seeds.reference import HOME, REGIONS
from tests.journeys.five import Demonstration, until
from tests.journeys.partner import KEEPER, SECONDS, VARIABLES, Partner, post, whole_file
from tests.journeys.trees import leaf, read_note, root_by_inclusion, root_of, roots_by_consistency

PUBLISHED = {"xian-hightech": 241, "xianyang-hightech": 202, "xianyang-qindu": 178, "xianyang-weicheng": 265}
LABELLED = {"ALWAYS_OPEN": 90, "FIFTEEN_MINUTE": 100, "IN_PARK": 400}
GUIDED = {"chartUrl": 239, "videoUrl": 16, "vrUrl": 7}
HASHES = {"SHA-256": "sha256", "SM3": "sm3"}


@pytest.fixture(scope="module")
def changes(home: Partner) -> list[dict[str, Any]]:
    """Every page of the home hub's public ledger, as the contract's `Changes` answers them."""
    return to_its_end(home, VARIABLES["Changes"])


def to_its_end(home: Partner, asked: dict[str, Any], token: str | None = None) -> list[dict[str, Any]]:
    """Return the pages of a ledger from its first entry to the end of the tree that the last page was signed over."""
    pages: list[dict[str, Any]] = []
    after = 0
    while not pages or after < pages[-1]["checkpoint"]["size"]:
        pages.append(home.ask("Changes", asked | {"after": after}, token))
        after += len(pages[-1]["entries"])
    return pages


# Catalog


@pytest.mark.parametrize(("partner", "published"), PUBLISHED.items())
def test_the_offers_with_a_partner_are_as_many_as_were_published(home: Partner, partner: str, published: int) -> None:
    assert home.ask("Offers", {"partner": partner, "first": 1})["totalCount"] == published


@pytest.mark.parametrize("partner", PUBLISHED)
def test_the_published_figure_is_the_sum_of_both_cells_of_the_matrix(home: Partner, partner: str) -> None:
    cells = {
        (cell["acceptingRegion"]["code"], cell["handlingRegion"]["code"]): cell["items"] for cell in home.ask("Matrix")
    }
    assert cells[HOME, partner] + cells[partner, HOME] == PUBLISHED[partner]


def walked(home: Partner, size: str, cursor: str, edge: str, more: str) -> list[str]:
    """Return the ids of all offers with a partner, page by page in one direction."""
    ids: list[str] = []
    asked: dict[str, Any] = {"partner": "xianyang-weicheng", size: 50}
    while True:
        page = home.ask("Offers", asked)
        met = [each["node"]["id"] for each in page["edges"]]
        ids += met if size == "first" else met[::-1]
        if not page["pageInfo"][more]:
            return ids
        asked[cursor] = page["pageInfo"][edge]


def test_paging_forward_meets_every_offer_once(home: Partner) -> None:
    ids = walked(home, "first", "after", "endCursor", "hasNextPage")
    assert (len(ids), len(set(ids))) == (265, 265)


def test_paging_backward_meets_the_same_offers_in_reverse(home: Partner) -> None:
    forward = walked(home, "first", "after", "endCursor", "hasNextPage")
    assert walked(home, "last", "before", "startCursor", "hasPreviousPage") == forward[::-1]


def test_an_offer_names_both_regions_its_item_and_the_materials(home: Partner) -> None:
    for offer in home.nodes("Offers"):
        assert {offer["acceptingRegion"]["code"], offer["handlingRegion"]["code"]} == {HOME, "xianyang-qindu"}
        assert offer["item"]["implementationCode"] and offer["item"]["materials"]


def test_an_unknown_partner_is_region_unknown(home: Partner) -> None:
    assert home.refusal("Offers", {"partner": "atlantis"}) == "region.unknown"


def test_every_partners_hub_is_reachable_and_both_its_ledgers_were_read(home: Partner) -> None:
    regions = home.ask("Regions")
    assert [region["code"] for region in regions if region["isHome"]] == [HOME]
    told = {
        region["code"]: (
            region["hub"]["reachable"],
            [ledger["name"] for ledger in region["hub"]["ledgers"] if ledger["appliedSize"] and ledger["checkedAt"]],
        )
        for region in regions
    }
    assert told == dict.fromkeys(REGIONS, (True, ["PUBLIC", "EXCHANGE"]))


def test_the_same_item_is_found_in_other_districts_with_its_provenance(home: Partner) -> None:
    found = home.nodes("SameItemElsewhere")
    districts = {item["region"]["code"] for item in found}
    assert len(districts) >= 3 and HOME in districts
    for item in found:
        assert item["provenance"]["origin"]["code"] == item["region"]["code"]
        assert item["provenance"]["checkpoint"]["size"] > 0


def test_a_search_finds_items_with_the_label_that_was_asked_for(home: Partner) -> None:
    found = home.nodes("Search")
    assert found
    for item in found:
        assert "食品" in item["nameZh"] and "ALWAYS_OPEN" in item["labels"]
        assert item["guide"]["url"].startswith(f"{home.url}/items/")


@pytest.mark.parametrize(("label", "items"), LABELLED.items())
def test_the_labels_of_the_home_region_are_as_many_as_were_published(home: Partner, label: str, items: int) -> None:
    document = "query($label: ItemLabel!) { serviceItems(filter: {labels: {has: $label}}) { totalCount } }"
    assert home.demonstration.graphql(HOME, document, {"label": label})["serviceItems"]["totalCount"] == items


def test_the_guides_of_the_home_region_are_as_many_as_were_published(home: Partner) -> None:
    document = """query($after: String) { serviceItems(filter: {region: {eq: "%s"}}, first: 200, after: $after) {
        pageInfo { hasNextPage endCursor } edges { node { guide { chartUrl videoUrl vrUrl } } } } }"""
    counted, after = Counter[str](), None
    while True:
        page = home.demonstration.graphql(HOME, document % HOME, {"after": after})["serviceItems"]
        counted.update(key for edge in page["edges"] for key, url in edge["node"]["guide"].items() if url)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert counted == GUIDED


def test_a_bundle_asks_for_each_material_once_and_says_what_comes_first(home: Partner) -> None:
    bundles = home.nodes("Bundles")
    assert any(step["after"] for bundle in bundles for step in bundle["steps"])
    for bundle in bundles:
        names = [material["nameZh"] for material in bundle["materials"]]
        assert names and len(names) == len(set(names))


@pytest.mark.parametrize("name", ["Regions", "Ledgers", "Datasets", "Indicators", "Seals", "Approvals"])
def test_a_partner_may_send_its_whole_file_and_name_an_operation(home: Partner, name: str) -> None:
    body = {"query": whole_file(name), "operationName": name, "variables": VARIABLES.get(name, {})}
    told = post(home.url, body, home.officer(KEEPER)).json()
    assert "errors" not in told and None not in told["data"].values()


# Open data


@pytest.fixture(scope="module")
def reported(home: Partner) -> None:
    """The report of 2023 has been imported by its connector and its release is in the signed tree."""
    until(
        lambda: any(dataset["release"]["checkpoint"] for dataset in home.nodes("Datasets")),
        SECONDS,
        wanted="the report is imported and its release signed",
    )


@pytest.mark.usefixtures("reported")
def test_indicators_are_answered_with_what_the_report_printed(home: Partner) -> None:
    told = {each["code"]: each["points"][0] for each in home.nodes("Indicators")}
    assert {code: (point["period"], point["value"]) for code, point in told.items()} == {
        "licenses_issued": ("2023", "230"),
        "seal_uses": ("2023", "2061"),
    }


@pytest.mark.usefixtures("reported")
def test_a_file_of_a_data_set_is_there_and_has_the_digest_that_was_told(home: Partner) -> None:
    for dataset in home.nodes("Datasets"):
        assert dataset["release"]["checkpoint"]["size"] > 0
        for file in dataset["distributions"]:
            content = httpx.get(file["url"], timeout=SECONDS).raise_for_status().content
            told = {each["algorithm"]: each["value"] for each in file["digests"]}
            assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], told["SHA-256"])


# Exchange


def test_every_header_of_the_public_ledger_is_in_the_signed_tree(home: Partner, changes: list[dict[str, Any]]) -> None:
    entries = [entry for page in changes for entry in page["entries"]]
    checkpoint = changes[-1]["checkpoint"]
    assert [entry["index"] for entry in entries] == list(range(checkpoint["size"]))
    leaves = [leaf("sm3", entry["header"].encode()) for entry in entries]
    assert base64.b64encode(root_of("sm3", leaves)).decode() == checkpoint["root"]


def test_every_page_leads_to_the_checkpoint_it_came_with(changes: list[dict[str, Any]]) -> None:
    leaves: list[bytes] = []
    for page in changes[:-1]:
        leaves += [leaf("sm3", entry["header"].encode()) for entry in page["entries"]]
        note = read_note(page["checkpoint"]["note"])
        held, proof = root_of("sm3", leaves), [base64.b64decode(part) for part in page["consistency"]]
        assert roots_by_consistency("sm3", (len(leaves), note.size), held, proof) == (held, note.root)


def test_every_public_content_has_the_digest_in_its_header(changes: list[dict[str, Any]]) -> None:
    for entry in (entry for page in changes for entry in page["entries"]):
        digest = "sm3:" + hashlib.new("sm3", entry["content"].encode()).hexdigest()
        assert (json.loads(entry["header"])["digest"], entry["salt"], entry["withheld"]) == (digest, None, None)


@pytest.mark.parametrize("region", [HOME, INTERNATIONAL])
def test_a_record_is_proven_by_its_node_id(demonstration: Demonstration, region: str) -> None:
    asker = Partner(demonstration, region)
    document = "query($r: String!) { serviceItems(filter: {region: {eq: $r}}, first: 1) { edges { node { id } } } }"
    node = demonstration.graphql(region, document, {"r": region})["serviceItems"]["edges"][0]["node"]
    proof = asker.ask("Proof", {"id": node["id"]})
    name = HASHES[next(each["hash"] for each in asker.ask("Ledgers") if each["origin"] == proof["origin"])]
    note = read_note(proof["checkpoint"]["note"])
    hashes = [base64.b64decode(part) for part in proof["hashes"]]
    entry = leaf(name, proof["header"].encode())
    assert root_by_inclusion(name, entry, proof["index"], note.size, hashes) == note.root


def test_a_ledger_is_vouched_for_by_all_its_neighbours(home: Partner) -> None:
    for ledger in home.ask("Ledgers"):
        witnesses = {each["witness"] for each in ledger["checkpoint"]["cosignatures"]}
        assert witnesses == set(REGIONS) - {HOME}, ledger["origin"]


def test_a_partners_system_reads_the_exchange_ledger(home: Partner) -> None:
    pages = to_its_end(home, {"ledger": "EXCHANGE", "first": 200}, home.system_token)
    entries = [entry for page in pages for entry in page["entries"]]
    leaves = [leaf("sm3", entry["header"].encode()) for entry in entries]
    assert root_of("sm3", leaves) == read_note(pages[-1]["checkpoint"]["note"]).root
    assert {(entry["content"] is None) == (entry["withheld"] is not None) for entry in entries} == {True}


def test_an_exchange_header_tells_neither_kind_nor_record_nor_time(home: Partner) -> None:
    page = home.ask("Changes", {"ledger": "EXCHANGE", "after": 0, "first": 200}, home.system_token)
    for entry in page["entries"]:
        assert set(json.loads(entry["header"])) == {"addressees", "digest", "format", "id", "origin"}


def test_the_exchange_ledger_is_refused_to_anyone(home: Partner) -> None:
    assert home.refusal("Changes", {"ledger": "EXCHANGE", "after": 0, "first": 3}) == "access.not_permitted"


def test_the_operator_sees_every_source_and_its_runs(home: Partner) -> None:
    names = {each["name"] for each in home.ask("Connectors", token=home.operator_token)}
    assert {f"hub:{region}" for region in REGIONS if region != HOME} <= names
    runs = home.nodes("Runs", token=home.operator_token)
    assert runs and all(run["outcome"] for run in runs)


@pytest.mark.parametrize("name", ["Connectors", "Runs", "Approvals", "Seals"])
@pytest.mark.parametrize("bearer", ["nobody", "partner"])
def test_the_work_of_the_hub_is_refused_to_strangers(home: Partner, name: str, bearer: str) -> None:
    token = home.system_token if bearer == "partner" else None
    assert home.refusal(name, token=token) == "access.not_permitted"


def test_the_operator_runs_a_connector_now(home: Partner) -> None:
    told = home.ask("RunNow", token=home.operator_token)
    assert (told["__typename"], told["outcome"]) == ("Run", "SUCCEEDED"), told


@pytest.mark.parametrize("bearer", ["nobody", "partner", "officer"])
def test_nobody_else_runs_a_connector(home: Partner, bearer: str) -> None:
    token = {"nobody": None, "partner": home.system_token, "officer": home.officer("examiner-1")}[bearer]
    told = home.ask("RunNow", token=token)
    assert (told["__typename"], told["code"]) == ("NotPermitted", "access.not_permitted")
