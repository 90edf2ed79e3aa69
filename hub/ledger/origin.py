"""The unique name of a ledger: whose it is, who may read it, and its epoch.

A name is never used twice. When a ledger must begin again, the epoch rises and its genesis names the last checkpoint of the
one before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hub.errors import ValidationFailed

REGION_CODE: Final = re.compile(r"(?=.{1,64}\Z)[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
"""The form of a region's code in origins and addressees, such as `xixian-fengdong`."""

_ORIGIN: Final = re.compile(r"tongban/([^/]+)/(public|exchange)/([1-9][0-9]{0,8})", re.ASCII)


class Readers(StrEnum):
    """Who may read a ledger: anyone, or partners."""

    PUBLIC = "public"
    EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a ledger; its text is `tongban/<region>/<public|exchange>/<epoch>`, epochs from 1.

    Raises ValidationFailed unless the region is a region code and the epoch is positive.
    """

    region: str
    readers: Readers
    epoch: int

    def __post_init__(self) -> None:
        if not REGION_CODE.fullmatch(self.region) or not _ORIGIN.fullmatch(str(self)):
            raise ValidationFailed("账本名称的格式不对。", "The origin of the ledger has the wrong form.")

    def __str__(self) -> str:
        return f"tongban/{self.region}/{self.readers.value}/{self.epoch}"

    def successor(self) -> Origin:
        """Return the origin of the next epoch."""
        return Origin(self.region, self.readers, self.epoch + 1)


def parse_origin(text: str) -> Origin:
    """Return the origin written as `text`. Raises ValidationFailed for any other form."""
    found = _ORIGIN.fullmatch(text)
    if found is None:
        raise ValidationFailed("账本名称的格式不对。", "The origin of the ledger has the wrong form.")
    return Origin(found[1], Readers(found[2]), int(found[3]))
