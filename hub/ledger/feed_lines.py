"""A page of a ledger's feed as a value, and as lines of NDJSON both ways.

One line an entry, in order; the last line carries the checkpoint and the proof, so that a page cut short shows itself.
Headers and contents travel as the exact text that was hashed. Reading checks form alone; `hub.ledger.verifying` checks truth.

Source: NDJSON 1.0; exchange.md section 3.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from hub.ledger.faults import FeedMalformed
from hub.ledger.names import BATCH, Withheld

LINE_MAX_BYTES: Final = 4 * 1024 * 1024
"""The longest line read; a content of 1 MiB with every character escaped fits twice over."""
PROOF_MAX: Final = 128
"""The most hashes in a consistency proof: twice the height of the largest tree."""

_REASONS: Final = frozenset(reason.value for reason in Withheld)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry as delivered: `content` and `salt` (base64) are None when `withheld` says why."""

    index: int
    header: str
    content: str | None
    salt: str | None
    withheld: str | None


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Entries in order, and the proof from the end of the last one to the checkpoint of `size` entries with this `root`."""

    origin: str
    checkpoint_note: str
    size: int
    root: bytes
    consistency: list[bytes]
    entries: list[FeedEntry]


def to_ndjson(page: FeedPage) -> Iterator[bytes]:
    """Yield the lines of a page, each with its newline; the last one carries checkpoint and proof."""
    for entry in page.entries:
        yield orjson.dumps(
            {
                "index": entry.index,
                "header": entry.header,
                "content": entry.content,
                "salt": entry.salt,
                "withheld": entry.withheld,
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )
    yield orjson.dumps(
        {
            "origin": page.origin,
            "checkpoint": page.checkpoint_note,
            "size": page.size,
            "root": encoded(page.root),
            "consistency": [encoded(step) for step in page.consistency],
            "entries": len(page.entries),
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


def from_ndjson(lines: Iterable[bytes]) -> FeedPage:
    """Return the page in these lines (with or without their newlines). Raises FeedMalformed for any other form."""
    entries: list[FeedEntry] = []
    last: dict[str, Any] | None = None
    for line in lines:
        if last is not None or len(entries) > BATCH:
            raise _malformed()
        members = _object(line)
        if "header" in members:
            entries.append(_entry(members))
        else:
            last = members
    if last is None or last.get("entries") != len(entries):
        raise _malformed()
    return _page(last, entries)


def encoded(raw: bytes | None) -> str | None:
    """Return bytes in base64, None for None."""
    return None if raw is None else base64.b64encode(raw).decode()


def decoded(text: str | None) -> bytes | None:
    """Return the bytes of base64 text, None for None. Raises FeedMalformed."""
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise _malformed() from error


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > LINE_MAX_BYTES:
        raise _malformed()
    try:
        members = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _malformed() from error
    if not isinstance(members, dict):
        raise _malformed()
    return members


def _entry(members: dict[str, Any]) -> FeedEntry:
    try:
        entry = FeedEntry(members["index"], members["header"], members["content"], members["salt"], members["withheld"])
    except KeyError as error:
        raise _malformed() from error
    texts = (entry.content, entry.salt, entry.withheld)
    if type(entry.index) is not int or type(entry.header) is not str or not all(map(_text_or_none, texts)):
        raise _malformed()
    if (entry.content is None) != (entry.withheld in _REASONS) or (entry.content is None and entry.salt is not None):
        raise _malformed()
    return entry


def _page(last: dict[str, Any], entries: list[FeedEntry]) -> FeedPage:
    origin, note, size, proof = (last.get(name) for name in ("origin", "checkpoint", "size", "consistency"))
    root = decoded(last.get("root"))
    if not isinstance(origin, str) or not isinstance(note, str) or type(size) is not int or root is None:
        raise _malformed()
    if not isinstance(proof, list) or len(proof) > PROOF_MAX or not all(isinstance(step, str) for step in proof):
        raise _malformed()
    return FeedPage(origin, note, size, root, [decoded(step) or b"" for step in proof], entries)


def _text_or_none(value: object) -> bool:
    return value is None or type(value) is str


def _malformed() -> FeedMalformed:
    return FeedMalformed("账本动态页格式不对或不完整。", "The lines are not a whole page of a ledger's feed.")
