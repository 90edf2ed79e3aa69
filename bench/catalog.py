"""A page of 50 cross-region offers with item, materials and total, through the whole GraphQL surface of a hub in this process.

Beside it the floor: one fixed SQL statement that has the database make the same JSON, and Flask to hand it out; and a peer:
plain Strawberry with SQLAlchemy's ORM, as its guide shows it, on the same tables.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import strawberry
from flask import Flask, Response
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, selectinload

from bench.table import Line, paired
from hub.catalog.records import Offer, ServiceItem
from hub.database import Database
from hub.ledger.names import LedgerName
from hub.ledger.writing import open_ledger
from hub.migrations import upgrade
from hub.projections import publish
from hub.settings import settings_from
from hub.web.compose import Hub, compose
from seeds.reference import HOME, records_of
from wsgi import scheduler_of, web_of

QUERY = """query Offers { crossRegionOffers(first: 50) { totalCount edges { node {
  mode acceptingRegion { code } item { implementationCode nameZh materials { nameZh necessity } } } } } }"""
PLAIN_QUERY = """query Offers { total offers(first: 50) {
  mode acceptingRegion item { implementationCode nameZh materials { nameZh necessity } } } }"""
FLOOR = """SELECT json_object('total', (SELECT count(*) FROM cross_region_offers), 'edges', (SELECT json_group_array(json(node)) FROM (
  SELECT json_object('mode', o.mode, 'acceptingRegion', o.accepting_region, 'item', json_object('implementationCode',
    i.implementation_code, 'nameZh', i.name_zh, 'materials', (SELECT json_group_array(json_object('nameZh', m.name_zh, 'necessity',
    m.necessity)) FROM (SELECT * FROM materials WHERE item_id = i.id ORDER BY position) m))) AS node
  FROM cross_region_offers o JOIN service_items i ON i.implementation_code = o.item ORDER BY o.id LIMIT 50)))"""


def measure() -> Iterator[Line]:
    """Yield one line against the floor and one against the peer, over SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        hub = _hub(Path(folder))
        ours = _asked(web_of(hub, scheduler_of(hub)), QUERY)
        mine, floor = paired(ours, _floor(hub.database))
        yield Line("page of 50 offers, SQLite", "requests/s", mine, floor, "floor: one fixed SQL to JSON, Flask")
        mine, peer = paired(ours, _asked(_plain(hub.database), PLAIN_QUERY))
        yield Line("page of 50 offers, SQLite", "requests/s", mine, peer, "peer: plain Strawberry and ORM")
        hub.database.close()


def _hub(folder: Path) -> Hub:
    environment = {**os.environ, "HUB_REGION": HOME, "HUB_VAR_DIR": str(folder), "HUB_RATE_LIMIT": "100000000/minute"}
    settings = settings_from(environment)
    upgrade(settings.database_url)
    hub = compose(settings)
    with hub.database.transaction() as session:
        for name in LedgerName:
            open_ledger(session, region=HOME, name=name, hash_name="SM3", keys=hub.keys, clock=hub.clock)
        for one in records_of(HOME, {}):
            publish(session, region=HOME, kind=one.kind, record_id=one.record_id, content=one.content, clock=hub.clock)
    return hub


def _asked(app: Flask, query: str) -> Callable[[], int]:
    client = app.test_client()

    def ask() -> int:
        answer = client.post("/graphql", json={"query": query})
        if answer.status_code != 200 or b"errors" in answer.data[:20]:
            raise RuntimeError(answer.get_data(as_text=True))
        return 1

    return ask


def _floor(database: Database) -> Callable[[], int]:
    app = Flask("floor")

    @app.post("/graphql")
    def answer() -> Response:
        with database.reading() as session:
            return Response(session.scalar(text(FLOOR)), mimetype="application/json")

    client = app.test_client()

    def ask() -> int:
        if len(client.post("/graphql", json={"query": QUERY}).data) < 5_000:
            raise RuntimeError("the floor answered too little")
        return 1

    return ask


def _plain(database: Database) -> Flask:
    from strawberry.flask.views import GraphQLView

    @strawberry.type
    class PlainMaterial:
        """A material, resolved from the row."""

        name_zh: str
        necessity: str

    @strawberry.type
    class PlainItem:
        """An item, resolved from the row."""

        implementation_code: str
        name_zh: str
        materials: list[PlainMaterial]

    @strawberry.type
    class PlainOffer:
        """An offer, resolved from the row."""

        mode: str
        accepting_region: str
        item: PlainItem

    def first_offers(first: int) -> Any:
        with database.reading() as session:
            return _plain_offers(session, first)

    def count() -> int:
        with database.reading() as session:
            return session.scalar(select(func.count()).select_from(Offer)) or 0

    @strawberry.type
    class Query:
        """The two roots of the peer."""

        offers: list[PlainOffer] = strawberry.field(resolver=first_offers)
        total: int = strawberry.field(resolver=count)

    app = Flask("plain")
    app.add_url_rule("/graphql", view_func=GraphQLView.as_view("graphql", schema=strawberry.Schema(Query)))
    return app


def _plain_offers(session: Session, first: int) -> list[Any]:
    rows = session.execute(
        select(Offer, ServiceItem)
        .join(ServiceItem, ServiceItem.implementation_code == Offer.item)
        .options(selectinload(ServiceItem.materials))
        .order_by(Offer.id)
        .limit(first)
    ).all()
    return [
        SimpleNamespace(mode=offer.mode.value, accepting_region=offer.accepting_region, item=item)
        for offer, item in rows
    ]
