"""Uploads without end, lengths that lie and what is hardly HTTP: refused at once, in the words of every refusal, and not read.

Sent over bare sockets, for no well-behaved client says such things.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from seeds.hubs import HOST
from seeds.reference import HOME
from tests.journeys.partner import SECONDS, Partner
from tests.journeys.refusing import (
    CODE,
    GIB,
    INSIDE,
    MIB,
    PROMPT_SECONDS,
    SLACK_BYTES,
    answers_in,
    code_of,
    head,
    memory,
    refused,
    spoken,
)

pytestmark = pytest.mark.usefixtures("nothing_is_applied")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/verify", "multipart/form-data; boundary=x"),
        ("/graphql", "application/json"),
        ("/graphql", "text/plain"),
        ("/services", "text/plain"),
        ("/nowhere", "text/plain"),
    ],
)
@pytest.mark.parametrize("expect", [(), ("Expect: 100-continue",)])
def test_an_upload_of_a_gigabyte_is_refused_at_once_and_not_read(
    home: Partner, path: str, media_type: str, expect: tuple[str, ...]
) -> None:
    before, began = memory(home), time.monotonic()
    ((status, body),) = spoken(home, head(path, media_type, f"Content-Length: {GIB}", *expect))
    assert (status, code_of(body)) == (413, "http.too_large")
    assert time.monotonic() - began < PROMPT_SECONDS and memory(home) - before < SLACK_BYTES


def test_a_sender_of_a_gigabyte_sees_the_refusal_while_it_is_still_sending(home: Partner) -> None:
    before = memory(home)
    with socket.create_connection((HOST, home.demonstration.ports[HOME]), timeout=PROMPT_SECONDS) as connection:
        connection.sendall(head("/verify", "multipart/form-data; boundary=x", f"Content-Length: {GIB}"))
        for _ in range(64):
            connection.sendall(b"x" * MIB)
        assert connection.recv(64).startswith(b"HTTP/1.1 413 ")
    assert memory(home) - before < SLACK_BYTES


@pytest.mark.parametrize(
    ("path", "media_type", "status"),
    [("/graphql", "text/plain", 415), ("/services", "text/plain", 405), ("/nowhere", "text/plain", 404)],
)
def test_a_body_that_nobody_asked_for_is_not_waited_for(home: Partner, path: str, media_type: str, status: int) -> None:
    ((told, _),) = spoken(home, head(path, media_type, f"Content-Length: {32 * MIB}"))
    assert told == status


def test_a_body_without_a_length_is_read_to_the_limit_only(home: Partner) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(256):
            yield b" " * MIB

    before = memory(home)
    try:
        answer = httpx.post(
            f"{home.url}/graphql", content=endless(), headers={"Content-Type": "application/json"}, timeout=SECONDS
        )
        assert refused(answer, 413) == "http.too_large"
    except httpx.TransportError:
        pass  # hung up on while still sending: as good a refusal
    assert memory(home) - before < SLACK_BYTES


def test_a_request_in_pieces_is_answered(home: Partner) -> None:
    pieces = iter([b'{"query": "{ regions', b' { code } }"}'])
    answer = httpx.post(f"{home.url}/graphql", content=pieces, headers={"Content-Type": "application/json"})
    assert len(answer.json()["data"]["regions"]) == 5


@pytest.mark.parametrize(
    "piece", [b"zz\r\n", b"-1\r\n", b"FFFFFFFFFFFFFFFF\r\nx", b"5\r\nabcdefgh\r\n", b"7fffffff\r\n{}"]
)
def test_a_piece_of_a_false_length_is_refused(home: Partner, piece: bytes) -> None:
    before = memory(home)
    sent = head("/graphql", "application/json", "Transfer-Encoding: chunked") + piece
    with socket.create_connection((HOST, home.demonstration.ports[HOME]), timeout=30) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    ((status, body),) = answers_in(received)
    assert status in {400, 413} and CODE.fullmatch(code_of(body))
    assert memory(home) - before < SLACK_BYTES


def test_what_hides_behind_a_refused_body_is_not_answered(home: Partner) -> None:
    hidden = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answers = spoken(home, head("/services", "text/plain", f"Content-Length: {len(hidden)}") + hidden)
    assert [status for status, _ in answers] == [405]


def test_what_hides_behind_a_body_in_pieces_is_not_answered(home: Partner) -> None:
    hidden = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answers = spoken(home, head("/services", "text/plain", "Transfer-Encoding: chunked") + hidden)
    assert [status for status, _ in answers] == [405]


HARDLY = {
    "garbage": b"GARBAGE\r\n\r\n",
    "a TLS greeting": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    "HTTP of the future": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "an absolute address": b"GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header without a colon": b"GET / HTTP/1.1\r\nHost: x\r\nNonsense\r\n\r\n",
    "a length that is a word": head("/graphql", "application/json", "Content-Length: abc"),
    "a length below nothing": head("/graphql", "application/json", "Content-Length: -5"),
    "a length with a sign": head("/graphql", "application/json", "Content-Length: +5"),
    "two kinds of length": head("/graphql", "application/json", "Content-Length: 5", "Transfer-Encoding: chunked"),
    "an encoding nobody knows": head("/graphql", "application/json", "Transfer-Encoding: rot13"),
    "an endless line": b"GET /" + b"x" * MIB,
    "an endless header": b"GET / HTTP/1.1\r\nHost: x\r\nX-Endless: " + b"x" * MIB,
    "endless headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-One: more\r\n" * 50_000,
}


@pytest.mark.parametrize("named", HARDLY)
def test_what_is_hardly_a_request_is_refused_in_the_same_words(home: Partner, named: str) -> None:
    ((status, body),) = spoken(home, HARDLY[named])
    told = json.loads(body)
    assert 400 <= status <= 505 and told["status"] == status
    assert (
        told["code"].startswith("http.") and told["title"] and told["detail"] and INSIDE.search(body.decode()) is None
    )


# Files to verify


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"%PDF-1.7\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\n1 0 obj " + b"[" * 200_000,
        b"%PDF-1.7\n1 0 obj " + b"<<" * 20_000 + b"/ByteRange [0 1 2 3] /Contents <00>",
        b"%PDF-1.7\n/ByteRange [0 99999999999999999999 5 5] /Contents <" + b"0" * MIB + b">",
        b"\x30\x84\xff\xff\xff\xff" * 10,
        b"PK\x03\x04" + b"\0" * 1000,
    ],
)
def test_a_hostile_file_gets_a_verdict_that_is_not_passed(home: Partner, content: bytes) -> None:
    answer = httpx.post(
        f"{home.url}/verify",
        files={"file": ("../../\u202efdp.exe", content)},
        headers={"Accept": "application/json"},
        timeout=SECONDS,
    )
    assert (answer.status_code, INSIDE.search(answer.text)) == (200, None)
    assert answer.json()["outcome"] in {"failed", "cannot_tell"} and answer.json()["findings"]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"garbage", "multipart/form-data"),
        (b"--x\r\ngarbage", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\n\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" * 100 + b"--x--\r\n", "multipart/form-data; boundary=x"),
        (b"code=x", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
    ],
)  # fmt: skip
def test_an_upload_without_a_file_is_refused(home: Partner, content: bytes, media_type: str) -> None:
    headers = {"Content-Type": media_type, "Accept": "application/json"}
    answer = httpx.post(f"{home.url}/verify", content=content, headers=headers, timeout=SECONDS)
    assert refused(answer, answer.status_code) in {"validation.failed", "http.too_large"}
    assert answer.status_code in {400, 413}


# What the operator finds afterwards


def test_no_bad_input_was_an_error_of_ours(home: Partner) -> None:
    log: Path = home.demonstration.processes[HOME].log
    failures = [line for line in log.read_text("utf-8").splitlines() if re.search(r"request [0-9a-f]+ failed", line)]
    assert failures == []
