"""An order that looks arbitrary and is the same on every machine, for choices the sources do not make.

The published report says how many items carry a label or are offered to a district, never which. Whatever we choose
must be the same on each call and in each process, so it follows from a digest of the names involved and from nothing
else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def rank(*names: str) -> int:
    """Return a number below 2^64 that depends on `names` and their order only."""
    return int.from_bytes(hashlib.sha256("\n".join(names).encode()).digest()[:8], "big")


def first_by_rank(choice: str, candidates: Iterable[str], count: int) -> list[str]:
    """Return the `count` candidates that come first for this choice; raises `ValueError` when there are fewer."""
    ordered = sorted(candidates, key=lambda candidate: (rank(choice, candidate), candidate))
    if len(ordered) < count:
        raise ValueError(f"{choice}: {count} wanted, {len(ordered)} there")
    return ordered[:count]
