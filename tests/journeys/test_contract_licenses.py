"""The contract's documents about licenses, sent verbatim to a hub that runs, by a partner's system with a grant and by officers."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import httpx
import pytest

from tests.journeys.five import until
from tests.journeys.partner import SECONDS, VARIABLES, Partner

EXAMPLE: dict[str, Any] = VARIABLES["License"]
ISSUED: dict[str, Any] = VARIABLES["Issue"]["input"]


@pytest.fixture(scope="module")
def issued(home: Partner) -> str:
    """The identifier of a license that the partner's system had issued, whose files have been made."""
    told = home.ask("Issue", {"input": ISSUED | fresh()}, home.system_token)
    assert told["__typename"] == "License", told
    identifier = str(told["identifier"])
    until(lambda: bool(files(home, identifier)), SECONDS, wanted="the files of the license are made")
    return identifier


def fresh() -> dict[str, str]:
    return {"idempotencyKey": secrets.token_hex(8), "number": f"演示-2026-{secrets.token_hex(4)}"}


def files(home: Partner, identifier: str) -> list[dict[str, Any]]:
    """Return the files of the firm's license of that identifier, as `Retrieve` answers the partner's system."""
    found = home.nodes("Retrieve", token=home.system_token)
    return next((node["files"] for node in found if node["identifier"] == identifier), [])


def test_the_license_types_are_pooled_with_their_face_elements(home: Partner) -> None:
    found = home.ask("LicenseTypes")
    assert found["totalCount"] == len(found["edges"]) > 20
    assert all(edge["node"]["faceElements"] for edge in found["edges"])


def test_the_contracts_license_is_read_by_a_partner_with_a_grant(home: Partner) -> None:
    told = home.ask("License", token=home.system_token)
    assert (told["identifier"], told["status"], told["version"]) == (EXAMPLE["identifier"], "ISSUED", 1)
    assert told["provenance"]["origin"]["code"] == home.region


def test_a_search_finds_the_firm_by_its_code(home: Partner) -> None:
    found = home.nodes("Retrieve", token=home.system_token)
    assert EXAMPLE["identifier"] in {node["identifier"] for node in found}
    assert {node["holder"]["code"] for node in found} == {VARIABLES["Retrieve"]["holderCode"]}


@pytest.mark.parametrize("name", ["Retrieve", "License", "VerifyLicense"])
@pytest.mark.parametrize("bearer", ["nobody", "operator"])
def test_without_a_grant_licenses_are_not_permitted(home: Partner, name: str, bearer: str) -> None:
    token = home.operator_token if bearer == "operator" else None
    assert home.refusal(name, token=token) in {"access.not_permitted", "access.purpose_missing"}


def test_face_elements_are_checked(home: Partner) -> None:
    told = home.ask("VerifyLicense", token=home.system_token)
    assert (told["outcome"], told["standardCode"]) == ("IN_FORCE", "0")


def test_a_partner_is_given_an_annotated_copy_once(home: Partner, issued: str) -> None:
    by_format = {file["format"]: file for file in files(home, issued)}
    assert set(by_format) == {"OFD", "PDF"}
    for file in by_format.values():
        first, second = (httpx.get(file["url"], timeout=SECONDS) for _ in range(2))
        assert (first.status_code, second.status_code) == (200, 404)
        assert hashlib.sha256(first.content).hexdigest() != file["digest"]["value"]


def test_the_original_is_judged_genuine_by_its_digest(home: Partner, issued: str) -> None:
    for file in files(home, issued):
        told = home.ask("VerifyDocument", {"sha256": file["digest"]["value"]})
        assert told["outcome"] == "PASSED", told
        assert told["signatures"]


def test_a_digest_nobody_brought_has_no_verdict(home: Partner) -> None:
    assert home.refusal("VerifyDocument", {"sha256": secrets.token_hex(32)}) == "verify.verdict_unknown"


def test_a_license_is_suspended_once_however_often_it_is_asked(home: Partner) -> None:
    identifier = home.ask("Issue", {"input": ISSUED | fresh()}, home.system_token)["identifier"]
    asked = VARIABLES["Suspend"] | {"identifier": identifier, "key": secrets.token_hex(8)}
    told = [home.ask("Suspend", asked, home.system_token) for _ in range(2)]
    assert told[0] == told[1]
    assert told[0]["status"] == "SUSPENDED"


def test_who_looked_is_told_with_the_purpose(home: Partner) -> None:
    home.ask("License", token=home.system_token)
    told = home.nodes("WhoLooked", {"identifier": EXAMPLE["identifier"]}, home.officer("approver-1"))
    assert EXAMPLE["purpose"] in {read["purpose"] for read in told}
