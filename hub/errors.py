"""HubError, the root of everything raised on purpose, and the refusals that several rooms share.

Every error has a stable `code` ("room.reason"), a sentence in Chinese and in English that is safe to show to anyone, and a
paragraph in docs/errors.md (a test compares). Messages never hold a secret, a path, a class name or SQL.
A room's own errors are declared in that room.
"""

from __future__ import annotations

from typing import ClassVar


class HubError(Exception):
    """Something was refused or failed in a way the hub foresaw.

    Cure: go by the more exact code of the answer.
    """

    code: ClassVar[str] = "hub.error"

    def __init__(self, message_zh: str, message_en: str, *, path: str | None = None) -> None:
        super().__init__(f"{message_zh} {message_en}")
        self.message_zh = message_zh
        self.message_en = message_en
        self.path = path

    def message(self, language: str = "zh") -> str:
        """Return the sentence in `language`: "zh" (Chinese first, the default) or "en"."""
        return self.message_en if language == "en" else self.message_zh


class ValidationFailed(HubError):
    """The input breaks a rule of its format; nothing was changed.

    Cure: correct the field named in `path`.
    """

    code = "validation.failed"


class NotPermitted(HubError):
    """The policy does not let this caller do this.

    Cure: use a token whose roles or grants cover the act, or ask the owner for a grant.
    """

    code = "access.not_permitted"


class PurposeMissing(NotPermitted):
    """Personal records are read only for a stated purpose, and none was given.

    Cure: give the `purpose` argument or the `Hub-Purpose` header.
    """

    code = "access.purpose_missing"


class NotFound(HubError):
    """There is no such record for this caller.

    Cure: check the identifier; a record you may not see is answered the same way.
    """

    code = "record.not_found"


class MoveRefused(HubError):
    """The present state of the record does not permit this move; nothing was changed.

    Cure: read the record again and choose a move its state allows.
    """

    code = "move.refused"


class Conflict(HubError):
    """Somebody else changed the record first, or the idempotency key stands for another request.

    Cure: read the record again and repeat with its present version, or use a fresh key.
    """

    code = "record.conflict"
