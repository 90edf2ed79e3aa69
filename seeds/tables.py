"""Reads the files of seeds/data.

A CSV begins with comment lines: the first is `# source: …`, `# note: …` may follow; then one header line. YAML files
begin with the same comments. Files are read once per process and never written.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "data"
Row = Mapping[str, str]


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Return the rows of `name`.csv in file order, column name to text; an empty cell is ""."""
    text = (FOLDER / f"{name}.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return tuple(MappingProxyType(row) for row in csv.DictReader(lines, strict=True))


@cache
def records(name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the records of `name`.yaml in file order."""
    loaded = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return tuple(MappingProxyType(record) for record in loaded)
