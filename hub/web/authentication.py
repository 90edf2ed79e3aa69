"""Who is asking, and the rule that every route says whom it answers.

`@answers(Level.X)` stands on every view; a test walks the routes and fails for one without it. The actor comes from the
bearer token alone: there are no cookies yet, so there is nothing for a foreign page to ride on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, request

from hub.access.actors import PUBLIC_ACTOR, Actor
from hub.access.policy import Level, level_allows
from hub.access.tokens import actor_of
from hub.errors import NotPermitted
from hub.web.compose import Hub

View = TypeVar("View", bound=Callable[..., Any])
BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/=-]{1,256})", re.IGNORECASE)


def answers(level: Level) -> Callable[[View], View]:
    """Declare that a view answers callers of `level`; anybody else gets `access.not_permitted`."""

    def declare(view: View) -> View:
        view.answers = level  # type: ignore[attr-defined]
        return view

    return declare


def this_hub() -> Hub:
    """Return the hub the present request is for."""
    hub: Hub = current_app.extensions["hub"]
    return hub


def this_actor() -> Actor:
    """Return who makes the present request; the public when nobody was authenticated yet."""
    actor: Actor = g.get("actor", PUBLIC_ACTOR)
    return actor


def authenticate() -> None:
    """Put the caller into the request and ask the policy whether its route answers him.

    Raises TokenInvalid for a token that does not hold, even where the public would be answered: a client that sends a token
    wants to know that it is no good.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    token = _bearer()
    if token is not None:
        hub = this_hub()
        with hub.database.reading() as session:
            g.actor = actor_of(session, token, clock=hub.clock)
    level = getattr(view, "answers", None)
    if level is not None and not level_allows(this_actor(), level):
        raise NotPermitted("您没有权限访问此地址。", "You are not permitted to ask this address.")


def _bearer() -> str | None:
    header = request.headers.get("Authorization")
    if header is None:
        return None
    match = BEARER.fullmatch(header.strip())
    return match.group(1) if match else ""
