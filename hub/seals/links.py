"""What the readers of many seals join: the record classes and the link from a seal to its uses."""

from __future__ import annotations

from hub.links import Link
from hub.seals.records import Seal, SealUse
from hub.seals.rules import SealStatus

__all__ = ["USES", "Seal", "SealStatus", "SealUse"]

USES = Link(key=Seal.id, to=SealUse.seal_id, many=True, order=(SealUse.used_at, SealUse.id))
