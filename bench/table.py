"""What a measure says, and the table they make."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

LEAST = "the least that is wanted"
FULL = "--full"


def full() -> bool:
    """Say whether the long form of every measure was asked for: whole batches, whole walks."""
    return FULL in sys.argv[1:]


@dataclass(frozen=True)
class Line:
    """One measured thing: ours and what it stands beside, in `unit`; `higher` says which direction is better."""

    what: str
    unit: str
    ours: float
    beside: float
    than: str
    higher: bool = True

    @property
    def ratio(self) -> float:
        """Return how many times as good ours is; 1 is level."""
        return self.ours / self.beside if self.higher else self.beside / self.ours


def rate(act: Callable[[], int], seconds: float = 2.0) -> float:
    """Return how many a second `act` does: it returns how many it did, and is repeated for at least `seconds`."""
    act()
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        done += act()
    return done / (time.perf_counter() - began)


def core_rate(act: Callable[[], int], seconds: float = 2.0) -> float:
    """Return how many `act` does for each processor second of this process: what a busy machine leaves nearly alone."""
    act()
    done, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        done += act()
    return done / (time.process_time() - began)


def paired(
    ours: Callable[[], int],
    beside: Callable[[], int],
    *,
    rounds: int = 3,
    seconds: float = 2.0,
    measured: Callable[[Callable[[], int], float], float] = rate,
) -> tuple[float, float]:
    """Return the medians of both rates over paired rounds, taken in turn so that a busy minute hits both."""
    pairs = [(measured(ours, seconds), measured(beside, seconds)) for _ in range(rounds)]
    return statistics.median(one for one, _ in pairs), statistics.median(other for _, other in pairs)


def printed(lines: Sequence[Line]) -> str:
    """Return the lines as one table."""
    rows = [("what", "ours", "beside", "ratio", "unit", "than")]
    rows += [
        (one.what, f"{one.ours:,.1f}", f"{one.beside:,.1f}", f"{one.ratio:.2f}", one.unit, one.than) for one in lines
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rule = "  ".join("-" * width for width in widths)
    shown = [
        "  ".join(
            cell.rjust(width) if 0 < place < 4 else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join([shown[0], rule, *shown[1:]])
