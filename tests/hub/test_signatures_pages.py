"""The pages of applicants' signatures without a browser: who may ask, what a form must carry, what is refused, and what is kept private."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hub.access.enrolment import enrol_officer
from hub.access.records import ActorKind, Refusal, Role
from hub.access.tokens import mint_token
from hub.clock import FixedClock
from hub.signatures.records import ApplicantSignature, SigningRequest
from hub.signatures.rules import MAX_FILE_BYTES
from hub.signing.gbt9704 import lay_out
from hub.signing.ofd.write import render_ofd
from hub.signing.pdf_render import render_pdf
from hub.web.compose import Hub
from seeds.places import HOME
from tests.services import copy_sqlite
from tests.signing_desk import decision
from tests.web_hub import STANDING_AT, application, composed, open_ledgers

PAGE, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}
CITIZEN = "11010519491231002X"
PDF = b"%PDF-1.7\nform"
STROKES = "[[[100, 200], [400, 100], [700, 300]]]"
FORM_KEY = re.compile(r'name="form_key" value="([0-9a-f]{64})"')


@dataclass(frozen=True)
class Desk:
    """A hub with one officer."""

    hub: Hub
    token: str

    def client(self) -> FlaskClient:
        """Return a fresh browser, without cookies."""
        return application(self.hub).test_client()

    def ask(self, **fields: Any) -> TestResponse:
        """Ask for a signature as a partner system would, with the officer's token unless told otherwise."""
        form = {
            "name": "张三丰",
            "code_type": "111",
            "code": CITIZEN,
            "purpose": "确认材料真实",
            "access_token": self.token,
            "files": (io.BytesIO(PDF), "申请表.pdf"),
            **fields,
        }
        headers = form.pop("headers", JSON)
        return self.client().post("/sign", data=form, headers=headers)

    def code(self) -> str:
        """Return the path that a fresh request's code says."""
        return str(self.ask().get_json()["signUrl"]).removeprefix(self.hub.settings.public_url)

    def phone(self, code: str) -> FlaskClient:
        """Return the phone that opened the code."""
        client = self.client()
        assert client.post(f"{code}/open").status_code == 303
        return client

    def counts(self) -> tuple[int, int]:
        """Return how many requests and signatures there are."""
        with self.hub.database.reading() as session:
            asked = session.scalar(select(func.count()).select_from(SigningRequest)) or 0
            signed = session.scalar(select(func.count()).select_from(ApplicantSignature)) or 0
        return asked, signed


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> Iterator[Desk]:
    """A hub whose clock stands still, shared by this module."""
    folder = tmp_path_factory.mktemp("signing-pages")
    hub = composed(folder / "hub", copy_sqlite(sqlite_template, folder / "hub.db"), font_file, FixedClock(STANDING_AT))
    open_ledgers(hub)
    with hub.database.transaction() as session:
        enrol_officer(
            session, code="examiner-1", name="演示审查员甲", region=HOME, roles=(Role.EXAMINER,), clock=hub.clock
        )
        token = mint_token(session, ActorKind.OFFICER, "examiner-1", clock=hub.clock)
    yield Desk(hub, token)
    hub.database.close()


def key_of(phone: FlaskClient, code: str) -> str:
    """Return the key that the forms of this phone's page carry."""
    found = FORM_KEY.search(phone.get(code, headers=PAGE).text)
    assert found is not None
    return found.group(1)


def identified(desk: Desk, code: str) -> tuple[FlaskClient, str]:
    """Return a phone whose signer may sign, and the key of its forms."""
    phone = desk.phone(code)
    key = key_of(phone, code)
    who = {"form_key": key, "name": "张三丰", "code_type": "111", "code": CITIZEN}
    assert phone.post(f"{code}/identity", data=who, headers=PAGE).status_code == 303
    return phone, key


def test_a_system_asks_with_its_token_and_is_told_both_addresses(desk: Desk) -> None:
    answer = desk.ask(access_token="", headers={**JSON, "Authorization": f"Bearer {desk.token}"})
    told = answer.get_json()
    assert (answer.status_code, told["state"], told["recordUrl"]) == (201, "ASKED", None)
    assert told["signUrl"].startswith("http://hub.example/sign/")


