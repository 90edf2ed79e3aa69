"""Whether this hub lives and does its work: for balancers, supervisors and operators. Says nothing of any record.

`app.extensions["heartbeats"]` holds what runs beside the pages: {name: callable that returns a JSON object}. Each object says
`alive` (bool) and may say more (`age_seconds`). A hub without a heartbeat is said to have no scheduler, never to be well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError

from hub.access.policy import Level
from hub.ledger import reading
from hub.web.authentication import answers, this_hub

health = Blueprint("health", __name__)

READY, DEGRADED, UNREADY = "ready", "degraded", "unready"
Heartbeats = Mapping[str, Callable[[], Mapping[str, Any]]]


@health.get("/healthz")
@answers(Level.PUBLIC)
def alive() -> Response:
    """Answer that the process answers; asks nothing of anybody."""
    return _plain({"status": "alive"}, 200)


@health.get("/readyz")
@answers(Level.PUBLIC)
def ready() -> Response:
    """Answer what works: 200 when pages can be served (`ready`, or `degraded` when something else stands still), 503 when not."""
    ledgers, database = _ledgers()
    beats = _heartbeats()
    signing = all(ledger["signing"] for ledger in ledgers)
    beating = bool(beats) and all(beat.get("alive") is True for beat in beats.values())
    status = UNREADY if not database else READY if signing and beating and ledgers else DEGRADED
    told = {
        "status": status,
        "database": "answers" if database else "does not answer",
        "scheduler": beats or "none",
        "ledgers": ledgers,
    }
    return _plain(told, 503 if status == UNREADY else 200)


def _ledgers() -> tuple[list[dict[str, Any]], bool]:
    """Return the state of each open ledger, and whether the database answered."""
    try:
        with this_hub().database.reading() as session:
            views = reading.ledgers(session)
    except SQLAlchemyError:
        return [], False
    told = [
        {
            "name": view.name.value,
            "size": view.size,
            "signing": view.stopped_code is None,
            "code": view.stopped_code,
            "witnesses": len(view.cosignatures),
        }
        for view in views
    ]
    return told, True


def _heartbeats() -> dict[str, dict[str, Any]]:
    beats: Heartbeats = current_app.extensions.get("heartbeats", {})
    return {name: dict(beat()) for name, beat in sorted(beats.items())}


def _plain(told: dict[str, Any], status: int) -> Response:
    answer = jsonify(told)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer
