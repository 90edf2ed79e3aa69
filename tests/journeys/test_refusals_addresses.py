"""Addresses, methods, host names and tokens that a running hub refuses: coded, and with nothing of its inside."""

from __future__ import annotations

import socket

import httpx
import pytest

from hub.access.records import ActorKind
from hub.access.tokens import adopt_token
from hub.clock import FixedClock, SystemClock
from hub.database import Database
from seeds.hubs import HOST
from seeds.reference import HOME
from tests.journeys.partner import SECONDS, Partner, post
from tests.journeys.refusing import code_of, refused, spoken

pytestmark = pytest.mark.usefixtures("nothing_is_applied")

FAR_TOKEN = "tb_" + "0" * 43


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/nowhere", 404, "http.not_found"),
        ("/static/../../../etc/passwd", 404, "http.not_found"),
        ("/static/..%2f..%2f..%2f..%2fetc/passwd", 404, "http.not_found"),
        ("/static/%2e%2e/%2e%2e/wsgi.py", 404, "http.not_found"),
        ("/files/..%2f..%2fvar", 404, "file.link_invalid"),
        ("/files/abc", 404, "file.link_invalid"),
        ("/files/" + "A" * 20_000, 404, "file.link_invalid"),
        ("/data/fengdong-2023-report/..%2f..%2fdemo.json", 404, "record.not_found"),
        ("/items/x'--", 404, "catalog.item_unknown"),
        ("/items/%00", 400, "validation.failed"),
        ("/items/%ed%a0%80", 404, "catalog.item_unknown"),
        ("/verify/" + "0" * 32, 404, "verify.document_unknown"),
        ("/services?q=%00", 400, "validation.failed"),
        ("/services?accepting=atlantis", 404, "region.unknown"),
        ("/services?page=0", 400, "validation.failed"),
        ("/services?page=" + "9" * 500, 400, "validation.failed"),
        ("/witness/%00/checkpoint", 400, "validation.failed"),
        ("/witness/tongban/atlantis/public/1/checkpoint", 404, "record.not_found"),
        ("/witness/tongban/xian-hightech/public/1/entries", 403, "access.not_permitted"),
        ("/ledger/exchange/checkpoint", 403, "access.not_permitted"),
        ("/ledger/exchange/tile/0/000.p/1", 403, "access.not_permitted"),
        ("/ledger/exchange/feed", 403, "access.not_permitted"),
        ("/ledger/secret/checkpoint", 404, "record.not_found"),
        ("/ledger/public/tile/0/999", 404, "record.not_found"),
        ("/ledger/public/tile/entries/999", 404, "record.not_found"),
        ("/ledger/public/tile/0/00", 400, "validation.failed"),
        ("/ledger/public/tile/64/000", 400, "validation.failed"),
        ("/ledger/public/tile/0/x001/x000", 400, "validation.failed"),
        ("/ledger/public/tile/0/x000/000", 400, "validation.failed"),
        ("/ledger/public/tile/0/000.p/0", 400, "validation.failed"),
        ("/ledger/public/tile/0/000.p/256", 400, "validation.failed"),
        ("/ledger/public/tile/0/x999/x999/x999/x999/x999/x999/999", 400, "validation.failed"),
        ("/ledger/public/tile/..%2f..%2fcheckpoint", 400, "validation.failed"),
        ("/ledger/public/feed?after=999999", 400, "ledger.after_beyond_end"),
        ("/ledger/public/feed?after=-1", 400, "validation.failed"),
        ("/ledger/public/feed?after=" + "9" * 400, 400, "validation.failed"),
        ("/ledger/public/feed?first=0", 400, "validation.failed"),
        ("/ledger/public/feed?first=100000", 400, "validation.failed"),
    ],
)
def test_an_address_that_leads_nowhere_is_a_coded_problem(home: Partner, path: str, status: int, code: str) -> None:
    (told,) = spoken(
        home, f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nConnection: close\r\n\r\n".encode()
    )
    assert (told[0], code_of(told[1])) == (status, code)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
@pytest.mark.parametrize("path", ["/", "/graphql", "/ledger/public/checkpoint"])
def test_another_method_is_refused(home: Partner, method: str, path: str) -> None:
    answer = httpx.request(method, f"{home.url}{path}", headers={"Accept": "application/json"}, timeout=SECONDS)
    assert answer.headers["Allow"]
    assert refused(answer, 405) == "http.method_not_allowed"


@pytest.mark.parametrize(
    "path", ["/", "/graphql?query=%7Bregions%7Bcode%7D%7D", "/ledger/public/checkpoint", "/healthz"]
)
def test_head_answers_as_get_does_without_a_body(home: Partner, path: str) -> None:
    answers = [httpx.request(method, f"{home.url}{path}", timeout=SECONDS) for method in ("GET", "HEAD")]
    assert [(answer.status_code, bool(answer.content)) for answer in answers] == [(200, True), (200, False)]


def test_options_names_the_methods_and_changes_nothing(home: Partner) -> None:
    answer = httpx.options(f"{home.url}/graphql", timeout=SECONDS)
    assert (answer.status_code, set(answer.headers["Allow"].split(", ")), answer.content) == (
        200, {"GET", "HEAD", "OPTIONS", "POST"}, b"",
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/services", "/verify", "/trust", "/trust/keys.json", "/nowhere", "/readyz"])
def test_a_foreign_host_name_reaches_no_answer(home: Partner, path: str) -> None:
    names = "Host: evil.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-For: evil.example\r\nX-Original-URL: //evil.example"
    port = home.demonstration.ports[HOME]
    with socket.create_connection((HOST, port), timeout=SECONDS) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\n{names}\r\nConnection: close\r\n\r\n".encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b"evil" not in received


# Tokens


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", f"Bearer {FAR_TOKEN}", "Bearer " + "x" * 5000, "Bearer a b", "Basic YTpi", "' OR 1=1 --"],
)
def test_a_token_that_does_not_hold_is_refused_even_where_none_is_needed(home: Partner, authorization: str) -> None:
    headers = {"Authorization": authorization, "Accept": "application/json"}
    answer = httpx.get(f"{home.url}/healthz", headers=headers, timeout=SECONDS)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert refused(answer, 401) == "access.token_invalid"


def test_an_expired_token_is_refused_like_an_unknown_one(home: Partner) -> None:
    then = FixedClock(SystemClock().now().replace(year=2020))
    database = Database(f"sqlite:///{home.demonstration.var / HOME / 'hub.db'}")
    with database.transaction() as session:
        adopt_token(session, FAR_TOKEN[:-1] + "1", ActorKind.OPERATOR, "expired", clock=then)
    database.close()
    answer = post(home.url, {"query": "{ connectors { name } }"}, FAR_TOKEN[:-1] + "1")
    assert refused(answer, 401) == "access.token_invalid"


@pytest.mark.parametrize("claimed", ["operatorToken", "partnerToken"])
def test_a_token_of_one_hub_is_nothing_to_another(home: Partner, claimed: str) -> None:
    token = str(home.demonstration.entries["xian-hightech"][claimed])
    answer = post(home.url, {"query": "{ connectors { name } }"}, token)
    assert refused(answer, 401) == "access.token_invalid"
