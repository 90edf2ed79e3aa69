"""The keeper's acts by a request that may come twice: each is carried out once per idempotency key.

What is safe to repeat without one (importing, taking grants back, the stop switch) needs nothing of this. Functions receive the session; the
caller commits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, may
from hub.access.replay import remember, remembered
from hub.clock import Clock
from hub.seals.queries import seal_by_id
from hub.seals.records import Seal


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked: which act, under which idempotency key, with which arguments (plain JSON) besides the seal."""

    act: str
    key: str
    arguments: dict[str, Any] = field(default_factory=dict)


def kept_once(
    session: Session, seal_id: str, verb: Callable[[], object], *, request: Request, by: Actor, clock: Clock
) -> Seal:
    """Return the seal after `verb`, or as it is now when the same request was carried out before.

    Raises SealMissing, NotPermitted unless `by` keeps seals in its region, Conflict when the key stands for another request, and what `verb`
    raises.
    """
    seal = seal_by_id(session, seal_id)
    may(by, Act.KEEP_SEALS, region=seal.region)
    arguments = {"seal": seal_id, **request.arguments}
    if remembered(session, actor=by, mutation=request.act, key=request.key, arguments=arguments) is None:
        verb()
        remember(
            session, actor=by, mutation=request.act, key=request.key, arguments=arguments, subject=seal_id, clock=clock
        )
    return seal
