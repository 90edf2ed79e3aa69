"""The verify page with real sealed files: the verdict at a glance, what a code describes, and what is refused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.approvals.records import Approval
from hub.approvals.sealing import seal
from hub.clock import FixedClock
from hub.seals.custody import cancel
from hub.seals.records import Seal
from hub.signing.verify import MAX_DOCUMENT_BYTES
from hub.web.compose import Hub, desk_of
from seeds.officers import officer_actor
from seeds.places import HOME
from seeds.rehearsal import plant_approvals, plant_seals
from tests.services import copy_sqlite
from tests.signing_desk import found_desk
from tests.web_hub import STANDING_AT, application, composed, open_ledgers

PAGE = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}
KEEPER = officer_actor(HOME, "keeper-1")


@dataclass(frozen=True)
class Desk:
    """A hub with one sealed approval: its file, its number, its verification code."""

    hub: Hub
    client: FlaskClient
    sealed: bytes
    number: str
    verify_id: str
    seal_id: str

    def verdict(self, content: bytes, **fields: str) -> dict[str, Any]:
        """Upload a file and return the verdict as JSON."""
        answer = self.client.post("/verify", data=form(content, **fields), headers=JSON)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.get_json()
        return told

    def page(self, content: bytes, **fields: str) -> str:
        """Upload a file and return the page."""
        answer = self.client.post("/verify", data=form(content, **fields), headers=PAGE)
        assert answer.status_code == 200, answer.text
        return answer.text


def form(content: bytes, **fields: str) -> dict[str, Any]:
    return {"file": (io.BytesIO(content), "批复.pdf"), **fields}


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> Iterator[Desk]:
    """A hub that has sealed one of its approvals."""
    folder = tmp_path_factory.mktemp("verify")
    address = copy_sqlite(sqlite_template, folder / "hub.db")
    hub = composed(folder / "hub", address, font_file, FixedClock(STANDING_AT))
    open_ledgers(hub)
    plant_seals(hub)
    plant_approvals(hub)
    with hub.database.reading() as session:
        seal_id = session.scalars(select(Seal.id)).one()
        approval = session.scalars(select(Approval).order_by(Approval.number)).first()
    assert approval is not None
    made = seal(desk_of(hub), approval.id, seal_id=seal_id, actor=KEEPER, key="seal-1")
    yield Desk(
        hub,
        application(hub).test_client(),
        hub.files.read(made.sha256),
        str(approval.number),
        approval.verify_id,
        seal_id,
    )
    hub.database.close()


def test_a_file_of_this_hub_passes_and_its_number_is_said(desk: Desk) -> None:
    told = desk.verdict(desk.sealed)
    assert (told["outcome"], told["document"]["number"]) == ("passed", desk.number)


def test_the_page_shows_the_verdict_in_words_and_in_colour(desk: Desk) -> None:
    text = desk.page(desk.sealed)
    assert 'class="verdict ok" role="status" data-outcome="passed"' in text
    assert "核验通过</h2>" in text


def test_an_altered_file_fails_with_the_reason(desk: Desk) -> None:
    altered = bytearray(desk.sealed)
    altered[len(altered) // 3] ^= 1
    told = desk.verdict(bytes(altered))
    assert (told["outcome"], told["document"]) == ("failed", None)
    assert "SIG_DIGEST_MISMATCH" in {finding["code"] for finding in told["findings"]}


def test_a_file_sealed_by_a_stranger_fails(desk: Desk, tmp_path: Path, font_file: Path) -> None:
    stranger = found_desk(tmp_path / "stranger", font_file)
    assert desk.verdict(stranger.sealed())["outcome"] != "passed"


def test_what_cannot_be_told_never_looks_like_passed(desk: Desk) -> None:
    text = desk.page(b"neither a PDF nor anything else")
    assert 'class="verdict wait" role="status" data-outcome="cannot_tell"' in text
    assert "核验通过" not in text


def test_every_finding_says_in_two_languages_what_to_do(desk: Desk) -> None:
    findings = desk.verdict(b"neither")["findings"]
    assert [each["remedy"][tongue] for each in findings for tongue in ("zh", "en") if not each["remedy"][tongue]] == []


def test_a_code_describes_the_document_and_asks_for_the_file(desk: Desk) -> None:
    text = desk.client.get(f"/verify/{desk.verify_id}", headers=PAGE).text
    assert desk.number in text
    assert "不能说明您手里的纸张是真的" in text


def test_a_code_never_says_that_a_paper_is_genuine(desk: Desk) -> None:
    text = desk.client.get(f"/verify/{desk.verify_id}", headers=PAGE).text
    assert [word for word in ("核验通过", "真实有效", 'class="verdict') if word in text] == []


def test_a_code_does_not_tell_to_whom_the_document_was_addressed(desk: Desk) -> None:
    text = desk.client.get(f"/verify/{desk.verify_id}", headers=PAGE).text
    assert "91350100M000100Y43" not in text


@pytest.mark.parametrize("code", ["0" * 32, "x", "0" * 31, "A" * 32, "..%2f..", "0" * 300])
def test_an_unknown_code_is_not_found(desk: Desk, code: str) -> None:
    answer = desk.client.get(f"/verify/{code}", headers=PAGE)
    assert answer.status_code == 404


def test_the_code_of_an_unsealed_approval_is_not_found(desk: Desk) -> None:
    with desk.hub.database.reading() as session:
        waiting = session.scalars(select(Approval.verify_id).where(Approval.verify_id != desk.verify_id)).first()
    assert desk.client.get(f"/verify/{waiting}", headers=PAGE).status_code == 404


def test_another_file_than_the_one_the_code_stands_for_is_said_to_be_another(desk: Desk) -> None:
    assert desk.verdict(desk.sealed, code=desk.verify_id)["asDescribed"] is True
    assert desk.verdict(b"another", code=desk.verify_id)["asDescribed"] is False


@pytest.mark.parametrize("fields", [{}, {"file": (io.BytesIO(b""), "empty.pdf")}, {"file": "text"}])
def test_a_form_without_a_file_is_refused_with_a_sentence(desk: Desk, fields: dict[str, Any]) -> None:
    answer = desk.client.post("/verify", data=fields, headers=JSON, content_type="multipart/form-data")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "validation.failed")


def test_a_body_over_the_limit_is_refused_by_its_code(desk: Desk) -> None:
    answer = desk.client.post("/verify", data=form(bytes(MAX_DOCUMENT_BYTES)), headers=JSON)
    answer.request.environ["wsgi.input"].close()  # what the test client wrote the form into
    assert (answer.status_code, answer.get_json()["code"]) == (413, "http.too_large")


def test_nothing_of_an_uploaded_file_is_kept(desk: Desk) -> None:
    folder = desk.hub.settings.files_dir
    before = sorted(folder.rglob("*"))
    desk.page(b"%PDF-1.7 somebody's own paper")
    assert sorted(folder.rglob("*")) == before


def test_a_file_name_is_shown_as_text(desk: Desk) -> None:
    fields = {"file": (io.BytesIO(b"x"), "<img src=x>.pdf")}
    text = desk.client.post("/verify", data=fields, headers=PAGE).text
    assert "<img src=x>" not in text


def test_a_file_sealed_before_its_seal_was_cancelled_stays_valid_and_is_looked_up(desk: Desk) -> None:
    later = FixedClock(STANDING_AT + timedelta(days=1))
    with desk.hub.database.transaction() as session:
        cancel(session, desk.seal_id, by=KEEPER, clock=later)
    told = (
        application(replace(desk.hub, clock=later)).test_client().post("/verify", data=form(desk.sealed), headers=JSON)
    )
    codes = {finding["code"] for finding in told.get_json()["findings"]}
    assert told.get_json()["signatures"][0]["validAtSigning"] == "passed"
    assert "WARN_CERT_REVOKED_AFTER_SIGNING" in codes
