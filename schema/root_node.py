"""`node(id:)`: one record of any identified type, under the same verdict as on every other path to it.

`NODES` is the only list of identified kinds. The level is asked before anything is read, so a refusal says nothing of any
record; whatever is then not there, or belongs to another kind, is one and the same `record.not_found`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry

from connectors import queries as links
from hub.access.policy import Level, level_allows
from hub.approvals import queries as approvals
from hub.catalog import queries as catalog
from hub.errors import NotFound, NotPermitted
from hub.licenses import queries as licenses
from hub.opendata import queries as opendata
from hub.regions import queries as places
from hub.seals import queries as seals
from schema.context import Context
from schema.declare import PUBLIC, resolved, words
from schema.nodes import Identity, Node, identity, no_such_record

Find = Callable[[Context, Identity], Any]


@dataclass(frozen=True)
class Identified:
    """How records of a kind are found, and who may ask for them."""

    level: Level
    find: Find


def _replicated(record: Any) -> Find:
    def find(context: Context, asked: Identity) -> Any:
        return places.replicated(context.session, record, origin=asked.origin, record_id=asked.record_id)

    return find


def _approval(context: Context, asked: Identity) -> Any:
    found = approvals.approval_by_id(context.session, asked.record_id)
    return found if found.region == asked.origin == context.region else None


def _seal(context: Context, asked: Identity) -> Any:
    found = seals.seal_by_id(context.session, asked.record_id)
    return found if found.region == asked.origin == context.region else None


def _run(context: Context, asked: Identity) -> Any:
    return links.run_by_id(context.session, asked.record_id) if asked.origin == context.region else None


NODES: dict[str, Identified] = {
    "region": Identified(Level.PUBLIC, _replicated(places.Region)),
    "service_point": Identified(Level.PUBLIC, _replicated(places.ServicePoint)),
    "license_type": Identified(Level.PUBLIC, _replicated(licenses.LicenseType)),
    "service_item": Identified(Level.PUBLIC, _replicated(catalog.ServiceItem)),
    "cross_region_offer": Identified(Level.PUBLIC, _replicated(catalog.Offer)),
    "bundle": Identified(Level.PUBLIC, _replicated(catalog.Bundle)),
    "dataset_release": Identified(Level.PUBLIC, _replicated(opendata.Dataset)),
    "approval": Identified(Level.OFFICER, _approval),
    "seal_status": Identified(Level.OFFICER, _seal),
    "run": Identified(Level.OPERATOR, _run),
}
PUBLIC_KINDS = frozenset(kind for kind, node in NODES.items() if node.level is Level.PUBLIC) | {
    "seal_status",  # the status of a seal is public in the ledger; the row with its uses is not
    "key_rotation",
    "genesis",
}


@strawberry.type
class NodeRoots:
    """One record by its id."""

    @resolved(access=PUBLIC, zh="按全网唯一标识取一条记录。", en="One record by its id.")
    def node(
        self,
        info: strawberry.Info,
        id: Annotated[strawberry.ID, strawberry.argument(description=words("记录标识。", "The record's id."))],
    ) -> Node | None:
        """Return the record; raises NotPermitted below its level, NotFound where there is none."""
        asked = identity(id)
        known = NODES.get(asked.kind)
        if known is None:
            raise no_such_record("id")
        if not level_allows(info.context.actor, known.level):
            raise NotPermitted("您无权查看此内容。", "You are not permitted to see this.")
        try:
            found = known.find(info.context, asked)
        except NotFound:
            found = None
        if found is None:
            raise no_such_record("id")
        return found  # type: ignore[no-any-return]
