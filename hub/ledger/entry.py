"""Entries: the header that is hashed into a ledger, and the content it answers for.

Header and content are canonical JSON, made once and kept as those bytes. What verifies but says more than this hub understands
(a newer format, schema or member) is read as `understood=False` with its bytes kept, to be applied after an upgrade; whether a
kind is known is for the appliers. Nothing here decides what may be public.

Public: the header tells kind, record, version, time and the chain of the record; the content is open. Exchange: all of that is
inside the content, and the digest is taken over a fresh salt and the content, so headers tell nobody's history and erasing salt
and content leaves the ledger whole.

Source: RFC 8785 (canonical bytes); C2SP tlog-tiles, log entries (the length of a header).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from hub.ledger.faults import EntryMalformed, LedgerDoesNotVerify
from hub.ledger.hashes import HashName, digest, parse_tagged, tagged
from hub.ledger.members import Members, written_time
from hub.ledger.origin import Origin, Readers
from hub.ledger.quick_headers import quick_members
from hub.ledger.tiles import HEADER_MAX_BYTES
from hub.signing.canonical import CanonicalRefused, JsonMalformed, canonical, parse_canonical

FORMAT: Final = 1
"""The header format written here, and the newest understood."""
SCHEMA: Final = 1
"""The content schema written by default, and the newest understood."""
CONTENT_MAX_BYTES: Final = 1024 * 1024
"""The longest content of an entry."""
SALT_BYTES: Final = 16
"""The length of the salt before an exchange content."""

_PUBLIC: Final = frozenset(("format", "origin", "kind", "id", "version", "time", "digest", "previous", "schema"))
_EXCHANGE: Final = frozenset(("format", "origin", "addressees", "id", "digest"))
_CONTENT: Final = frozenset(("kind", "id", "version", "time", "previous", "schema", "body"))

Read = TypeVar("Read", covariant=True)


@dataclass(frozen=True, slots=True)
class Parsed(Generic[Read]):
    """What was read from `raw`; `value` is None when the format is newer, and not the whole truth unless `understood`."""

    raw: bytes
    value: Read | None
    understood: bool


@dataclass(frozen=True, slots=True)
class Version:
    """Which version of which record an entry is.

    `version` and `schema` count from 1; `time` is aware, UTC, for information only; `previous` is `header_digest` of the
    record's version before, None for the first.
    """

    kind: str
    id: str
    version: int
    time: datetime
    previous: str | None = None
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True)
class PublicHeader:
    """The header of one version of a public record; `digest` is over the content, with its hash's name."""

    origin: Origin
    version: Version
    digest: str

    def to_bytes(self) -> bytes:
        """Return the canonical bytes that are hashed into the ledger."""
        return canonical(
            {"format": FORMAT, "origin": str(self.origin), "digest": self.digest, **_version_members(self.version)}
        )


@dataclass(frozen=True, slots=True)
class ExchangeHeader:
    """The header of an exchange entry: it tells nothing but who is addressed (region codes, sorted, maybe none).

    `id` is 32 random hex digits, unlike any record's; `digest` is over salt || content.
    """

    origin: Origin
    addressees: tuple[str, ...]
    id: str
    digest: str

    def to_bytes(self) -> bytes:
        """Return the canonical bytes that are hashed into the ledger."""
        return canonical(
            {
                "format": FORMAT,
                "origin": str(self.origin),
                "addressees": self.addressees,
                "id": self.id,
                "digest": self.digest,
            }
        )


@dataclass(frozen=True, slots=True)
class ExchangeContent:
    """The content of an exchange entry: which version of which record, and the record itself."""

    version: Version
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """The exact bytes of an entry; the salt (bytes, 16) is None in a public ledger."""

    header: bytes
    content: bytes
    salt: bytes | None


def public_entry(origin: Origin, name: HashName, version: Version, body: Mapping[str, Any]) -> Entry:
    """Return the entry that publishes `body` as this version, with the digest by the ledger's hash.

    Raises EntryMalformed if a member has not its form or something is too long, CanonicalRefused if `body` is not exact JSON.
    """
    content = _content_bytes(dict(body))
    header = PublicHeader(origin, version, tagged(name, content)).to_bytes()
    parse_public(header, origin)  # what we could not read back is never written
    return Entry(header, content, None)


def exchange_entry(
    origin: Origin, name: HashName, version: Version, body: Mapping[str, Any], *, addressees: Iterable[str] = ()
) -> Entry:
    """Return the entry that gives `body` as this version to the addressed regions, under a fresh salt and a fresh id.

    Two calls with the same arguments give different bytes. Raises as `public_entry` does.
    """
    content = _content_bytes({**_version_members(version), "body": dict(body)})
    parse_exchange_content(content)
    salt = secrets.token_bytes(SALT_BYTES)
    header = ExchangeHeader(
        origin, tuple(sorted(set(addressees))), secrets.token_hex(16), tagged(name, salt + content)
    ).to_bytes()
    parse_exchange(header, origin)
    return Entry(header, content, salt)


def header_digest(name: HashName, header: bytes) -> str:
    """Return the digest of a header with its hash's name: the `previous` of the record's next version."""
    return tagged(name, header)


