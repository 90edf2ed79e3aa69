"""What a refusal looks like from outside, said once for every test of bad input: coded, in JSON, with nothing of the inside."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]

from seeds.hubs import HOST
from seeds.reference import HOME
from tests.journeys.partner import KEEPER, Partner

GIB, MIB = 1 << 30, 1 << 20
PROMPT_SECONDS = 5.0  # on a busy machine; such a refusal takes a few milliseconds
SLACK_BYTES = 48 * MIB  # what the process may grow meanwhile for reasons of its own
CODE = re.compile(r"internal|[a-z]+\.[a-z_0-9]+")
INSIDE = re.compile(  # what is nobody's business: traces, paths, modules, statements, classes of exceptions
    r"Traceback|File \"|/(work|home|root|usr|var|tmp)/|\.py\b|site-packages|sqlalchemy|psycopg|sqlite|werkzeug|cheroot"
    r"|\bSELECT\b|\bINSERT\b|\b[A-Z][A-Za-z]*(Error|Exception)\b|hub\.(web|ledger|access)\b",
)
SETTLE_SECONDS, STILL_SECONDS = 60.0, 3.0


def kept(home: Partner) -> tuple[Any, ...]:
    """Return what must not grow: sizes of the home hub's ledgers, its approvals and its seal uses."""
    document = "{ ledgers { origin size } approvals(first: 0) { totalCount } seals { edges { node { uses { totalCount } } } } }"
    told = home.demonstration.graphql(HOME, document, token=home.officer(KEEPER))
    return tuple(told.values())


def still(home: Partner) -> tuple[Any, ...]:
    """Return what is kept once nothing of earlier tests is on its way: the signing queue is empty, the ledgers are written."""
    end = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < end:
        seen = kept(home)
        time.sleep(STILL_SECONDS)
        if home.ask("Approvals", {"stage": "APPROVED"}, home.officer(KEEPER))["totalCount"] == 0 and kept(home) == seen:
            return seen
    raise AssertionError("the demonstration did not come to rest")


def refused(answer: httpx.Response, status: int) -> str:
    """Return the code of a refusal that shows nothing of the inside."""
    assert (answer.status_code, INSIDE.search(answer.text)) == (status, None), answer.text
    assert "json" in answer.headers["Content-Type"], answer.headers
    told = answer.json()
    codes = {error["extensions"]["code"] for error in told["errors"]} if "errors" in told else {told["code"]}
    assert len(codes) == 1 and CODE.fullmatch(code := codes.pop()), told
    return str(code)


def spoken(home: Partner, sent: bytes, seconds: float = PROMPT_SECONDS) -> list[tuple[int, bytes]]:
    """Return (status, body) of every answer to raw bytes until the hub hangs up; fails when it does not."""
    port = home.demonstration.ports[HOME]
    with socket.create_connection((HOST, port), timeout=seconds) as connection:
        connection.sendall(sent)
        received = bytearray()
        while part := connection.recv(64 * 1024):
            received += part
    return list(answers_in(bytes(received)))


def answers_in(received: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (status, body) of each answer, all of which must say how long they are."""
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?im)^content-length: (\d+)", head).group(1))  # type: ignore[union-attr]
        yield int(head.split(b" ")[1]), rest[:length]
        received = rest[length:]


def code_of(body: bytes) -> str:
    """Return the code in the body of a problem."""
    assert INSIDE.search(body.decode()) is None
    told = json.loads(body)
    return str(told["errors"][0]["extensions"]["code"] if "errors" in told else told["code"])


def memory(home: Partner) -> int:
    """Return how many bytes of memory the home hub's process holds."""
    child = home.demonstration.processes[HOME].child
    assert child is not None
    return int(psutil.Process(child.pid).memory_info().rss)


def head(path: str, media_type: str, *lines: str) -> bytes:
    """Return the head of a POST."""
    told = (f"POST {path} HTTP/1.1", "Host: x", "Accept: application/json", f"Content-Type: {media_type}", *lines)
    return ("\r\n".join(told) + "\r\n\r\n").encode()
