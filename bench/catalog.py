"""A page of 50 cross-region offers with item, materials and total, through the whole GraphQL surface of a hub in this process.

Beside it the floor: one fixed SQL statement that has the database make the same JSON, and Flask to hand it out; and a peer:
plain Strawberry with SQLAlchemy's ORM, as its guide shows it, on the same tables.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask, Response
from sqlalchemy import text

from bench import plain
from bench.table import Line, paired
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
        mine, peer = paired(ours, _asked(plain.app_over(hub.database), plain.QUERY))
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
