"""One exact sequence of bytes for a JSON value, and a strict reader for JSON that others wrote.

What is hashed or signed is stored as the bytes made here and is never serialised a second time. Nothing here judges meaning.
Numbers are integers within ±(2^53-1) only: RFC 8785 writes every other number as an IEEE 754 double, which would change it
silently, so a decimal travels as a string.

Source: RFC 8785 (JSON Canonicalization Scheme) 3.2; RFC 8259 4 (names should be unique); RFC 7493 (I-JSON) 2.2, 2.3.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

import orjson
import rfc8785

from hub.errors import HubError

LARGEST_INTEGER: Final = 2**53 - 1
"""The largest magnitude of an integer that every reader of JSON keeps exactly (RFC 7493 2.2)."""
MAX_DEPTH: Final = 64
"""How deep arrays and objects may nest, the outermost one counted."""
MAX_BYTES: Final = 1024 * 1024
"""How many bytes of JSON `parse` reads unless told otherwise."""

# orjson writes the same bytes fifty times faster, but orders names by UTF-8: that differs from RFC 8785's UTF-16 code units only
# where a character takes four bytes. It also reads and writes floats, which in bytes without white space stand only here.
_QUICKLY = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_MAYBE_FLOAT_MEMBER = re.compile(rb'":-?[0-9]+[.eE]')
_MAYBE_FLOAT_ITEM = re.compile(rb"[,\[]-?[0-9]+[.eE]")

_LONGEST_INTEGER = len(str(-LARGEST_INTEGER))
# Possessive, with an optional closing quote: hostile text without one costs a single pass and no backtracking.
_BRACKET_OR_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)


class CanonicalRefused(HubError):
    """The value has no canonical bytes: it holds a float, too large an integer, or something that is not JSON.

    Cure: write decimals, large numbers, dates and codes as strings.
    """

    code = "signing.canonical_refused"


class JsonMalformed(HubError):
    """The bytes are not one strict JSON object within the bounds of size and depth.

    Cure: send one UTF-8 JSON object with unique names, integers instead of floats, and no more than the stated size.
    """

    code = "signing.json_malformed"


def canonical(value: object) -> bytes:
    """Return the RFC 8785 bytes of `value`: None, bool, int, str, lists or tuples, and dicts with string keys.

    Raises CanonicalRefused for floats, integers beyond ±(2^53-1), lone surrogates, other types, or depth beyond MAX_DEPTH.
    """
    _refuse_what_is_not_exact(value)
    quick = _quickly(value)
    if quick is not None:
        return quick
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # checked above, more strictly than its type says
    except ValueError as error:  # the library's own error, or UnicodeEncodeError from the name of a member
        raise CanonicalRefused(
            "文本中有不能写成 UTF-8 的字符。", "The text holds characters that UTF-8 cannot carry."
        ) from error


def parse(raw: bytes, *, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """Return the one JSON object in `raw`, of at most `max_bytes`.

    Whether the bytes are canonical is another question: `canonical(parse(raw)) == raw`.
    Raises JsonMalformed for anything else: duplicate names, floats, NaN, integers beyond ±(2^53-1), a byte order mark,
    lone surrogates, depth beyond MAX_DEPTH, or trailing bytes.
    """
    if len(raw) > max_bytes:
        _malformed(f"JSON 超过 {max_bytes} 字节。", f"The JSON is longer than {max_bytes} bytes.")
    try:
        text = raw.decode("utf-8")
        _refuse_depth(text)
        value = json.loads(
            text, object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float, parse_int=_exact_integer
        )
        if "\\u" in text:  # the only way a lone surrogate can enter
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except ValueError as error:  # UnicodeError and JSONDecodeError are ValueErrors
        raise JsonMalformed("不是有效的 JSON。", "This is not valid JSON.") from error
    if not isinstance(value, dict):
        _malformed("JSON 的最外层应是对象。", "The outermost JSON value must be an object.")
    return value


def parse_canonical(raw: bytes, *, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """Return the one JSON object in `raw`, which are exactly its canonical bytes.

    Raises JsonMalformed as `parse` does, CanonicalRefused if the bytes say the same in another spelling.
    """
    quick = _read_quickly(raw) if len(raw) <= max_bytes else None
    if quick is not None:
        return quick
    value = parse(raw, max_bytes=max_bytes)
    if canonical(value) != raw:
        raise CanonicalRefused("不是规范 JSON。", "This is not canonical JSON.")
    return value


def _quickly(value: object) -> bytes | None:
    """Return the canonical bytes of a value already found exact, or None where only `rfc8785` is sure of them."""
    try:
        raw = orjson.dumps(value, option=_QUICKLY)
    except orjson.JSONEncodeError:
        return None
    return None if _may_sort_otherwise(raw.decode("utf-8")) else raw


def _may_sort_otherwise(text: str) -> bool:
    """Say whether a character takes two UTF-16 units: the only one whose order differs."""
    return not text.isascii() and len(text.encode("utf-16-le")) != 2 * len(text)


def _read_quickly(raw: bytes) -> dict[str, Any] | None:
    """Return the object if it is beyond doubt strict and canonical, None where `parse` must look closely.

    That it is written again as the same bytes rules out repeated names, white space, other spellings and lone surrogates.
    """
    if _MAYBE_FLOAT_MEMBER.search(raw) or (b"[" in raw and _MAYBE_FLOAT_ITEM.search(raw)):
        return None
    try:
        value = orjson.loads(raw)
        if not isinstance(value, dict) or orjson.dumps(value, option=_QUICKLY) != raw:
            return None
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    text = raw.decode("utf-8")
    if _may_sort_otherwise(text):
        return None
    _refuse_depth(text)
    return value


def _malformed(message_zh: str, message_en: str) -> NoReturn:
    raise JsonMalformed(message_zh, message_en)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        _malformed("JSON 对象中有重复的名称。", "A JSON object repeats a name.")
    return members


def _no_float(_text: str) -> NoReturn:
    _malformed("JSON 数字只能是整数，小数请写成字符串。", "JSON numbers must be integers; write decimals as strings.")


def _exact_integer(text: str) -> int:
    if len(text) > _LONGEST_INTEGER or abs(number := int(text)) > LARGEST_INTEGER:
        _malformed("JSON 整数超出 ±(2^53-1)。", "A JSON integer lies beyond ±(2^53-1).")
    return number


def _refuse_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for found in _BRACKET_OR_STRING.finditer(text):
        mark = found.group()
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            _malformed(f"JSON 嵌套超过 {MAX_DEPTH} 层。", f"The JSON nests deeper than {MAX_DEPTH} levels.")


def _refuse_what_is_not_exact(value: object) -> None:
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise CanonicalRefused(f"嵌套超过 {MAX_DEPTH} 层。", f"The value nests deeper than {MAX_DEPTH} levels.")
        waiting.extend((member, depth + 1) for member in _members(item))


def _members(item: object) -> list[object]:
    """Return what `item` contains, or refuse it; a scalar contains nothing."""
    if item is None or isinstance(item, bool | str):
        return []
    if isinstance(item, int):
        if abs(item) > LARGEST_INTEGER:
            raise CanonicalRefused(
                "整数超出 ±(2^53-1)，请写成字符串。", "An integer lies beyond ±(2^53-1); write it as a string."
            )
        return []
    if isinstance(item, list | tuple):
        return list(item)
    if isinstance(item, dict) and all(isinstance(name, str) for name in item):
        return list(item.values())
    raise CanonicalRefused(
        "只接受空值、布尔、整数、文本、列表和以文本为键的对象。",
        "Only null, booleans, integers, text, lists and objects with text keys have canonical bytes.",
    )