def test_nobody_asks_without_a_token_or_with_a_wrong_one(desk: Desk) -> None:
    before = desk.counts()
    assert desk.ask(access_token="").status_code == 403
    assert desk.ask(access_token="tb_nobody").status_code == 401
    assert desk.counts() == before


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"files": (io.BytesIO(b"MZ\x90"), "a.pdf")}, "signing_request.file_refused"),
        ({"files": (io.BytesIO(PDF + bytes(MAX_FILE_BYTES)), "a.pdf")}, "signing_request.file_refused"),
        ({"files": (io.BytesIO(b""), "a.pdf")}, "signing_request.file_refused"),
        ({"purpose": ""}, "signing_request.purpose_refused"),
        ({"name": ""}, "signing_request.signer_invalid"),
        ({"code": "110105194912310021"}, "codes.check_character"),
        ({"case_number": "9" * 65}, "validation.failed"),
    ],
    ids=["type", "size", "empty", "purpose", "name", "number", "case"],
)
def test_a_request_that_is_refused_keeps_nothing(desk: Desk, fields: dict[str, Any], code: str) -> None:
    before = desk.counts()
    answer = desk.ask(**fields)
    answer.request.environ["wsgi.input"].close()  # what the test client wrote a large form into
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)
    assert desk.counts() == before


def test_what_is_refused_is_told_on_the_form_and_no_number_is_repeated(desk: Desk) -> None:
    answer = desk.ask(headers=PAGE, purpose="", code=CITIZEN)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert CITIZEN not in answer.text
    assert desk.token not in answer.text


def test_a_drawn_signature_is_made_and_its_record_can_be_had_by_both_sides(desk: Desk) -> None:
    told = desk.ask().get_json()
    code = told["signUrl"].removeprefix(desk.hub.settings.public_url)
    phone, key = identified(desk, code)
    form = {"form_key": key, "kind": "drawn", "agreed": "yes", "strokes": STROKES}
    assert phone.post(f"{code}/signature", data=form, headers=PAGE).status_code == 303
    watch = told["watchUrl"].removeprefix(desk.hub.settings.public_url)
    state = desk.client().get(f"{watch}/state").get_json()
    record = desk.client().get(f"{watch}/record.json").data
    assert state["state"] == "SIGNED"
    assert record == phone.get(f"{code}/record.json").data
    assert record.startswith(b'{"drawing":{')


@pytest.mark.parametrize("act", ["identity", "signature", "decline"])
def test_a_form_that_this_phones_page_did_not_make_is_refused(desk: Desk, act: str) -> None:
    code = desk.code()
    phone = desk.phone(code)
    answer = phone.post(f"{code}/{act}", data={"form_key": "0" * 64}, headers=PAGE)
    assert answer.status_code == 400
    assert "signing_request.form_stale" in answer.text


@pytest.mark.parametrize(
    ("form", "code_of"),
    [
        ({"kind": "drawn", "strokes": STROKES}, "validation.failed"),
        ({"kind": "drawn", "agreed": "yes", "strokes": "[]"}, "signing_request.strokes_refused"),
        ({"kind": "drawn", "agreed": "yes", "strokes": "[" * 70_000}, "signing_request.strokes_refused"),
        ({"kind": "stamped", "agreed": "yes"}, "validation.failed"),
    ],
    ids=["not agreed", "empty", "too long", "unknown kind"],
)
def test_a_signature_that_is_refused_changes_nothing(desk: Desk, form: dict[str, str], code_of: str) -> None:
    code = desk.code()
    phone, key = identified(desk, code)
    before = desk.counts()
    answer = phone.post(f"{code}/signature", data={"form_key": key, **form}, headers=PAGE)
    assert (answer.status_code, desk.counts()) == (400, before)
    assert code_of in answer.text


