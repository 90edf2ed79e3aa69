"""What a reader makes of headers and contents it does not fully understand, and of those that are not well formed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from hub.ledger.entry import (
    Entry,
    Version,
    exchange_entry,
    parse_exchange,
    parse_exchange_content,
    parse_public,
    public_entry,
)
from hub.ledger.faults import EntryMalformed
from hub.ledger.hashes import HashName
from hub.ledger.origin import Origin, Readers
from hub.signing.canonical import canonical, parse

PUBLIC = Origin("xixian-fengdong", Readers.PUBLIC, 1)
EXCHANGE = Origin("xixian-fengdong", Readers.EXCHANGE, 2)
VERSION = Version("bundle", "open-a-restaurant", 1, datetime(2026, 7, 1, 8, 30, 15, 250, tzinfo=UTC))
BODY = {"code": "open-a-restaurant", "name_zh": "开餐馆一件事", "steps": []}


def public() -> Entry:
    return public_entry(PUBLIC, HashName.SHA_256, VERSION, BODY)


def exchange() -> Entry:
    return exchange_entry(EXCHANGE, HashName.SM3, VERSION, BODY, addressees=["xian-hightech"])


def changed(header: bytes, **members: Any) -> bytes:
    return canonical({**parse(header), **members})


def without(header: bytes, name: str) -> bytes:
    return canonical({key: value for key, value in parse(header).items() if key != name})


def test_a_newer_format_is_kept_raw_and_not_understood() -> None:
    raw = canonical({"format": 2, "origin": str(PUBLIC), "whatever": [1]})
    header = parse_public(raw, PUBLIC)
    assert (header.raw, header.value, header.understood) == (raw, None, False)


@pytest.mark.parametrize("more", [{"schema": 2}, {"urgent": True}, {"schema": 9, "zone": {}}])
def test_a_newer_schema_or_member_is_read_as_far_as_known_but_not_understood(more: dict[str, Any]) -> None:
    header = parse_public(changed(public().header, **more), PUBLIC)
    assert header.value is not None and header.value.version.id == "open-a-restaurant"
    assert not header.understood


def test_an_exchange_header_with_a_new_member_is_not_understood() -> None:
    assert not parse_exchange(changed(exchange().header, urgent=True), EXCHANGE).understood


def test_an_exchange_content_of_a_newer_schema_is_not_understood() -> None:
    assert not parse_exchange_content(changed(exchange().content, schema=2)).understood


@pytest.mark.parametrize("name", ["format", "origin", "kind", "id", "version", "time", "digest", "previous", "schema"])
def test_a_public_header_without_one_of_its_members_is_refused(name: str) -> None:
    with pytest.raises(EntryMalformed):
        parse_public(without(public().header, name), PUBLIC)


@pytest.mark.parametrize("name", ["format", "origin", "addressees", "id", "digest"])
def test_an_exchange_header_without_one_of_its_members_is_refused(name: str) -> None:
    with pytest.raises(EntryMalformed):
        parse_exchange(without(exchange().header, name), EXCHANGE)


@pytest.mark.parametrize("name", ["kind", "id", "version", "time", "previous", "schema", "body"])
def test_an_exchange_content_without_one_of_its_members_is_refused(name: str) -> None:
    with pytest.raises(EntryMalformed):
        parse_exchange_content(without(exchange().content, name))


@pytest.mark.parametrize(
    "members",
    [
        {"format": 0},
        {"format": True},
        {"format": "1"},
        {"kind": "Bundle"},
        {"kind": ""},
        {"id": ""},
        {"id": "a\nb"},
        {"id": "x" * 201},
        {"version": 0},
        {"version": True},
        {"version": "1"},
        {"schema": 0},
        {"time": "2026-07-01T08:30:15Z"},
        {"time": "2026-07-01T08:30:15.000000+00:00"},
        {"time": "2026-13-01T08:30:15.000000Z"},
        {"time": "２026-07-01T08:30:15.000000Z"},
        {"digest": "sha256:" + "A" * 64},
        {"digest": None},
        {"previous": ""},
        {"previous": 1},
    ],
)
def test_a_public_header_with_a_member_of_the_wrong_form_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(EntryMalformed):
        parse_public(changed(public().header, **members), PUBLIC)


@pytest.mark.parametrize(
    "members",
    [
        {"addressees": None},
        {"addressees": ["b", "a"]},
        {"addressees": ["a", "a"]},
        {"addressees": ["A"]},
        {"addressees": [1]},
        {"addressees": [f"r{number:02}" for number in range(65)]},
        {"id": "x" * 32},
        {"id": "0" * 31},
    ],
)
def test_an_exchange_header_with_a_member_of_the_wrong_form_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(EntryMalformed):
        parse_exchange(changed(exchange().header, **members), EXCHANGE)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b'{"a":1.5}', public().header + b" ", public().header.replace(b":1,", b": 1,", 1)]
)
def test_a_header_that_is_not_canonical_is_refused(raw: bytes) -> None:
    with pytest.raises(EntryMalformed):
        parse_public(raw, PUBLIC)


def test_a_header_too_long_for_a_bundle_is_refused() -> None:
    with pytest.raises(EntryMalformed):
        parse_public(changed(public().header, padding="x" * 65_535), PUBLIC)
