"""How long a run may still take, and whether it was told to stop.

It measures spans of this process only; what day or hour it is only `hub.clock` knows, and leases follow the database's clock.
"""

from __future__ import annotations

import threading
import time

from connectors.faults import RunStopped, RunTimedOut


class Deadline:
    """Ends `seconds` after it was made, or at `cancel`. Any thread may ask or cancel."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Make every `check` raise RunStopped from now on."""
        self._cancelled.set()

    def remaining(self) -> float:
        """Return the seconds left, 0.0 when it has passed."""
        return max(self._end - time.monotonic(), 0.0)

    def check(self) -> None:
        """Return while there is time. Raises RunTimedOut, RunStopped."""
        if self._cancelled.is_set():
            raise RunStopped(
                "服务停止，运行中断；下次从最后一个完整的页继续。",
                "The service stopped; the run resumes at its last whole page.",
            )
        if self.remaining() == 0.0:
            raise RunTimedOut(
                f"运行未在 {self.seconds:g} 秒的时限内结束。",
                f"The run did not end within its {self.seconds:g} seconds.",
            )
