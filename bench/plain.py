"""The peer of the catalog's measure: Strawberry on Flask over the ORM, as its guide shows it, on the hub's own tables."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import strawberry
from flask import Flask, current_app
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload
from strawberry.flask.views import GraphQLView

from hub.catalog.records import Offer, ServiceItem
from hub.database import Database

QUERY = """query Offers { total offers(first: 50) {
  mode acceptingRegion item { implementationCode nameZh materials { nameZh necessity } } } }"""


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


@strawberry.type
class Query:
    """The roots of the peer."""

    @strawberry.field
    def offers(self, first: int) -> list[PlainOffer]:
        """Return the first offers with their items and materials."""
        found: list[PlainOffer] = _offers(first)  # rows stand in for the type, as the guide has it
        return found

    @strawberry.field
    def total(self) -> int:
        """Return how many offers there are."""
        with _database().reading() as session:
            return session.scalar(select(func.count()).select_from(Offer)) or 0


def app_over(database: Database) -> Flask:
    """Return the peer's application over `database`."""
    app = Flask("plain")
    app.extensions["database"] = database
    app.add_url_rule("/graphql", view_func=GraphQLView.as_view("graphql", schema=strawberry.Schema(Query)))
    return app


def _database() -> Database:
    database: Database = current_app.extensions["database"]
    return database


def _offers(first: int) -> Any:
    with _database().reading() as session:
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
