"""The sharing operations of GB/T 36906 over HTTP: the envelope, every operation, every refusal, copies taken once."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pypdfium2 import PdfDocument
from sqlalchemy import select

from hub.access.records import ActorKind, Refusal
from hub.access.tokens import mint_token
from hub.clock import FixedClock
from hub.codes import licenses as codes
from hub.licenses.records import License
from hub.licenses.rules import LicenseStatus
from hub.licenses.sharing_records import LicenseRead
from hub.signing.ofd.package import read_package
from hub.signing.ofd.read import open_document
from hub.web.sharing import MAX_REQUEST_BYTES
from seeds.licenses import FIRM
from tests.sharing_hub import PARTNER, PURPOSE, SAFETY, STRANGER, STRANGERS_TOKEN, SharingHub, open_sharing
from tests.web_hub import STANDING_AT, standing_database

READING = ("retrieve", "information", "information-by-code", "file", "address", "addresses", "verify-file")
COPY_MEMBERS = {"JZJZZSJ", "JZJZZZ", "JZJZZSY", "JZJYXQJZSJ"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, font_file: Any
) -> Iterator[SharingHub]:
    """The planted hub with sealed licenses, which a module of tests shares."""
    folder = tmp_path_factory.mktemp("sharing")
    with standing_database(request, request.param, folder) as address:
        opened = open_sharing(folder / "hub", address, font_file, FixedClock(STANDING_AT))
        yield opened
        opened.hub.database.close()


@pytest.fixture
def license(shared: SharingHub) -> License:
    """The firm's license that is in force: the contract's example."""
    return shared.licenses()[0]


@pytest.fixture
def hidden(shared: SharingHub) -> License:
    """A person's license, which no grant reaches."""
    return shared.licenses()[4]


def unknown() -> str:
    return codes.mint(SAFETY, "11610100MB0000000J", "A1").text


def everything(license: License) -> dict[str, Any]:
    """Return data that fit every operation."""
    return {
        "useCause": PURPOSE,
        "identifier": license.identifier,
        "holderCode": FIRM.code,
        "licenseTypeCode": license.type_code,
        "qrCode": f"http://hub.example/verify/{license.verify_id}",
        "content": base64.b64encode(b"nothing").decode(),
        "faceElements": {"CZZT": FIRM.name},
    }


# The envelope


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"head": {}}',
        b'{"head": [], "data": {}}',
        b'{"head": {"accessId": 1}, "data": {}}',
        b'{"head": {"accessToken": {}}, "data": {}}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=range(11),
)
def test_a_body_that_is_no_envelope_is_a_parameter_error(shared: SharingHub, body: bytes) -> None:
    told = shared.client.post("/sharing/retrieve", data=body).get_json()
    assert (told["head"]["status"], told["data"]) == (4, None)
    assert "sharing.envelope_malformed" in told["head"]["message"]


def test_a_body_past_the_limit_is_refused_before_it_is_read(shared: SharingHub) -> None:
    told = {"CONTENT_LENGTH": str(MAX_REQUEST_BYTES + 1)}
    answer = shared.client.post("/sharing/retrieve", data=b"{}", environ_overrides=told)
    assert answer.status_code == 413


def test_an_unknown_operation_has_no_record(shared: SharingHub) -> None:
    told = shared.post("erase", {})
    assert told["head"]["status"] == 3
    assert "sharing.operation_unknown" in told["head"]["message"]


@pytest.mark.parametrize(
    ("access_id", "token"),
    [
        (PARTNER, "tb_wrong"),
        (PARTNER, ""),
        (STRANGER, None),
        ("", None),
        ("operator", "operator"),
        (PARTNER, "officer"),
    ],
)
def test_a_head_that_does_not_hold_is_not_authorised(
    shared: SharingHub, license: License, access_id: str, token: str | None
) -> None:
    tokens = {"operator": shared.tokens.operator, "officer": shared.tokens.officers["approver-1"]}
    given = token if token is None else tokens.get(token, token)
    for operation in READING:
        assert shared.status(operation, everything(license), access_id=access_id, token=given) == 1


def test_a_token_that_has_ended_is_not_authorised(shared: SharingHub, license: License) -> None:
    with shared.hub.database.transaction() as session:
        ended = mint_token(session, ActorKind.PARTNER, PARTNER, clock=shared.hub.clock, valid=timedelta(0))
    assert shared.status("information", everything(license), token=ended) == 1


