"""The quick road to canonical bytes gives what RFC 8785's own implementation gives, and reads nothing more than the strict one."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from hub.signing.canonical import (
    LARGEST_INTEGER,
    CanonicalRefused,
    JsonMalformed,
    canonical,
    parse,
    parse_canonical,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
OBJECT = st.dictionaries(TEXT, VALUE, max_size=5)


@given(OBJECT)
def test_the_bytes_are_those_of_rfc_8785(value: dict[str, Any]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(OBJECT)
def test_canonical_bytes_are_read_back_as_they_were(value: dict[str, Any]) -> None:
    assert parse_canonical(canonical(value)) == value


@given(OBJECT)
def test_another_spelling_of_the_same_is_refused(value: dict[str, Any]) -> None:
    spelled = json.dumps(value, indent=1).encode()
    if spelled != canonical(value):
        with pytest.raises(CanonicalRefused):
            parse_canonical(spelled)


@given(st.binary(max_size=40))
def test_whatever_is_read_quickly_is_read_strictly_too(raw: bytes) -> None:
    try:
        value = parse_canonical(raw)
    except (JsonMalformed, CanonicalRefused):
        return
    assert parse(raw) == value
    assert rfc8785.dumps(value) == raw


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1.5}',
        b'{"a":1e3}',
        b'{"a":-0}',
        b'{"a":[1,-2.0]}',
        b'{"a":9007199254740992}',
        b'{"a":18446744073709551616}',
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\ud800"}',
        b'{"a":NaN}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1} ',
        b"[1]",
        b'{"a":' + b"[" * 64 + b"]" * 64 + b"}",
        '{"\ue000":1,"\U00010000":1}'.encode(),
    ],
)
def test_what_is_not_canonical_is_never_read(raw: bytes) -> None:
    with pytest.raises((JsonMalformed, CanonicalRefused)):
        parse_canonical(raw)


@pytest.mark.parametrize("raw", [b'{"a":"1.5"}', b'{"a":"x:1.5"}', '{"\U00010000":1,"\ue000":1}'.encode()])
def test_what_only_looks_doubtful_is_read(raw: bytes) -> None:
    assert parse_canonical(raw) == json.loads(raw)
