"""Entries: exact bytes, what they hide, and what a reader makes of entries it does not fully understand."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import ValidationFailed
from hub.ledger.entry import (
    CONTENT_MAX_BYTES,
    Entry,
    ExchangeHeader,
    PublicHeader,
    Version,
    content_matches,
    exchange_entry,
    header_digest,
    parse_exchange,
    parse_exchange_content,
    parse_header,
    parse_public,
    parse_public_content,
    public_entry,
)
from hub.ledger.faults import EntryMalformed, LedgerDoesNotVerify
from hub.ledger.hashes import HashName
from hub.ledger.origin import Origin, Readers
from hub.signing.canonical import CanonicalRefused, parse

PUBLIC = Origin("xixian-fengdong", Readers.PUBLIC, 1)
EXCHANGE = Origin("xixian-fengdong", Readers.EXCHANGE, 2)
AT = datetime(2026, 7, 1, 8, 30, 15, 250, tzinfo=UTC)
VERSION = Version("bundle", "open-a-restaurant", 1, AT)
BODY = {"code": "open-a-restaurant", "name_zh": "开餐馆一件事", "steps": []}


def public() -> Entry:
    return public_entry(PUBLIC, HashName.SHA_256, VERSION, BODY)


def exchange() -> Entry:
    return exchange_entry(EXCHANGE, HashName.SM3, VERSION, BODY, addressees=["xian-hightech"])


def test_a_public_entry_has_exactly_these_bytes() -> None:
    content = '{"code":"open-a-restaurant","name_zh":"开餐馆一件事","steps":[]}'.encode()
    header = (
        f'{{"digest":"sha256:{hashlib.sha256(content).hexdigest()}","format":1,"id":"open-a-restaurant","kind":"bundle",'
        '"origin":"tongban/xixian-fengdong/public/1","previous":null,"schema":1,'
        '"time":"2026-07-01T08:30:15.000250Z","version":1}'
    )
    assert public() == Entry(header.encode(), content, None)


def test_a_public_header_reads_back_with_everything_it_tells() -> None:
    header = parse_public(public().header, PUBLIC)
    digest = "sha256:" + hashlib.sha256(public().content).hexdigest()
    assert (header.value, header.understood) == (PublicHeader(PUBLIC, VERSION, digest), True)


def test_an_exchange_header_tells_only_whom_it_is_for() -> None:
    assert set(parse(exchange().header)) == {"format", "origin", "addressees", "id", "digest"}


def test_an_exchange_entry_keeps_its_record_inside_the_content() -> None:
    content = parse_exchange_content(exchange().content)
    assert content.value is not None
    assert (content.value.version, content.value.body, content.understood) == (VERSION, BODY, True)


def test_the_same_exchange_record_twice_looks_like_two_strangers() -> None:
    one, other = exchange(), exchange()
    seen = [parse_exchange(entry.header, EXCHANGE).value for entry in (one, other)]
    assert one.content == other.content
    assert seen[0] is not None and seen[1] is not None
    assert seen[0].id != seen[1].id and seen[0].digest != seen[1].digest


def test_an_exchange_digest_is_over_the_salt_and_the_content() -> None:
    entry = exchange()
    assert entry.salt is not None and len(entry.salt) == 16
    assert parse(entry.header)["digest"] == "sm3:" + hashlib.new("sm3", entry.salt + entry.content).hexdigest()


def test_addressees_are_sorted_and_named_once() -> None:
    entry = exchange_entry(EXCHANGE, HashName.SM3, VERSION, BODY, addressees=["b", "a", "b"])
    assert parse(entry.header)["addressees"] == ["a", "b"]


def public_header() -> PublicHeader:
    header = parse_public(public().header, PUBLIC).value
    assert header is not None
    return header


def exchange_header(entry: Entry) -> ExchangeHeader:
    header = parse_exchange(entry.header, EXCHANGE).value
    assert header is not None
    return header


def test_the_content_of_a_public_entry_matches_without_a_salt() -> None:
    assert content_matches(public_header(), public().content, None)


@pytest.mark.parametrize(("content", "salt"), [(b"{}", None), (public().content, b""), (public().content, bytes(16))])
def test_another_content_or_any_salt_does_not_match_a_public_header(content: bytes, salt: bytes | None) -> None:
    assert not content_matches(public_header(), content, salt)


def test_the_content_of_an_exchange_entry_matches_after_its_own_salt_only() -> None:
    entry = exchange()
    header = exchange_header(entry)
    assert entry.salt is not None
    salts = [entry.salt, None, bytes(16), entry.salt[:15]]
    assert [content_matches(header, entry.content, salt) for salt in salts] == [True, False, False, False]


def test_bytes_moved_between_salt_and_content_do_not_match() -> None:
    entry = exchange()
    assert entry.salt is not None
    assert not content_matches(exchange_header(entry), entry.content[1:], entry.salt + entry.content[:1])


def test_a_header_is_parsed_as_its_ledger_says() -> None:
    values = parse_header(public().header, PUBLIC).value, parse_header(exchange().header, EXCHANGE).value
    assert [type(value) for value in values] == [PublicHeader, ExchangeHeader]


@pytest.mark.parametrize(
    ("entry", "origin"),
    [
        (public(), PUBLIC.successor()),
        (public(), Origin("xian-hightech", Readers.PUBLIC, 1)),
        (exchange(), Origin("xixian-fengdong", Readers.EXCHANGE, 1)),
    ],
)
def test_an_entry_of_another_ledger_does_not_verify(entry: Entry, origin: Origin) -> None:
    with pytest.raises(LedgerDoesNotVerify):
        parse_header(entry.header, origin)


def test_a_public_header_cannot_stand_in_an_exchange_ledger() -> None:
    with pytest.raises(LedgerDoesNotVerify):
        parse_public(exchange().header, EXCHANGE)


@pytest.mark.parametrize("origin", [PUBLIC, EXCHANGE])
def test_a_content_beyond_its_bound_is_refused(origin: Origin) -> None:
    make = public_entry if origin is PUBLIC else exchange_entry
    with pytest.raises(EntryMalformed):
        make(origin, HashName.SM3, VERSION, {"text": "x" * CONTENT_MAX_BYTES})


def test_a_content_with_a_float_is_refused() -> None:
    with pytest.raises(CanonicalRefused):
        public_entry(PUBLIC, HashName.SM3, VERSION, {"value": 1.5})


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationFailed):
        public_entry(PUBLIC, HashName.SM3, Version("bundle", "a", 1, datetime(2026, 7, 1)), BODY)


def test_an_instant_of_another_zone_is_written_in_utc() -> None:
    local = Version("bundle", "open-a-restaurant", 1, AT.astimezone(timezone(timedelta(hours=8))))
    assert public_entry(PUBLIC, HashName.SHA_256, local, BODY) == public()


def test_the_next_version_names_the_header_before_it() -> None:
    previous = header_digest(HashName.SHA_256, public().header)
    entry = public_entry(PUBLIC, HashName.SHA_256, Version("bundle", "open-a-restaurant", 2, AT, previous), BODY)
    assert parse(entry.header)["previous"] == "sha256:" + hashlib.sha256(public().header).hexdigest()


def test_an_entry_of_an_ill_formed_version_is_never_made() -> None:
    with pytest.raises(EntryMalformed):
        exchange_entry(EXCHANGE, HashName.SM3, Version("Bundle", "a", 1, AT), BODY)


def test_public_content_reads_back_as_the_body() -> None:
    assert parse_public_content(public().content) == BODY


@settings(deadline=None)
@given(
    st.sampled_from([PUBLIC, EXCHANGE]),
    st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=200),
    st.integers(1, 2**53 - 1),
    st.datetimes(timezones=st.just(UTC)),
)
def test_every_entry_made_here_reads_back_to_the_same_bytes(
    origin: Origin, record: str, number: int, at: datetime
) -> None:
    make = public_entry if origin is PUBLIC else exchange_entry
    entry = make(origin, HashName.SM3, Version("license", record, number, at), BODY)
    header = parse_header(entry.header, origin).value
    assert header is not None and header.to_bytes() == entry.header
