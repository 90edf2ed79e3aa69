"""The license types pooled by the home region (电子证照目录, GB/T 36902-2018)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from hub.codes import holders, licenses
from seeds.tables import Row, rows

SHORT_TEXT, LONG_TEXT = 200, 2_000


def license_types() -> list[dict[str, Any]]:
    """Return the contents of all license types, in file order."""
    return [_license_type(row) for row in rows("license_types")]


@cache
def code_of() -> Mapping[str, str]:
    """Return the 21-character type code by the short key that materials use."""
    return MappingProxyType({row["key"]: row["code"] for row in rows("license_types")})


def _license_type(row: Row) -> dict[str, Any]:
    return {
        "code": licenses.parse_type(row["code"]).text,
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "defining_authority": {"name_zh": row["authority_zh"], "uscc": row["authority_uscc"]},
        "holder_kind": row["holder_kind"],
        "holder_code_types": [holders.parse_code_type(code).code for code in row["holder_code_types"].split(";")],
        "validity_zh": row["validity_zh"],
        "catalog_class": row["catalog_class"],
        "face_elements": [_element(told, order) for order, told in enumerate(row["face_elements"].split(";"), 1)],
        "code_is_demonstration": row["code_is_demonstration"] == "1",
    }


def _element(told: str, order: int) -> dict[str, Any]:
    """Return one face element from `KEY name*|CLASS`."""
    named, _, field_class = told.partition("|")
    key, name = named.split(" ", 1)
    name_zh = name.removesuffix("*")
    return {
        "key": key,
        "name_zh": name_zh,
        "type": "DATE" if name_zh.endswith("日期") else "TEXT",
        "required": name.endswith("*"),
        "order": order,
        "max_length": LONG_TEXT if field_class.startswith("LONG") else SHORT_TEXT,
        "field_class": {"": "PUBLIC", "LONG": "PUBLIC", "LONG_PERSONAL": "PERSONAL"}.get(field_class, field_class),
    }
