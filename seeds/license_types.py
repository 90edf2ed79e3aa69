"""The license types pooled by the home region (电子证照目录, GB/T 36902-2018)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from hub.codes import licenses
from seeds.tables import Row, rows


def license_types() -> list[dict[str, Any]]:
    """Return the contents of all license types, in file order."""
    return [_license_type(row) for row in rows("license_types")]


@cache
def code_of() -> Mapping[str, str]:
    """Return the 21-character type code by the short key that materials use."""
    return MappingProxyType({row["key"]: row["code"] for row in rows("license_types")})


def _license_type(row: Row) -> dict[str, Any]:
    elements = [element.split(" ", 1) for element in row["face_elements"].split(";")]
    return {
        "code": licenses.parse_type(row["code"]).text,
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "defining_authority": {"name_zh": row["authority_zh"], "uscc": row["authority_uscc"]},
        "holder_kind": row["holder_kind"],
        "face_elements": [
            {
                "key": key,
                "name_zh": name_zh,
                "type": "DATE" if name_zh.endswith("日期") else "TEXT",
                "required": place == 0,
            }
            for place, (key, name_zh) in enumerate(elements)
        ],
        "code_is_demonstration": row["code_is_demonstration"] == "1",
    }
