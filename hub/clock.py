"""The only reader of time.

Instants are aware and in UTC. Civil dates are those of Asia/Shanghai; a civil date is never turned into an instant, because
Shanghai had summer time from 1986 to 1991.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Whoever needs the time is handed one of these."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def today(self) -> date:
        """Return the civil date in Asia/Shanghai."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC, to the microsecond."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return the civil date in Asia/Shanghai."""
        return self.now().astimezone(SHANGHAI).date()


@dataclass
class FixedClock:
    """A clock that stands where it is put; for tests and rehearsals."""

    at: datetime

    def now(self) -> datetime:
        """Return the instant the clock was put to."""
        return self.at

    def today(self) -> date:
        """Return the civil date in Asia/Shanghai of that instant."""
        return self.at.astimezone(SHANGHAI).date()

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by `by`."""
        self.at += by


def iso(instant: datetime) -> str:
    """Return `instant` as `2026-11-25T08:00:00Z`: UTC, whole seconds; what answers say (ledger headers say microseconds)."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
