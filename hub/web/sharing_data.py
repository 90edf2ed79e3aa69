"""The `data` of a sharing operation, read member by member, and where the operation is carried out (GB/T 36906)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.access.actors import Actor
from hub.errors import ValidationFailed
from hub.licenses.issuing import LicenseDesk
from hub.licenses.reading import Asking, purpose_of
from hub.web.compose import Hub

MAX_TEXT = 20_000
MAX_CONTENT = 32 * 1024 * 1024


class DataMissing(ValidationFailed):
    """A member of the envelope's `data` is missing, or is no text of at most 20,000 characters.

    Cure: send the member named in the message as text.
    """

    code = "sharing.data_missing"

    def __init__(self, name: str) -> None:
        super().__init__(f"data.{name} 缺失或格式不对。", f"data.{name} is missing or malformed.", path=name)


@dataclass(frozen=True)
class Desk:
    """Where an operation is carried out, and for whom; the desk that makes copies is put together when first needed."""

    hub: Hub
    actor: Actor
    request_id: str
    licenses: Callable[[], LicenseDesk]

    def asking(self, asked: Asked) -> Asking:
        """Return who asks and for what purpose; raises PurposeMissing, PurposeTooLong."""
        return Asking(
            actor=self.actor, purpose=purpose_of(asked.maybe("useCause"), None, ()), request_id=self.request_id
        )


@dataclass(frozen=True)
class Asked:
    """The envelope's data."""

    data: Mapping[str, Any]

    def text(self, name: str, limit: int = MAX_TEXT) -> str:
        """Return a member that must be there; raises DataMissing."""
        value = self.maybe(name, limit)
        if value is None:
            raise DataMissing(name)
        return value

    def maybe(self, name: str, limit: int = MAX_TEXT) -> str | None:
        """Return a member as text, None when it is absent, null or empty; raises DataMissing for any other type or too long a text."""
        value = self.data.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > limit or "\0" in value:
            raise DataMissing(name)
        return value

    def content(self) -> bytes:
        """Return the bytes in `content`, base64; raises DataMissing."""
        try:
            return base64.b64decode(self.text("content", MAX_CONTENT), validate=True)
        except (binascii.Error, ValueError):
            raise DataMissing("content") from None
