"""Node ids (Relay Global Object Identification): base64url of `kind/origin/record id`, equal on every hub.

`kind` and `record id` are those of the ledger entry where there is one; `origin` is the region that is the authority.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any, NamedTuple

import strawberry
from sqlalchemy.orm import InstrumentedAttribute

from hub.access.policy import Level
from hub.errors import NotFound
from schema.declare import HERE, PUBLIC, mapped, words


class Identity(NamedTuple):
    """What a node id says."""

    kind: str
    origin: str
    record_id: str


@dataclass(frozen=True, eq=False)
class NodeId:
    """The source of an `id` field: a kind, and the columns that hold the origin and the record id."""

    kind: str
    origin: InstrumentedAttribute[Any]
    record_id: InstrumentedAttribute[Any]

    def read(self, row: Any) -> str:
        """Return the row's node id."""
        return node_id(self.kind, getattr(row, self.origin.key), getattr(row, self.record_id.key))


@strawberry.interface(description=words("有全网唯一标识的记录。", "A record with an id that is the same on all hubs."))
class Node:
    """What every identified type has."""

    id: strawberry.ID = mapped(HERE, access=PUBLIC, zh="全网唯一标识。", en="The id, equal on all hubs.")


def identified(record: Any, kind: str, *, access: Level = PUBLIC) -> Any:
    """Declare the `id` field of a replicated record."""
    return own_id(NodeId(kind, record.origin, record.record_id), access=access)


def own_id(source: NodeId, *, access: Level = PUBLIC) -> Any:
    """Declare the `id` field of a record that names its origin in a column of its own."""
    return mapped(source, access=access, zh="全网唯一标识。", en="The id, equal on all hubs.")


def node_id(kind: str, origin: str, record_id: str) -> str:
    """Return the node id: base64url without padding."""
    return base64.urlsafe_b64encode(f"{kind}/{origin}/{record_id}".encode()).rstrip(b"=").decode()


def identity(id_: str, *, path: str = "id") -> Identity:
    """Return what a node id says; raises NotFound for anything that is none, naming the argument `path`."""
    try:
        text = base64.b64decode(id_.encode("ascii") + b"=" * (-len(id_) % 4), altchars=b"-_", validate=True).decode()
        kind, origin, record_id = text.split("/", 2)
    except (binascii.Error, ValueError) as error:
        raise no_such_record(path) from error
    if "\0" in text:  # PostgreSQL would not take the question
        raise no_such_record(path)
    return Identity(kind, origin, record_id)


def identity_of(kind: str, id_: str, *, path: str = "id") -> Identity:
    """Return what a node id of `kind` says; raises NotFound for any other kind."""
    found = identity(id_, path=path)
    if found.kind != kind:
        raise no_such_record(path)
    return found


def no_such_record(path: str | None = None) -> NotFound:
    """Return the one answer to every id that leads to nothing this caller may see."""
    return NotFound("没有这条记录。", "There is no such record.", path=path)
