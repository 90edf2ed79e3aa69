"""Reads of the service catalog: items, cross-region offers with their matrix, and bundles.

Lists are answered as statements, so that the caller pages and counts them. A tombstoned row is never answered.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from hub.bytewise import bytewise
from hub.catalog.records import (
    Bundle,
    CaseType,
    ItemLabel,
    Labelled,
    Material,
    Necessity,
    Offer,
    OfferMode,
    ServiceItem,
)
from hub.errors import ValidationFailed
from hub.links import Link
from hub.regions.queries import to_region, visible

__all__ = [
    "Bundle",
    "CaseType",
    "ItemFilter",
    "ItemLabel",
    "Labelled",
    "Material",
    "Necessity",
    "Offer",
    "OfferFilter",
    "OfferMode",
    "ServiceItem",
    "bundles",
    "holds",
    "items_by_code",
    "offers",
    "service_items",
    "to_item",
]

MAX_SEARCH_CHARACTERS = 100


@dataclass(frozen=True)
class ItemFilter:
    """What service items are asked for; None is no constraint."""

    base_code: str | None = None
    region: str | None = None
    item_type: str | None = None
    case_type: CaseType | None = None
    label: ItemLabel | None = None
    search: str | None = None


@dataclass(frozen=True)
class OfferFilter:
    """What offers are asked for; `partner` means: between this hub's own region and that one, in either direction."""

    partner: str | None = None
    accepting_region: str | None = None
    handling_region: str | None = None
    mode: OfferMode | None = None
    item: str | None = None


def to_item(key: InstrumentedAttribute[Any]) -> Link:
    """Return the link from a column that holds an implementation code to that service item."""
    return Link(key=key, to=ServiceItem.implementation_code, where=(visible(ServiceItem),))


OFFERED_ITEM = to_item(Offer.item)
ACCEPTING_REGION = to_region(Offer.accepting_region)
HANDLING_REGION = to_region(Offer.handling_region)
REGION_OF_ITEM = to_region(ServiceItem.region)
REGION_OF_BUNDLE = to_region(Bundle.region)
MATERIALS = Link(key=ServiceItem.id, to=Material.item_id, many=True, order=(Material.position,))
LABELS = Link(key=ServiceItem.id, to=Labelled.item_id, many=True, order=(Labelled.label,))


def holds(record: type[ServiceItem] | type[Offer], on: date) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a record is visible and within its validity on the day `on`, both ends included."""
    return visible(record), record.valid_from <= on, or_(record.valid_to.is_(None), record.valid_to >= on)


def service_items(wanted: ItemFilter, *, on: date | None = None) -> Select[Any]:
    """Return the statement for service items, only those in use on the day `on` where given.

    Raises ValidationFailed for a search of over 100 characters.

    The search finds its text anywhere in the Chinese or English name, from one character on; only the letters A to Z are
    matched without regard to case, so that both databases answer the same.
    """
    statement = select(ServiceItem).where(*((visible(ServiceItem),) if on is None else holds(ServiceItem, on)))
    for column, value in (
        (ServiceItem.base_code, wanted.base_code),
        (ServiceItem.region, wanted.region),
        (ServiceItem.item_type, wanted.item_type),
        (ServiceItem.case_type, wanted.case_type),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.label is not None:
        labelled = select(Labelled.item_id).where(Labelled.label == wanted.label)
        statement = statement.where(ServiceItem.id.in_(labelled))
    return _searched(statement, (wanted.search or "").strip())


def items_by_code(session: Session, codes: Collection[str]) -> dict[str, ServiceItem]:
    """Return the known items among the implementation codes `codes`; one statement."""
    found = session.scalars(select(ServiceItem).where(ServiceItem.implementation_code.in_(codes), visible(ServiceItem)))
    return {item.implementation_code: item for item in found}


def offers(wanted: OfferFilter, *, home: str, on: date) -> Select[Any]:
    """Return the statement for the cross-region offers that hold on the day `on`, of items that do; `home` is this hub's region."""
    statement = (
        select(Offer)
        .join(ServiceItem, ServiceItem.implementation_code == Offer.item)
        .where(*holds(Offer, on), *holds(ServiceItem, on))
    )
    if wanted.partner is not None:
        statement = statement.where(
            or_(
                and_(Offer.accepting_region == home, Offer.handling_region == wanted.partner),
                and_(Offer.accepting_region == wanted.partner, Offer.handling_region == home),
            )
        )
    for column, value in (
        (Offer.accepting_region, wanted.accepting_region),
        (Offer.handling_region, wanted.handling_region),
        (Offer.mode, wanted.mode),
        (Offer.item, wanted.item),
    ):
        if value is not None:
            statement = statement.where(column == value)
    return statement


def bundles(*, region: str | None = None) -> Select[Any]:
    """Return the statement for bundles, of one region where given."""
    statement = select(Bundle).where(visible(Bundle))
    return statement if region is None else statement.where(Bundle.region == region)


def _searched(statement: Select[Any], text: str) -> Select[Any]:
    if not text:
        return statement
    if len(text) > MAX_SEARCH_CHARACTERS:
        raise ValidationFailed(
            f"检索词最长 {MAX_SEARCH_CHARACTERS} 个字符。",
            f"A search has at most {MAX_SEARCH_CHARACTERS} characters.",
            path="search",
        )
    sought = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)
    names = (ServiceItem.name_zh, ServiceItem.name_en)
    return statement.where(or_(*(_lowered(name).contains(sought, autoescape=True) for name in names)))


def _lowered(name: Any) -> Any:
    """Return `name` with A to Z in lower case, by bytes and not by the database's locale."""
    return func.lower(bytewise(name))
