"""The contract's documents about approvals, sent to a hub that runs: the route's rules hold, and a sealed file is what was told."""

from __future__ import annotations

import hashlib
import secrets

import pytest

from tests.journeys.partner import KEEPER, Partner, Sealed


@pytest.fixture(scope="module")
def sealed(home: Partner) -> Sealed:
    """A document of the home hub that went the contract's way: Draft, Act, Act, Act, Seal."""
    return home.sealed()


def test_a_sealed_document_is_downloaded_with_the_digest_that_was_told(sealed: Sealed) -> None:
    file = next(file for file in sealed.files if file["format"] == "PDF")
    assert file["digest"] == {"algorithm": "SHA-256", "value": hashlib.sha256(sealed.pdf).hexdigest()}


@pytest.mark.parametrize("stage", [None, "SEALED"])
def test_the_sealed_document_is_listed_whatever_stage_is_asked_for(
    home: Partner, sealed: Sealed, stage: str | None
) -> None:
    found = home.ask("Approvals", {"stage": stage}, home.officer("checker-1"))
    assert found["totalCount"] >= 1
    if found["totalCount"] <= 20:
        assert sealed.id in {edge["node"]["id"] for edge in found["edges"]}
    assert stage is None or {edge["node"]["stage"] for edge in found["edges"]} == {stage}


@pytest.mark.parametrize("stage", ["EXAMINE", "CHECK", "APPROVE", "APPROVED", "REFUSED"])
def test_a_stage_lists_only_the_documents_that_rest_there(home: Partner, sealed: Sealed, stage: str) -> None:
    found = home.nodes("Approvals", {"stage": stage}, home.officer("checker-1"))
    assert {node["stage"] for node in found} <= {stage}
    assert sealed.id not in {node["id"] for node in found}


def test_the_use_of_a_seal_is_counted(home: Partner, sealed: Sealed) -> None:
    before = home.nodes("Seals", token=home.officer(KEEPER))[0]["uses"]["totalCount"]
    home.sealed()
    assert home.nodes("Seals", token=home.officer(KEEPER))[0]["uses"]["totalCount"] > before >= 1


def test_a_request_that_is_sent_again_is_carried_out_once(home: Partner) -> None:
    asked = home.draft_input()
    first, again = (home.ask("Draft", asked, home.officer("examiner-1")) for _ in range(2))
    assert first == again


def test_a_key_that_stands_for_another_request_is_a_conflict(home: Partner) -> None:
    asked = home.draft_input()
    home.ask("Draft", asked, home.officer("examiner-1"))
    asked["input"]["title"] = "关于另一件事的批复（演示）"
    told = home.ask("Draft", asked, home.officer("examiner-1"))
    assert told["__typename"] == "Conflict"


@pytest.mark.parametrize("bearer", ["nobody", "partner", "operator", KEEPER])
def test_only_an_examiner_drafts(home: Partner, bearer: str) -> None:
    tokens = {"nobody": None, "partner": home.system_token, "operator": home.operator_token}
    token = tokens[bearer] if bearer in tokens else home.officer(bearer)
    assert home.ask("Draft", home.draft_input(), token)["__typename"] == "NotPermitted"


def test_the_route_is_kept_and_a_stale_version_is_a_conflict(home: Partner) -> None:
    draft = home.ask("Draft", home.draft_input(), home.officer("examiner-1"))
    assert home.act(draft["id"], draft["version"], "approver-1")["__typename"] in {"NotPermitted", "MoveRefused"}
    assert home.act(draft["id"], draft["version"] + 7, "examiner-1")["__typename"] == "Conflict"
    assert home.act(draft["id"], draft["version"], "examiner-1")["stage"] == "CHECK"


def test_a_document_that_has_not_passed_its_route_is_not_sealed(home: Partner) -> None:
    draft = home.ask("Draft", home.draft_input(), home.officer("examiner-1"))
    asked = {"id": draft["id"], "sealId": home.seal_id(), "key": secrets.token_hex(8)}
    assert home.ask("Seal", asked, home.officer(KEEPER))["__typename"] == "MoveRefused"


def test_only_a_keeper_seals(home: Partner) -> None:
    asked = {"id": home.approved(), "sealId": home.seal_id(), "key": secrets.token_hex(8)}
    assert home.ask("Seal", asked, home.officer("approver-1"))["__typename"] == "NotPermitted"