def parse_header(raw: bytes, origin: Origin) -> Parsed[PublicHeader] | Parsed[ExchangeHeader]:
    """Return the header of an entry of this ledger, public or exchange as its origin says; raises as `parse_public` does."""
    return parse_public(raw, origin) if origin.readers is Readers.PUBLIC else parse_exchange(raw, origin)


def parse_public(raw: bytes, origin: Origin) -> Parsed[PublicHeader]:
    """Return the public header in `raw`.

    Raises EntryMalformed unless it is canonical, at most HEADER_MAX_BYTES long and well formed as far as this hub knows;
    LedgerDoesNotVerify if it was made for another ledger.
    """

    quick = quick_members(raw, str(origin)) if origin.readers is Readers.PUBLIC else None
    if quick is not None:
        digest_text, record_id, kind, number, time, previous = quick
        version = Version(kind, record_id, number, time, previous)
        return Parsed(raw, PublicHeader(origin, version, digest_text), understood=True)

    def read(members: Members) -> tuple[PublicHeader, bool]:
        version = _version(members)
        header = PublicHeader(origin, version, members.digest("digest"))
        return header, version.schema <= SCHEMA and not members.beyond(_PUBLIC)

    return _parse_header(raw, origin, Readers.PUBLIC, read)


def parse_exchange(raw: bytes, origin: Origin) -> Parsed[ExchangeHeader]:
    """Return the exchange header in `raw`; raises as `parse_public` does."""

    def read(members: Members) -> tuple[ExchangeHeader, bool]:
        header = ExchangeHeader(
            origin, members.regions("addressees"), members.random_id("id"), members.digest("digest")
        )
        return header, not members.beyond(_EXCHANGE)

    return _parse_header(raw, origin, Readers.EXCHANGE, read)


def parse_exchange_content(raw: bytes) -> Parsed[ExchangeContent]:
    """Return the content of an exchange entry. Raises EntryMalformed as `parse_public` does, within CONTENT_MAX_BYTES."""
    members = _canonical_members(raw, CONTENT_MAX_BYTES)
    version = _version(members)
    understood = version.schema <= SCHEMA and not members.beyond(_CONTENT)
    return Parsed(raw, ExchangeContent(version, members.object("body")), understood)


def parse_public_content(raw: bytes) -> dict[str, Any]:
    """Return the open content of a public entry. Raises EntryMalformed unless canonical and within CONTENT_MAX_BYTES."""
    return _canonical_object(raw, CONTENT_MAX_BYTES)


def parse_body(raw: bytes, readers: Readers) -> dict[str, Any]:
    """Return what a content says of its record, wherever its kind of ledger keeps that. Raises EntryMalformed."""
    if readers is Readers.PUBLIC:
        return parse_public_content(raw)
    said = parse_exchange_content(raw).value
    return {} if said is None else said.body


def content_matches(header: PublicHeader | ExchangeHeader, content: bytes, salt: bytes | None) -> bool:
    """Say whether the header's digest is over this content, after this salt in an exchange ledger and no salt in a public one."""
    name, expected = parse_tagged(header.digest)
    if isinstance(header, PublicHeader):
        return salt is None and digest(name, content) == expected
    return salt is not None and len(salt) == SALT_BYTES and digest(name, salt + content) == expected


def _parse_header(
    raw: bytes, origin: Origin, readers: Readers, read: Callable[[Members], tuple[Read, bool]]
) -> Parsed[Read]:
    members = _canonical_members(raw, HEADER_MAX_BYTES)
    if origin.readers is not readers or members.text("origin") != str(origin):
        raise LedgerDoesNotVerify("条目属于另一个账本。", "The entry was made for another ledger.")
    if members.count("format") > FORMAT:
        return Parsed(raw, None, understood=False)
    value, understood = read(members)
    return Parsed(raw, value, understood)


def _version(members: Members) -> Version:
    return Version(
        kind=members.kind("kind"),
        id=members.text("id"),
        version=members.count("version"),
        time=members.time("time"),
        previous=members.digest_or_none("previous"),
        schema=members.count("schema"),
    )


def _version_members(version: Version) -> dict[str, Any]:
    return {
        "kind": version.kind,
        "id": version.id,
        "version": version.version,
        "time": written_time(version.time),
        "previous": version.previous,
        "schema": version.schema,
    }


def _content_bytes(content: dict[str, Any]) -> bytes:
    raw = canonical(content)
    if len(raw) > CONTENT_MAX_BYTES:
        raise EntryMalformed(
            f"内容超过 {CONTENT_MAX_BYTES} 字节。", f"The content is longer than {CONTENT_MAX_BYTES} bytes."
        )
    return raw


def _canonical_members(raw: bytes, max_bytes: int) -> Members:
    return Members(_canonical_object(raw, max_bytes))


def _canonical_object(raw: bytes, max_bytes: int) -> dict[str, Any]:
    try:
        return parse_canonical(raw, max_bytes=max_bytes)
    except (JsonMalformed, CanonicalRefused) as error:
        raise EntryMalformed(error.message_zh, error.message_en) from error
