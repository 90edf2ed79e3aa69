"""The members of headers and exchange contents: how each is spelled, and a reader that refuses every other spelling.

Source: RFC 3339 5.6 (times, here always UTC with six digits of a second, so that one instant has one spelling).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

from hub.errors import ValidationFailed
from hub.ledger.faults import EntryMalformed
from hub.ledger.hashes import parse_tagged
from hub.ledger.origin import REGION_CODE
from hub.signing.canonical import LARGEST_INTEGER

ID_MAX_LENGTH: Final = 200
"""The longest record id, in characters."""
ADDRESSEES_MAX: Final = 64
"""The most regions one exchange entry addresses."""

_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_RANDOM_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", re.ASCII)


def written_time(at: datetime) -> str:
    """Return the instant as entries spell it, such as "2026-07-01T08:00:00.000000Z". Raises ValidationFailed if it is naive."""
    if at.tzinfo is None:
        raise ValidationFailed("时间缺少时区。", "An instant needs its time zone.")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@dataclass(frozen=True, slots=True)
class Members:
    """Reads the members of one JSON object by name; each method raises EntryMalformed if there is no such member of that form."""

    of: Mapping[str, Any]

    def beyond(self, known: frozenset[str]) -> bool:
        """Say whether there are members nobody here knows."""
        return not known.issuperset(self.of)

    def count(self, name: str) -> int:
        """Return a whole number from 1."""
        number = self.of.get(name)
        if type(number) is not int or not 1 <= number <= LARGEST_INTEGER:  # a bool is an int to isinstance
            _refuse(name)
        return number

    def text(self, name: str) -> str:
        """Return text of 1 to ID_MAX_LENGTH printable characters."""
        text = self.of.get(name)
        if not isinstance(text, str) or not 0 < len(text) <= ID_MAX_LENGTH or not text.isprintable():
            _refuse(name)
        return text

    def kind(self, name: str) -> str:
        """Return the name of a kind: lower-case letters, digits and underscores."""
        return self._matching(_KIND, name)

    def random_id(self, name: str) -> str:
        """Return 32 lower-case hex digits."""
        return self._matching(_RANDOM_ID, name)

    def time(self, name: str) -> datetime:
        """Return an instant, aware, in UTC."""
        text = self._matching(_TIME, name)
        try:
            return datetime.fromisoformat(text)
        except ValueError as error:  # such as the thirteenth month
            raise EntryMalformed(f"{name} 不是有效时间。", f"{name} is not a valid time.", path=name) from error

    def digest(self, name: str) -> str:
        """Return a digest with its hash's name, as `hashes.tagged` writes it."""
        try:
            parse_tagged(self.text(name))
        except ValidationFailed as error:
            raise EntryMalformed(error.message_zh, error.message_en, path=name) from error
        return self.text(name)

    def digest_or_none(self, name: str) -> str | None:
        """Return a digest, or None where the member is null; it may not be left out."""
        return None if name in self.of and self.of[name] is None else self.digest(name)

    def regions(self, name: str) -> tuple[str, ...]:
        """Return region codes, sorted, each once, at most ADDRESSEES_MAX, perhaps none."""
        regions = self.of.get(name)
        if not isinstance(regions, list) or len(regions) > ADDRESSEES_MAX:
            _refuse(name)
        if not all(isinstance(region, str) and REGION_CODE.fullmatch(region) for region in regions):
            _refuse(name)
        if regions != sorted(set(regions)):
            _refuse(name)
        return tuple(regions)

    def object(self, name: str) -> dict[str, Any]:
        """Return a JSON object."""
        members = self.of.get(name)
        if not isinstance(members, dict):
            _refuse(name)
        return members

    def _matching(self, form: re.Pattern[str], name: str) -> str:
        text = self.text(name)
        if not form.fullmatch(text):
            _refuse(name)
        return text


def _refuse(name: str) -> NoReturn:
    raise EntryMalformed(f"{name} 缺失或格式不对。", f"{name} is missing or has the wrong form.", path=name)
