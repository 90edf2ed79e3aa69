"""Proofs over HTTP: fetched by whoever may read, verified on the page and offline with the keys the hub publishes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from hub.access.records import ActorKind
from hub.access.tokens import adopt_token
from hub.clock import FixedClock
from hub.projections import publish
from hub.web.compose import Hub
from seeds.license_types import license_types
from seeds.places import HOME
from tests.license_office import SAFETY, Bureau
from tests.services import copy_sqlite
from tests.web_hub import STANDING_AT, application, composed, open_ledgers, sequence

OPERATOR = {"Authorization": "Bearer operator-token-of-the-tests"}
PUBLIC_PROOF = f"/ledger/public/proof?kind=license_type&id={SAFETY}"


@dataclass(frozen=True)
class Site:
    """A hub with one license type and one license, both in signed ledgers."""

    hub: Hub
    client: FlaskClient
    license_proof: str

    def fetched(self, address: str, **headers: str) -> bytes:
        """Return the document at the address."""
        answer = self.client.get(address, headers=headers)
        assert answer.status_code == 200, answer.text
        return bytes(answer.data)

    def verdict(self, content: bytes) -> dict[str, Any]:
        """Return the verdict of the page as JSON."""
        form = {"file": (io.BytesIO(content), "proof.json")}
        return dict(self.client.post("/verify", data=form, headers={"Accept": "application/json"}).get_json())


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("proofs")
    address = copy_sqlite(sqlite_template, folder / "hub.db")
    clock = FixedClock(STANDING_AT)
    hub = composed(folder / "hub", address, font_file, clock)
    open_ledgers(hub)
    content = next(each for each in license_types() if each["code"] == SAFETY)
    with hub.database.transaction() as session:
        publish(session, region=HOME, kind="license_type", record_id=SAFETY, content=content, clock=clock)
        adopt_token(session, OPERATOR["Authorization"].split()[1], ActorKind.OPERATOR, "operator", clock=clock)
    license = Bureau(hub.database, hub.office, clock, hub.file_keys).issue()
    sequence(hub)
    yield Site(hub, application(hub).test_client(), f"/ledger/exchange/proof?kind=license&id={license.identifier}")
    hub.database.close()


def test_a_proof_of_a_public_record_is_anyones_and_passes_on_the_page(site: Site) -> None:
    told = site.verdict(site.fetched(PUBLIC_PROOF))
    assert (told["outcome"], told["findings"][0]["code"]) == ("passed", "ledger_record_proved")


def test_what_the_page_says_of_a_proof_speaks_of_no_seal(site: Site) -> None:
    form = {"file": (io.BytesIO(site.fetched(PUBLIC_PROOF)), "proof.json")}
    text = site.client.post("/verify", data=form, headers={"Accept": "text/html"}).text
    assert "证明成立" in text and "印章真实有效" not in text


def test_a_proof_of_an_exchange_record_is_not_for_everybody(site: Site) -> None:
    assert site.client.get(site.license_proof).status_code in {401, 403}
    assert site.client.get(site.license_proof.replace("exchange", "public")).status_code == 404


def test_who_is_given_the_content_gets_a_license_document_that_passes(site: Site) -> None:
    data = site.fetched(site.license_proof, **OPERATOR)
    assert json.loads(data)["format"] == "tongban-license/1"
    assert site.verdict(data)["findings"][0]["code"] == "license_proved"


def test_an_unknown_record_has_no_proof(site: Site) -> None:
    assert site.client.get("/ledger/public/proof?kind=license_type&id=none").status_code == 404


def test_the_offline_command_says_the_same_with_the_published_keys(site: Site, tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_bytes(site.fetched(PUBLIC_PROOF))
    (tmp_path / "keys.json").write_bytes(site.fetched("/trust/keys.json"))
    (tmp_path / "anchors.pem").write_bytes(site.fetched("/trust/anchors.pem"))
    command = [sys.executable, "-m", "hub", "verify", str(tmp_path / "proof.json")]
    for each in ("anchors.pem", "keys.json"):
        command += ["--anchors", str(tmp_path / each)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "ledger_record_proved" in done.stdout) == (0, True), done.stderr
