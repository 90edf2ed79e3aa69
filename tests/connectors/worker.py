"""A process of its own that works at a connector, for tests that race processes or kill one.

`python tests/connectors/worker.py URL FOLDER claim CONNECTOR_ID AT` claims what is due then, and prints the run's id or nothing.
`python tests/connectors/worker.py URL FOLDER run NAME PAUSE_AFTER` runs a file source slowly: one record a page, and after
PAUSE_AFTER pages it prints a line and waits to be killed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from connectors.adapters.files import FileAdapter
from connectors.claims import claim_due
from connectors.protocol import RawPage
from connectors.registry import carry_snapshot
from connectors.run import run_now
from connectors.work import Workplace
from hub.clock import FixedClock, SystemClock
from hub.database import Database
from hub.filestore import FileStore

HOME = "xixian-fengdong"


class Slow(FileAdapter):
    """A file of which one record comes at a time, and after some of them none."""

    after = 0

    def pull(self, cursor: Any) -> Iterator[RawPage]:
        """Yield the pages that come."""
        for number, page in enumerate(super().pull(cursor)):
            if number == self.after:
                print("paused", flush=True)
                time.sleep(120)
            yield page


def claim(url: str, connector_id: str, at: str) -> None:
    """Claim what is due at that instant."""
    database = Database(url)
    with database.transaction() as session:
        clock = FixedClock(datetime.fromisoformat(at))
        found = claim_due(session, int(connector_id), owner=f"process-{time.monotonic_ns()}", clock=clock)
    if found is not None:
        print(found.run_id, flush=True)


def run(url: str, folder: str, name: str, after: str) -> None:
    """Run the connector until it is killed."""

    def adapter(claimed: Any) -> Slow:
        made = Slow(Path(folder), claimed.source, rows_per_page=1)
        made.after = int(after)
        return made

    files = FileStore(Path(folder) / "open-data")
    carrier = partial(carry_snapshot, region=HOME, folder=Path(folder), files=files, adapter=adapter)
    place = Workplace(database=Database(url), clock=SystemClock(), owner="doomed", carriers={"file": carrier})
    run_now(place, name)


if __name__ == "__main__":
    _, address, where, what, *rest = sys.argv
    if what == "claim":
        claim(address, *rest)
    else:
        run(address, where, *rest)
