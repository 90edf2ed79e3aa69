"""Filters and orders as input objects. `eq` absent or null is no constraint; a missing value is asked for with `isNull`."""

from __future__ import annotations

import enum
from typing import Any

import strawberry

from hub.approvals.links import ApprovalKind, ApprovalStage
from hub.catalog.queries import CaseType, ItemLabel, OfferMode
from hub.opendata.queries import Openness
from hub.regions.queries import PlaceKind
from schema.declare import words
from schema.enums import Direction


def wanted_by(condition: Any, member: str = "eq") -> Any:
    """Return the value a filter's member asks for, None for no constraint."""
    return None if condition is None else getattr(condition, member)


def _eq(what_zh: str, what_en: str) -> str:
    return words(f"等于此{what_zh}；不填即不限。", f"Equals this {what_en}; absent: no constraint.")


@strawberry.input(description=words("文本条件。", "A condition on a text."))
class TextFilter:
    """A condition on a text or code."""

    eq: str | None = strawberry.field(default=None, description=_eq("值", "value"))


@strawberry.input(description=words("可空文本条件。", "A condition on a text that may be missing."))
class MissingTextFilter:
    """A condition on a text that may be missing."""

    eq: str | None = strawberry.field(default=None, description=_eq("值", "value"))
    is_null: bool | None = strawberry.field(
        default=None, description=words("是否要求为空。", "Whether it must be missing, or must not.")
    )


@strawberry.input(description=words("通办方式条件。", "A condition on the mode."))
class OfferModeFilter:
    """A condition on an offer's mode."""

    eq: OfferMode | None = strawberry.field(default=None, description=_eq("方式", "mode"))


@strawberry.input(description=words("办件类型条件。", "A condition on the case type."))
class CaseTypeFilter:
    """A condition on an item's case type."""

    eq: CaseType | None = strawberry.field(default=None, description=_eq("类型", "type"))


@strawberry.input(description=words("标签条件。", "A condition on labels."))
class LabelFilter:
    """A condition on an item's labels."""

    has: ItemLabel | None = strawberry.field(
        default=None, description=words("具有此标签；不填即不限。", "Has this label; absent: no constraint.")
    )


@strawberry.input(description=words("场所类别条件。", "A condition on the kind of place."))
class PlaceKindFilter:
    """A condition on a place's kind."""

    eq: PlaceKind | None = strawberry.field(default=None, description=_eq("类别", "kind"))


@strawberry.input(description=words("开放属性条件。", "A condition on openness."))
class OpennessFilter:
    """A condition on a data set's openness."""

    eq: Openness | None = strawberry.field(default=None, description=_eq("属性", "openness"))


@strawberry.input(description=words("环节条件。", "A condition on the stage."))
class ApprovalStageFilter:
    """A condition on an approval's stage."""

    eq: ApprovalStage | None = strawberry.field(default=None, description=_eq("环节", "stage"))


@strawberry.input(description=words("文书种类条件。", "A condition on the kind of document."))
class ApprovalKindFilter:
    """A condition on an approval's kind."""

    eq: ApprovalKind | None = strawberry.field(default=None, description=_eq("种类", "kind"))


@strawberry.input(name="CrossRegionOfferFilter", description=words("跨区通办筛选。", "Which offers."))
class OfferFilterInput:
    """Which offers."""

    partner: TextFilter | None = strawberry.field(
        default=None,
        description=words(
            "与此区域之间的通办，双向；本枢纽为另一方。",
            "Between this hub's own region and that one, in either direction.",
        ),
    )
    accepting_region: TextFilter | None = strawberry.field(
        default=None, description=words("受理区域。", "The region that accepts.")
    )
    handling_region: TextFilter | None = strawberry.field(
        default=None, description=words("办理区域。", "The region that handles.")
    )
    mode: OfferModeFilter | None = strawberry.field(default=None, description=words("通办方式。", "The mode."))
    item: TextFilter | None = strawberry.field(
        default=None, description=words("事项实施编码。", "The item's implementation code.")
    )


@strawberry.input(name="ServiceItemFilter", description=words("事项筛选。", "Which service items."))
class ItemFilterInput:
    """Which service items."""

    base_code: TextFilter | None = strawberry.field(default=None, description=words("基本编码。", "Base code."))
    region: TextFilter | None = strawberry.field(default=None, description=words("实施区域。", "Region."))
    item_type: TextFilter | None = strawberry.field(default=None, description=words("事项类型代码。", "Item type."))
    case_type: CaseTypeFilter | None = strawberry.field(default=None, description=words("办件类型。", "Case type."))
    labels: LabelFilter | None = strawberry.field(default=None, description=words("标签。", "Labels."))


@strawberry.input(name="ServicePointFilter", description=words("场所筛选。", "Which places."))
class PointFilterInput:
    """Which places."""

    region: TextFilter | None = strawberry.field(default=None, description=words("所在区域。", "Region."))
    kind: PlaceKindFilter | None = strawberry.field(default=None, description=words("类别。", "Kind."))


@strawberry.input(name="BundleFilter", description=words("一件事筛选。", "Which bundles."))
class BundleFilterInput:
    """Which bundles."""

    region: TextFilter | None = strawberry.field(default=None, description=words("所属区域。", "Region."))


@strawberry.input(name="DatasetFilter", description=words("数据集筛选。", "Which data sets."))
class DatasetFilterInput:
    """Which data sets."""

    region: TextFilter | None = strawberry.field(default=None, description=words("发布区域。", "Region."))
    openness: OpennessFilter | None = strawberry.field(default=None, description=words("开放属性。", "Openness."))


@strawberry.input(name="ApprovalFilter", description=words("文书筛选。", "Which documents."))
class ApprovalFilterInput:
    """Which documents."""

    stage: ApprovalStageFilter | None = strawberry.field(default=None, description=words("环节。", "Stage."))
    kind: ApprovalKindFilter | None = strawberry.field(default=None, description=words("种类。", "Kind."))
    case_number: MissingTextFilter | None = strawberry.field(
        default=None, description=words("办件编号。", "Case number.")
    )


@strawberry.enum(name="ServiceItemOrderField", description=words("事项排序依据。", "What items are ordered by."))
class ItemOrderField(enum.StrEnum):
    """What items are ordered by; names by their UTF-8 bytes."""

    NAME = "NAME"
    NAME_EN = "NAME_EN"
    CODE = "CODE"
    PROMISED_LIMIT = "PROMISED_LIMIT"


@strawberry.input(name="ServiceItemOrder", description=words("事项排序。", "An order of items."))
class ItemOrderInput:
    """An order of items."""

    field: ItemOrderField = strawberry.field(description=words("排序依据。", "By what."))
    direction: Direction = strawberry.field(default=Direction.ASC, description=words("方向。", "Direction."))
