"""Taking this hub's own ledger back from the partners who follow it, over HTTP: the operator's `ledger recover`.

Every hub that is read here is asked what it holds of our ledger; one that does not answer is left out. What they say is
verified by `hub.ledger.recovery`, which believes only what our own keys signed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.adapters.hub import NDJSON
from connectors.partners import PartnerHub, partner_hubs
from connectors.registry import transports
from connectors.transport import Transport
from hub.clock import Clock
from hub.database import Database
from hub.errors import HubError
from hub.ledger.feed import FeedPage, from_ndjson
from hub.ledger.names import LedgerName
from hub.ledger.queries import ledger_named
from hub.ledger.recovery import RecoveryReport, recover
from hub.projections import project
from hub.settings import Settings

if TYPE_CHECKING:
    from hub.signing.keys import KeyStore


def recover_own(
    settings: Settings, database: Database, name: LedgerName, *, keys: KeyStore, clock: Clock
) -> RecoveryReport:
    """Take the missing tail of this hub's ledger `name` back from whichever partners answer; return what was done.

    Raises RecoveryIncomplete when nobody holds enough, LedgerForked when what we signed does not lie on our tree.
    """
    with database.reading() as session:
        origin = ledger_named(session, name).origin
        hubs = partner_hubs(session)
    client = transports(settings)()
    try:
        fetch = partial(_held_by_all, client, hubs, origin=origin)
        return recover(database, origin=origin, fetch=fetch, keys=keys, clock=clock, project=project)
    finally:
        client.close()


def _held_by_all(
    client: Transport, hubs: Sequence[PartnerHub], after: int, first: int, *, origin: str
) -> list[tuple[str, FeedPage]]:
    ask: Callable[[PartnerHub], FeedPage | None] = partial(_held_by, client, origin=origin, after=after, first=first)
    return [(hub.region, page) for hub in hubs if hub.url and (page := ask(hub)) is not None]


def _held_by(client: Transport, hub: PartnerHub, *, origin: str, after: int, first: int) -> FeedPage | None:
    url = f"{hub.url}/witness/{quote(origin)}/entries?after={after}&first={first}"
    try:
        return from_ndjson(client.fetch(url, token=hub.region, accept=NDJSON).splitlines())
    except HubError:  # silent, or not in the form of a page: another partner may do better
        return None
