"""The mutations of licenses: every act of the one table, its refusals as problems, and codes that holders show once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.access.actors import PUBLIC_ACTOR
from hub.access.records import Refusal
from hub.licenses.life import LicenseAct
from hub.licenses.records import License
from tests.license_office import APPROVER, CARD, ISSUER, fresh_key
from tests.schema.licensing import Counter, issue_input, unknown_identifier
from tests.schema.planting import OPERATOR

PROBLEM = "... on Problem { code message path }"
ACT = f"""mutation($id: String!, $act: LicenseAct!, $reason: String!, $key: String!, $basis: String, $text: String) {{
  actOnLicense(identifier: $id, act: $act, reason: $reason, idempotencyKey: $key, basis: $basis, text: $text) {{
    __typename ... on License {{ status statusText history {{ act reason basis }} }} {PROBLEM} }} }}"""
AMEND = f"""mutation($id: String!, $to: AmendmentInput!, $key: String!) {{
  done: VERB(identifier: $id, amendment: $to, reason: "依法办理（演示）", idempotencyKey: $key) {{
    __typename ... on License {{ identifier version previous validUntil status number }} {PROBLEM} }} }}"""
PRESENT = f"""mutation($id: String!, $fields: [String!]!, $seconds: Int!, $audience: String) {{
  presentLicense(identifier: $id, fields: $fields, validSeconds: $seconds, audience: $audience) {{
    __typename ... on Presentation {{ code validSeconds }} {PROBLEM} }} }}"""
REDEEM = f"""mutation($code: String!) {{ redeemPresentation(code: $code, purpose: "现场核验") {{
    __typename ... on License {{ number holder {{ name }} faceElements {{ key value masked }} }} {PROBLEM} }} }}"""
ACTS = {
    LicenseAct.SUSPEND: "SUSPENDED",
    LicenseAct.RECALL: "RECALLED",
    LicenseAct.WITHDRAW: "WITHDRAWN",
    LicenseAct.REVOKE: "REVOKED",
    LicenseAct.CANCEL: "CANCELLED",
    LicenseAct.LAPSE: "LAPSED",
    LicenseAct.TRANSFER_OUT: "TRANSFERRED_OUT",
    LicenseAct.OTHER: "OTHER",
}


def act(counter: Counter, license: License | str, deed: LicenseAct, **changes: Any) -> dict[str, Any]:
    identifier = license if isinstance(license, str) else license.identifier
    actor = changes.pop("actor", APPROVER)
    asked = {"id": identifier, "act": deed.name, "reason": "依法办理", "key": fresh_key(), "basis": "《示例法》"}
    return counter.changed(ACT, asked | {"text": "停业整顿"} | changes, actor)


def amend(counter: Counter, verb: str, license: License, **to: Any) -> dict[str, Any]:
    asked = {"id": license.identifier, "to": to, "key": fresh_key()}
    return counter.changed(AMEND.replace("VERB", verb), asked)


# Issuing


def test_a_license_is_issued_with_the_contracts_document(counter: Counter) -> None:
    told = counter.root("Issue", issue_input(), APPROVER)
    assert (told["__typename"], told["version"], told["status"], told["files"]) == ("License", 1, "ISSUED", [])


def test_a_request_repeated_with_its_key_is_the_same_license(counter: Counter) -> None:
    first, second = (counter.root("Issue", issue_input(), APPROVER) for _ in range(2))
    assert (first, counter.bureau.count(License)) == (second, 1)


def test_a_key_that_stands_for_another_license_is_a_conflict(counter: Counter) -> None:
    counter.root("Issue", issue_input(), APPROVER)
    told = counter.root("Issue", issue_input(number="演示-2026-0002"), APPROVER)
    assert (told["__typename"], counter.bureau.count(License)) == ("Conflict", 1)


def test_a_partner_issues_in_the_name_of_the_issuers_it_was_granted(counter: Counter) -> None:
    partner = counter.bureau.partner(issuers=[ISSUER.uscc])
    assert counter.root("Issue", issue_input(), partner)["__typename"] == "License"


@pytest.mark.parametrize("actor", [PUBLIC_ACTOR, OPERATOR], ids=lambda actor: actor.code)
def test_who_has_no_grant_may_not_issue_and_the_attempt_is_audited(counter: Counter, actor: Any) -> None:
    told = counter.root("Issue", issue_input(), actor)
    with counter.bureau.database.reading() as session:
        audited = [(row.act, row.code) for row in session.scalars(select(Refusal))]
    assert (told["__typename"], audited) == ("NotPermitted", [("issueLicense", "access.not_permitted")])
    assert counter.bureau.count(License) == 0


def test_a_partner_may_not_issue_in_another_issuers_name(counter: Counter) -> None:
    told = counter.root("Issue", issue_input(), counter.bureau.partner())
    assert (told["__typename"], counter.bureau.count(License)) == ("NotPermitted", 0)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"typeCode": "11100000000013127D999"}, "NotFound ValidationProblem"),
        ({"holders": []}, "ValidationProblem"),
        (
            {"holders": [{"name": "示例企业（演示）", "code": "91350100M000100Y44", "codeType": "001"}]},
            "ValidationProblem",
        ),
        ({"validUntil": "2020-01-01"}, "ValidationProblem"),
        ({"faceElements": [{"key": "NOWHERE", "value": "x"}]}, "ValidationProblem"),
        ({"sealId": "bm9wZQ"}, "NotFound"),
    ],
)
def test_an_input_that_breaks_a_rule_is_a_problem_and_issues_nothing(
    counter: Counter, changes: dict[str, Any], kind: str
) -> None:
    told = counter.root("Issue", issue_input(**changes), APPROVER)
    assert told["__typename"] in kind.split()
    assert counter.bureau.count(License) == 0


def test_what_a_mutation_answers_is_masked_and_is_no_read(counter: Counter) -> None:
    license = counter.bureau.issue(CARD)
    document = ACT.replace("statusText", "number")
    asked = {"id": license.identifier, "act": "SUSPEND", "reason": "r", "key": "k"}
    told = counter.changed(document, asked)
    assert (told["number"], counter.reads()) == ("110*************2X", [])


# Every act


@pytest.mark.parametrize("deed", ACTS, ids=lambda deed: deed.name)
def test_an_act_leaves_the_license_where_the_table_says(counter: Counter, deed: LicenseAct) -> None:
    told = act(counter, counter.bureau.issue(), deed)
    assert told["status"] == ACTS[deed]
    assert told["history"][-1] == {"act": deed.name, "reason": "依法办理", "basis": "《示例法》"}


def test_only_a_status_in_words_has_words(counter: Counter) -> None:
    told = [act(counter, counter.bureau.issue(), deed)["statusText"] for deed in (LicenseAct.OTHER, LicenseAct.SUSPEND)]
    assert told == ["停业整顿", None]


def test_a_suspended_license_may_return(counter: Counter) -> None:
    license = counter.bureau.issue()
    act(counter, license, LicenseAct.SUSPEND)
    assert act(counter, license, LicenseAct.RESUME)["status"] == "ISSUED"


def test_a_revoked_license_cannot_return(counter: Counter) -> None:
    license = counter.bureau.issue()
    act(counter, license, LicenseAct.REVOKE)
    told = act(counter, license, LicenseAct.RESUME)
    assert (told["__typename"], told["code"]) == ("MoveRefused", "license.move_refused")


def test_the_contracts_suspension_is_done_once_however_often_it_is_sent(counter: Counter) -> None:
    asked = {"identifier": counter.bureau.issue().identifier, "reason": "暂扣，依据……", "key": "b7c2"}
    told = [counter.root("Suspend", asked, APPROVER) for _ in range(2)]
    assert told[0] == told[1] == {"__typename": "License", "identifier": asked["identifier"], "status": "SUSPENDED"}
    assert len(counter.read(asked["identifier"], APPROVER)["history"]) == 2


def test_an_act_without_a_reason_is_refused(counter: Counter) -> None:
    told = act(counter, counter.bureau.issue(), LicenseAct.SUSPEND, reason=" ")
    assert (told["__typename"], told["code"], told["path"]) == ("ValidationProblem", "license.reason_missing", "reason")


def test_an_act_on_a_license_of_another_issuer_is_answered_like_one_on_none(counter: Counter) -> None:
    partner = counter.bureau.partner(issuers=["11610402MB0030007U"])
    told = [
        act(counter, identifier, LicenseAct.SUSPEND, actor=partner)
        for identifier in (counter.bureau.issue().identifier, unknown_identifier())
    ]
    assert told[0] == told[1]
    assert told[0]["code"] == "license.missing"


def test_a_renewal_is_the_next_version_and_the_old_one_is_superseded(counter: Counter) -> None:
    license = counter.bureau.issue()
    told = amend(counter, "renewLicense", license, validFrom="2029-11-24", validUntil="2032-11-23")
    assert (told["version"], told["previous"], told["validUntil"]) == (2, license.identifier, "2032-11-23")
    assert counter.read(license, APPROVER)["status"] == "SUPERSEDED"


def test_a_change_is_the_next_version_with_what_was_changed(counter: Counter) -> None:
    license = counter.bureau.issue()
    told = amend(counter, "changeLicense", license, faceElements=[{"key": "KZ_SCOPE", "value": "新范围"}])
    face = {each["key"]: each["value"] for each in counter.read(told["identifier"], APPROVER)["faceElements"]}
    assert (told["version"], face["KZ_SCOPE"], face["KZ_XM"]) == (2, "新范围", "张示例")


# Presentation


def shown(counter: Counter, license: License, **changes: Any) -> dict[str, Any]:
    actor = changes.pop("actor", None) or counter.bureau.partner("holder-app")
    asked = {"id": license.identifier, "fields": ["KZ_XM"], "seconds": 60, "audience": None} | changes
    return counter.changed(PRESENT, asked, actor)


def redeemed(counter: Counter, code: str, actor: Any) -> dict[str, Any]:
    return counter.changed(REDEEM, {"code": code}, actor)


def test_a_code_shows_the_fields_its_holder_chose_and_no_other(counter: Counter) -> None:
    code = shown(counter, counter.bureau.issue())["code"]
    reader = counter.bureau.partner("reader", license_types=[])
    face = {each["key"]: each["masked"] for each in redeemed(counter, code, reader)["faceElements"]}
    assert face["KZ_XM"] is False
    assert counter.reads()[-1].purpose == "现场核验"


def test_a_code_is_good_for_one_reader_once(counter: Counter) -> None:
    code = shown(counter, counter.bureau.issue())["code"]
    reader = counter.bureau.partner("reader")
    told = [redeemed(counter, code, reader)["__typename"] for _ in range(2)]
    assert told[0] == "License"
    assert told[1] != "License"


@pytest.mark.parametrize("spoilt", ["expired", "another reader", "unknown"])
def test_a_code_that_does_not_hold_is_refused_in_one_way(counter: Counter, spoilt: str) -> None:
    code = shown(counter, counter.bureau.issue(), audience="nobody-else" if spoilt == "another reader" else None)[
        "code"
    ]
    if spoilt == "expired":
        counter.bureau.clock.advance(timedelta(seconds=60))
    told = redeemed(counter, "tbp_none" if spoilt == "unknown" else code, counter.bureau.partner("reader"))
    assert told["code"] == "license.presentation_refused"


def test_the_public_redeems_nothing(counter: Counter) -> None:
    code = shown(counter, counter.bureau.issue())["code"]
    assert redeemed(counter, code, PUBLIC_ACTOR)["__typename"] == "NotPermitted"


@pytest.mark.parametrize("changes", [{"seconds": 29}, {"seconds": 601}, {"fields": []}, {"fields": ["NOWHERE"]}])
def test_terms_out_of_bounds_are_refused(counter: Counter, changes: dict[str, Any]) -> None:
    assert shown(counter, counter.bureau.issue(), **changes)["code"] == "license.terms_refused"
