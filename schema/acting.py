"""What every mutation shares: its arguments' words, the services a hub was started with, and ids of this hub's own records."""

from __future__ import annotations

from typing import Annotated, TypeVar

import strawberry

from hub.errors import MoveRefused as MoveRefusedError
from schema.context import Context
from schema.declare import words
from schema.nodes import identity_of, no_such_record

T = TypeVar("T")

ApprovalId = Annotated[strawberry.ID, strawberry.argument(description=words("文书标识。", "The document's id."))]
SealId = Annotated[strawberry.ID, strawberry.argument(description=words("印章标识。", "The seal's id."))]
Key = Annotated[
    str, strawberry.argument(description=words("幂等键，重试时不变。", "Idempotency key; the same when retried."))
]


class NotSetUp(MoveRefusedError):
    """This hub was started without the service that the request needs.

    Cure: ask the operator to configure signing, fonts or connectors, or use a hub that has them.
    """

    code = "hub.not_set_up"

    def __init__(self) -> None:
        super().__init__("本枢纽未配置办理此事所需的服务。", "This hub was started without the service this needs.")


def own(context: Context, kind: str, id_: str, path: str) -> str:
    """Return the record id of one of this hub's own records; raises NotFound for any other."""
    asked = identity_of(kind, id_, path=path)
    if asked.origin != context.region:
        raise no_such_record(path)
    return asked.record_id


def set_up(service: T | None) -> T:
    """Return the service; raises NotSetUp where this hub was started without it."""
    if service is None:
        raise NotSetUp
    return service