def test_files_are_shown_to_the_phone_that_opened_the_request_and_to_nobody_else(desk: Desk) -> None:
    code = desk.code()
    phone = desk.phone(code)
    assert phone.get(f"{code}/files/0").data == PDF
    assert phone.get(f"{code}/files/0").headers["Content-Disposition"].startswith("attachment")
    assert phone.get(f"{code}/files/1", headers=JSON).status_code == 404
    assert desk.client().get(f"{code}/files/0", headers=JSON).status_code == 404


def test_a_document_that_cannot_be_drawn_is_offered_for_download(desk: Desk) -> None:
    code = desk.code()
    phone, _ = identified(desk, code)
    assert "请下载后查看" in phone.get(code, headers=PAGE).text
    assert phone.get(f"{code}/files/0/pages/0", headers=JSON).status_code == 404


@pytest.mark.parametrize(("render", "beginning"), [(render_pdf, b"\x89PNG"), (render_ofd, b"<svg")], ids=["PDF", "OFD"])
def test_a_document_is_shown_page_by_page(desk: Desk, render: Callable[..., bytes], beginning: bytes) -> None:
    document = render(lay_out(decision(), desk.hub.fonts), desk.hub.fonts)
    told = desk.ask(files=(io.BytesIO(document), "申请书")).get_json()
    code = told["signUrl"].removeprefix(desk.hub.settings.public_url)
    phone, _ = identified(desk, code)
    assert f"{code}/files/0/pages/0" in phone.get(code, headers=PAGE).text
    assert beginning in phone.get(f"{code}/files/0/pages/0").data[:200]
    assert phone.get(f"{code}/files/0/pages/99", headers=JSON).status_code == 404


def test_the_verify_page_says_the_kind_of_an_applicants_signature(desk: Desk) -> None:
    code = desk.code()
    phone, key = identified(desk, code)
    phone.post(f"{code}/signature", data={"form_key": key, "kind": "certificate", "agreed": "yes"}, headers=PAGE)
    record = phone.get(f"{code}/record.json").data
    told = desk.client().post("/verify", data={"file": (io.BytesIO(record), "signature.json")}, headers=JSON).get_json()
    assert (told["outcome"], told["findings"][0]["code"]) == ("passed", "applicant_certificate")


def test_the_phone_keeps_its_secret_from_scripts_and_other_sites(desk: Desk) -> None:
    code = desk.code()
    answer = desk.client().post(f"{code}/open")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert f"Path={code}" in cookie


def test_addresses_that_hold_secrets_are_neither_kept_nor_passed_on(desk: Desk) -> None:
    answer = desk.client().get(desk.code(), headers=PAGE)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]


def test_no_page_of_signing_needs_a_script_or_a_style_written_into_it(desk: Desk) -> None:
    code = desk.code()
    phone, _ = identified(desk, code)
    for page in (phone.get(code, headers=PAGE).text, desk.client().get("/sign", headers=PAGE).text):
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page)


def test_no_secret_stands_among_the_refusals(desk: Desk) -> None:
    code = desk.code()
    desk.phone(code)
    desk.client().post(f"{code}/open", headers=JSON)
    with desk.hub.database.reading() as session:
        subjects = session.scalars(select(Refusal.subject)).all()
    assert not [subject for subject in subjects if re.search("[0-9a-f]{64}", subject)]


def test_an_address_nobody_asked_for_leads_nowhere(desk: Desk) -> None:
    for path in (f"/sign/{'0' * 64}", f"/sign/watch/{'0' * 64}", f"/sign/watch/{'0' * 64}/state"):
        assert desk.client().get(path, headers=JSON).status_code == 404


def test_a_request_that_was_taken_back_opens_no_more(desk: Desk) -> None:
    told = desk.ask().get_json()
    watch, code = (told[name].removeprefix(desk.hub.settings.public_url) for name in ("watchUrl", "signUrl"))
    assert desk.client().post(f"{watch}/close").status_code == 303
    answer = desk.client().post(f"{code}/open", headers=JSON)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "signing_request.move_refused")
