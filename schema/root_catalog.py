"""Roots of the query type about regions, the service catalog, license types and open data. Open to anyone."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import strawberry

from hub.catalog import queries as catalog
from hub.catalog.finder import offer_counts
from hub.errors import ValidationFailed
from hub.licenses import queries as licenses
from hub.opendata import queries as opendata
from hub.regions import queries as places
from schema.bundle import Bundle
from schema.context import Context
from schema.dataset import Dataset, Indicator
from schema.declare import PUBLIC, resolved, words
from schema.enums import Direction
from schema.filters import (
    BundleFilterInput,
    DatasetFilterInput,
    ItemFilterInput,
    ItemOrderField,
    ItemOrderInput,
    OfferFilterInput,
    PointFilterInput,
    wanted_by,
)
from schema.keyset import Listing, Sort
from schema.license_type import LicenseType
from schema.offer import CrossRegionCount, CrossRegionOffer, MatrixCell
from schema.pages import After, Before, Connection, First, Last, Page, window
from schema.region import Region
from schema.service_item import ServiceItem
from schema.service_point import ServicePoint

MAX_CODES = 200

ITEM_COLUMNS = {
    ItemOrderField.NAME: catalog.ServiceItem.name_zh,
    ItemOrderField.NAME_EN: catalog.ServiceItem.name_en,
    ItemOrderField.CODE: catalog.ServiceItem.implementation_code,
    ItemOrderField.PROMISED_LIMIT: catalog.ServiceItem.promised_limit_days,
}
OFFERS_BY_ITEM = Sort("ITEM", catalog.Offer.item, catalog.Offer.id)
POINTS_BY_CODE = Sort("CODE", places.ServicePoint.code, places.ServicePoint.id)
BUNDLES_BY_CODE = Sort("CODE", catalog.Bundle.code, catalog.Bundle.id)
TYPES_BY_CODE = Sort("CODE", licenses.LicenseType.code, licenses.LicenseType.id)
DATASETS_BY_CODE = Sort("CODE", opendata.Dataset.code, opendata.Dataset.id)
INDICATORS_BY_CODE = Sort("CODE", opendata.Indicator.code, opendata.Indicator.id)

Search = Annotated[
    str | None,
    strawberry.argument(description=words("在名称中检索，一个字起。", "Text to find in names, from one character on.")),
]


def region_asked(context: Context, condition: Any, path: str) -> str | None:
    """Return the region code a filter asks for; raises RegionUnknown for one this hub does not know."""
    code: str | None = wanted_by(condition)
    if code is not None:
        places.known_region(context.session, code, path=path)
    return code


@strawberry.type
class CatalogRoots:
    """What anyone may ask about places, services and open data."""

    @resolved(access=PUBLIC, zh="全部区域，本枢纽所在区域居首。", en="Every region, this hub's own first.")
    def regions(self, info: strawberry.Info) -> list[Region] | None:
        """Return the regions."""
        found = places.regions(info.context.session, home=info.context.region)
        info.context.peers.together(found)
        return found  # type: ignore[return-value]

    @resolved(access=PUBLIC, zh="一个区域。", en="One region.")
    def region(
        self,
        info: strawberry.Info,
        code: Annotated[str, strawberry.argument(description=words("区域代码。", "The region's code."))],
    ) -> Region | None:
        """Return the region; raises RegionUnknown."""
        return places.known_region(info.context.session, code, path="code")  # type: ignore[return-value]

    @resolved(access=PUBLIC, zh="服务场所。", en="Places where service is given.")
    def service_points(
        self,
        info: strawberry.Info,
        filter: Annotated[
            PointFilterInput | None, strawberry.argument(description=words("筛选条件。", "Which places."))
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ServicePoint] | None:
        """Return a page of places."""
        wanted = filter or PointFilterInput()
        region = region_asked(info.context, wanted.region, "filter.region.eq")
        kind = wanted_by(wanted.kind)
        rows = places.service_points(region=region, kind=kind)
        listing = Listing("servicePoints", rows, POINTS_BY_CODE, {"region": region, "kind": kind})
        return Page(info.context, listing, window(first, after, last, before))  # type: ignore[return-value]

    @resolved(access=PUBLIC, zh="今日有效的政务服务事项。", en="Service items in use today.")
    def service_items(
        self,
        info: strawberry.Info,
        search: Search = None,
        filter: Annotated[
            ItemFilterInput | None, strawberry.argument(description=words("筛选条件。", "Which items."))
        ] = None,
        order_by: Annotated[
            ItemOrderInput | None,
            strawberry.argument(description=words("排序；默认按实施编码。", "Order; by code unless given.")),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ServiceItem] | None:
        """Return a page of items."""
        asked = filter or ItemFilterInput()
        wanted = catalog.ItemFilter(
            base_code=wanted_by(asked.base_code),
            region=region_asked(info.context, asked.region, "filter.region.eq"),
            item_type=wanted_by(asked.item_type),
            case_type=wanted_by(asked.case_type),
            label=wanted_by(asked.labels, "has"),
            search=search,
        )
        rows = catalog.service_items(wanted, on=info.context.clock.today())
        listing = Listing("serviceItems", rows, _item_sort(order_by), dataclasses.asdict(wanted))
        return Page(info.context, listing, window(first, after, last, before))  # type: ignore[return-value]

    @resolved(access=PUBLIC, zh="今日有效的跨区通办事项。", en="Cross-region offers that hold today.")
    def cross_region_offers(
        self,
        info: strawberry.Info,
        filter: Annotated[
            OfferFilterInput | None, strawberry.argument(description=words("筛选条件。", "Which offers."))
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[CrossRegionOffer] | None:
        """Return a page of offers."""
        context = info.context
        asked = filter or OfferFilterInput()
        wanted = catalog.OfferFilter(
            partner=region_asked(context, asked.partner, "filter.partner.eq"),
            accepting_region=region_asked(context, asked.accepting_region, "filter.acceptingRegion.eq"),
            handling_region=region_asked(context, asked.handling_region, "filter.handlingRegion.eq"),
            mode=wanted_by(asked.mode),
            item=wanted_by(asked.item),
        )
        rows = catalog.offers(wanted, home=context.region, on=context.clock.today())
        listing = Listing("crossRegionOffers", rows, OFFERS_BY_ITEM, dataclasses.asdict(wanted))
        return Page(context, listing, window(first, after, last, before))  # type: ignore[return-value]

    @resolved(
        access=PUBLIC, zh="各区域对之间今日的通办事项数。", en="How many items each pair of regions offers today."
    )
    def cross_region_matrix(self, info: strawberry.Info) -> list[CrossRegionCount] | None:
        """Return the cells that are not empty, by accepting and handling region."""
        counted = offer_counts(info.context.session, on=info.context.clock.today())
        cells = [MatrixCell(accepting, handling, items) for (accepting, handling), items in sorted(counted.items())]
        info.context.peers.together(cells)
        return cells  # type: ignore[return-value]

    @resolved(access=PUBLIC, zh="一件事。", en="Bundles of items.")
    def bundles(
        self,
        info: strawberry.Info,
        filter: Annotated[
            BundleFilterInput | None, strawberry.argument(description=words("筛选条件。", "Which bundles."))
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Bundle] | None:
        """Return a page of bundles."""
        region = region_asked(info.context, wanted_by(filter, "region"), "filter.region.eq")
        listing = Listing("bundles", catalog.bundles(region=region), BUNDLES_BY_CODE, {"region": region})
        return Page(info.context, listing, window(first, after, last, before))  # type: ignore[return-value]

    @resolved(access=PUBLIC, zh="电子证照类型目录。", en="The catalog of license types.")
    def license_types(
        self,
        info: strawberry.Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LicenseType] | None:
        """Return a page of license types."""
        listing = Listing("licenseTypes", licenses.license_types(), TYPES_BY_CODE)
        return Page(info.context, listing, window(first, after, last, before))  # type: ignore[return-value]

    @resolved(access=PUBLIC, zh="开放数据集。", en="Open data sets.")
    def datasets(
        self,
        info: strawberry.Info,
        filter: Annotated[
            DatasetFilterInput | None, strawberry.argument(description=words("筛选条件。", "Which data sets."))
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Dataset] | None:
        """Return a page of data sets."""
        asked = filter or DatasetFilterInput()
        region = region_asked(info.context, asked.region, "filter.region.eq")
        openness = wanted_by(asked.openness)
        rows = opendata.datasets(region=region, openness=openness)
        listing = Listing("datasets", rows, DATASETS_BY_CODE, {"region": region, "openness": openness})
        return Page(info.context, listing, window(first, after, last, before))  # type: ignore[return-value]

    @resolved(access=PUBLIC, zh="指标及其各期的值。", en="Indicators with their figures.")
    def indicators(
        self,
        info: strawberry.Info,
        codes: Annotated[
            list[str] | None,
            strawberry.argument(
                description=words("指标代码，最多 200 个；不填为全部。", "Codes, at most 200; absent: all.")
            ),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Indicator] | None:
        """Return a page of indicators; raises ValidationFailed for more than 200 codes."""
        if codes is not None and len(codes) > MAX_CODES:
            raise ValidationFailed(
                f"codes 有 {len(codes)} 个，上限是 {MAX_CODES}。",
                f"{len(codes)} codes, the limit is {MAX_CODES}.",
                path="codes",
            )
        wanted = None if codes is None else sorted(set(codes))
        listing = Listing("indicators", opendata.indicators(wanted), INDICATORS_BY_CODE, {"codes": wanted})
        return Page(info.context, listing, window(first, after, last, before))  # type: ignore[return-value]


def _item_sort(order: ItemOrderInput | None) -> Sort:
    field = ItemOrderField.CODE if order is None else order.field
    down = order is not None and order.direction is Direction.DESC
    return Sort(field.value, ITEM_COLUMNS[field], catalog.ServiceItem.id, descending=down)
