"""Cursors of connections: a position in one list, sealed so that it can neither be read, altered nor used elsewhere.

AES-SIV (RFC 5297) is deterministic: the same row has the same cursor on every worker and in every answer, so that a body's
digest is stable. What the cursor belongs to (list, sort, filter) is authenticated with it and not stored in it.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from hub.errors import HubError

MAX_CURSOR_CHARACTERS = 4096


class CursorInvalid(HubError):
    """The cursor was not made here for this list with this sort and filter.

    Cure: use a cursor of the same list, with the same sort and filter, or begin again without one.
    """

    code = "paging.cursor_invalid"


class Cursors:
    """Makes and opens cursors under `key` (32 bytes, shared by the hub's workers)."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def seal(self, position: list[Any], belongs_to: str) -> str:
        """Return the cursor of `position` (JSON values) in the list that `belongs_to` describes."""
        plain = json.dumps(position, ensure_ascii=False, separators=(",", ":")).encode()
        sealed = self._cipher.encrypt(plain, [belongs_to.encode()])
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, cursor: str, belongs_to: str, *, path: str) -> list[Any]:
        """Return the position in `cursor`; raises CursorInvalid, naming the argument `path`."""
        try:
            if len(cursor) > MAX_CURSOR_CHARACTERS:
                raise ValueError("longer than any cursor made here")
            sealed = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            position = json.loads(self._cipher.decrypt(sealed, [belongs_to.encode()]))
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise CursorInvalid(
                "游标无效：它不属于此列表的此排序与筛选。",
                "The cursor is not valid for this list with this sort and filter.",
                path=path,
            ) from error
        return list(position)
