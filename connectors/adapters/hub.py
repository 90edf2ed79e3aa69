"""Another hub: its ledgers' feeds, and the notes it and others vouch for. Bytes only; the run verifies them.

Source: C2SP tlog-checkpoint (notes); docs/words.md (feed, witness).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from connectors.faults import AnswerStatus, FileMalformed, TransportFailed
from connectors.protocol import RawBody, RawPage
from connectors.transport import Transport

PAGE_SIZE: Final = 500
NDJSON: Final = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody who may hold a note of a ledger: the region's code and the address of its hub."""

    region: str
    url: str


class HubAdapter:
    """Pulls the feeds of the hub at `url`, then what `witnesses` hold of `origins`.

    `token` names the bearer token's file (the partner's region); `names` are the ledgers to read, such as `public`;
    `page_size` is how many entries are asked for at once. `origins` are asked of every witness.
    """

    def __init__(
        self,
        transport: Transport,
        url: str,
        *,
        token: str,
        names: Sequence[str] = ("public", "exchange"),
        witnesses: Sequence[Witness] = (),
        origins: Sequence[str] = (),
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._transport = transport
        self._url = url.rstrip("/")
        self._token = token
        self._names = tuple(names)
        self._witnesses = tuple(witnesses)
        self._origins = tuple(origins)
        self._page_size = page_size

    def check(self) -> None:
        """Return when the address has the form of one; raises FileMalformed. Whether it may be called shows when it is."""
        if not self._url.startswith(("http://", "https://")):
            raise FileMalformed("枢纽地址须以 http:// 或 https:// 开头。", "A hub's address begins with http(s)://.")

    def pull(self, cursor: Any) -> Iterator[RawPage]:
        """Yield `("feed", name)` pages of every ledger until one is empty, then `("note", region, origin)` bodies.

        `cursor` is {ledger name: entries held}. A witness that cannot be asked is yielded as `("silent", region, origin)`:
        it proves nothing, and it must not keep the ledger's own news away.
        """
        held: Mapping[str, int] = cursor or {}
        for name in self._names:
            yield from self._feed(name, held.get(name, 0))
        for witness in self._witnesses:
            for origin in self._origins:
                yield self._note(witness, origin)

    def stop(self) -> None:
        """End what is under way."""
        self._transport.stop()

    def _feed(self, name: str, after: int) -> Iterator[RawPage]:
        while True:
            body = self._transport.fetch(
                f"{self._url}/ledger/{quote(name)}/feed?after={after}&first={self._page_size}",
                token=self._token,
                accept=NDJSON,
            )
            yield RawBody(("feed", name), body)
            entries = _entries_in(body)
            if not entries:
                return
            after += entries

    def _note(self, witness: Witness, origin: str) -> RawBody:
        # A witness's own word on many origins: one repetition is enough, the next run asks again.
        url = f"{witness.url.rstrip('/')}/witness/{quote(origin)}/checkpoint"
        try:
            return RawBody(
                ("note", witness.region, origin), self._transport.fetch(url, accept="text/plain", attempts=1)
            )
        except AnswerStatus as answer:
            subject = "none" if answer.status == 404 else "silent"
            return RawBody((subject, witness.region, origin), answer.message_en.encode())
        except TransportFailed as failure:
            return RawBody(("silent", witness.region, origin), failure.message_en.encode())


def _entries_in(body: bytes) -> int:
    """Return how many entries a feed page has: one line each, and one more that closes the page."""
    return max(body.count(b"\n") - 1, 0)
