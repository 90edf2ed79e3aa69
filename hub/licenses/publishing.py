"""How license types stand in the public ledger: content <-> row (GB/T 36902)."""

from __future__ import annotations

from typing import Any

from hub.licenses.records import LicenseType
from hub.replicas import Content, Shape


def _license_type(content: Content) -> dict[str, Any]:
    authority = content["defining_authority"]
    return {
        "code": content["code"],
        "name_zh": content["name_zh"],
        "name_en": content.get("name_en"),
        "authority_name_zh": authority["name_zh"],
        "authority_uscc": authority["uscc"],
        "holder_kind": content["holder_kind"],
        "face_elements": list(content["face_elements"]),
        "code_is_demonstration": bool(content["code_is_demonstration"]),
    }


LICENSE_TYPE = Shape(
    "license_type",
    LicenseType,
    _license_type,
    authority=lambda _: None,  # the pooling region publishes it first; others may not overwrite it
    identity=lambda content: str(content["code"]),
)
