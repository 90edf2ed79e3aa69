"""The one HTTP client: every request to another system leaves through here.

Each address is checked where the connection is made (`connectors.addresses`), redirects included; answers are bounded while they
stream; only GET exists, so a failed request may be repeated. Tokens are read from files when they are needed, sent to the
origin they belong to and to no other, and never logged. It knows no settings, no database and no adapter.

Source: RFC 9110 section 9.2.2 (idempotent methods), section 15.4 (redirects).
"""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import httpcore
import httpx
import stamina

from connectors.addresses import AddressBook, CheckedBackend
from connectors.faults import AnswerStatus, AnswerTooLarge, RefusedAddress, TransportTimeout, Unreachable
from hub.errors import HubError

MAX_REDIRECTS: Final = 3
MAX_BYTES: Final = 16 * 1024 * 1024
TIMEOUT_SECONDS: Final = 10.0
ATTEMPTS: Final = 3

_WORTH_REPEATING: Final = frozenset({429, 502, 503, 504})
_TOKEN_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_AGENT: Final = "tongban-hub/1"


class Transport:
    """A client for one run. `stop` may be called from another thread; everything else belongs to one thread.

    `tokens` is the folder of outgoing bearer tokens, one file `<name>.token` each; `timeout_seconds` bounds connecting and each
    silence, `max_bytes` the length of an answer.
    """

    def __init__(
        self,
        book: AddressBook,
        *,
        tokens: Path | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._tokens = tokens
        self._max_bytes = max_bytes
        self._stopped = threading.Event()
        self._client = httpx.Client(
            transport=_CheckedTransport(book),
            timeout=timeout_seconds,
            follow_redirects=False,
            trust_env=False,  # no proxy, no .netrc: what is called, and with which secret, is decided here alone
            # Not compressed: what streams in is then what is counted, and a few bytes cannot swell into many.
            headers={"User-Agent": _AGENT, "Accept-Encoding": "identity"},
        )

    def fetch(self, url: str, *, token: str | None = None, accept: str = "*/*", attempts: int = ATTEMPTS) -> bytes:
        """Return the body of a GET; `token` names the file whose bearer token is sent, if there is such a file.

        Follows at most 3 redirects, repeats at most `attempts` times what may pass by itself.
        Raises RefusedAddress, TransportTimeout, AnswerTooLarge, AnswerStatus, Unreachable.
        """
        for attempt in stamina.retry_context(on=self._may_pass, attempts=attempts, wait_initial=0.1, wait_max=2.0):
            with attempt:
                return self._once(url, token, accept)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def stop(self) -> None:
        """Make a fetch under way end at its next sign of life or when its silence is too long, and every later one at once."""
        self._stopped.set()
        self._client.close()

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def _may_pass(self, error: Exception) -> bool:
        if self._stopped.is_set():
            return False
        if isinstance(error, AnswerStatus):
            return error.status in _WORTH_REPEATING
        return isinstance(error, (TransportTimeout, Unreachable))

    def _once(self, url: str, token: str | None, accept: str) -> bytes:
        if self._stopped.is_set():
            raise TransportTimeout("本次运行已中止，不再请求。", "The run was stopped; nothing more is asked.")
        at = _checked_url(url)
        bearer = self._bearer(token)
        first = at
        for _ in range(MAX_REDIRECTS + 1):
            headers = {"Accept": accept}
            if bearer is not None and _same_origin(at, first):
                headers["Authorization"] = f"Bearer {bearer}"
            answer = self._ask(at, headers)
            if isinstance(answer, bytes):
                return answer
            at = _checked_url(str(at.join(answer)))
        raise AnswerStatus(
            f"{first.host} 的重定向超过 {MAX_REDIRECTS} 次。",
            f"{first.host} redirected more than {MAX_REDIRECTS} times.",
            status=310,
        )

    def _ask(self, at: httpx.URL, headers: dict[str, str]) -> bytes | httpx.URL:
        """Return the body, or where the answer sends us."""
        try:
            with self._client.stream("GET", at, headers=headers) as response:
                if response.has_redirect_location:
                    return httpx.URL(response.headers["location"])
                if response.status_code != httpx.codes.OK or "content-encoding" in response.headers:
                    raise _status(at, response.status_code)
                return b"".join(self._bounded(at, response))
        except (httpx.TimeoutException, httpcore.TimeoutException) as error:
            raise TransportTimeout(f"{at.host} 未在限时内应答。", f"{at.host} did not answer in time.") from error
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            httpcore.NetworkError,
            httpcore.ProtocolError,
            ssl.SSLError,
        ) as error:
            raise Unreachable(f"与 {at.host} 的连接失败。", f"The connection to {at.host} failed.") from error

    def _bounded(self, at: httpx.URL, response: httpx.Response) -> Iterator[bytes]:
        size = 0
        for chunk in response.iter_raw():
            size += len(chunk)
            if self._stopped.is_set():
                raise TransportTimeout(f"与 {at.host} 的传输已中止。", f"The transfer from {at.host} was stopped.")
            if size > self._max_bytes:
                raise AnswerTooLarge(
                    f"{at.host} 的应答超过 {self._max_bytes} 字节。",
                    f"The answer of {at.host} is longer than {self._max_bytes} bytes.",
                )
            yield chunk

    def _bearer(self, name: str | None) -> str | None:
        if name is None or self._tokens is None or not _TOKEN_NAME.fullmatch(name):
            return None
        path = self._tokens / f"{name}.token"
        token = path.read_text(encoding="ascii", errors="replace").strip() if path.is_file() else ""
        return token if token and token.isprintable() and token.isascii() else None


class _CheckedTransport(httpx.BaseTransport):
    """Hands httpx's requests to a pool whose connections are checked."""

    def __init__(self, book: AddressBook) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(), max_connections=4, network_backend=CheckedBackend(book)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer with its body still to be read."""
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    def close(self) -> None:
        """Close every connection of the pool."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@cache
def _trusted() -> ssl.SSLContext:
    """Return the machine's trusted certificates, read once: reading them costs tens of milliseconds, and every run has a client."""
    return ssl.create_default_context()


def _checked_url(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        parsed = httpx.URL()
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
        raise RefusedAddress(
            "地址须以 http:// 或 https:// 开头，且不得含用户名或口令。",
            "An address begins with http:// or https:// and holds no user name or password.",
        )
    return parsed


def _same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def _status(at: httpx.URL, status: int) -> HubError:
    return AnswerStatus(f"{at.host} 应答 HTTP {status}。", f"{at.host} answered HTTP {status}.", status=status)
