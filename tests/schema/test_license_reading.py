"""The roots about licenses, as partners send them: grant, purpose, masks, records, and no way to tell what is hidden from what is not there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.access.actors import PUBLIC_ACTOR
from hub.licenses.checking import WRONG_PER_LICENSE
from hub.licenses.life import LicenseAct
from hub.licenses.sharing_records import CheckWindow, ReadOutcome
from tests.license_office import APPROVER, CARD, CITIZEN, FIRM, IDENTITY, NEW, SAFETY, statements
from tests.schema.licensing import PURPOSE, SENT, Counter, refusal, unknown_identifier
from tests.schema.planting import OPERATOR

ASKED = {"identifier": "", "purpose": PURPOSE}
FREE = "query($id: String!, $purpose: String) { license(identifier: $id, purpose: $purpose) { identifier } }"


def search(**changes: Any) -> dict[str, Any]:
    return {"holderCode": FIRM.code, "typeCode": SAFETY, "purpose": PURPOSE} | changes


# What a reader is given


def test_a_partner_finds_a_firms_license_with_the_contracts_document(counter: Counter) -> None:
    license = counter.bureau.issue()
    (edge,) = counter.root("Retrieve", search(), counter.bureau.partner())["edges"]
    told = edge["node"]
    assert (told["identifier"], told["status"], told["type"]["code"]) == (license.identifier, "ISSUED", SAFETY)
    assert told["holder"] == {"name": FIRM.name, "code": FIRM.code, "codeType": "001"}


def test_a_license_comes_with_its_history_and_where_it_comes_from(counter: Counter) -> None:
    license = counter.bureau.issue()
    counter.bureau.act(license, LicenseAct.SUSPEND)
    told = counter.read(license, APPROVER)
    assert [step["status"] for step in told["history"]] == ["ISSUED", "SUSPENDED"]
    assert (told["status"], told["inForce"], told["version"]) == ("SUSPENDED", False, 1)


def test_what_no_grant_covers_is_masked_and_said_to_be(counter: Counter) -> None:
    license = counter.bureau.issue(CARD)
    partner = counter.bureau.partner(license_types=[IDENTITY], holder_code_types=["111"], fields=["KZ_XM"])
    document = "query($id: String!) { license(identifier: $id) { number faceElements { key value masked } } }"
    told = counter.hub.data(document, {"id": license.identifier}, actor=partner)["license"]
    assert told["number"] == "110*************2X"
    assert {each["key"]: (each["value"], each["masked"]) for each in told["faceElements"]} == {
        "KZ_XM": ("张示例", False),
        "KZ_XB": ("****", True),
        "KZ_CSRQ": ("1949-**-**", True),
        "KZ_ZZ": ("秦都区****", True),
    }


def test_an_officer_of_the_region_reads_everything(counter: Counter) -> None:
    told = counter.read(counter.bureau.issue(CARD), APPROVER)
    assert {each["value"] for each in told["faceElements"]} == {value for _, value in CARD.face}


# Who is refused


@pytest.mark.parametrize("actor", [PUBLIC_ACTOR, OPERATOR], ids=lambda actor: actor.code)
@pytest.mark.parametrize("known", [True, False])
def test_without_a_grant_the_answer_is_not_permitted_whatever_is_asked(
    counter: Counter, actor: Any, *, known: bool
) -> None:
    identifier = counter.bureau.issue().identifier if known else unknown_identifier()
    assert counter.code("License", ASKED | {"identifier": identifier}, actor) == "access.not_permitted"


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("Retrieve", search()),
        ("License", ASKED | {"identifier": unknown_identifier()}),
        ("VerifyLicense", {"identifier": unknown_identifier(), "faceElements": [{"key": "CZZT", "value": "x"}]}),
        ("WhoLooked", {"identifier": unknown_identifier()}),
    ],
)
def test_the_public_is_refused_every_root_of_licenses(counter: Counter, name: str, variables: Any) -> None:
    assert counter.code(name, variables, PUBLIC_ACTOR, purpose="用途") == "access.not_permitted"


def test_a_hidden_license_and_an_unknown_one_are_answered_with_the_same_body(counter: Counter) -> None:
    hidden = counter.bureau.issue(replace(NEW, holders=(CITIZEN,)))
    partner = counter.bureau.partner()
    bodies = [
        counter.body("License", ASKED | {"identifier": identifier}, partner)
        for identifier in (hidden.identifier, unknown_identifier())
    ]
    assert bodies[0] == bodies[1]
    assert refusal(bodies[0]) == "license.missing"


def test_a_hidden_license_and_an_unknown_one_cost_the_same_inserts(counter: Counter) -> None:
    hidden = counter.bureau.issue(replace(NEW, holders=(CITIZEN,)))
    partner = counter.bureau.partner()
    counted = []
    for identifier in (hidden.identifier, unknown_identifier()):
        with statements(counter.bureau.database) as seen:
            counter.body("License", ASKED | {"identifier": identifier}, partner)
        counted.append([text.split()[0] for text in seen if text.startswith("INSERT")])
    assert counted[0] == counted[1] == ["INSERT"]


def test_a_search_for_whom_the_grant_does_not_reach_is_as_empty_as_one_for_nobody(counter: Counter) -> None:
    counter.bureau.issue(CARD)
    partner = counter.bureau.partner(license_types=[IDENTITY])
    told = [
        counter.body("Retrieve", search(holderCode=code, typeCode=IDENTITY), partner)
        for code in (CITIZEN.code, "440524188001010014")
    ]
    assert told[0] == told[1]
    assert told[0]["data"]["licenses"]["edges"] == []


def test_a_text_that_is_no_identifier_is_said_to_be_none(counter: Counter) -> None:
    told = counter.code("License", ASKED | {"identifier": "沣东"}, counter.bureau.partner())
    assert told.startswith("codes.")


# The purpose


@pytest.mark.parametrize(
    ("argument", "header", "recorded"),
    [("参数", "头", "参数"), (None, "头", "头"), ("  ", "头", "头"), (None, None, "跨区域通办核验")],
)
def test_the_purpose_is_the_argument_then_the_header_then_the_only_one_granted(
    counter: Counter, argument: str | None, header: str | None, recorded: str
) -> None:
    license = counter.bureau.issue()
    asked = {"id": license.identifier, "purpose": argument}
    counter.hub.data(FREE, asked, actor=counter.bureau.partner(), purpose=header)
    assert [read.purpose for read in counter.reads()] == [recorded]


def test_an_officer_who_states_no_purpose_is_told_so_and_reads_nothing(counter: Counter) -> None:
    license = counter.bureau.issue()
    body = counter.hub.ask(FREE, {"id": license.identifier, "purpose": None}, actor=APPROVER)
    assert (refusal(body), counter.reads()) == ("access.purpose_missing", [])


def test_a_purpose_of_more_than_two_hundred_characters_is_refused(counter: Counter) -> None:
    variables = {"identifier": unknown_identifier(), "purpose": "用" * 201}
    assert counter.code("License", variables, APPROVER) == "license.purpose_too_long"


# The record


def test_every_read_is_recorded_with_its_purpose_and_its_fields(counter: Counter) -> None:
    license = counter.bureau.issue(CARD)
    partner = counter.bureau.partner(license_types=[IDENTITY], holder_code_types=["111"], fields=["KZ_XM"])
    counter.read(license, partner)
    told = counter.root("WhoLooked", {"identifier": license.identifier}, APPROVER)["edges"]
    assert [(edge["node"]["reader"], edge["node"]["purpose"], edge["node"]["fields"]) for edge in told] == [
        (partner.name, PURPOSE, ["KZ_XM"])
    ]


def test_a_read_that_found_nothing_is_recorded_too(counter: Counter) -> None:
    counter.body("License", ASKED | {"identifier": unknown_identifier()}, counter.bureau.partner())
    assert [read.outcome for read in counter.reads()] == [ReadOutcome.NOTHING_FOUND]


def test_a_license_asked_for_twice_in_one_document_is_read_twice(counter: Counter) -> None:
    license = counter.bureau.issue()
    document = "query($id: String!) { a: license(identifier: $id) { number } b: license(identifier: $id) { number } }"
    counter.hub.data(document, {"id": license.identifier}, actor=counter.bureau.partner())
    assert len(counter.reads()) == 2


# Checks


def elements(value: str = FIRM.name) -> list[dict[str, str]]:
    return [{"key": "CZZT", "value": value}]


def test_a_check_that_agrees_says_that_the_license_is_in_force(counter: Counter) -> None:
    license = counter.bureau.issue()
    asked = {"identifier": license.identifier, "faceElements": elements()}
    told = counter.root("VerifyLicense", asked, counter.bureau.partner())
    assert (told["outcome"], told["standardCode"]) == ("IN_FORCE", "0")


def test_the_words_of_a_check_are_in_the_callers_language(counter: Counter) -> None:
    asked = {"identifier": unknown_identifier(), "faceElements": elements()}
    partner = counter.bureau.partner()
    told = [counter.root("VerifyLicense", asked, partner, language=language)["message"] for language in ("zh", "en")]
    assert (told[0].isascii(), told[1].isascii()) == (False, True)


def test_wrong_checks_are_counted_although_they_were_answered_and_soon_refused(counter: Counter) -> None:
    asked = {"identifier": counter.bureau.issue().identifier, "faceElements": elements("别人")}
    partner = counter.bureau.partner()
    told = [counter.root("VerifyLicense", asked, partner)["outcome"] for _ in range(WRONG_PER_LICENSE)]
    assert set(told) == {"WRONG"}
    right = asked | {"faceElements": elements()}
    assert counter.code("VerifyLicense", right, partner) == "license.too_many_checks"
    assert counter.bureau.count(CheckWindow) == 2


# Pages of a list that a verb read whole

PAGED = """query($holder: String!, $type: String!, $first: Int, $after: String, $last: Int, $before: String) {
  licenses(holderCode: $holder, typeCode: $type, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { identifier } } } }"""


def page(counter: Counter, partner: Any, holder: str = FIRM.code, **window: Any) -> Any:
    asked = {"holder": holder, "type": SAFETY} | window
    return counter.hub.data(PAGED, asked, actor=partner)["licenses"]


def found(told: Any) -> list[str]:
    return [edge["node"]["identifier"] for edge in told["edges"]]


@pytest.fixture
def five(counter: Counter) -> list[str]:
    """The identifiers of five licenses of the firm, newest first."""
    return [counter.bureau.issue(replace(NEW, number=f"演示-{each}")).identifier for each in range(5)][::-1]


def test_paging_forward_meets_every_license_once(counter: Counter, five: list[str]) -> None:
    partner, met, after = counter.bureau.partner(), [], None
    while True:
        told = page(counter, partner, first=2, after=after)
        assert told["totalCount"] == 5
        met += found(told)
        if not told["pageInfo"]["hasNextPage"]:
            break
        after = told["pageInfo"]["endCursor"]
    assert met == five


def test_paging_backward_meets_the_same_in_reverse(counter: Counter, five: list[str]) -> None:
    partner, met, before = counter.bureau.partner(), list[str](), None
    while True:
        told = page(counter, partner, last=2, before=before)
        met = found(told) + met
        if not told["pageInfo"]["hasPreviousPage"]:
            break
        before = told["pageInfo"]["startCursor"]
    assert met == five


def test_a_page_between_two_cursors_holds_what_lies_between_them(counter: Counter, five: list[str]) -> None:
    partner = counter.bureau.partner()
    cursors = [edge["cursor"] for edge in page(counter, partner)["edges"]]
    told = page(counter, partner, first=10, after=cursors[0], before=cursors[4])
    assert (found(told), told["pageInfo"]["hasNextPage"], told["pageInfo"]["hasPreviousPage"]) == (
        five[1:4],
        True,
        True,
    )


def test_a_cursor_of_another_search_is_refused(counter: Counter, five: list[str]) -> None:
    partner = counter.bureau.partner()
    cursor = page(counter, partner)["edges"][0]["cursor"]
    body = counter.hub.ask(PAGED, {"holder": "91350211M000100Y46", "type": SAFETY, "after": cursor}, actor=partner)
    assert five
    assert refusal(body).startswith("paging.")


def test_a_cursor_whose_license_left_the_list_leads_to_an_empty_page(counter: Counter, five: list[str]) -> None:
    partner = counter.bureau.partner()
    cursor = page(counter, partner)["edges"][0]["cursor"]
    document = PAGED.replace("first: $first", "status: SUSPENDED, first: $first")
    told = counter.hub.data(document, {"holder": FIRM.code, "type": SAFETY, "after": cursor}, actor=partner)
    assert five
    assert told["licenses"]["edges"] == []


def test_the_contracts_document_is_valid_as_it_was_sent() -> None:
    assert set(SENT) >= {"Retrieve", "License", "VerifyLicense", "VerifyDocument", "Issue", "Suspend", "WhoLooked"}
