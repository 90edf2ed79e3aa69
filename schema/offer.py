"""Cross-region offers (跨区通办) and their matrix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import strawberry

from hub.catalog.queries import ACCEPTING_REGION, HANDLING_REGION, OFFERED_ITEM, OfferMode
from hub.catalog.queries import Offer as OfferRecord
from hub.regions.queries import to_region
from schema.declare import PUBLIC, Attribute, mapped, noun
from schema.nodes import Node, identified
from schema.provenance import Provenance, provenance
from schema.region import Region
from schema.service_item import ServiceItem

# A cell has the same column names as an offer, so an offer's links lead on from it too.
CELL_ACCEPTING, CELL_HANDLING = to_region(OfferRecord.accepting_region), to_region(OfferRecord.handling_region)


@noun(zh="跨区通办事项：一区的事项在另一区受理。", en="An item of one region, accepted in another.", record=OfferRecord)
class CrossRegionOffer(Node):
    """Read from the offer's row."""

    id: strawberry.ID = identified(OfferRecord, "cross_region_offer")
    mode: OfferMode = mapped(OfferRecord.mode, access=PUBLIC, zh="通办方式。", en="In which mode.")
    joint_id: str | None = mapped(
        OfferRecord.joint_id, access=PUBLIC, zh="多地联办的共同标识。", en="What several pairs of a joint offer share."
    )
    valid_from: date = mapped(OfferRecord.valid_from, access=PUBLIC, zh="开始日期。", en="First day.")
    valid_until: date | None = mapped(
        OfferRecord.valid_to, access=PUBLIC, zh="结束日期（含）；null 为长期。", en="Last day, included; null: no end."
    )
    accepting_region: Region | None = mapped(
        ACCEPTING_REGION, access=PUBLIC, zh="受理区域。", en="The region that accepts."
    )
    handling_region: Region | None = mapped(
        HANDLING_REGION, access=PUBLIC, zh="办理区域（权威方）。", en="The region that handles it, its authority."
    )
    item: ServiceItem | None = mapped(
        OFFERED_ITEM,
        access=PUBLIC,
        zh="事项；本处尚未收到其内容时为 null。",
        en="The item; null until its content is here.",
    )
    provenance: Provenance = provenance("cross_region_offer")


@dataclass(frozen=True)
class MatrixCell:
    """How many items of `handling_region` are accepted in `accepting_region`."""

    accepting_region: str
    handling_region: str
    items: int


@noun(zh="跨区通办矩阵的一格。", en="A cell of the matrix of cross-region offers.", record=MatrixCell)
class CrossRegionCount:
    """Read from a `MatrixCell`."""

    items: int = mapped(Attribute("items"), access=PUBLIC, zh="事项数。", en="How many items.")
    accepting_region: Region | None = mapped(
        CELL_ACCEPTING, access=PUBLIC, zh="受理区域。", en="The region that accepts."
    )
    handling_region: Region | None = mapped(
        CELL_HANDLING, access=PUBLIC, zh="办理区域。", en="The region that handles."
    )
