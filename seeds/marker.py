"""Whether a folder holds what exactly these seeds plant: asked at every start, so nothing of the hub is imported for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MARKER = "planted"
SOURCES = Path(__file__).resolve().parent


def is_planted(var: Path, entries: Mapping[str, Any]) -> bool:
    """Say whether `var` was planted whole by this version with these entries of demo.json ({region: entry})."""
    marker = var / MARKER
    return marker.exists() and marker.read_text() == _digest(entries)


def mark_planted(var: Path, entries: Mapping[str, Any]) -> None:
    """Write down that `var` was planted whole."""
    (var / MARKER).write_text(_digest(entries))


def _digest(entries: Mapping[str, Any]) -> str:
    """Return a digest of everything planting depends on: the code and data of the seeds, the tables, and the tokens."""
    digest = hashlib.sha256(json.dumps(entries, sort_keys=True).encode())
    for path in sorted(
        [*SOURCES.rglob("*.py"), *SOURCES.rglob("data/*"), *(SOURCES.parent / "migrations").rglob("*.py")]
    ):
        if path.is_file():
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