def test_a_partner_trades_its_lasting_token_for_one_of_two_hours(shared: SharingHub, license: License) -> None:
    told = shared.post("token", {"accessSecret": shared.tokens.partner}, token="")["data"]
    assert told["expiresAt"] == "2026-11-25T04:00:00Z"
    assert shared.status("information", everything(license), token=told["accessToken"]) == 0


@pytest.mark.parametrize(("secret", "status"), [("tb_wrong", 1), ("", 4), (None, 4), (7, 4)])
def test_a_wrong_secret_gets_no_token(shared: SharingHub, secret: Any, status: int) -> None:
    assert shared.status("token", {"accessSecret": secret}, token="") == status


@pytest.mark.parametrize("operation", READING)
def test_a_partner_without_a_grant_is_refused_and_the_attempt_is_audited(
    shared: SharingHub, license: License, operation: str
) -> None:
    head = {"access_id": STRANGER, "token": STRANGERS_TOKEN}
    assert shared.status(operation, everything(license), **head) == 1
    with shared.hub.database.reading() as session:
        audited = session.scalars(select(Refusal.act).order_by(Refusal.id.desc())).first()
    assert audited == f"sharing.{operation}"


@pytest.mark.parametrize("operation", [*READING, "verify-information"])
def test_an_operation_without_a_purpose_is_a_parameter_error(
    shared: SharingHub, license: License, operation: str
) -> None:
    assert shared.status(operation, everything(license) | {"useCause": ""}) == 4


@pytest.mark.parametrize(
    ("operation", "member"),
    [
        ("retrieve", "holderCode"),
        ("retrieve", "licenseTypeCode"),
        ("information", "identifier"),
        ("information-by-code", "qrCode"),
        ("file", "identifier"),
        ("address", "identifier"),
        ("verify-file", "content"),
        ("verify-information", "faceElements"),
        ("status", "reason"),
    ],
)
@pytest.mark.parametrize("value", [None, 7, {"a": 1}, "\0"], ids=["absent", "7", "object", "nul"])
def test_a_member_that_is_missing_or_no_text_is_a_parameter_error(
    shared: SharingHub, license: License, operation: str, member: str, value: Any
) -> None:
    data = everything(license) | {"status": "02", member: value}
    assert shared.status(operation, data) == 4


# Retrieval and information


def test_a_search_names_identifiers_and_no_more(shared: SharingHub, license: License) -> None:
    (told,) = shared.ask("retrieve", holderCode=FIRM.code, licenseTypeCode=license.type_code)
    assert set(told) == {"identifier", "name", "status"}
    assert (told["identifier"], told["status"]) == (license.identifier, "01")


def test_a_search_narrowed_by_status_finds_what_rests_there(shared: SharingHub) -> None:
    suspended = shared.licenses()[2]
    asked = {"holderCode": FIRM.code, "licenseTypeCode": suspended.type_code}
    assert [each["status"] for each in shared.ask("retrieve", **asked, status="02")] == ["02"]
    assert shared.ask("retrieve", **asked, status="01") == []


def test_metadata_come_under_the_standards_names(shared: SharingHub, license: License) -> None:
    told = shared.ask("information", identifier=license.identifier)
    assert (told["ZZBS"], told["CZZT"], told["ZZZT"]) == (license.identifier, FIRM.name, "01")


def test_metadata_may_be_asked_for_by_name(shared: SharingHub, license: License) -> None:
    told = shared.ask("information", identifier=license.identifier, metadata="ZZMC, CZZT,NOWHERE")
    assert set(told) == {"ZZMC", "CZZT"}


def test_a_printed_code_leads_to_the_same_information(shared: SharingHub, license: License) -> None:
    code = f"{shared.hub.settings.public_url}/verify/{license.verify_id}"
    told = shared.ask("information-by-code", qrCode=code)
    assert told == shared.ask("information", identifier=license.identifier)


@pytest.mark.parametrize("code", ["http://hub.example/verify/" + "0" * 32, "https://elsewhere.example/x", "沣东"])
def test_a_code_that_leads_nowhere_has_no_record(shared: SharingHub, code: str) -> None:
    assert shared.status("information-by-code", {"useCause": PURPOSE, "qrCode": code}) == 3


@pytest.mark.parametrize("operation", ["information", "file", "address", "status"])
def test_a_hidden_license_and_an_unknown_one_are_answered_alike(
    shared: SharingHub, hidden: License, operation: str
) -> None:
    told = []
    for identifier in (hidden.identifier, unknown()):
        data = {"useCause": PURPOSE, "identifier": identifier, "status": "02", "reason": "依法办理"}
        head = shared.post(operation, data)["head"]
        told.append((head["status"], head["message"].rsplit(" ", 1)[0]))
    assert told[0] == told[1]
    assert told[0][0] == 3


