"""What a run is carried out with: where it works, what it claimed, how long it may take, and its pages.

One transaction a page: what the page changes, its rejects, the cursor and the counts stand or fall together, and only while
the lease holds. A rehearsal (dry run) does all of it and takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import update
from sqlalchemy.orm import Session

from connectors.claims import Claim, renew
from connectors.deadline import Deadline
from connectors.records import Connector, Run
from connectors.report import Report
from hub.clock import Clock
from hub.database import Database


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """Where runs are carried out. `owner` names this process in leases; `carriers` says by adapter name who carries a run out."""

    database: Database
    clock: Clock
    owner: str
    carriers: Mapping[str, Carrier]


class _Rehearsed(Exception):
    pass


@dataclass
class Work:
    """One run under way."""

    place: Workplace
    claim: Claim
    deadline: Deadline
    report: Report = field(default_factory=Report)

    @contextmanager
    def page(self, cursor: Callable[[], Any] | None = None) -> Iterator[Session]:
        """Yield the session of one page; at its end the rejects, the counts and `cursor()` are written and all is committed.

        When the page raises, nothing of it stays, not even its counts. Raises RunTimedOut, RunStopped, LeaseLost.
        """
        self.deadline.check()
        before = self.report.copy()
        whole = False
        try:
            with self._transaction() as session:
                yield session
                if cursor is not None and not self.claim.dry_run:
                    _move_cursor(session, self.claim.connector_id, cursor())
            whole = True
        finally:
            if not whole:
                self.report.become(before)

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        try:
            with self.place.database.transaction() as session:
                renew(session, self.claim)
                yield session
                session.flush()
                if self.claim.dry_run:
                    raise _Rehearsed
                self.write_report(session)
        except _Rehearsed:
            with self.place.database.transaction() as session:
                renew(session, self.claim)
                self.write_report(session)

    def write_report(self, session: Session) -> None:
        """Write counts, warnings and new rejects as they are now."""
        session.execute(update(Run).where(Run.id == self.claim.run_id).values(**self.report.columns()))
        self.report.write_rejects(session, self.claim.run_id)


Carrier: TypeAlias = Callable[[Work], None]
"""Carries one kind of run out to its end; raises what ended it otherwise."""


def _move_cursor(session: Session, connector_id: int, cursor: Any) -> None:
    session.execute(update(Connector).where(Connector.id == connector_id).values(cursor=cursor))
