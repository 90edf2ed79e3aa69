"""Whether a page of a partner's feed is what its origin signed: tree, checkpoint, headers, contents.

Plain computing: no database, no trust decided, nothing applied. A page is whole or it is refused; an entry that lies on the
tree but cannot be read (a newer format, or nonsense its origin signed) is kept raw, `understood` False.

Source: RFC 9162 2.1.4.2 (consistency); exchange.md section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hub.ledger.entry import (
    ExchangeContent,
    ExchangeHeader,
    PublicHeader,
    content_matches,
    parse_exchange_content,
    parse_header,
    parse_public_content,
)
from hub.ledger.faults import EntryMalformed, LedgerDoesNotVerify, OriginChanged
from hub.ledger.feed_lines import FeedEntry, FeedPage, decoded
from hub.ledger.hashes import HashName, hasher, parse_tagged, tagged
from hub.ledger.keys import Verifier
from hub.ledger.names import GENESIS, RECORD_ID_MAX, VERSION_MAX, Withheld
from hub.ledger.note import Checkpoint, SignedNote, open_checkpoint
from hub.ledger.origin import Origin, Readers
from hub.ledger.quick_headers import quick_members
from hub.ledger.ranges import CompactRange
from hub.ledger.tree import LEAF_PREFIX

_REASONS: Final = frozenset(reason.value for reason in Withheld)


@dataclass(slots=True)
class CheckedEntry:
    """An entry on the tree, its content matching its header's digest.

    `kind`, `record_id`, `version`, `time` and `previous` are None where the header (public) or content (exchange) that holds
    them was not delivered or not understood; `body` likewise.
    """

    index: int
    header: bytes
    content: bytes | None
    salt: bytes | None
    withheld: str | None
    kind: str | None = None
    record_id: str | None = None
    version: int | None = None
    time: datetime | None = None
    previous: str | None = None
    body: dict[str, Any] | None = None
    understood: bool = True


@dataclass(frozen=True, slots=True)
class VerifiedPage:
    """A page that verified: where the reader stands after it (`range`), the leaf hashes it adds, and its entries."""

    checkpoint: Checkpoint
    note: str
    range: CompactRange
    leaves: list[bytes]
    entries: list[CheckedEntry]


def checkpoint_of(note: str) -> Checkpoint:
    """Return what a note says, whoever signed it. Raises NoteMalformed."""
    return Checkpoint.parse(SignedNote.parse(note).text)


def verified_page(page: FeedPage, origin: Origin, held: CompactRange, verifiers: Sequence[Verifier]) -> VerifiedPage:
    """Return the page if its entries follow what is `held` (which is left as it is) and lead to a trusted checkpoint.

    Raises OriginChanged, NoteMalformed, NoteUnknownKey, NoteBadSignature, LedgerDoesNotVerify.
    """
    if page.origin != str(origin):
        raise OriginChanged(
            f"对方现在提供的账本是 {page.origin}，须由人确认后才能跟读。",
            f"The partner now serves the ledger {page.origin}; a person must confirm it.",
        )
    checkpoint = open_checkpoint(page.checkpoint_note, verifiers)
    if (checkpoint.origin, checkpoint.size, checkpoint.root) != (page.origin, page.size, page.root):
        raise LedgerDoesNotVerify("页面与其检查点不符。", "The page does not say what its checkpoint says.")
    if [entry.index for entry in page.entries] != list(range(held.size, held.size + len(page.entries))):
        raise LedgerDoesNotVerify("页面的条目有缺失、重复或乱序。", "Entries are missing, repeated or out of order.")
    headers = [entry.header.encode() for entry in page.entries]
    leaf = hasher(held.name, LEAF_PREFIX)
    leaves = [leaf(header) for header in headers]
    reached = held.copy()
    reached.extend(leaves)
    if not reached.consistent_to(page.consistency, checkpoint.size, checkpoint.root):
        raise LedgerDoesNotVerify(
            "条目与签名的检查点不在同一棵树上。", "The entries do not lead to the signed checkpoint."
        )
    entries = [
        checked_entry(entry, header, origin, held.name) for entry, header in zip(page.entries, headers, strict=True)
    ]
    return VerifiedPage(checkpoint, page.checkpoint_note, reached, leaves, entries)


def checked_entry(entry: FeedEntry, header: bytes, origin: Origin, name: HashName) -> CheckedEntry:
    """Return the entry with its content checked against `header`, which lies on the tree.

    Raises LedgerDoesNotVerify if the content is not the one the header's digest is over, or the header names another ledger.
    """
    content = None if entry.content is None else entry.content.encode()
    if (content is None) != (entry.withheld in _REASONS):
        raise LedgerDoesNotVerify("内容缺失而未说明原因。", "A content is missing without a reason.")
    made = CheckedEntry(entry.index, header, content, decoded(entry.salt), entry.withheld)
    read_header(made, origin, name)
    return made


def read_header(entry: CheckedEntry, origin: Origin, name: HashName) -> None:
    """Fill in what the entry's header and content say; leave it `understood` False where this hub cannot read them.

    Raises LedgerDoesNotVerify as `checked_entry`.
    """
    if origin.readers is Readers.PUBLIC and _read_quickly(entry, str(origin), name):
        return
    try:
        parsed = parse_header(entry.header, origin)
    except EntryMalformed:
        entry.understood = False
        return
    value = parsed.value
    entry.understood = parsed.understood
    if value is None:
        return
    if entry.content is not None and not _digest_holds(value, entry, name):
        raise _another_content()
    try:
        _read_content(entry, value)
    except EntryMalformed:
        entry.understood = False
    if len(entry.record_id or "") > RECORD_ID_MAX or (entry.version or 0) > VERSION_MAX:
        entry.kind = entry.record_id = entry.version = None
        entry.understood = False


def _read_quickly(entry: CheckedEntry, origin: str, name: HashName) -> bool:
    """Do all of that for the common public header, a few objects the fewer; False, with nothing done, for any other."""
    quick = quick_members(entry.header, origin)
    if quick is None or len(quick[1]) > RECORD_ID_MAX or quick[3] > VERSION_MAX:
        return False
    digest, entry.record_id, entry.kind, entry.version, entry.time, entry.previous = quick
    if entry.content is None:
        return True
    if entry.salt is not None or digest != tagged(name, entry.content):
        raise _another_content()
    try:
        entry.body = parse_public_content(entry.content)
    except EntryMalformed:
        entry.understood = False
    return True


def _another_content() -> LedgerDoesNotVerify:
    return LedgerDoesNotVerify("内容与条目头的摘要不符。", "A content does not match the digest in its header.")


def _digest_holds(header: PublicHeader | ExchangeHeader, entry: CheckedEntry, name: HashName) -> bool:
    if entry.content is None or parse_tagged(header.digest)[0] is not name:
        return False
    return content_matches(header, entry.content, entry.salt)


def _read_content(entry: CheckedEntry, header: PublicHeader | ExchangeHeader) -> None:
    if isinstance(header, PublicHeader):
        _name(entry, header)
        if entry.content is not None and entry.understood:
            entry.body = parse_public_content(entry.content)
    elif entry.content is not None:
        said = parse_exchange_content(entry.content)
        entry.understood = entry.understood and said.understood
        if said.value is not None:
            _name(entry, said.value)
            entry.body = said.value.body if entry.understood else None


def _name(entry: CheckedEntry, said: PublicHeader | ExchangeContent) -> None:
    version = said.version
    entry.kind, entry.record_id, entry.version = version.kind, version.id, version.version
    entry.time, entry.previous = version.time, version.previous


def genesis_holds(entry: CheckedEntry, origin: Origin, name: HashName) -> bool:
    """Say whether a ledger's first entry founds this ledger on this hash."""
    body = entry.body or {}
    return entry.kind == GENESIS and body.get("origin") == str(origin) and body.get("hash") == name.value


def header_digests_chain(name: HashName, entry: CheckedEntry, before: tuple[int, bytes] | None) -> bool:
    """Say whether an entry follows the version before it: (version, header), None if the record is new in this ledger.

    A record's first version here has no previous; its number is 1 except in an epoch that continues an earlier one.
    """
    if before is None:
        return entry.previous is None
    version, header = before
    return entry.version == version + 1 and entry.previous == tagged(name, header)
