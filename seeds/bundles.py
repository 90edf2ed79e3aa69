"""Bundles (一件事): several items as one application, with what must come before what."""

from __future__ import annotations

from typing import Any

from seeds.items import implementation_code
from seeds.tables import rows


def bundles(region: str) -> list[dict[str, Any]]:
    """Return the contents of the region's bundles, in file order; steps come after the steps they depend on."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows("bundles"):
        code = f"{region}-{row['slug']}"
        bundle = {"code": code, "region": region, "name_zh": row["name_zh"], "name_en": row["name_en"], "steps": []}
        after = [implementation_code(region, row["after"])] if row["after"] else []
        step = {"item": implementation_code(region, row["base_code"]), "after": after}
        found.setdefault(code, bundle)["steps"].append(step)
    return list(found.values())
