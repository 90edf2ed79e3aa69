"""Reads of the catalog of license types (电子证照目录). A tombstoned row is never answered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from hub.licenses.records import LicenseType
from hub.links import Link
from hub.regions.queries import visible

__all__ = ["LicenseType", "license_types", "to_license_type"]


def license_types() -> Select[Any]:
    """Return the statement for every license type."""
    return select(LicenseType).where(visible(LicenseType))


def to_license_type(key: InstrumentedAttribute[Any]) -> Link:
    """Return the link from a column that holds a license type's code to that type."""
    return Link(key=key, to=LicenseType.code, where=(visible(LicenseType),))
