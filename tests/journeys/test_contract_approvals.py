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


# Signing on the keeper's own device: the key's file of the demonstration stands for the device


@pytest.fixture(scope="module")
def device(home: Partner) -> Key:
    """The key of the home hub's seal, opened as its holder would; the hub is asked nothing of it."""
    folder = home.demonstration.var / home.region
    keys = FileKeyStore(folder / "secrets" / "keys", (folder / "secrets" / "passphrase").read_bytes().strip())
    (name,) = keys.names(Purpose.SEAL)
    return keys.open(Purpose.SEAL, name)


def prepared(home: Partner, device: Key, certificate: bytes | None = None) -> dict[str, Any]:
    """Return what became of asking for the bytes that a device must sign for a new document."""
    der = certificate or device_chain(home)[0]
    for _ in range(TRIES):
        asked = {"id": home.approved(), "sealId": home.seal_id(), "certificate": base64.b64encode(der).decode()}
        told: dict[str, Any] = home.ask("PrepareDeviceSignature", asked, home.officer(KEEPER))
        if told.get("code") not in QUEUE_WAS_FASTER:
            return told
    raise AssertionError("the signing queue was always faster than the keeper")


def device_chain(home: Partner) -> list[bytes]:
    folder = home.demonstration.var / home.region
    keys = FileKeyStore(folder / "secrets" / "keys", (folder / "secrets" / "passphrase").read_bytes().strip())
    (name,) = keys.names(Purpose.SEAL)
    return list(keys.certificates(Purpose.SEAL, name))


def test_a_document_is_sealed_by_a_device_the_hub_never_sees(home: Partner, device: Key) -> None:
    told = prepared(home, device)
    assert (told["__typename"], told["algorithm"]) == ("SignatureRequest", "SM2"), told
    signature = device.sign(base64.b64decode(told["bytesToSign"]))
    asked = {"requestId": told["id"], "signature": base64.b64encode(signature).decode()}
    done = [home.ask("CompleteDeviceSignature", asked, home.officer(KEEPER)) for _ in range(2)]
    assert (done[0]["__typename"], done[0]["stage"], done[1]["stage"]) == ("Approval", "SEALED", "SEALED"), done
    for file in done[0]["files"]:
        content = httpx.get(file["url"], timeout=SECONDS).raise_for_status().content
        verdict = home.ask("VerifyDocument", {"sha256": hashlib.sha256(content).hexdigest()})
        assert verdict["outcome"] == "PASSED", (file["format"], verdict)


def test_a_signature_by_another_key_seals_nothing(home: Partner, device: Key) -> None:
    told = prepared(home, device)
    other = Sm2PrivateKey.generate().sign(base64.b64decode(told["bytesToSign"]))
    asked = {"requestId": told["id"], "signature": base64.b64encode(other).decode()}
    refused = home.ask("CompleteDeviceSignature", asked, home.officer(KEEPER))
    assert (refused["__typename"], refused["code"]) == ("ValidationProblem", "device.signature_wrong")


def test_what_is_not_base64_is_a_validation_problem(home: Partner) -> None:
    asked = {"id": "x", "sealId": home.seal_id(), "certificate": "不是"}
    told = home.ask("PrepareDeviceSignature", asked, home.officer(KEEPER))
    assert told["__typename"] in {"ValidationProblem", "NotFound"}