def test_every_read_is_recorded_with_its_purpose(shared: SharingHub, license: License) -> None:
    shared.ask("information", identifier=license.identifier, useCause="用途七")
    with shared.hub.database.reading() as session:
        newest = session.scalars(select(LicenseRead).order_by(LicenseRead.id.desc())).first()
    assert newest is not None
    assert (newest.purpose, newest.license_id) == ("用途七", license.id)


# Files


def opened(told: dict[str, str]) -> bytes:
    return base64.b64decode(told["content"])


def test_an_ofd_that_is_handed_out_is_an_annotated_copy(shared: SharingHub, license: License) -> None:
    content = opened(shared.ask("file", identifier=license.identifier, copyValidUntil="2026-12-01"))
    members = open_document(read_package(content)).metadata
    assert set(members) >= COPY_MEMBERS
    assert (members["JZJZZSY"], members["JZJYXQJZSJ"]) == (PURPOSE, "2026-12-01")
    assert content != shared.content(license, "OFD")


def test_a_pdf_that_is_handed_out_says_for_whom_and_for_what(shared: SharingHub, license: License) -> None:
    content = opened(shared.ask("file", identifier=license.identifier, fileType="pdf"))
    with PdfDocument(content) as document:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    assert "加注件" in text
    assert PURPOSE[:6] in "".join(text.split())


def test_a_picture_that_is_handed_out_is_a_png(shared: SharingHub, license: License) -> None:
    told = shared.ask("file", identifier=license.identifier, fileType="png")
    assert (told["contentType"], opened(told)[:8]) == ("png", b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize(
    "changes", [{"fileType": "docx"}, {"copyValidUntil": "tomorrow"}, {"copyValidUntil": "2020-01-01"}]
)
def test_terms_that_no_copy_has_are_parameter_errors(
    shared: SharingHub, license: License, changes: dict[str, str]
) -> None:
    assert shared.status("file", everything(license) | changes) == 4


def address(shared: SharingHub, license: License, **data: Any) -> str:
    told = shared.ask("address", identifier=license.identifier, **data)
    assert told["expiresAt"] == "2026-11-25T02:15:00Z"
    return str(told["url"]).removeprefix(shared.hub.settings.public_url)


def test_an_address_gives_a_copy_once(shared: SharingHub, license: License) -> None:
    where = address(shared, license, fileType="pdf")
    first, second = shared.client.get(where), shared.client.get(where)
    assert (first.status_code, first.mimetype, first.headers["Cache-Control"]) == (
        200,
        "application/pdf",
        "private, no-store",
    )
    assert (second.status_code, second.get_json()["code"]) == (404, "license.address_spent")


@pytest.mark.parametrize("code", ["x", "tbc_", "0" * 5_000, "..%2f.."])
def test_an_address_that_was_never_given_out_is_spent(shared: SharingHub, code: str) -> None:
    assert shared.client.get(f"/copies/{code}").status_code == 404


def test_addresses_are_given_for_everything_that_is_found(shared: SharingHub, license: License) -> None:
    (told,) = shared.ask("addresses", holderCode=FIRM.code, licenseTypeCode=license.type_code)
    assert told["identifier"] == license.identifier
    assert shared.client.get(told["url"].removeprefix(shared.hub.settings.public_url)).mimetype == "application/ofd"


# Verification


def verified(shared: SharingHub, license: License, content: bytes) -> dict[str, str]:
    sent = base64.b64encode(content).decode()
    told: dict[str, str] = shared.ask("verify-file", licenseTypeCode=license.type_code, content=sent)
    return told


@pytest.mark.parametrize("form", ["OFD", "PDF"])
def test_a_file_of_this_hub_is_genuine(shared: SharingHub, license: License, form: str) -> None:
    assert verified(shared, license, shared.content(license, form))["result"] == "0"


def test_a_file_with_another_content_is_refused(shared: SharingHub, license: License) -> None:
    content = bytearray(shared.content(license, "OFD"))
    content[content.index(b"Doc_0") + 400] ^= 1
    assert verified(shared, license, bytes(content))["result"] in {"1", "2"}


def test_what_is_no_document_is_refused_as_a_file(shared: SharingHub, license: License) -> None:
    assert verified(shared, license, b"neither OFD nor PDF")["result"] == "2"


def test_a_file_of_another_type_than_was_said_has_no_record(shared: SharingHub, license: License) -> None:
    other = shared.licenses()[1]
    content = base64.b64encode(shared.content(other, "OFD")).decode()
    data = {"useCause": PURPOSE, "licenseTypeCode": license.type_code, "content": content}
    assert shared.status("verify-file", data) == 3


def test_a_type_the_grant_does_not_reach_has_no_record(shared: SharingHub, hidden: License) -> None:
    data = everything(hidden)
    assert shared.status("verify-file", data) == 3


@pytest.mark.parametrize(
    ("place", "elements", "result"),
    [
        (0, {"CZZT": FIRM.name}, "0"),
        (0, {"CZZT": FIRM.name, "CZZTDM": FIRM.code}, "0"),
        (2, {"CZZT": FIRM.name}, "2"),
        (3, {"CZZT": FIRM.name}, "3"),
        (0, {}, "4"),
        (0, {"CZZT": ""}, "4"),
        (4, {"CZZT": "示例甲（演示）"}, "5"),
        (0, {"CZZT": "别人"}, "6"),
    ],
)
def test_a_check_answers_with_the_standards_code(
    shared: SharingHub, place: int, elements: dict[str, str], result: str
) -> None:
    checked = shared.licenses()[place]
    asked = {"licenseTypeCode": checked.type_code, "identifier": checked.identifier, "faceElements": elements}
    assert shared.ask("verify-information", **asked)["result"] == result


def test_a_check_before_the_first_day_says_not_yet(shared: SharingHub, license: License) -> None:
    clock = shared.hub.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=-3))
    try:
        told = shared.post("verify-information", everything(license))
    finally:
        clock.advance(timedelta(days=3))
    assert told["head"]["status"] == 1, "the grant is not given yet either"


