"""How data-set releases stand in the public ledger: content <-> rows. Earlier releases stay in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hub.opendata.records import Dataset, Indicator, IndicatorPoint, Openness
from hub.replicas import Content, Shape


def _release(content: Content) -> dict[str, Any]:
    for indicator in content["indicators"]:
        _indicator(0, 0, indicator)
    return {
        "code": content["code"],
        "region": content["region"],
        "title_zh": content["title_zh"],
        "title_en": content.get("title_en"),
        "abstract_zh": content.get("abstract_zh"),
        "openness": Openness(content["openness"]),
        "update_frequency": content["update_frequency"],
        "reuse_terms_name_zh": content["reuse_terms"]["name_zh"],
        "reuse_terms_url": content["reuse_terms"]["url"],
        "source_title_zh": content["source"]["title_zh"],
        "source_publisher_zh": content["source"]["publisher_zh"],
        "release": int(content["release"]),
        "released_on": date.fromisoformat(content["released_on"]),
        "rows": int(content["rows"]),
        "fields": list(content["fields"]),
        "distributions": list(content["distributions"]),
    }


def _indicator(dataset_id: int, position: int, indicator: Content) -> Indicator:
    return Indicator(
        dataset_id=dataset_id,
        position=position,
        code=indicator["code"],
        chapter=indicator["chapter"],
        name_zh=indicator["name_zh"],
        unit=indicator["unit"],
        points=[
            IndicatorPoint(
                period=point["period"],
                value=_figure(point["value"]),
                qualifier=point["qualifier"],
                as_printed=point["as_printed"],
                period_note=point.get("period_note"),
                year_on_year_percent=None if point.get("yoy_percent") is None else _figure(point["yoy_percent"]),
            )
            for point in indicator["points"]
        ],
    )


def _figure(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as not_a_figure:
        raise ValueError(text) from not_a_figure


def _indicators(session: Session, contents: Mapping[int, Content]) -> None:
    session.execute(delete(Indicator).where(Indicator.dataset_id.in_(contents)))
    for dataset_id, content in contents.items():
        for position, indicator in enumerate(content["indicators"]):
            session.add(_indicator(dataset_id, position, indicator))
    session.flush()


DATASET_RELEASE = Shape(
    "dataset_release",
    Dataset,
    _release,
    authority=lambda content: str(content["region"]),
    identity=lambda content: str(content["code"]),
    children=_indicators,
)
