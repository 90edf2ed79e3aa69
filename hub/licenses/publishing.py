"""What the ledgers are told of licenses: types (GB/T 36902) and status lists in public, a license's metadata to partners.

Never a holder, a number as printed or a face element: those are asked for at the origin, with a purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hub.licenses.records import License, LicenseFile, LicenseStatusList, LicenseType
from hub.licenses.status_bits import BITS, ENCODING, ENTRIES, standing_at
from hub.replicas import Content, Shape

LICENSE: Final = "license"
"""The kind of a license's entries in the exchange ledger; its record id is the identifier."""


def license_body(license: License, files: Sequence[LicenseFile]) -> dict[str, Any]:
    """Return the body of a license's exchange entry: metadata and the digests of its files."""
    return {
        "identifier": license.identifier,
        "type_code": license.type_code,
        "region": license.region,
        "issuer": {"name_zh": license.issuer_zh, "uscc": license.issuer_uscc},
        "status": license.status.value,
        "valid_from": license.valid_from.isoformat(),
        "valid_until": None if license.valid_until is None else license.valid_until.isoformat(),
        "issued_on": license.issued_on.isoformat(),
        "previous": license.previous,
        "case_number": license.case_number,
        "status_list": {"list": license.list_id, "index": license.list_index},
        "demonstration": license.demonstration,
        "revision": license.revision,
        "files": [
            {
                "format": file.format,
                "original": file.original,
                "bytes": file.size_bytes,
                "digests": [{"algorithm": "SHA-256", "value": file.sha256}],
            }
            for file in files
        ],
    }


def _license_type(content: Content) -> dict[str, Any]:
    authority = content["defining_authority"]
    return {
        "code": content["code"],
        "name_zh": content["name_zh"],
        "name_en": content.get("name_en"),
        "authority_name_zh": authority["name_zh"],
        "authority_uscc": authority["uscc"],
        "holder_kind": content["holder_kind"],
        "holder_code_types": list(content["holder_code_types"]) if content.get("holder_code_types") else None,
        "validity_zh": content.get("validity_zh"),
        "catalog_class": content.get("catalog_class"),
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


def _status_list(content: Content) -> dict[str, Any]:
    if (content["entries"], content["bits_each"], content["encoding"]) != (ENTRIES, BITS, ENCODING):
        raise ValueError("a list of another form")
    standing_at(content["bits"], 0)
    return {
        "list_id": content["list"],
        "region": content["region"],
        "entries": int(content["entries"]),
        "bits": content["bits"],
    }


STATUS_LIST = Shape(
    "license_status_list",
    LicenseStatusList,
    _status_list,
    authority=lambda content: str(content["region"]),
    identity=lambda content: str(content["list"]),
)
