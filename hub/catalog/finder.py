"""What a person finds: the items open to him at one place, one item with its offers and its likes elsewhere, and how many there are.

Only what holds on the day asked about is found: tombstoned items and offers, and those outside their validity, are hidden
everywhere alike, so that a number on a page equals the length of the list behind it. Writes nothing.

Source: 国办发〔2020〕35号 (the three modes of cross-region service); GB/T 39554 (items, and the base code that items share).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, selectinload

from hub.catalog.queries import LABELS, ItemFilter, holds, service_items
from hub.catalog.records import Material, Offer, OfferMode, ServiceItem
from hub.errors import NotFound, ValidationFailed
from hub.links import rows_behind

PAGE_SIZE = 20
MAX_TEXT_CHARACTERS = 40


class ItemUnknown(NotFound):
    """No service item of that code is in use here today.

    Cure: look the item up by name; a withdrawn or expired item is answered the same way.
    """

    code = "catalog.item_unknown"

    def __init__(self) -> None:
        super().__init__("没有这个事项，或它已不再使用。", "There is no such item, or it is no longer in use.")


class PageUnknown(NotFound):
    """The list has no page of that number.

    Cure: begin at page 1; the list may have become shorter meanwhile.
    """

    code = "catalog.page_unknown"

    def __init__(self, pages: int) -> None:
        super().__init__(f"没有这一页，结果共 {pages} 页。", f"There is no such page; the list has {pages}.")
        self.pages = pages


@dataclass(frozen=True)
class Asked:
    """Who asks for what: `accepting` is where he stands; None for `handling` or `mode` is any; `page` counts from 1."""

    accepting: str
    handling: str | None = None
    mode: OfferMode | None = None
    text: str = ""
    page: int = 1

    @property
    def same_region(self) -> bool:
        """Say whether only the accepting region's own items are asked for; they have no mode, so a wish for one is passed over."""
        return self.handling == self.accepting


@dataclass(frozen=True)
class Row:
    """One item as it can be had at the accepting region; `mode` is None for the region's own."""

    item: ServiceItem
    mode: OfferMode | None
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """One page of what was found; `pages` is at least 1."""

    rows: tuple[Row, ...]
    total: int
    page: int
    pages: int


def find(session: Session, asked: Asked, *, on: date) -> Found:
    """Return the page of items that fit, in the national catalogue's order, the accepting region's own first among equals.

    Three statements, two when nothing fits. Raises ValidationFailed for a text over 40 characters, PageUnknown past the end.
    """
    if len(asked.text) > MAX_TEXT_CHARACTERS:
        raise ValidationFailed(
            f"检索词最长 {MAX_TEXT_CHARACTERS} 个字。",
            f"A search has at most {MAX_TEXT_CHARACTERS} characters.",
            path="q",
        )
    fitting = _fitting(asked, on)
    total = session.scalar(select(func.count()).select_from(fitting.order_by(None).subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    if asked.page > pages:
        raise PageUnknown(pages)
    shown = session.execute(fitting.limit(PAGE_SIZE).offset((asked.page - 1) * PAGE_SIZE)).all()
    labels = rows_behind(session, LABELS, [item.id for item, _ in shown])
    rows = (Row(item, mode, tuple(each.label for each in labels[item.id])) for item, mode in shown)
    return Found(tuple(rows), total, asked.page, pages)


def item_in_use(session: Session, code: str, *, on: date) -> ServiceItem:
    """Return the item with its materials and labels; raises ItemUnknown. Three statements."""
    wanted = select(ServiceItem).where(ServiceItem.implementation_code == code, *holds(ServiceItem, on))
    loading = (selectinload(ServiceItem.materials), selectinload(ServiceItem.labels))
    item = session.scalar(wanted.options(*loading))
    if item is None:
        raise ItemUnknown
    return item


def offers_of(session: Session, code: str, *, on: date) -> list[Offer]:
    """Return the offers of one item that hold, by accepting region. One statement."""
    wanted = select(Offer).where(Offer.item == code, *holds(Offer, on)).order_by(Offer.accepting_region)
    return list(session.scalars(wanted))


def same_item_everywhere(session: Session, base_code: str, *, on: date) -> list[tuple[ServiceItem, int]]:
    """Return every region's item of one base code with the number of its materials, by region. One statement."""
    materials = select(func.count(Material.id)).where(Material.item_id == ServiceItem.id).scalar_subquery()
    wanted = select(ServiceItem, materials).where(ServiceItem.base_code == base_code, *holds(ServiceItem, on))
    ordered = wanted.order_by(ServiceItem.region, ServiceItem.implementation_code)
    return [(item, count) for item, count in session.execute(ordered)]


def item_counts(session: Session, *, on: date) -> dict[str, int]:
    """Return how many items each region has in use; a region without any is absent. One statement."""
    counted = select(ServiceItem.region, func.count()).where(*holds(ServiceItem, on)).group_by(ServiceItem.region)
    return {region: count for region, count in session.execute(counted)}


def offer_counts(session: Session, *, on: date) -> dict[tuple[str, str], int]:
    """Return how many offers hold by (accepting, handling) region; a pair without any is absent. One statement."""
    pair = (Offer.accepting_region, Offer.handling_region)
    counted = (
        select(*pair, func.count())
        .join(ServiceItem, ServiceItem.implementation_code == Offer.item)
        .where(*holds(Offer, on), *holds(ServiceItem, on))
        .group_by(*pair)
    )
    return {(accepting, handling): count for accepting, handling, count in session.execute(counted)}


def _fitting(asked: Asked, on: date) -> Select[Any]:
    """Return the statement for (item, mode or None), ordered."""
    items = service_items(ItemFilter(search=asked.text), on=on)
    offered = and_(
        Offer.item == ServiceItem.implementation_code,
        Offer.accepting_region == asked.accepting,
        Offer.accepting_region != ServiceItem.region,
        *holds(Offer, on),
    )
    joined = items.add_columns(Offer.mode).outerjoin(Offer, offered).where(_place_fits(asked))
    own_first = case((ServiceItem.region == asked.accepting, 0), else_=1)
    return joined.order_by(ServiceItem.base_code, own_first, ServiceItem.region, ServiceItem.implementation_code)


def _place_fits(asked: Asked) -> ColumnElement[bool]:
    own: ColumnElement[bool] = ServiceItem.region == asked.accepting
    offered: ColumnElement[bool] = Offer.id.is_not(None)
    if asked.same_region:
        return own
    if asked.mode is not None:
        offered = and_(offered, Offer.mode == asked.mode)
    if asked.handling is not None:
        return and_(offered, ServiceItem.region == asked.handling)
    return offered if asked.mode is not None else or_(own, offered)
