"""Reading the common public header at once: one pattern that matches exactly its canonical bytes, and nothing else.

For the hot path of following; what the pattern does not match (a newer format, an id beyond ASCII, nonsense) is read by
`hub.ledger.entry` in full. Nothing here refuses anything.

Source: RFC 8785 3.2.3 (members in the order of their names).
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache

_DIGEST = rb"(?:sha256|sm3):[0-9a-f]{64}"


def quick_members(raw: bytes, origin: str) -> tuple[str, str, str, int, datetime, str | None] | None:
    """Return (digest, id, kind, version, time, previous) of a header of format 1 and schema 1, or None if it is another's.

    Printable ASCII ids without quote or backslash only; versions of up to fifteen digits.
    """
    found = _pattern(origin).fullmatch(raw)
    if found is None:
        return None
    digest, record_id, kind, previous, time, version = found.groups()
    try:
        at = datetime.fromisoformat(time.decode())
    except ValueError:  # such as the thirteenth month
        return None
    before = None if previous is None else previous.decode()
    return digest.decode(), record_id.decode(), kind.decode(), int(version), at, before


@cache
def _pattern(origin: str) -> re.Pattern[bytes]:
    return re.compile(
        rb'\{"digest":"(' + _DIGEST + rb')","format":1,"id":"([ !#-\[\]-~]{1,200})","kind":"([a-z][a-z0-9_]{0,63})",'
        rb'"origin":"' + re.escape(origin.encode()) + rb'","previous":(?:null|"(' + _DIGEST + rb')"),"schema":1,'
        rb'"time":"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)","version":([1-9][0-9]{0,14})\}'
    )
