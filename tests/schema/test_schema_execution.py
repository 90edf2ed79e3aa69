"""What leaves the process: coded, worded errors and nothing else; limits are refused before anything is executed.

Answers field case 34: no secret, no path, no class name, no "Did you mean".
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import get_introspection_query

from hub.database import Database
from schema import limits
from schema.execution import execute
from tests.schema.planting import OFFICER, SCHEMA, Hub, service_item

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = ONE_DATABASE


def answer(
    hub: Hub, document: str, variables: dict[str, Any] | None = None, **asked: Any
) -> tuple[int, dict[str, Any]]:
    """Return status and body."""
    read_only = asked.pop("read_only", False)
    operation = asked.pop("operation", None)
    return execute(
        SCHEMA, document, hub.asked(**asked), variables=variables, operation_name=operation, read_only=read_only
    )


def codes(body: dict[str, Any]) -> list[str]:
    """Return the codes of the errors."""
    return [error["extensions"]["code"] for error in body["errors"]]


BROKEN = [
    ("{", None, "document.syntax"),
    ("", None, "document.syntax"),
    ("{ regions { } }", None, "document.syntax"),
    ("{ region }", None, "document.invalid"),
    ("{ servceItems { totalCount } }", None, "document.invalid"),
    ("query A { ledgers { name } } query B { ledgers { name } }", None, "operation.unknown"),
    ("query Q($n: Int!) { bundles(first: $n) { totalCount } }", None, "variables.invalid"),
    ("query Q($n: Int!) { bundles(first: $n) { totalCount } }", {"n": "hunter2"}, "variables.invalid"),
    ("query Q($n: Int!) { bundles(first: $n) { totalCount } }", {"n": 2**31}, "variables.invalid"),
    (
        "query Q($s: ApprovalStage) { approvals(filter: {stage: {eq: $s}}) { totalCount } }",
        {"s": "examin"},
        "variables.invalid",
    ),
    ("query Q($t: String) { serviceItems(search: $t) { totalCount } }", {"t": "a\0b"}, "input.characters"),
    ("query Q($t: String) { serviceItems(search: $t) { totalCount } }", {"t": "\ud800"}, "input.characters"),
    ('{ serviceItems(search: "\\u0000") { totalCount } }', None, "input.characters"),
    ("fragment F on Query { ...F } { ...F }", None, "document.invalid"),
]


@pytest.mark.parametrize(("document", "variables", "code"), BROKEN)
def test_a_broken_request_is_refused_with_a_code_and_a_request_id(
    hub: Hub, document: str, variables: dict[str, Any] | None, code: str
) -> None:
    status, body = answer(hub, document, variables)
    assert (status, "data" in body) == (400, False)
    assert {(error["extensions"]["code"], error["extensions"]["requestId"]) for error in body["errors"]} == {
        (code, "req-1")
    }


@pytest.mark.parametrize(("document", "variables", "code"), BROKEN)
def test_no_refusal_suggests_a_name(hub: Hub, document: str, variables: dict[str, Any] | None, code: str) -> None:
    assert "did you mean" not in json.dumps(answer(hub, document, variables)[1]).lower()


@pytest.fixture
def without_tables(hub: Hub) -> Iterator[Hub]:
    """A hub whose database is not there: every read fails with a text full of paths and SQL."""
    hub.database.close()
    broken = Database("sqlite:////nowhere/password=hunter2/hub.db")
    yield Hub(broken, hub.clock, hub.keys)
    broken.close()


def test_an_unforeseen_error_leaves_as_internal_and_nothing_more(
    without_tables: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL, logger="schema.wording"):
        status, body = answer(without_tables, "{ regions { code } }")
    assert (status, body["data"], codes(body)) == (200, {"regions": None}, ["internal"])
    assert not any(word in json.dumps(body) for word in ("hunter2", "nowhere", "sqlite", "Error", "SELECT", ".py"))


def test_an_unforeseen_error_is_logged_under_its_request_id(
    without_tables: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    answer(without_tables, "{ regions { code } }")
    assert any("req-1" in record.getMessage() and record.exc_info for record in caplog.records)


def test_messages_are_chinese_unless_english_is_asked_for(hub: Hub) -> None:
    document = '{ region(code: "atlantis") { code } }'
    told = [answer(hub, document, language=language)[1]["errors"][0]["message"] for language in ("zh", "en")]
    assert told == ["未知的区域代码。", "This region code is not known here."]


def test_an_unknown_region_is_a_coded_error_wherever_it_is_asked_for(hub: Hub) -> None:
    document = """{
      a: crossRegionOffers(filter: {partner: {eq: "x"}}) { totalCount }
      b: crossRegionOffers(filter: {acceptingRegion: {eq: "x"}}) { totalCount }
      c: serviceItems(filter: {region: {eq: "x"}}) { totalCount }
      d: bundles(filter: {region: {eq: "x"}}) { totalCount }
      e: datasets(filter: {region: {eq: "x"}}) { totalCount }
      f: servicePoints(filter: {region: {eq: "x"}}) { totalCount }
      g: region(code: "x") { code }
    }"""
    assert codes(answer(hub, document)[1]) == ["region.unknown"] * 7


def test_a_failed_root_leaves_the_others_answered(hub: Hub) -> None:
    body = answer(hub, '{ region(code: "x") { code } regions { code } }')[1]
    assert (body["data"]["region"], len(body["data"]["regions"])) == (None, 3)


def test_absent_and_null_filters_are_no_constraint(hub: Hub) -> None:
    hub.plant("service_item", service_item(1, "食品经营许可"))
    document = """{
      a: serviceItems { totalCount } b: serviceItems(filter: null) { totalCount } c: serviceItems(filter: {}) { totalCount }
      d: serviceItems(filter: {region: null}) { totalCount } e: serviceItems(filter: {region: {eq: null}}) { totalCount }
      f: serviceItems(search: null, filter: {labels: {has: null}}) { totalCount } g: serviceItems(search: " ") { totalCount }
    }"""
    assert {found["totalCount"] for found in answer(hub, document)[1]["data"].values()} == {1}


def deep(levels: int) -> str:
    """Return a document of that depth; it does not need to be valid, limits come first."""
    return "{ a " * levels + "}" * levels


FAR = [
    (deep(limits.MAX_DEPTH + 1), "limit.depth", limits.MAX_DEPTH + 1, limits.MAX_DEPTH),
    (deep(300), "limit.depth", 300, limits.MAX_NESTING),
    ("{" + " ".join(f"a{n}: ledgers {{ name }}" for n in range(51)) + "}", "limit.aliases", 51, limits.MAX_ALIASES),
    ("{" + "name " * 4000 + "}", "limit.tokens", 4002, limits.MAX_TOKENS),
    ("{ name } #" + "x" * 64_000, "limit.length", 64_010, limits.MAX_DOCUMENT_CHARACTERS),
    ("{" + "name " * 1001 + "}", "limit.fields", 1001, limits.MAX_FIELDS),
]


@pytest.mark.parametrize(("document", "code", "figure", "limit"), FAR)
def test_what_is_beyond_a_limit_is_refused_with_figure_and_limit(
    hub: Hub, document: str, code: str, figure: int, limit: int
) -> None:
    status, body = answer(hub, document)
    assert (
        status,
        codes(body),
        str(figure) in body["errors"][0]["message"],
        str(limit) in body["errors"][0]["message"],
    ) == (
        400,
        [code],
        True,
        True,
    )


def test_fragments_are_counted_at_every_spread(hub: Hub) -> None:
    doubling = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
    document = f"{{ ...F0 }} {doubling} fragment F40 on Query {{ ledgers {{ name }} }}"
    assert codes(answer(hub, document)[1]) == ["limit.fields"]


def test_aliases_within_fragments_are_counted(hub: Hub) -> None:
    document = "{ ...A ...B } " + " ".join(
        f"fragment {name} on Query {{" + " ".join(f"{name}{n}: ledgers {{ name }}" for n in range(26)) + "}"
        for name in "AB"
    )
    assert codes(answer(hub, document)[1]) == ["limit.aliases"]


def test_the_standard_introspection_is_within_every_limit(hub: Hub) -> None:
    assert "errors" not in answer(hub, get_introspection_query())[1]


def test_introspection_can_be_turned_off(hub: Hub) -> None:
    status, body = answer(hub, "{ __schema { types { name } } }", introspection=False)
    assert (status, set(codes(body))) == (400, {"document.invalid"})


def test_a_type_name_is_told_without_introspection(hub: Hub) -> None:
    assert answer(hub, "{ __typename }", introspection=False)[1] == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ("{ regions { code } }", 200),
        ("{ seals { totalCount } }", 405),
        ("fragment F on Query { approvals { totalCount } } { ...F }", 405),
        ('mutation { runConnector(name: "x") { __typename } }', 405),
        ('{ node(id: "x") { ... on Seal { nameZh } } }', 405),
    ],
)
def test_a_get_answers_open_queries_only(hub: Hub, document: str, status: int) -> None:
    assert answer(hub, document, actor=OFFICER, read_only=True)[0] == status


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("食", {"食品经营许可", "食品 100% 生产"}),
        ("食品", {"食品经营许可", "食品 100% 生产"}),
        ("品经", {"食品经营许可"}),
        ("%", {"食品 100% 生产"}),
        ("_", set()),
        ("\\", set()),
        ("/", {"医/药"}),
        ("FOOD", {"食品经营许可"}),
        ("  许可 ", {"食品经营许可"}),
        ("不存在", set()),
    ],
)
def test_search_finds_any_part_of_a_name(hub: Hub, text: str, names: set[str]) -> None:
    hub.plant(
        "service_item",
        service_item(1, "食品经营许可", name_en="Food business licence"),
        service_item(2, "食品 100% 生产"),
        service_item(3, "医/药"),
    )
    found = hub.data("query Q($t: String) { serviceItems(search: $t) { edges { node { nameZh } } } }", {"t": text})
    assert {edge["node"]["nameZh"] for edge in found["serviceItems"]["edges"]} == names


def test_a_search_longer_than_a_hundred_characters_is_refused(hub: Hub) -> None:
    assert codes(hub.ask('{ serviceItems(search: "%s") { totalCount } }' % ("长" * 101))) == ["validation.failed"]


def test_only_what_holds_today_is_offered(hub: Hub) -> None:
    hub.plant(
        "service_item",
        service_item(1, "已失效", valid_to="2026-11-24"),
        service_item(2, "今日止", valid_to="2026-11-25"),
    )
    found = hub.data("{ serviceItems { edges { node { nameZh } } } }")["serviceItems"]["edges"]
    assert [edge["node"]["nameZh"] for edge in found] == ["今日止"]
