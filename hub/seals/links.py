"""What the readers of many seals join: the record classes and the links from a seal to what belongs to it."""

from __future__ import annotations

from hub.links import Link
from hub.seals.records import Seal, SealGrant, SealMove, SealUse, StandingAuthorisation
from hub.seals.rules import SealKind, SealOutline, SealSource, SealStatus

__all__ = [
    "AUTHORISATIONS",
    "GRANTS",
    "MOVES",
    "USES",
    "Seal",
    "SealGrant",
    "SealKind",
    "SealMove",
    "SealOutline",
    "SealSource",
    "SealStatus",
    "SealUse",
    "StandingAuthorisation",
]

USES = Link(key=Seal.id, to=SealUse.seal_id, many=True, order=(SealUse.used_at, SealUse.id))
MOVES = Link(key=Seal.id, to=SealMove.seal_id, many=True, order=(SealMove.id.desc(),))
GRANTS = Link(key=Seal.id, to=SealGrant.seal_id, many=True, order=(SealGrant.id.desc(),))
AUTHORISATIONS = Link(
    key=Seal.id, to=StandingAuthorisation.seal_id, many=True, order=(StandingAuthorisation.id.desc(),)
)
