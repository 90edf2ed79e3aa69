"""Bundles (一件事): several items as one application; shared materials are asked for once."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import strawberry

from hub.catalog.queries import MATERIALS, REGION_OF_BUNDLE, items_by_code
from hub.catalog.queries import Bundle as BundleRecord
from schema.context import Context
from schema.declare import PUBLIC, Attribute, mapped, noun, resolved
from schema.nodes import Node, identified
from schema.provenance import Provenance, provenance
from schema.region import Region
from schema.service_item import Material, ServiceItem


@dataclass(frozen=True)
class StepOfItems:
    """A step with the rows of its item and of the items it waits for."""

    item: Any
    after: list[Any]


@noun(zh="一件事中的一步。", en="A step of a bundle.")
class BundleStep:
    """Read from a `StepOfItems`."""

    item: ServiceItem | None = mapped(
        Attribute("item"),
        access=PUBLIC,
        zh="事项；本处尚未收到时为 null。",
        en="The item; null until its content is here.",
    )
    after: list[ServiceItem] = mapped(
        Attribute("after"), access=PUBLIC, zh="须先办结的事项。", en="The items that must be finished before."
    )


@noun(zh="一件事：多个事项一次申请。", en="Several items as one application.", record=BundleRecord)
class Bundle(Node):
    """Read from the bundle's row."""

    id: strawberry.ID = identified(BundleRecord, "bundle")
    code: str = mapped(BundleRecord.code, access=PUBLIC, zh="代码。", en="Code.")
    name_zh: str = mapped(BundleRecord.name_zh, access=PUBLIC, zh="中文名称。", en="Name in Chinese.")
    name_en: str | None = mapped(BundleRecord.name_en, access=PUBLIC, zh="英文名称。", en="Name in English.")
    region: Region | None = mapped(REGION_OF_BUNDLE, access=PUBLIC, zh="所属区域。", en="Its region.")
    provenance: Provenance = provenance("bundle")

    @resolved(access=PUBLIC, zh="各步骤，按次序。", en="Its steps, in order.")
    def steps(root: Any, info: strawberry.Info) -> list[BundleStep]:
        """Return the steps with their items."""
        return _steps(info.context, root)  # type: ignore[return-value]

    @resolved(access=PUBLIC, zh="全部材料，同名只列一次。", en="All materials, each name once.")
    def materials(root: Any, info: strawberry.Info) -> list[Material]:
        """Return the materials of all items in step order; of equal names the first stands."""
        items = [step.item for step in _steps(info.context, root) if step.item is not None]
        seen: dict[Hashable, Any] = {}
        for item in items:
            for material in info.context.peers.linked(MATERIALS, item):
                seen.setdefault(material.name_zh, material)
        return list(seen.values())


def _steps(context: Context, bundle: Any) -> list[StepOfItems]:
    def load(bundles: list[Any]) -> list[list[StepOfItems]]:
        codes = {code for row in bundles for step in row.steps for code in (step["item"], *step["after"])}
        items = items_by_code(context.session, codes)
        context.peers.together(list(items.values()))
        return [
            [
                StepOfItems(items.get(step["item"]), [items[code] for code in step["after"] if code in items])
                for step in row.steps
            ]
            for row in bundles
        ]

    steps: list[StepOfItems] = context.peers.shared("steps", bundle, load)
    return steps
