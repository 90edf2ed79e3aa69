"""Writes DER (ITU-T X.690) for the few shapes this package makes, and tells whether bytes are DER at the level of tags and lengths.

A general ASN.1 library costs ten milliseconds per signature to write what is thirty fixed bytes around four values; reading stays with it.
"""

from __future__ import annotations

SEQUENCE, SET, OCTET_STRING, INTEGER, OID = b"\x30", b"\x31", b"\x04", b"\x02", b"\x06"
CONTEXT_0, CONTEXT_1 = b"\xa0", b"\xa1"
CONSTRUCTED = 0x20
LONG_TAG = 0x1F
MAX_DEPTH = 32


def tlv(tag: bytes, *parts: bytes) -> bytes:
    """Return one element: `tag`, the length in its shortest form, the parts joined."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return tag + bytes([len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return tag + bytes([0x80 | len(length)]) + length + content


def set_of(*members: bytes) -> bytes:
    """Return a SET OF with its members in DER's order (X.690 section 11.6)."""
    return tlv(SET, *sorted(members))


def is_der(encoded: bytes) -> bool:
    """Say whether `encoded` is exactly one element whose tags and lengths, all the way down, are in DER's only form."""
    end = _element_end(encoded, 0, len(encoded), 0)
    return end == len(encoded)


def first_element_length(encoded: bytes) -> int | None:
    """Return how many bytes the first element takes, or None when its header is no DER or promises more than there is."""
    header = _header(encoded, 0, len(encoded))
    return None if header is None else header[0] + header[1]


def _element_end(encoded: bytes, start: int, limit: int, depth: int) -> int | None:
    header = _header(encoded, start, limit)
    if header is None or depth > MAX_DEPTH:
        return None
    at, end = header[0], header[0] + header[1]
    if encoded[start] & CONSTRUCTED:
        while at < end:
            following = _element_end(encoded, at, end, depth + 1)
            if following is None:
                return None
            at = following
    return end


def _header(encoded: bytes, start: int, limit: int) -> tuple[int, int] | None:
    """Return where the content begins and how long it is; None for long tags, indefinite or needlessly long lengths, or overrun."""
    if start + 2 > limit or encoded[start] & LONG_TAG == LONG_TAG:
        return None
    first, content = encoded[start + 1], start + 2
    if first < 0x80:
        return (content, first) if content + first <= limit else None
    size = first & 0x7F
    length = int.from_bytes(encoded[content : content + size], "big")
    shortest = 0 < size <= 4 and length >= 0x80 and encoded[content] != 0
    content += size
    return (content, length) if shortest and content + length <= limit else None
