"""GraphQL over HTTP: the transport only. Documents are executed by the schema, which the composition hands in.

Source: GraphQL over HTTP (draft, 2025), media types and statuses; GET answers queries alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Blueprint, Response, current_app, g, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from hub.access.actors import Actor
from hub.access.policy import Level
from hub.errors import ValidationFailed
from hub.web.authentication import answers, this_actor
from hub.web.language import chosen

graphql = Blueprint("graphql", __name__)

READING = frozenset({"GET", "HEAD"})
MAX_REQUEST_BYTES = 1024 * 1024
RESPONSE_TYPE = "application/graphql-response+json"
EDITOR_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
EXAMPLE = """# 通办 GraphQL：试试跨区通办的数目。 How many items each pair of districts offers.
query Matrix {
  crossRegionMatrix { acceptingRegion { nameZh } handlingRegion { nameZh } items }
}
"""


class RequestMalformed(ValidationFailed):
    """The body is not a GraphQL request: a JSON object with a `query`, and objects for variables and extensions.

    Cure: send {"query": "...", "variables": {...}} as application/json.
    """

    code = "graphql.request_malformed"

    def __init__(self) -> None:
        super().__init__(
            "请求体须为 JSON 对象，含 query，以及可选的 variables、operationName。",
            "The body must be a JSON object with a query, and optionally variables and operationName.",
        )


@dataclass(frozen=True)
class Operation:
    """What was asked: the document, its variables, which operation, and whether only a query may be answered (GET)."""

    document: str
    variables: Mapping[str, Any] | None
    name: str | None
    read_only: bool


@dataclass(frozen=True)
class Asker:
    """Who asked, and how to answer him."""

    actor: Actor
    language: str
    purpose: str | None
    request_id: str


class Executor(Protocol):
    """Executes an operation; the composition hands one in as `app.extensions["graphql"]`."""

    def __call__(self, operation: Operation, asker: Asker) -> tuple[int, bytes]:
        """Return the HTTP status under `application/graphql-response+json` and the response as JSON."""
        ...


@graphql.route("/graphql", methods=["GET", "POST"])
@answers(Level.PUBLIC)
def endpoint() -> Response:
    """Answer a GraphQL request; a browser that asks for a page gets the editor."""
    if request.method in READING and "query" not in request.args and _wants_page():
        return _editor()
    operation = _operation()
    execute: Executor = current_app.extensions["graphql"]
    asker = Asker(this_actor(), chosen(), request.headers.get("Hub-Purpose"), g.request_id)
    status, body = execute(operation, asker)
    modern = request.accept_mimetypes.best_match(["application/json", RESPONSE_TYPE]) == RESPONSE_TYPE
    answer = Response(
        body, status if modern else _old_status(status), mimetype=RESPONSE_TYPE if modern else "application/json"
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "Accept, Accept-Language, Authorization"
    return answer


def _old_status(status: int) -> int:
    """Under application/json a well-formed request is answered 200, whatever became of it (draft, section 6.4.1)."""
    return status if status == 405 else 200


def _wants_page() -> bool:
    return request.accept_mimetypes.best_match(["application/json", RESPONSE_TYPE, "text/html"]) == "text/html"


def _editor() -> Response:
    page = render_template("graphiql.html", example=EXAMPLE)
    return Response(page, mimetype="text/html", headers={"Content-Security-Policy": EDITOR_POLICY})


def _operation() -> Operation:
    if request.method in READING:
        asked: dict[str, Any] = dict(request.args)
        for name in ("variables", "extensions"):
            if name in asked:
                asked[name] = _json(asked[name])
        return _checked(asked, read_only=True)
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    request.max_content_length = MAX_REQUEST_BYTES + 1  # a body without a length is cut there, not refused
    body = request.get_data()
    if len(body) > MAX_REQUEST_BYTES:
        raise RequestEntityTooLarge
    return _checked(_json(body), read_only=False)


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise RequestMalformed from None


def _checked(asked: Any, *, read_only: bool) -> Operation:
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
        raise RequestMalformed
    variables, name = asked.get("variables"), asked.get("operationName")
    for value in (variables, asked.get("extensions")):
        if not (value is None or isinstance(value, dict)):
            raise RequestMalformed
    if not (name is None or isinstance(name, str)):
        raise RequestMalformed
    return Operation(asked["query"], variables, name or None, read_only)
