"""Reads DER (ITU-T X.690) of unknown origin: strictly, bounded in depth and number, and keeping the original bytes of every element.

An element knows where it stands, so that what was signed is what came, never what a library would write again. Nesting is bounded
before anything recurses: ten thousand nested elements are one refusal. It reads shapes, not meanings; callers know which tag to expect.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub.errors import HubError

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x01, 0x02, 0x03, 0x04, 0x06
UTF8_STRING, PRINTABLE_STRING, IA5_STRING, UTC_TIME, GENERALIZED_TIME = 0x0C, 0x13, 0x16, 0x17, 0x18
SEQUENCE, CONTEXT_0 = 0x30, 0xA0
STRINGS = (UTF8_STRING, PRINTABLE_STRING, IA5_STRING)
CONSTRUCTED, LONG_TAG, LONG_LENGTH = 0x20, 0x1F, 0x80
MAX_DEPTH = 24
MAX_ELEMENTS = 8192
MAX_LENGTH_BYTES = 4
PIVOT_YEAR = 50  # UTCTime: 50 to 99 are the twentieth century (RFC 5280 section 4.1.2.5.1)


class DerMalformed(HubError):
    """The bytes are not DER, nest too deeply, or do not have the shape expected; `fact` names the place.

    Cure: obtain the file again from its issuer.
    """

    code = "signing.der_malformed"

    def __init__(self, fact: str) -> None:
        super().__init__(f"ASN.1 结构无法读取（{fact}）。", f"The ASN.1 structure cannot be read ({fact}).")
        self.fact = fact


@dataclass(slots=True)  # not frozen: that would double the time of reading
class Element:
    """One element within `whole`: its header begins at `start`, its content at `begin`, and it ends before `end`."""

    whole: bytes
    tag: int
    start: int
    begin: int
    end: int
    children: tuple[Element, ...]

    @property
    def raw(self) -> bytes:
        """The element as it came, header included."""
        return self.whole[self.start : self.end]

    @property
    def content(self) -> bytes:
        """The content octets as they came."""
        return self.whole[self.begin : self.end]

    def members(self, least: int, most: int, fact: str) -> tuple[Element, ...]:
        """Return the members of a SEQUENCE that has `least` to `most` of them; raise DerMalformed(fact) otherwise."""
        if self.tag != SEQUENCE or not least <= len(self.children) <= most:
            raise DerMalformed(fact)
        return self.children


def read_der(data: bytes) -> Element:
    """Return the one element that `data` is; raise DerMalformed, also for bytes behind it."""
    counted = [0]
    element = _element(data, (0, len(data)), counted, MAX_DEPTH)
    if element.end != len(data):
        raise DerMalformed("trailing bytes")
    return element


def octets(element: Element, fact: str) -> bytes:
    """Return the content of an OCTET STRING."""
    if element.tag != OCTET_STRING:
        raise DerMalformed(fact)
    return element.content


def bits(element: Element, fact: str) -> bytes:
    """Return the payload of a BIT STRING of whole octets, without the leading count of unused bits, which must be 00."""
    content = element.content
    if element.tag != BIT_STRING or content[:1] != b"\0":
        raise DerMalformed(fact)
    return content[1:]


def integer(element: Element, fact: str) -> int:
    """Return an INTEGER of at most eight octets, in the shortest form."""
    content = element.content
    if element.tag != INTEGER or not 0 < len(content) <= 8 or _padded(content):
        raise DerMalformed(fact)
    return int.from_bytes(content, "big", signed=True)


def string(element: Element, fact: str) -> str:
    """Return an IA5String, PrintableString or UTF8String; real seals keep Chinese in any of them, so all are read as UTF-8."""
    if element.tag not in STRINGS:
        raise DerMalformed(fact)
    try:
        return element.content.decode("utf-8")
    except UnicodeDecodeError as not_text:
        raise DerMalformed(fact) from not_text


def instant(element: Element, fact: str) -> datetime:
    """Return a UTCTime or GeneralizedTime with seconds, `Z` or an offset, as an aware instant in UTC."""
    if element.tag not in (UTC_TIME, GENERALIZED_TIME):
        raise DerMalformed(fact)
    try:
        text = element.content.decode("ascii")
        if element.tag == UTC_TIME:
            text = ("19" if int(text[:2]) >= PIVOT_YEAR else "20") + text
        return _instant(text)
    except (ValueError, OverflowError) as no_time:
        raise DerMalformed(fact) from no_time


def dotted(element: Element, fact: str) -> str:
    """Return an OBJECT IDENTIFIER in dotted decimal."""
    content = element.content
    if element.tag != OID or not content or content[-1] & 0x80:
        raise DerMalformed(fact)
    arcs: list[int] = []
    value = 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def _element(data: bytes, span: tuple[int, int], counted: list[int], depth: int) -> Element:
    """Return the element that begins at `span[0]` and must end by `span[1]`, with everything in it."""
    start, limit = span
    counted[0] += 1
    if not depth or counted[0] > MAX_ELEMENTS:
        raise DerMalformed("nesting" if not depth else "too many elements")
    tag, begin, end = _header(data, start, limit)
    if not tag & CONSTRUCTED:
        return Element(data, tag, start, begin, end, ())
    children: list[Element] = []
    position = begin
    while position < end:
        child = _element(data, (position, end), counted, depth - 1)
        children.append(child)
        position = child.end
    return Element(data, tag, start, begin, end, tuple(children))


def _header(data: bytes, start: int, limit: int) -> tuple[int, int, int]:
    """Return tag, begin and end; the length must be definite, in the shortest form, and fit."""
    if limit - start < 2:
        raise DerMalformed("truncated")
    tag, length, begin = data[start], data[start + 1], start + 2
    if tag & LONG_TAG == LONG_TAG:
        raise DerMalformed("tag")
    if length & LONG_LENGTH:
        size = length & 0x7F
        begin += size
        length = int.from_bytes(data[start + 2 : begin], "big")
        if not 0 < size <= MAX_LENGTH_BYTES or length < LONG_LENGTH or not data[start + 2]:
            raise DerMalformed("length")
    if begin + length > limit:
        raise DerMalformed("length")
    return tag, begin, begin + length


def _padded(content: bytes) -> bool:
    """Say whether the first nine bits are all alike, which X.690 section 8.3.2 forbids."""
    return len(content) > 1 and (content[0], content[1] >> 7) in ((0x00, 0), (0xFF, 1))


def _instant(text: str) -> datetime:
    moment, zone = (text[:-1], "+0000") if text.endswith("Z") else (text[:-5], text[-5:])
    whole, _, fraction = moment.partition(".")
    if len(whole) != 14 or not whole.isdigit() or len(fraction) > 6 or (fraction and not fraction.isdigit()):
        raise ValueError(text)
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    if zone[0] not in "+-":
        raise ValueError(text)
    parts = (whole[:4], *(whole[at : at + 2] for at in range(4, 14, 2)))
    year, month, day, hour, minute, second = map(int, parts)
    local = datetime(year, month, day, hour, minute, second, int(fraction.ljust(6, "0")), tzinfo=UTC)
    return local - ahead if zone[0] == "+" else local + ahead
