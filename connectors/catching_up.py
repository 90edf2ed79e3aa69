"""What a hub takes up again of the ledgers it follows: what it did not understand before, and what it was not permitted before.

`replay` is for a start, perhaps after an upgrade; `fetch_withheld` is one of the housekeeping's chores. Both are bounded, work page by page in short
transactions, and may run in several processes at once: applying is idempotent. A grant is its origin's to widen, and nothing
tells us; so the withheld entries are asked for again, and where asking ended is kept with the connector.

Source: exchange.md section 3 (applied after an upgrade; when a grant widens, missing content is fetched by index).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.adapters.hub import PAGE_SIZE, entries_at
from connectors.partners import HUB, partner_hubs, region_of
from connectors.records import Connector
from connectors.transport import Transport
from hub.clock import Clock
from hub.database import Database
from hub.errors import HubError
from hub.ledger.catching_up import fill_content, replay_not_understood, withheld_span
from hub.ledger.erasing import confirm_erasures
from hub.ledger.feed import from_ndjson
from hub.ledger.names import BATCH, LEDGER_KINDS
from hub.ledger.records import FollowedLedger
from hub.projections import KNOWN_KINDS, project

REPLAYED_PAGES: Final = 64
"""How many pages of entries kept raw one start tries again, over all ledgers."""
ASKED_PAGES: Final = 64
FRUITLESS_PAGES: Final = 4
"""A ledger is asked for so many pages at a time, and for no more than four that bring nothing."""
LOOKED_AT: Final = 100_000
"""How many entries of a ledger are looked through at a time for withheld ones."""
KEPT_AT: Final = "asked_again"

_log = logging.getLogger(__name__)


def replay(database: Database, *, clock: Clock) -> int:
    """Apply what was kept raw and is understood now, of every followed ledger; return how many entries were applied."""
    with database.reading() as session:
        followed = session.scalars(select(FollowedLedger.id).order_by(FollowedLedger.id)).all()
    pages, applied = REPLAYED_PAGES, 0
    for ledger_id in followed:
        after: int | None = -1
        while after is not None and pages:
            with database.transaction() as session:
                after, count = _replayed(session, ledger_id, after, clock)
            pages, applied = pages - 1, applied + count
    return applied


def _replayed(session: Session, ledger_id: int, after: int, clock: Clock) -> tuple[int | None, int]:
    """Replay one page; return where the next begins (None: there is none) and how many entries are understood now."""
    followed = session.get_one(FollowedLedger, ledger_id, with_for_update=True)
    if followed.stopped_code is not None:
        return None, 0
    report = replay_not_understood(
        session, followed, clock=clock, project=project, after=after, kinds=KNOWN_KINDS | LEDGER_KINDS
    )
    confirm_erasures(session, followed, report.erased, clock=clock)
    return report.last if report.seen == BATCH else None, report.seen - report.not_understood


def fetch_withheld(database: Database, *, clock: Clock, transport: Callable[[], Transport]) -> int:
    """Ask every partner's hub once more for contents it withheld; return how many came.

    One partner's trouble is logged and keeps no other's contents away.
    """
    came = 0
    for region, ledger_ids in _followed_by_region(database).items():
        asking = _Asking(database, clock, transport(), region)
        try:
            came += sum(asking.again(ledger_id) for ledger_id in ledger_ids)
        except HubError as fault:
            _log.warning("contents withheld by %s could not be asked for again [%s]", region, fault.code)
        finally:
            asking.transport.close()
    return came


def _followed_by_region(database: Database) -> dict[str, list[int]]:
    with database.reading() as session:
        rows = session.execute(
            select(FollowedLedger.region, FollowedLedger.id)
            .where(FollowedLedger.stopped_code.is_(None), FollowedLedger.applied_size > 0)
            .order_by(FollowedLedger.id)
        ).all()
    found: dict[str, list[int]] = {}
    for region, ledger_id in rows:
        found.setdefault(region, []).append(ledger_id)
    return found


@dataclass
class _Asking:
    """Asks the hub of one region."""

    database: Database
    clock: Clock
    transport: Transport
    region: str
    url: str = field(init=False)

    def __post_init__(self) -> None:
        with self.database.reading() as session:
            connector = _connector(session, self.region)
            running = connector is not None and connector.paused_at is None
            urls = {hub.region: hub.url for hub in partner_hubs(session)} if running else {}
        self.url = urls.get(self.region, "")

    def again(self, ledger_id: int) -> int:
        """Ask for withheld entries of one ledger from where the last asking ended; return how many contents came."""
        came = fruitless = 0
        for _ in range(ASKED_PAGES if self.url else 0):
            wanted = self._wanted(ledger_id)
            if wanted is None:
                break
            filled = self._filled(ledger_id, wanted)
            came, fruitless = came + filled, fruitless + (filled == 0)
            if fruitless == FRUITLESS_PAGES:
                break
        return came

    def _wanted(self, ledger_id: int) -> range | None:
        """Return which entries to ask for; None at the end of what is looked through this time, which is written down."""
        with self.database.reading() as session:
            followed = session.get_one(FollowedLedger, ledger_id)
            begin = _asked(session, self.region).get(followed.origin, 0)
            end = min(begin + LOOKED_AT, followed.applied_size)
            span = withheld_span(session, followed, begin=begin, end=end, most=PAGE_SIZE)
        ended = 0 if end >= followed.applied_size else end
        if span is None and begin != ended:
            with self.database.transaction() as session:
                _keep(session, self.region, followed.origin, ended)
        return span

    def _filled(self, ledger_id: int, wanted: range) -> int:
        with self.database.reading() as session:
            name = session.get_one(FollowedLedger, ledger_id).name.lower()
        page = from_ndjson(
            entries_at(
                self.transport, self.url, token=self.region, name=name, after=wanted.start, first=len(wanted)
            ).splitlines()
        )
        with self.database.transaction() as session:
            followed = session.get_one(FollowedLedger, ledger_id, with_for_update=True)
            theirs = page.entries if page.origin == followed.origin else []  # a new epoch is another ledger
            report = fill_content(session, followed, theirs, clock=self.clock, project=project)
            confirm_erasures(session, followed, report.erased, clock=self.clock)
            _keep(session, self.region, followed.origin, theirs[-1].index + 1 if theirs else wanted.stop)
        return report.seen


def _connector(session: Session, region: str) -> Connector | None:
    hubs = session.scalars(select(Connector).where(Connector.adapter == HUB).order_by(Connector.name))
    return next((one for one in hubs if region_of(one.source, one.settings or {}) == region), None)


def _asked(session: Session, region: str) -> dict[str, int]:
    connector = _connector(session, region)
    return dict(((connector.cursor if connector is not None else None) or {}).get(KEPT_AT, {}))


def _keep(session: Session, region: str, origin: str, index: int) -> None:
    connector = _connector(session, region)
    if connector is not None:
        connector.cursor = {**(connector.cursor or {}), KEPT_AT: {**_asked(session, region), origin: index}}
        session.flush()
