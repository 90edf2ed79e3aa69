"""Previews before sealing: for a document that waits, by a link of this hub for a quarter of an hour, marked and signed by nobody."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.approvals.records import Approval
from hub.approvals.rules import ApprovalKind, ApprovalStage
from hub.approvals.sealing import seal
from hub.clock import FixedClock
from hub.seals.records import Seal
from hub.web.compose import Hub, desk_of
from hub.web.files import LASTING, link_to
from hub.web.previewing import link_to_preview, previews
from seeds.officers import officer_actor
from seeds.places import HOME
from seeds.rehearsal import plant_approvals, plant_seals
from tests.web_hub import application, composed, open_ledgers

JSON = {"Accept": "application/json"}


@pytest.fixture
def hub(sqlite_url: str, tmp_path: Path, font_file: Path, clock: FixedClock) -> Iterator[Hub]:
    """A hub with approvals that wait for their seal."""
    made = composed(tmp_path / "hub", sqlite_url, font_file, clock)
    open_ledgers(made)
    plant_seals(made)
    plant_approvals(made)
    yield made
    made.database.close()


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    """A browser."""
    app = application(hub)
    app.register_blueprint(previews)
    return app.test_client()


def waiting(hub: Hub) -> str:
    """The id of a grant that waits for its seal."""
    with hub.database.reading() as session:
        asked = select(Approval.id).where(Approval.stage == ApprovalStage.APPROVED, Approval.kind == ApprovalKind.GRANT)
        return session.scalars(asked.order_by(Approval.number)).first() or ""


def seal_of(hub: Hub) -> str:
    """The id of the hub's seal."""
    with hub.database.reading() as session:
        return session.scalars(select(Seal.id)).one()


def path(link: str) -> str:
    return link.removeprefix("http://hub.example")


def test_a_preview_says_so_on_every_page(hub: Hub, client: FlaskClient, tmp_path: Path) -> None:
    answer = client.get(path(link_to_preview(hub, waiting(hub), seal_of(hub))))
    assert answer.headers["Content-Type"] == "application/pdf"
    (tmp_path / "preview.pdf").write_bytes(answer.data)
    text = subprocess.run(["pdftotext", tmp_path / "preview.pdf", "-"], capture_output=True, text=True, check=True)
    pages = text.stdout.split("\f")[:-1]
    assert pages and all("尚未签章，不具效力" in page for page in pages)


def test_a_preview_has_no_signature_and_uses_no_seal(hub: Hub, client: FlaskClient) -> None:
    answer = client.get(path(link_to_preview(hub, waiting(hub), None)))
    assert b"/ByteRange" not in answer.data and b"/Sig" not in answer.data


def test_a_preview_is_gone_once_the_document_is_sealed(hub: Hub, client: FlaskClient) -> None:
    approval, used = waiting(hub), seal_of(hub)
    seal(desk_of(hub), approval, seal_id=used, actor=officer_actor(HOME, "keeper-1"), key="s")
    answer = client.get(path(link_to_preview(hub, approval, used)), headers=JSON)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "approval.preview_over")


def test_a_preview_lasts_a_quarter_of_an_hour(hub: Hub, client: FlaskClient) -> None:
    link, clock = link_to_preview(hub, waiting(hub), None), hub.clock
    assert isinstance(clock, FixedClock)
    clock.advance(LASTING)
    assert client.get(path(link), headers=JSON).get_json()["code"] == "file.link_expired"
    clock.advance(-timedelta(seconds=1))
    assert client.get(path(link)).status_code == 200


def test_an_altered_link_shows_nothing(hub: Hub, client: FlaskClient) -> None:
    link = path(link_to_preview(hub, waiting(hub), None)).replace("/preview/", "/preview/x")
    assert client.get(link, headers=JSON).get_json()["code"] == "file.link_invalid"


def test_a_link_to_a_file_is_no_link_to_a_preview(hub: Hub, client: FlaskClient) -> None:
    link = path(link_to(hub, "0" * 64)).replace("/files/", "/approvals/preview/") + ".pdf"
    assert client.get(link, headers=JSON).get_json()["code"] == "file.link_invalid"
