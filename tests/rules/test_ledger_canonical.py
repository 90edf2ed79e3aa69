"""Canonical bytes as RFC 8785 has them, and JSON read strictly. Expected bytes are from RFC 8785 3.2.2, 3.2.3 and its appendix B."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.signing.canonical import LARGEST_INTEGER, MAX_DEPTH, CanonicalRefused, JsonMalformed, canonical, parse

SCALARS = st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | st.text(max_size=12)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
)
OBJECTS = st.dictionaries(st.text(max_size=6), VALUES, max_size=5)


def test_names_are_sorted_by_their_utf16_units() -> None:
    names = ["€", "\r", "\ufb33", "1", "😀", "\x80", "ö"]
    order = list(json.loads(canonical(dict.fromkeys(names, 0))))
    assert order == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]


def test_strings_are_escaped_only_where_json_demands_it() -> None:
    assert canonical('€$\x0f\nA\'B"\\\\"/') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()


def test_literals_and_nesting_are_written_without_spaces() -> None:
    assert canonical({"b": [None, True, False], "a": {}, "c": -1}) == b'{"a":{},"b":[null,true,false],"c":-1}'


@settings(deadline=None, max_examples=200)
@given(OBJECTS)
def test_what_was_written_reads_back_as_the_same_value_and_the_same_bytes(value: dict[str, object]) -> None:
    raw = canonical(value)
    assert (parse(raw), canonical(parse(raw))) == (value, raw)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        LARGEST_INTEGER + 1,
        -LARGEST_INTEGER - 1,
        "\ud800",
        {1: 2},
        {"a": b""},
        {1},
        [[0.5]],
        {"\udfff": 1},
    ],
)
def test_a_value_that_json_would_not_keep_exactly_has_no_canonical_bytes(value: object) -> None:
    with pytest.raises(CanonicalRefused):
        canonical(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    endless: list[object] = []
    endless.extend([endless, endless])
    with pytest.raises(CanonicalRefused):
        canonical(endless)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'"a"',
        b"{} {}",
        b'{"a":1,"a":2}',
        b'{"b":{"a":1,"\\u0061":2}}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":9007199254740992}',
        b'{"a":-9007199254740992}',
        b'{"a":' + b"9" * 100_000 + b"}",
        b'{"a":"\\ud800"}',
        b'{"\\udc00":1}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1}\x00',
        b'{"a":01}',
        b'{"a":"\n"}',
        b'{"a":' + b"[" * 100_000,
        b'{"a":' * 65 + b"1" + b"}" * 65,
    ],
)
def test_json_that_two_readers_could_understand_differently_is_refused(raw: bytes) -> None:
    with pytest.raises(JsonMalformed):
        parse(raw)


def test_json_may_nest_exactly_as_deep_as_the_bound() -> None:
    raw = b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH
    assert canonical(parse(raw)) == raw


def test_brackets_inside_strings_are_not_depth() -> None:
    assert parse(canonical({"a": '[{"\\' * 200})) == {"a": '[{"\\' * 200}


def test_json_longer_than_the_bound_is_refused_before_it_is_read() -> None:
    with pytest.raises(JsonMalformed):
        parse(b'{"a":1}', max_bytes=6)


def test_quotes_without_end_cost_one_pass_only() -> None:
    with pytest.raises(JsonMalformed):
        parse(b"[" * 65 + b'"\\' * 400_000)
