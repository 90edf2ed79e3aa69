"""The service finder and the page of one item. Addresses are checked here; what is found is the catalog's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session

from hub.access.policy import Level
from hub.catalog.finder import MAX_TEXT_CHARACTERS, Asked, find, item_in_use, offers_of, same_item_everywhere
from hub.catalog.records import Material, OfferMode, ServiceItem
from hub.errors import ValidationFailed
from hub.licenses.queries import LicenseType, to_license_type
from hub.links import rows_behind
from hub.regions.provenance import Standing, standings
from hub.regions.queries import Region, RegionUnknown, regions
from hub.web.authentication import answers, this_hub
from hub.web.compose import Hub
from hub.web.presenting import named, remember_home

finder = Blueprint("finder", __name__)

SERVICE_ITEM = "service_item"
MAX_PAGE_DIGITS = 6
LICENSE_OF_MATERIAL = to_license_type(Material.replaced_by)


@dataclass(frozen=True)
class Elsewhere:
    """The same base item in one region, for the comparison."""

    item: ServiceItem
    materials: int


@dataclass(frozen=True)
class ItemPage:
    """Everything on the page of one item; `places` are the names of regions by code."""

    item: ServiceItem
    offers: Sequence[Any]
    licenses: Mapping[str, LicenseType]
    elsewhere: Sequence[Elsewhere]
    standing: Standing
    places: Mapping[str, str]


@finder.get("/services")
@answers(Level.PUBLIC)
def services() -> str:
    """Show the items that can be had at the accepting region; unknown regions, modes and pages are problems."""
    hub = this_hub()
    with hub.database.reading() as session:
        known = _regions(session, hub)
        asked = _asked({region.code for region in known}, hub.settings.region)
        found = find(session, asked, on=hub.clock.today())
        return render_template(
            "services.html",
            regions=known,
            places=_names(known),
            asked=asked,
            found=found,
            page_url=lambda page: _address(replace(asked, page=page)),
        )


@finder.get("/items/<code>")
@answers(Level.PUBLIC)
def item(code: str) -> str:
    """Show one item; one that is withdrawn, expired or unknown is a problem."""
    hub = this_hub()
    with hub.database.reading() as session:
        known = _regions(session, hub)
        page = _item_page(session, code, known, on=hub.clock.today())
        accepting = request.args.get("accepting")
        return render_template(
            "item.html", page=page, accepting=accepting if accepting in page.places else hub.settings.region
        )


def _item_page(session: Session, code: str, known: Sequence[Region], *, on: date) -> ItemPage:
    found = item_in_use(session, code, on=on)
    replaced = {material.replaced_by for material in found.materials if material.replaced_by}
    licenses = rows_behind(session, LICENSE_OF_MATERIAL, replaced)
    everywhere = same_item_everywhere(session, found.base_code, on=on)
    return ItemPage(
        item=found,
        offers=offers_of(session, code, on=on),
        licenses={license_code: rows[0] for license_code, rows in licenses.items()},
        elsewhere=[Elsewhere(each, count) for each, count in everywhere],
        standing=standings(session, SERVICE_ITEM, [found], home=this_hub().settings.region)[0],
        places=_names(known),
    )


def _regions(session: Session, hub: Hub) -> list[Region]:
    known = regions(session, home=hub.settings.region)
    if known and known[0].code == hub.settings.region:
        remember_home(known[0])
    return known


def _names(known: Sequence[Region]) -> dict[str, str]:
    return {region.code: named(region) for region in known}


def _asked(codes: set[str], home: str) -> Asked:
    accepting = request.args.get("accepting") or home
    handling = request.args.get("handling") or None
    for name, code in (("accepting", accepting), ("handling", handling)):
        if code is not None and code not in codes:
            raise RegionUnknown("未知的区域代码。", "This region code is not known here.", path=name)
    return Asked(accepting, handling, _mode(), _text(), _page())


def _mode() -> OfferMode | None:
    wish = request.args.get("mode", "")
    if not wish:
        return None
    if wish not in set(OfferMode):
        offered = "、".join(OfferMode)
        raise ValidationFailed(
            f"没有这种办理方式，可选：{offered}。",
            f"There is no such mode; offered: {', '.join(OfferMode)}.",
            path="mode",
        )
    return OfferMode(wish)


def _text() -> str:
    text = request.args.get("q", "").strip()
    if len(text) > MAX_TEXT_CHARACTERS or not text.isprintable():
        raise ValidationFailed(
            f"检索词为 1 至 {MAX_TEXT_CHARACTERS} 个字。",
            f"A search has 1 to {MAX_TEXT_CHARACTERS} characters.",
            path="q",
        )
    return text


def _page() -> int:
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdecimal() and len(text) <= MAX_PAGE_DIGITS and int(text) >= 1):
        raise ValidationFailed("页码须为正整数。", "A page number is a whole number from 1.", path="page")
    return int(text)


def _address(asked: Asked) -> str:
    wanted: dict[str, Any] = {
        "accepting": asked.accepting,
        "handling": asked.handling,
        "mode": asked.mode,
        "q": asked.text or None,
        "page": asked.page if asked.page > 1 else None,
    }
    return url_for("finder.services", **wanted)
