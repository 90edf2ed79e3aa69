"""What a hub does once, before it begins to work: it frees what the process before it held, and takes up what it did not understand.

On PostgreSQL other processes may be alive, and leases alone say who is dead. On SQLite a hub is one process
(docs/how-to/operate.md): whatever is held when it starts is held by the dead.

Source: exchange.md section 3 (applied after an upgrade), section 7 (a dead run is reclaimed).
"""

from __future__ import annotations

import logging

from connectors.catching_up import replay
from connectors.claims import take_over
from hub.approvals.intents import end_leases
from hub.clock import Clock
from hub.database import Database

_log = logging.getLogger(__name__)


def take_up(database: Database, *, owner: str, clock: Clock) -> None:
    """End what dead processes hold (SQLite only; `owner` is this process), and apply what was kept raw and is understood now."""
    if database.is_sqlite:
        with database.transaction() as session:
            left = take_over(session, owner=owner, clock=clock)
            end_leases(session, clock=clock)
        if left:
            _log.warning("%d run(s) were left by the process before and taken back", len(left))
    applied = replay(database, clock=clock)
    if applied:
        _log.info("%d entries of followed ledgers are understood now and were applied", applied)