def test_a_check_may_name_the_license_among_its_elements_as_text(shared: SharingHub, license: License) -> None:
    text = f'{{"ZZBS": "{license.identifier}", "CZZT": "{FIRM.name}"}}'
    assert shared.ask("verify-information", licenseTypeCode=license.type_code, faceElements=text)["result"] == "0"


def test_a_check_of_no_license_at_all_is_incomplete(shared: SharingHub, license: License) -> None:
    asked = {"licenseTypeCode": license.type_code, "faceElements": {"CZZT": FIRM.name}}
    assert shared.ask("verify-information", **asked)["result"] == "4"


def test_who_guesses_is_told_that_there_were_too_many_checks(shared: SharingHub) -> None:
    checked = shared.licenses()[1]
    data = everything(checked) | {"faceElements": {"CZZT": "别人"}}
    told = [shared.status("verify-information", data) for _ in range(6)]
    assert told == [0, 0, 0, 0, 0, 5]


# Dictionary and status


def test_the_dictionary_of_a_type_names_its_face_elements(shared: SharingHub, license: License) -> None:
    told = shared.ask("face-elements", licenseTypeCode=license.type_code)
    assert "KZ_SCOPE" in {each["key"] for each in told}
    assert {"key", "name", "type", "required"} == set(told[0])


def test_the_dictionary_of_an_unknown_type_has_no_record(shared: SharingHub) -> None:
    data = {"licenseTypeCode": "11100000000013127D999"}
    assert shared.status("face-elements", data) in {3, 4}


def test_an_issuers_system_changes_the_status_once(shared: SharingHub) -> None:
    moved = shared.licenses()[1]
    data = {"identifier": moved.identifier, "status": "02", "reason": "限期整改", "requestId": "r-1"}
    assert [shared.ask("status", **data)["status"] for _ in range(2)] == ["02", "02"]
    assert shared.ask("status", **data | {"status": "01", "requestId": "r-2"})["status"] == "01"
    assert len(shared.licenses()[1].history) == 3


def test_a_status_that_the_table_does_not_reach_is_another_error(shared: SharingHub) -> None:
    cancelled = shared.licenses()[3]
    assert cancelled.status is LicenseStatus.CANCELLED
    data = {"identifier": cancelled.identifier, "status": "02", "reason": "限期整改"}
    assert shared.status("status", data) == 99


@pytest.mark.parametrize("changes", [{"status": "42"}, {"status": "02", "reason": ""}, {"status": None}])
def test_a_status_change_without_its_members_is_a_parameter_error(
    shared: SharingHub, license: License, changes: dict[str, Any]
) -> None:
    assert shared.status("status", {"identifier": license.identifier, "reason": "r"} | changes) == 4


def test_a_partner_without_a_grant_changes_no_status(shared: SharingHub, license: License) -> None:
    data = {"identifier": license.identifier, "status": "02", "reason": "r"}
    assert shared.status("status", data, access_id=STRANGER, token=STRANGERS_TOKEN) == 1
