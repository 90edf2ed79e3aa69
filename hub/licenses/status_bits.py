"""The bits of a status list, pure: packed, unpacked, and read at one place.

Two bits for each place, the first place in the highest bits of the first byte (as in the W3C Bitstring Status List), so that a stranger
learns whether a license may still be relied upon, and nothing of its holder, its type or the act. A place never given reads as GOOD.
"""

from __future__ import annotations

import base64
import enum
import zlib
from collections.abc import Mapping

from hub.licenses.rules import LicenseStatus

ENTRIES = 131_072
"""Places of one list: the least the W3C asks for, so that one place hides among many."""
BITS = 2
ENCODING = "zlib+base64"
_PER_BYTE = 8 // BITS


class Standing(enum.IntEnum):
    """What the bits of a place say."""

    GOOD = 0  # issued; whether it is in force today follows from its dates
    SUSPENDED = 1  # 暂扣: may return
    ENDED = 2  # never returns
    OTHER = 3  # ask the issuer


STANDINGS: dict[LicenseStatus, Standing] = {
    LicenseStatus.ISSUED: Standing.GOOD,
    LicenseStatus.SUSPENDED: Standing.SUSPENDED,
    LicenseStatus.OTHER: Standing.OTHER,
    **dict.fromkeys(
        (
            LicenseStatus.RECALLED,
            LicenseStatus.WITHDRAWN,
            LicenseStatus.REVOKED,
            LicenseStatus.CANCELLED,
            LicenseStatus.LAPSED,
            LicenseStatus.TRANSFERRED_OUT,
            LicenseStatus.SUPERSEDED,
        ),
        Standing.ENDED,
    ),
}


def packed(standings: Mapping[int, Standing]) -> str:
    """Return the list as text: every place not named is GOOD."""
    field = bytearray(ENTRIES // _PER_BYTE)
    for place, standing in standings.items():
        field[place // _PER_BYTE] |= standing << _shift(place)
    return base64.b64encode(zlib.compress(bytes(field), 9)).decode()


def standing_at(bits: str, place: int) -> Standing:
    """Return what a packed list says of a place; raises ValueError for bits that are not a list, or a place outside it."""
    size = ENTRIES // _PER_BYTE
    unpacker = zlib.decompressobj()
    try:
        field = unpacker.decompress(base64.b64decode(bits, validate=True), size + 1)
    except zlib.error:
        raise ValueError("not a status list") from None
    if len(field) != size or not 0 <= place < ENTRIES:
        raise ValueError("not a status list, or no place of it")
    return Standing((field[place // _PER_BYTE] >> _shift(place)) & (2**BITS - 1))


def _shift(place: int) -> int:
    return 8 - BITS - place % _PER_BYTE * BITS
