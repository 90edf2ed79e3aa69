"""`make bench`: every measure, one table on standard output; with `--full` the long form of those that have one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from bench import catalog, e_seals, following, issuing, sealing, sm2, starting, walks
from bench.table import FULL, Line, printed

MEASURES: dict[str, Callable[[], Iterator[Line]]] = {
    "starting": starting.measure,
    "following": following.measure,
    "catalog": catalog.measure,
    "sealing": sealing.measure,
    "e_seals": e_seals.measure,
    "sm2": sm2.measure,
    "issuing": issuing.measure,
    "walks": walks.measure,
}


def main(wanted: list[str]) -> int:
    """Run the measures named in `wanted`, all of them when none is; return the exit status."""
    unknown = [name for name in wanted if name not in MEASURES]
    if unknown:
        print(f"unknown measure: {', '.join(unknown)}; there are {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    lines: list[Line] = []
    for name in wanted or MEASURES:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        lines += MEASURES[name]()
    print(printed(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main([name for name in sys.argv[1:] if name != FULL]))
