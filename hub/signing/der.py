"""Writes DER (ITU-T X.690) for the few shapes this package makes, and reads the length of an element.

A general ASN.1 library costs ten milliseconds per signature to write what is thirty fixed bytes around four values; reading stays with it.
"""

from __future__ import annotations

SEQUENCE, SET, OCTET_STRING, INTEGER, OID, BIT_STRING = b"\x30", b"\x31", b"\x04", b"\x02", b"\x06", b"\x03"
CONTEXT_0, CONTEXT_1 = b"\xa0", b"\xa1"
MAX_LENGTH_BYTES = 4


def tlv(tag: bytes, *parts: bytes) -> bytes:
    """Return one element: `tag`, the length in its shortest form, the parts joined."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return tag + bytes([len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return tag + bytes([0x80 | len(length)]) + length + content


def integer(number: int) -> bytes:
    """Return INTEGER in its shortest form."""
    size = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return tlv(INTEGER, number.to_bytes(size, "big", signed=True))


def set_of(*members: bytes) -> bytes:
    """Return a SET OF with its members in DER's order (X.690 section 11.6)."""
    return tlv(SET, *sorted(members))


def first_element_length(encoded: bytes) -> int | None:
    """Return how many bytes the first element takes, or None when its header is no DER or promises more than there is."""
    if len(encoded) < 2:
        return None
    first = encoded[1]
    if first < 0x80:
        return 2 + first if 2 + first <= len(encoded) else None
    size = first & 0x7F
    length = int.from_bytes(encoded[2 : 2 + size], "big")
    shortest = 0 < size <= MAX_LENGTH_BYTES and length >= 0x80 and encoded[2] != 0
    end = 2 + size + length
    return end if shortest and end <= len(encoded) else None
