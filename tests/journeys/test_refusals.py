"""What a running hub makes of bad GraphQL: a coded refusal in JSON, nothing of its inside in the answer, and nothing applied."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.journeys.partner import SECONDS, Partner, post
from tests.journeys.refusing import CODE, INSIDE, refused

pytestmark = pytest.mark.usefixtures("nothing_is_applied")

MANY = 200


DOCUMENTS = {
    "no document": ("", "document.syntax"),
    "an open brace": ("{", "document.syntax"),
    "an empty selection": ("{ regions { } }", "document.syntax"),
    "an unknown field": ("{ servceItems { totalCount } }", "document.invalid"),
    "a lone surrogate": ("{ a \ud800 }", "document.syntax"),
    "a lone surrogate in a text": ('{ region(code: "\ud800") { code } }', "document.syntax"),
    "NUL": ("{ a \0 }", "input.characters"),
    "NUL in a text": ('{ region(code: "a\0") { code } }', "input.characters"),
    "NUL escaped": ('{ region(code: "a\\u0000") { code } }', "input.characters"),
    "a depth over the limit": ("{ a " * 17 + "}" * 17, "limit.depth"),
    "a thousand braces": ("{a" * 1000 + "}" * 1000, "limit.depth"),
    "an alias bomb": ("{" + " ".join(f"a{n}: regions {{ code }}" for n in range(MANY)) + "}", "limit.aliases"),
    "a bomb of fragments": (
        "{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
        + " fragment F40 on Query { ledgers { name } }",
        "limit.fields",
    ),
    "an endless chain of fragments": (
        "{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(450))
        + " fragment F450 on Query { ledgers { name } }",
        "limit.depth",
    ),
    "a circle of fragments": ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "document.invalid"),
    "too many fields": ("{" + "a " * 1001 + "}", "limit.fields"),
    "too many words": ("{" + "a " * 4000 + "}", "limit.tokens"),
    "too long a document": ("{ a } #" + "x" * 64_000, "limit.length"),
    "an integer too large": ("{ bundles(first: 2147483648) { totalCount } }", "document.invalid"),
    "an integer of a thousand digits": ("{ bundles(first: " + "9" * 1000 + ") { totalCount } }", "document.invalid"),
}  # fmt: skip


@pytest.mark.parametrize("named", DOCUMENTS)
@pytest.mark.parametrize("accepted", ["application/json", "application/graphql-response+json"])
def test_a_bad_document_is_refused_before_anything_is_executed(home: Partner, named: str, accepted: str) -> None:
    document, code = DOCUMENTS[named]
    answer = httpx.post(
        f"{home.url}/graphql",
        content=json.dumps({"query": document}),
        headers={"Content-Type": "application/json", "Accept": accepted},
        timeout=SECONDS,
    )
    assert "data" not in answer.json()
    assert refused(answer, 200 if accepted == "application/json" else 400) == code


BODIES = {
    "nothing": b"",
    "no JSON": b"\xff\xfe",
    "a list": b"[]",
    "a text": b'"x"',
    "no query": b"{}",
    "variables that are a list": b'{"query": "{ regions { code } }", "variables": []}',
    "a hundred thousand brackets": b"[" * 100_000,
    "an integer of five thousand digits": b'{"query": "{ regions { code } }", "variables": {"v": '
    + b"9" * 5000
    + b"}}",
}


@pytest.mark.parametrize("named", BODIES)
def test_a_body_that_is_no_request_is_refused(home: Partner, named: str) -> None:
    answer = httpx.post(f"{home.url}/graphql", content=BODIES[named], headers={"Content-Type": "application/json"})
    assert refused(answer, 400) == "graphql.request_malformed"


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"],
)
def test_another_media_type_is_refused(home: Partner, media_type: str) -> None:
    answer = httpx.post(f"{home.url}/graphql", content=b"x", headers={"Content-Type": media_type})
    assert refused(answer, 415) == "http.unsupported_media_type"


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        ("query($v: Int) { bundles(first: $v) { edges { cursor } } }", -1, "paging.size_invalid"),
        ("query($v: Int) { bundles(first: $v) { edges { cursor } } }", 201, "paging.too_large"),
        ("query($v: Int) { bundles(last: $v) { edges { cursor } } }", -1, "paging.size_invalid"),
        ("query($v: Int) { bundles(first: 1, last: $v) { edges { cursor } } }", 1, "paging.first_and_last"),
        ("query($v: String) { bundles(after: $v) { edges { cursor } } }", "x", "paging.cursor_invalid"),
        ("query($v: String) { bundles(before: $v) { edges { cursor } } }", "A" * 5000, "paging.cursor_invalid"),
        ("query($v: Int!) { changes(ledger: PUBLIC, after: $v, first: 1) { consistency } }", 2**31 - 1, "ledger.after_beyond_end"),
        ("query($v: Int!) { changes(ledger: PUBLIC, after: $v, first: 1) { consistency } }", -1, "validation.failed"),
        ("query($v: Int!) { changes(ledger: PUBLIC, after: 0, first: $v) { consistency } }", 5000, "validation.failed"),
        ("query($v: ID!) { node(id: $v) { id } }", "x", "record.not_found"),
        ("query($v: ID!) { node(id: $v) { id } }", "c2VydmljZV9pdGVtL3hpeGlhbi1mZW5nZG9uZy8A", "record.not_found"),
        ("query($v: ID!) { inclusionProof(id: $v) { index } }", "A" * 100_000, "record.not_found"),
        ("query($v: String) { serviceItems(search: $v) { totalCount } }", "长" * 60_000, "validation.failed"),
        ("query($v: [String!]) { indicators(codes: $v) { totalCount } }", ["x"] * 201, "validation.failed"),
    ],
)  # fmt: skip
def test_a_bad_argument_is_a_coded_error_beside_a_null_root(
    home: Partner, document: str, variables: Any, code: str
) -> None:
    answer = post(home.url, {"query": document, "variables": {"v": variables}})
    assert set(answer.json()["data"].values()) == {None}
    assert refused(answer, 200) == code


@pytest.mark.parametrize("value", [2**31, 2**63, 1.5, "1", "\0", "\ud800", [1], {"a": 1}, True])
def test_a_variable_of_another_kind_is_refused(home: Partner, value: Any) -> None:
    body = {"query": "query($v: Int!) { bundles(first: $v) { totalCount } }", "variables": {"v": value}}
    answer = httpx.post(
        f"{home.url}/graphql", content=json.dumps(body), headers={"Content-Type": "application/json"}, timeout=SECONDS
    )
    assert refused(answer, 200) in {"variables.invalid", "input.characters"}


def test_a_cursor_of_another_list_is_refused(home: Partner) -> None:
    page = home.ask("Offers", {"partner": "xianyang-qindu", "first": 1})
    asked = {"partner": "xianyang-weicheng", "first": 1, "after": page["pageInfo"]["endCursor"]}
    assert home.refusal("Offers", asked) == "paging.cursor_invalid"


@pytest.mark.parametrize(
    "document", ["{ seals { totalCount } }", 'mutation { runConnector(name: "x") { __typename } }']
)
def test_a_get_answers_open_queries_only(home: Partner, document: str) -> None:
    answer = httpx.get(f"{home.url}/graphql", params={"query": document}, headers={"Accept": "application/json"})
    assert refused(answer, 405) == "operation.post_only"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"idempotencyKey": ""}, "idempotencyKey"),
        ({"idempotencyKey": "k" * 101}, "idempotencyKey"),
        ({"title": ""}, "title"),
        ({"title": "长" * 100_000}, "title"),
        ({"title": "两\n行"}, "title"),
        ({"title": "\u202e反着写"}, "title"),
        ({"body": []}, "body"),
        ({"body": [{"heading": None, "text": "字"}] * 61}, "body"),
        ({"body": [{"heading": None, "text": "\x1b[31m"}]}, "body.0.text"),
        ({"itemCode": "x" * 10_000}, "itemCode"),
        ({"caseNumber": "x" * 65}, "caseNumber"),
        ({"addressee": {"name": "甲", "code": "91350100M000100Y44", "codeType": "001"}}, "addressee.code"),
        ({"addressee": {"name": "甲", "code": "1", "codeType": "zzz"}}, "addressee.codeType"),
    ],
)
def test_a_bad_draft_names_the_field_at_fault(home: Partner, changes: dict[str, Any], path: str) -> None:
    document = "mutation($input: DraftApprovalInput!) { draftApproval(input: $input) { __typename ... on Problem { code message path } } }"
    answer = post(home.url, {"query": document, "variables": home.draft_input(**changes)}, home.officer("examiner-1"))
    told = answer.json()["data"]["draftApproval"]
    assert (told.get("path"), INSIDE.search(answer.text)) == (path, None), told
    assert CODE.fullmatch(told["code"])
