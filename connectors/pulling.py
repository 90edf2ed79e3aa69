"""Waits for an adapter's pages, never longer than the run's deadline, whatever the other side does.

The adapter works in a thread of its own, so that a source that hangs (in its network, its resolver, its file system) cannot
keep the run from ending in time. Pages come one at a time: the next is asked for when the last has been applied.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from connectors.deadline import Deadline
from connectors.protocol import Adapter, RawPage

SLICE_SECONDS = 0.25


def pages_of(adapter: Adapter, cursor: Any, deadline: Deadline) -> Iterator[RawPage]:
    """Yield the adapter's pages; raises what the adapter raises, RunTimedOut, RunStopped. The adapter is stopped at the end."""
    worker = ThreadPoolExecutor(1, thread_name_prefix="pull")
    try:
        adapter.check()
        pages = adapter.pull(cursor)
        while True:
            page = _waited(worker.submit(next, pages, None), deadline)
            if page is None:
                return
            yield page
    finally:
        adapter.stop()
        worker.shutdown(wait=False, cancel_futures=True)


def _waited(page: Future[RawPage | None], deadline: Deadline) -> RawPage | None:
    arrived = threading.Event()
    page.add_done_callback(lambda _: arrived.set())
    while not arrived.wait(min(SLICE_SECONDS, deadline.remaining())):
        deadline.check()
    return page.result()
