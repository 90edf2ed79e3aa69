"""Another hub: its ledgers' feeds, and the notes it and others vouch for. Bytes only; the run verifies them.

Source: C2SP tlog-checkpoint (notes); docs/exchange.md sections 3 and 4 (feed, witness).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from connectors.faults import AnswerStatus, RefusedAddress, TransportFailed
from connectors.protocol import RawBody, RawPage
from connectors.transport import Transport

PAGE_SIZE: Final = 500
NDJSON: Final = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Question:
    """What a hub holds of a ledger: whom to ask (the region's code and the address of its hub) about which origin."""

    region: str
    url: str
    origin: str


class HubAdapter:
    """Pulls the feeds of the hub at `url`, then the answers to `questions`.

    `token` names the bearer token's file (the partner's region); `names` are the ledgers to read, such as `public`;
    `page_size` is how many entries are asked for at once; `signed_by` names the keys trusted for each ledger, so that a reader
    that slept through a key rotation is shown a checkpoint it can still check.
    """

    def __init__(
        self,
        transport: Transport,
        url: str,
        *,
        token: str,
        names: Sequence[str] = ("public", "exchange"),
        questions: Sequence[Question] = (),
        page_size: int = PAGE_SIZE,
        signed_by: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._transport = transport
        self._url = url.rstrip("/")
        self._token = token
        self._names = tuple(names)
        self._questions = tuple(questions)
        self._page_size = page_size
        self._signed_by = {
            name: "".join(f"&signed_by={quote(key)}" for key in keys) for name, keys in (signed_by or {}).items()
        }
        self._left: frozenset[str] = frozenset()

    def check(self) -> None:
        """Return when the address has the form of one; raises RefusedAddress. Whether it may be called shows when it is."""
        if not self._url.startswith(("http://", "https://")):
            raise RefusedAddress("尚不知道该枢纽的地址。", "The address of that hub is not known.")

    def pull(self, cursor: Any) -> Iterator[RawPage]:
        """Yield `("feed", name)` pages of every ledger until one is empty, then `("note", region, origin)` bodies.

        `cursor` is {ledger name: entries held}; a ledger it does not name is not read. A ledger that is refused us ends as
        `("refused", name, status)`: the other is read all the same. Who holds no note is yielded as
        `("none", region, origin)`, who cannot be asked as `("silent", region, origin)`: that proves nothing, and must not keep
        the ledger's own news away.
        """
        held: Mapping[str, int] = cursor or {}
        for name in self._names:
            if name in held:
                yield from self._feed(name, held[name])
        for question in self._questions:
            yield asked(self._transport, question)

    def leave(self, names: Iterable[str]) -> None:
        """Ask for no further page of these ledgers: what came of them cannot be applied."""
        self._left = frozenset(names)

    def stop(self) -> None:
        """End what is under way."""
        self._transport.stop()

    def _feed(self, name: str, after: int) -> Iterator[RawPage]:
        while name not in self._left:
            url = f"{self._url}/ledger/{quote(name)}/feed?after={after}&first={self._page_size}{self._signed_by.get(name, '')}"
            try:
                body = self._transport.fetch(url, token=self._token, accept=NDJSON)
            except AnswerStatus as answer:
                if not 400 <= answer.status < 500:
                    raise
                yield RawBody(("refused", name, str(answer.status)), b"")
                return
            yield RawBody(("feed", name), body)
            entries = _entries_in(body)
            if not entries:
                return
            after += entries


def entries_at(transport: Transport, url: str, *, token: str, name: str, after: int, first: int) -> bytes:
    """Return a page of the feed of the ledger `name` of the hub at `url`, to look once more at entries held. Raises TransportFailed."""
    address = f"{url.rstrip('/')}/ledger/{quote(name)}/feed?after={after}&first={first}"
    return transport.fetch(address, token=token, accept=NDJSON)


def asked(transport: Transport, question: Question) -> RawBody:
    """Return what a hub answers about an origin: its note, that it holds none, or that it was silent. Raises nothing."""
    region, origin = question.region, question.origin
    url = f"{question.url.rstrip('/')}/witness/{quote(origin)}/checkpoint"
    try:
        # One repetition less than for a feed: the next run asks again.
        return RawBody(("note", region, origin), transport.fetch(url, accept="text/plain", attempts=2))
    except AnswerStatus as answer:
        return RawBody(("none" if answer.status == 404 else "silent", region, origin), b"")
    except TransportFailed:
        return RawBody(("silent", region, origin), b"")


def _entries_in(body: bytes) -> int:
    """Return how many entries a feed page has: one line each, and one more that closes the page."""
    return max(body.count(b"\n") - 1, 0)
