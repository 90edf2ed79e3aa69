"""QR codes (GB/T 18284, ISO/IEC 18004) as runs of dark modules, for whoever draws them: the PDF and the OFD of a document show the same.

Level M: a seal's edge or a fold may cover some of it. The mask is fixed: judging all eight costs four times the code itself, any of them
may be read, and a batch of licenses makes thousands.
"""

from __future__ import annotations

from functools import lru_cache

ERROR_LEVEL = "m"
MASK = 2
BORDER = 2
HELD_CODES = 64
Run = tuple[int, int, int]


@lru_cache(maxsize=HELD_CODES)
def dark_runs(payload: str) -> tuple[int, tuple[Run, ...]]:
    """Return how many modules a side has, quiet zone of 2 included, and the dark runs as (row, start, length)."""
    import segno

    code = segno.make(payload, error=ERROR_LEVEL, mask=MASK, micro=False, boost_error=False)
    matrix = list(code.matrix_iter(border=BORDER))
    return len(matrix), tuple((row, *run) for row, modules in enumerate(matrix) for run in _runs(bytes(modules)))


def _runs(modules: bytes) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for index, dark in enumerate(modules):
        if dark and index and modules[index - 1]:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((index, 1))
    return runs
