"""Reading ledgers over HTTP as anybody may who trusts a key: every page is verified here, with nothing but the bytes that came.

An author's own feed is read with its operator's token, so that every content is open; what its partners hold of it is read with the
token the author itself asks them with. No database is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.ledger.cupboard import decoded_key
from hub.ledger.feed_lines import FeedPage, from_ndjson
from hub.ledger.hashes import HashName
from hub.ledger.keys import Verifier
from hub.ledger.names import LedgerName, Withheld
from hub.ledger.note import Checkpoint, SignedNote
from hub.ledger.origin import parse_origin
from hub.ledger.ranges import CompactRange
from hub.ledger.verifying import CheckedEntry, verified_page
from tests.journeys.five import Demonstration, asking

PAGE = 500


@dataclass(frozen=True)
class Read:
    """A ledger read to its end and verified: its entries in order, and the root they make."""

    origin: str
    root: bytes
    entries: list[CheckedEntry]

    @property
    def headers(self) -> list[bytes]:
        """Return the headers as they were hashed, in order."""
        return [entry.header for entry in self.entries]


@dataclass(frozen=True)
class Said:
    """One version of a record as its author's ledger says it."""

    kind: str
    record_id: str
    version: int
    body: Mapping[str, Any]


def read_own(demonstration: Demonstration, region: str, name: LedgerName) -> Read:
    """Return a ledger as its author serves it. Raises what verifying raises when a byte of it is not what was signed."""
    url, token = demonstration.urls[region], str(demonstration.entries[region]["operatorToken"])
    told = next(
        one
        for one in demonstration.graphql(region, "{ ledgers { name origin hash } }")["ledgers"]
        if one["name"] == name
    )
    held, entries, keys = CompactRange(HashName(told["hash"])), list[CheckedEntry](), _keys(url)
    for page in _pages(f"{url}/ledger/{name.lower()}/feed", token):
        verified = verified_page(page, parse_origin(told["origin"]), held, keys)
        held, entries = verified.range, entries + verified.entries
        if held.size == verified.checkpoint.size:
            assert held.root() == verified.checkpoint.root
    return Read(told["origin"], held.root(), entries)


def held_headers(demonstration: Demonstration, reader: str, origin: str) -> list[bytes]:
    """Return the headers of `origin` that the hub of `reader` holds, in order."""
    author = parse_origin(origin).region
    token = demonstration.var / author / "secrets" / "outgoing" / f"{reader}.token"
    pages = _pages(f"{demonstration.urls[reader]}/witness/{origin}/entries", token.read_text())
    return [entry.header.encode() for page in pages for entry in page.entries]


def witnessed(demonstration: Demonstration, reader: str, origin: str) -> Checkpoint:
    """Return the checkpoint of `origin` that the hub of `reader` vouches for."""
    answer = asking().get(f"{demonstration.urls[reader]}/witness/{origin}/checkpoint").raise_for_status()
    return Checkpoint.parse(SignedNote.parse(answer.content).text)


def said(ledger: Read) -> Iterator[Said]:
    """Yield every version of every record of a ledger, in order; every content must be there that was not lost or erased."""
    for entry in ledger.entries:
        if entry.withheld == Withheld.ERASED:
            continue
        assert entry.body is not None and entry.kind and entry.record_id and entry.version, (ledger.origin, entry.index)
        yield Said(entry.kind, entry.record_id, entry.version, entry.body)


def _pages(url: str, token: str) -> Iterator[FeedPage]:
    after = 0
    while True:
        asked = {"after": after, "first": PAGE}
        answer = asking().get(url, params=asked, headers={"Authorization": f"Bearer {token}"}).raise_for_status()
        page = from_ndjson(answer.content.splitlines())
        if not page.entries:
            return
        yield page
        after += len(page.entries)


def _keys(url: str) -> list[Verifier]:
    keys = asking().get(f"{url}/trust/keys.json").raise_for_status().json()["keys"]
    return [
        Verifier(key["name"], key["algorithm"], decoded_key(key["algorithm"], key["publicKey"]))
        for key in keys
        if key["use"] == "LEDGER"
    ]
