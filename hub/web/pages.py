"""The home page: the districts with their live counts, who accepts what for whom, the latest exchanges, and the ledgers.

Reads on one snapshot, thirteen statements however many districts, offers and runs there are. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, render_template
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.access.policy import Level
from hub.catalog.finder import item_counts, offer_counts
from hub.ledger import reading
from hub.ledger.names import LedgerName
from hub.ledger.records import FollowedLedger
from hub.regions.queries import PlaceKind, Region, regions, service_points
from hub.web.authentication import answers, this_hub
from hub.web.compose import Hub
from hub.web.exchanges import Exchange, latest_exchanges
from hub.web.presenting import named, remember_home

pages = Blueprint("pages", __name__)


@dataclass(frozen=True)
class District:
    """A region as the home page shows it; `offers` counts both directions with this hub's own region.

    `size` is how many entries of its public ledger were verified and applied here; of the home region, how many are signed.
    """

    region: Region
    is_home: bool
    items: int
    offers: int
    size: int
    checked_at: datetime | None
    stopped: bool

    @property
    def code(self) -> str:
        """Return the region's code."""
        return self.region.code

    @property
    def name(self) -> str:
        """Return the region's name in the reader's language."""
        return named(self.region)


@dataclass(frozen=True)
class LedgerCard:
    """One ledger of this hub as it stands signed; `root` is in hex."""

    name: str
    origin: str
    hash: str
    size: int
    root: str
    witnesses: int
    stopped_code: str | None


@dataclass(frozen=True)
class Home:
    """Everything on the home page."""

    districts: Sequence[District]
    matrix: Mapping[tuple[str, str], int]
    stations: int
    exchanges: Sequence[Exchange]
    ledgers: Sequence[LedgerCard]


@pages.get("/")
@answers(Level.PUBLIC)
def home() -> str:
    """Show the home page."""
    hub = this_hub()
    with hub.database.reading() as session:
        shown = _home(session, hub)
        return render_template("home.html", home=shown, now=hub.clock.now())


def _home(session: Session, hub: Hub) -> Home:
    code, on = hub.settings.region, hub.clock.today()
    known = regions(session, home=code)
    if known and known[0].code == code:
        remember_home(known[0])
    stations = service_points(region=code, kind=PlaceKind.PARK_STATION)
    ledgers = [_card(view) for view in reading.ledgers(session)]
    matrix = offer_counts(session, on=on)
    return Home(
        districts=_districts(session, known, matrix, own=_size(ledgers), on=on, home=code),
        matrix=matrix,
        stations=session.scalar(select(func.count()).select_from(stations.subquery())) or 0,
        exchanges=latest_exchanges(session, known, now=hub.clock.now()),
        ledgers=ledgers,
    )


def _districts(
    session: Session, known: Sequence[Region], matrix: Mapping[tuple[str, str], int], *, own: int, on: date, home: str
) -> list[District]:
    items = item_counts(session, on=on)
    public = select(FollowedLedger).where(FollowedLedger.name == LedgerName.PUBLIC).order_by(FollowedLedger.id)
    followed = {row.region: row for row in session.scalars(public)}  # of several epochs the newest stands
    return [
        District(
            region=region,
            is_home=region.code == home,
            items=items.get(region.code, 0),
            offers=matrix.get((home, region.code), 0) + matrix.get((region.code, home), 0),
            size=own if region.code == home else _applied(followed.get(region.code)),
            checked_at=None if region.code not in followed else followed[region.code].checked_at,
            stopped=region.code in followed and followed[region.code].stopped_code is not None,
        )
        for region in known
    ]


def _applied(followed: FollowedLedger | None) -> int:
    return 0 if followed is None else followed.applied_size


def _size(ledgers: Sequence[LedgerCard]) -> int:
    return next((ledger.size for ledger in ledgers if ledger.name == LedgerName.PUBLIC), 0)


def _card(view: reading.LedgerView) -> LedgerCard:
    return LedgerCard(
        name=view.name.value,
        origin=view.origin,
        hash=view.hash,
        size=view.size,
        root=view.root.hex(),
        witnesses=len(view.cosignatures),
        stopped_code=view.stopped_code,
    )
