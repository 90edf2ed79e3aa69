"""Reads of open data: data sets with their newest release, and indicators with their points.

No door leads from here to anything personal. A tombstoned data set hides its indicators too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from hub.links import Link
from hub.opendata.records import Dataset, Indicator, IndicatorPoint, Openness
from hub.regions.queries import to_region, visible

__all__ = [
    "DATASET_OF_INDICATOR",
    "POINTS",
    "REGION_OF_DATASET",
    "Dataset",
    "Indicator",
    "IndicatorPoint",
    "Openness",
    "datasets",
    "indicators",
]

REGION_OF_DATASET = to_region(Dataset.region)
DATASET_OF_INDICATOR = Link(key=Indicator.dataset_id, to=Dataset.id)
POINTS = Link(key=Indicator.id, to=IndicatorPoint.indicator_id, many=True, order=(IndicatorPoint.period,))


def datasets(*, region: str | None = None, openness: Openness | None = None) -> Select[Any]:
    """Return the statement for data sets, of one region and openness where given."""
    wanted = select(Dataset).where(visible(Dataset))
    if region is not None:
        wanted = wanted.where(Dataset.region == region)
    return wanted if openness is None else wanted.where(Dataset.openness == openness)


def indicators(codes: Sequence[str] | None = None) -> Select[Any]:
    """Return the statement for indicators of visible data sets; None: all of them, an empty list: none."""
    wanted = select(Indicator).join(Dataset, Dataset.id == Indicator.dataset_id).where(visible(Dataset))
    return wanted if codes is None else wanted.where(Indicator.code.in_(codes))
