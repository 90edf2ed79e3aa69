"""Says when two item names are the same name told twice.

A catalogue grows easily by adding a number, a bracketed remark or a place to a name it already has. `essence` removes
those, so that names which differ in nothing else are found equal.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

BRACKETED = re.compile(r"[(\[{【〔《<][^()\[\]{}【】〔〕《》<>]*[)\]}】〕》>]")
PLACES = re.compile("西咸|沣东|西安|咸阳|秦都|渭城|陕西|高新|新城|新区|[省市区县]")
NUMBERS = re.compile("[0-9一二三四五六七八九十百千万第]")
REST = re.compile(r"[\W_]")


def essence(name: str) -> str:
    """Return `name` without bracketed parts, numbers, region words and punctuation; full-width forms made half-width."""
    text = unicodedata.normalize("NFKC", name)
    while BRACKETED.search(text):
        text = BRACKETED.sub("", text)
    return REST.sub("", NUMBERS.sub("", PLACES.sub("", text)))


def repeated(names: Iterable[str]) -> list[list[str]]:
    """Return the groups of two or more names that share one essence, in order of appearance; [] when all differ."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[essence(name)].append(name)
    return [group for group in groups.values() if len(group) > 1]
