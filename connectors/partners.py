"""The hubs this hub reads, and where they are: each is a connector of the adapter `hub`.

A connector's `source` is the hub's address, or its region's code; then the address is the one that region publishes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.adapters.hub import Question, asked
from connectors.records import Connector
from connectors.transport import Transport
from hub.database import Database
from hub.regions.records import Region

HUB: Final = "hub"
ANSWERED: Final = ("note", "none")


@dataclass(frozen=True, slots=True)
class PartnerHub:
    """A partner's hub: its region's code and its address, without a slash at the end; "" while it is unknown."""

    region: str
    url: str


def region_of(source: str, settings: Mapping[str, Any]) -> str:
    """Return the region whose hub a connector reads."""
    return str(settings.get("region") or source)


def partner_hubs(session: Session) -> list[PartnerHub]:
    """Return every hub that is read here, by connector name. Two statements."""
    connectors = session.scalars(select(Connector).where(Connector.adapter == HUB).order_by(Connector.name)).all()
    regions = session.execute(select(Region.code, Region.hub_url).where(Region.tombstoned_at.is_(None)))
    published: dict[str, str | None] = {code: url for code, url in regions}
    return [_partner(connector, published) for connector in connectors]


def witnesses(
    database: Database, transport: Callable[[], Transport]
) -> Callable[[str], Sequence[tuple[str, str | None]]]:
    """Return what the sequencer asks: given an origin of this hub, (region, note) of every partner's hub.

    The note is "" when the hub answered that it holds none, None when it did not answer.
    """

    def ask(origin: str) -> Sequence[tuple[str, str | None]]:
        with database.reading() as session:
            hubs = partner_hubs(session)
        client = transport()
        try:
            return [_answer(client, hub, origin) for hub in hubs]
        finally:
            client.close()

    return ask


def _answer(client: Transport, hub: PartnerHub, origin: str) -> tuple[str, str | None]:
    answer = asked(client, Question(hub.region, hub.url, origin))
    return hub.region, answer.body.decode("utf-8", "replace") if answer.subject[0] in ANSWERED else None


def _partner(connector: Connector, published: Mapping[str, str | None]) -> PartnerHub:
    region = region_of(connector.source, connector.settings or {})
    address = connector.source if connector.source.startswith(("http://", "https://")) else published.get(region)
    return PartnerHub(region, (address or "").rstrip("/"))
