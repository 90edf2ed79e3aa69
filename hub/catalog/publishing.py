"""How service items, cross-region offers and bundles stand in the public ledger: content <-> rows (GB/T 39554)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

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
from hub.replicas import Content, Shape

_ITEM_TEXTS = ("implementation_code", "base_code", "handling_code", "region", "name_zh", "item_type", "route")
_ITEM_LISTS = ("service_objects", "channels", "legal_basis", "steps", "fees", "demonstration_fields")


def _service_item(content: Content) -> dict[str, Any]:
    body = content["implementing_body"]
    row: dict[str, Any] = {name: str(content[name]) for name in _ITEM_TEXTS}
    row |= {name: list(content[name]) for name in _ITEM_LISTS}
    _check_children(content)
    return row | {
        "name_en": content.get("name_en"),
        "case_type": CaseType(content["case_type"]),
        "exercise_level": int(content["exercise_level"]),
        "body_name_zh": body["name_zh"],
        "body_uscc": body["uscc"],
        "legal_limit_days": content["legal_limit_days"],
        "promised_limit_days": int(content["promised_limit_days"]),
        "site_visits": int(content["site_visits"]),
        "item_group": content["group"],
        "valid_from": date.fromisoformat(content["valid_from"]),
        "valid_to": _day(content.get("valid_to")),
        "item_version": int(content["item_version"]),
        "conditions_zh": content.get("conditions_zh"),
        "result": dict(content["result"]),
        "guide": dict(content["guide"]),
    }


def _check_children(content: Content) -> None:
    """Raise when a material or a label of the item cannot be understood, before anything is written."""
    for position, material in enumerate(content["materials"]):
        _material(0, position, material)
    for label in content["labels"]:
        ItemLabel(label)


def _material(item_id: int, position: int, material: Content) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "position": position,
        "material_id": material["id"],
        "name_zh": material["name_zh"],
        "necessity": Necessity(material["necessity"]),
        "form": material["form"],
        "copies": int(material["copies"]),
        "source": material["source"],
        "replaced_by": material.get("replaced_by"),
    }


def _item_children(session: Session, contents: Mapping[int, Content]) -> None:
    session.execute(delete(Material).where(Material.item_id.in_(contents)))
    session.execute(delete(Labelled).where(Labelled.item_id.in_(contents)))
    materials = [
        _material(item_id, position, material)
        for item_id, content in contents.items()
        for position, material in enumerate(content["materials"])
    ]
    labels = [
        {"item_id": item_id, "label": ItemLabel(label)}
        for item_id, content in contents.items()
        for label in sorted(set(content["labels"]))
    ]
    if materials:
        session.execute(insert(Material), materials)
    if labels:
        session.execute(insert(Labelled), labels)


def _offer(content: Content) -> dict[str, Any]:
    return {
        "item": content["item"],
        "accepting_region": content["accepting_region"],
        "handling_region": content["handling_region"],
        "mode": OfferMode(content["mode"]),
        "joint_id": content.get("joint_id"),
        "valid_from": date.fromisoformat(content["valid_from"]),
        "valid_to": _day(content.get("valid_to")),
    }


def _bundle(content: Content) -> dict[str, Any]:
    return {
        "code": content["code"],
        "region": content["region"],
        "name_zh": content["name_zh"],
        "name_en": content.get("name_en"),
        "steps": [{"item": step["item"], "after": list(step["after"])} for step in content["steps"]],
    }


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def offer_id(item: str, accepting_region: str) -> str:
    """Return the record id of the offer of `item` (an implementation code) in `accepting_region`."""
    return f"{item}-{accepting_region}"


def _region(content: Content) -> str:
    return str(content["region"])


SERVICE_ITEM = Shape(
    "service_item",
    ServiceItem,
    _service_item,
    authority=_region,
    identity=lambda content: str(content["implementation_code"]),
    children=_item_children,
)
OFFER = Shape(
    "cross_region_offer",
    Offer,
    _offer,
    authority=lambda content: str(content["handling_region"]),
    identity=lambda content: offer_id(content["item"], content["accepting_region"]),
)
BUNDLE = Shape("bundle", Bundle, _bundle, authority=_region, identity=lambda content: str(content["code"]))
