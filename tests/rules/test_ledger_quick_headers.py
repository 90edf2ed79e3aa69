"""The quick reading of public headers says what the full one says, and passes over whatever it is not sure of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.entry import PublicHeader, Version, parse_public
from hub.ledger.origin import parse_origin
from hub.ledger.quick_headers import quick_members
from hub.signing.canonical import canonical, parse

ORIGIN = "tongban/xixian-fengdong/public/1"
HEADER = PublicHeader(
    parse_origin(ORIGIN),
    Version("service_point", "a-1", 2, datetime(2026, 11, 25, 2, 0, 1, 5, tzinfo=UTC), "sm3:" + "0" * 64),
    "sm3:" + "1" * 64,
)


@given(
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8),
    st.integers(1, 2**53 - 1),
    st.none() | st.just("sha256:" + "a" * 64),
    st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)),
)
def test_both_readings_of_a_header_agree(record_id: str, number: int, previous: str | None, at: datetime) -> None:
    version = Version("bundle", record_id, number, at, previous)
    header = PublicHeader(parse_origin(ORIGIN), version, "sha256:" + "1" * 64)
    raw = header.to_bytes()
    assert parse_public(raw, header.origin).value == header
    quick = quick_members(raw, ORIGIN)
    if quick is not None:
        assert quick == (header.digest, record_id, "bundle", number, at, previous)


def test_a_common_header_is_read_quickly() -> None:
    assert quick_members(HEADER.to_bytes(), ORIGIN) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"schema": 2},
        {"origin": "tongban/xixian-fengdong/public/2"},
        {"version": 0},
        {"time": "2026-13-25T02:00:01.000005Z"},
        {"time": "2026-11-25T02:00:01Z"},
        {"previous": ""},
        {"digest": "sha256:00"},
        {"kind": "Upper"},
        {"id": "a\u202eb"},
        {"more": 1},
    ],
)
def test_any_other_header_is_left_to_the_full_reading(change: dict[str, object]) -> None:
    assert quick_members(canonical(parse(HEADER.to_bytes()) | change), ORIGIN) is None
