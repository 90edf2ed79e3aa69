"""The one HTTP client: where it may go, how long it waits, how much it reads, and what it never tells."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.addresses import AddressBook, is_public
from connectors.faults import (
    AnswerStatus,
    AnswerTooLarge,
    RefusedAddress,
    TransportFailed,
    TransportTimeout,
    Unreachable,
)
from connectors.transport import Transport
from tests.connectors.stub import Answer, Stub, serving

SECRET = "tb_a-secret-that-nobody-may-read"


def allowed(*stubs: Stub, **how: object) -> Transport:
    """Return a client that may call these servers alone."""
    return Transport(AddressBook(stub.pair for stub in stubs), **how)  # type: ignore[arg-type]


def always(answer: Answer) -> Callable[[str], Answer]:
    """Return a server that answers the same to everything."""
    return lambda _path: answer


def tokens(folder: Path) -> Path:
    """Return a folder of outgoing tokens with one for qindu."""
    (folder / "qindu.token").write_text(SECRET + "\n")
    return folder


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "not an address",
    ],
)
def test_an_address_inside_is_not_public_in_any_form(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://[::1]:1/",
        "http://2130706433:1/",
        "http://0x7f000001:1/",
        "http://0177.0.0.1:1/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_an_inside_address_is_refused_however_it_is_written(url: str) -> None:
    with pytest.raises((RefusedAddress, Unreachable)) as refused:
        Transport(AddressBook()).fetch(url, attempts=1)
    assert refused.value.code in {"transport.refused_address", "transport.unreachable"}


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://a.example/", "//a.example/", "http://u:p@a.example/", ""],
)
def test_only_plain_web_addresses_are_called(url: str) -> None:
    with pytest.raises(RefusedAddress):
        Transport(AddressBook()).fetch(url)


def test_a_name_that_mixes_public_and_private_addresses_is_refused() -> None:
    book = AddressBook(resolve=lambda _host, _port: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(RefusedAddress):
        book.addresses("partner.example", 443)


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    with serving(always(Answer(b"here"))) as stub:
        answers = iter([["127.0.0.1"], ["203.0.113.9"]])
        book = AddressBook([f"partner.example:{stub.port}"], resolve=lambda _host, _port: next(answers))
        body = Transport(book).fetch(f"http://partner.example:{stub.port}/")
        assert body == b"here"
        assert stub.asked[0][1]["Host"] == f"partner.example:{stub.port}"


def test_a_name_is_resolved_once_for_each_connection() -> None:
    resolved: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        resolved.append(host)
        return ["127.0.0.1"]

    with serving(always(Answer(b"x"))) as stub:
        Transport(AddressBook([f"partner.example:{stub.port}"], resolve)).fetch(f"http://partner.example:{stub.port}/")
    assert resolved == ["partner.example"]


def test_a_redirect_to_an_inside_address_is_refused() -> None:
    with serving(always(Answer(b"secret"))) as inside:
        with (
            serving(always(Answer(status=302, headers={"Location": f"{inside.url}/"}))) as outside,
            pytest.raises(RefusedAddress),
        ):
            allowed(outside).fetch(f"{outside.url}/")
        assert inside.asked == []


def test_a_redirect_to_another_scheme_is_refused() -> None:
    with (
        serving(always(Answer(status=302, headers={"Location": "file:///etc/passwd"}))) as stub,
        pytest.raises(RefusedAddress),
    ):
        allowed(stub).fetch(f"{stub.url}/")


def test_three_redirects_are_followed() -> None:
    def answer(path: str) -> Answer:
        step = int(path.strip("/"))
        return Answer(b"there") if step == 3 else Answer(status=302, headers={"Location": f"/{step + 1}"})

    with serving(answer) as stub:
        assert allowed(stub).fetch(f"{stub.url}/0") == b"there"


def test_a_redirect_in_circles_ends() -> None:
    with serving(always(Answer(status=302, headers={"Location": "/again"}))) as stub:
        with pytest.raises(AnswerStatus):
            allowed(stub).fetch(f"{stub.url}/")
        assert len(stub.asked) == 4


def test_the_token_is_sent_to_whom_it_belongs(tmp_path: Path) -> None:
    with serving(always(Answer(b"x"))) as stub:
        allowed(stub, tokens=tokens(tmp_path)).fetch(f"{stub.url}/", token="qindu")
        assert stub.asked[0][1]["Authorization"] == f"Bearer {SECRET}"


def test_the_token_does_not_follow_a_redirect_to_another_origin(tmp_path: Path) -> None:
    with serving(always(Answer(b"x"))) as other:
        with serving(always(Answer(status=307, headers={"Location": f"{other.url}/"}))) as stub:
            allowed(stub, other, tokens=tokens(tmp_path)).fetch(f"{stub.url}/", token="qindu")
        assert "Authorization" not in other.asked[0][1]


def test_a_token_name_cannot_leave_its_folder(tmp_path: Path) -> None:
    (tmp_path / "other.token").write_text(SECRET)
    (tmp_path / "outgoing").mkdir()
    with serving(always(Answer(b"x"))) as stub:
        allowed(stub, tokens=tmp_path / "outgoing").fetch(f"{stub.url}/", token="../other")
        assert "Authorization" not in stub.asked[0][1]


def test_the_token_stands_in_no_log_and_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        serving(always(Answer(status=503))) as stub,
        pytest.raises(AnswerStatus) as failed,
    ):
        allowed(stub, tokens=tokens(tmp_path)).fetch(f"{stub.url}/", token="qindu")
    told = "\n".join(record.getMessage() + repr(record.__dict__) for record in caplog.records) + repr(failed.value)
    assert SECRET not in told


def test_a_server_that_never_answers_is_a_timeout() -> None:
    with serving(always(Answer(hang=True))) as stub, pytest.raises(TransportTimeout) as failed:
        allowed(stub, timeout_seconds=0.2).fetch(f"{stub.url}/", attempts=1)
    assert failed.value.code == "transport.timeout"


def test_a_server_that_accepts_and_says_nothing_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        pair = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(TransportTimeout):
            Transport(AddressBook([pair]), timeout_seconds=0.2).fetch(f"http://{pair}/", attempts=1)


def test_nobody_listening_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        pair = f"127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(Unreachable) as failed:
        Transport(AddressBook([pair])).fetch(f"http://{pair}/")
    assert failed.value.code == "transport.unreachable"


def test_an_answer_that_is_too_long_is_stopped_while_it_streams() -> None:
    sent = 0

    def endless() -> object:
        nonlocal sent
        while True:
            sent += 65_536
            yield b"x" * 65_536

    answer = Answer(endless())  # type: ignore[arg-type]
    with serving(always(answer)) as stub, pytest.raises(AnswerTooLarge) as failed:
        allowed(stub, max_bytes=100_000).fetch(f"{stub.url}/")
    assert failed.value.code == "transport.too_large"
    assert sent < 64 * 1024 * 1024


def test_a_compressed_answer_nobody_asked_for_is_refused() -> None:
    with serving(always(Answer(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}))) as stub:
        with pytest.raises(AnswerStatus):
            allowed(stub).fetch(f"{stub.url}/")
        assert stub.asked[0][1]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_an_error_that_will_not_pass_is_not_repeated(status: int) -> None:
    with serving(always(Answer(status=status))) as stub:
        with pytest.raises(AnswerStatus) as failed:
            allowed(stub).fetch(f"{stub.url}/")
        assert (failed.value.status, len(stub.asked)) == (status, 1)


def test_an_error_that_may_pass_is_repeated() -> None:
    answers = iter([Answer(status=503), Answer(b"at last")])
    with serving(lambda _path: next(answers)) as stub:
        assert allowed(stub).fetch(f"{stub.url}/") == b"at last"


def test_repeating_ends_after_three_attempts() -> None:
    with serving(always(Answer(status=502))) as stub:
        with pytest.raises(AnswerStatus):
            allowed(stub).fetch(f"{stub.url}/")
        assert len(stub.asked) == 3


def test_a_stopped_client_asks_nothing_more() -> None:
    with serving(always(Answer(b"x"))) as stub:
        client = allowed(stub)
        client.stop()
        with pytest.raises(TransportTimeout):
            client.fetch(f"{stub.url}/")
        assert stub.asked == []


def test_stopping_ends_an_answer_that_drips() -> None:
    def drip() -> object:
        while True:
            time.sleep(0.02)
            yield b"."

    with serving(lambda _path: Answer(drip())) as stub:  # type: ignore[arg-type]
        client = allowed(stub)
        threading.Timer(0.2, client.stop).start()
        with pytest.raises(TransportFailed):
            client.fetch(f"{stub.url}/")
