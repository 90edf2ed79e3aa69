"""The sharing operations of GB/T 36906 as JSON over HTTP, for systems that already speak the standard's envelope.

Request `{"head": {"accessId", "accessToken"}, "data": {…}}`, answer `{"head": {"status", "message"}, "data": …}`: HTTP says 200 whenever the
envelope could be read, the head says what became of it. The same verbs as GraphQL, the same grants, purposes, masks and records; whoever
reads or checks a license states the purpose in `useCause`.

Source: GB/T 36906-2018 as two deployments implement it (operations, head codes 0 to 4, outcome codes); message names are ours, see
docs/how-to/share-licenses.md.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from hub.access.actors import Actor
from hub.access.policy import Level
from hub.access.records import ActorKind
from hub.access.refusals import write_refusal
from hub.access.tokens import TokenInvalid, actor_of
from hub.errors import HubError, NotFound, NotPermitted, PurposeMissing, ValidationFailed
from hub.licenses.faults import TooManyChecks
from hub.licenses.issuing import LicenseDesk
from hub.web.authentication import answers, this_hub
from hub.web.sharing_data import Asked, Desk
from hub.web.sharing_operations import OPERATIONS, token

sharing = Blueprint("sharing", __name__)

MAX_REQUEST_BYTES = 32 * 1024 * 1024  # a file to be verified comes in base64
SUCCESS, NOT_AUTHORISED, NO_RECORD, PARAMETER_ERROR, TOO_MANY, OTHER = 0, 1, 3, 4, 5, 99
STATUS: tuple[tuple[type[HubError], int], ...] = (
    (TokenInvalid, NOT_AUTHORISED),
    (PurposeMissing, PARAMETER_ERROR),  # a kind of NotPermitted elsewhere
    (NotPermitted, NOT_AUTHORISED),
    (NotFound, NO_RECORD),
    (TooManyChecks, TOO_MANY),
    (ValidationFailed, PARAMETER_ERROR),
)


class EnvelopeMalformed(ValidationFailed):
    """The body is not an envelope: a JSON object with the objects `head` and `data`.

    Cure: send {"head": {"accessId": "…", "accessToken": "…"}, "data": {…}} as application/json.
    """

    code = "sharing.envelope_malformed"

    def __init__(self) -> None:
        super().__init__("报文须为 JSON 对象，含 head 与 data。", "The body must be a JSON object with head and data.")


class OperationUnknown(NotFound):
    """There is no sharing operation of that name.

    Cure: docs/how-to/share-licenses.md lists the operations.
    """

    code = "sharing.operation_unknown"

    def __init__(self) -> None:
        super().__init__("没有这个共享服务操作。", "There is no such sharing operation.")


@dataclass(frozen=True)
class _Envelope:
    access_id: str
    access_token: str
    data: Mapping[str, Any]


@sharing.post("/sharing/<operation>")
@answers(Level.PUBLIC)
def operate(operation: str) -> Response:
    """Carry out one operation; the envelope's own head authenticates, and what the hub refuses is said in the head."""
    try:
        return jsonify({"head": {"status": SUCCESS, "message": "成功 success"}, "data": _carried_out(operation)})
    except HubError as refused:
        status = next((code for kind, code in STATUS if isinstance(refused, kind)), OTHER)
        message = f"{refused.message_zh} {refused.message_en} [{refused.code}] {g.request_id}"
        return jsonify({"head": {"status": status, "message": message}, "data": None})


def _carried_out(operation: str) -> Any:
    envelope = _envelope()
    hub = this_hub()
    if operation == "token":
        return token(hub, envelope.access_id, envelope.data)
    known = OPERATIONS.get(operation)
    if known is None:
        raise OperationUnknown
    actor = _partner(envelope)
    desk = Desk(hub, actor, g.request_id, _license_desk)
    try:
        return known(desk, Asked(envelope.data))
    except NotPermitted as refused:
        write_refusal(
            hub.database,
            actor=actor,
            act=f"sharing.{operation}",
            subject="-",
            code=refused.code,
            request_id=g.request_id,
            clock=hub.clock,
        )
        raise


def _partner(envelope: _Envelope) -> Actor:
    """Return the partner system that bears the token and names itself in `accessId`; raises TokenInvalid."""
    hub = this_hub()
    with hub.database.reading() as session:
        actor = actor_of(session, envelope.access_token or "-", clock=hub.clock)
    named = secrets.compare_digest(actor.code.encode(), envelope.access_id.encode())
    if actor.kind is not ActorKind.PARTNER or not named:
        raise TokenInvalid("令牌无效或已过期。", "The token is not valid, or no longer.")
    return actor


def _envelope() -> _Envelope:
    request.max_content_length = MAX_REQUEST_BYTES + 1
    if (request.content_length or 0) > MAX_REQUEST_BYTES:
        raise RequestEntityTooLarge
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise EnvelopeMalformed from None
    if not isinstance(body, dict):
        raise EnvelopeMalformed
    head, data = body.get("head"), body.get("data")
    if not (isinstance(head, dict) and isinstance(data, dict)):
        raise EnvelopeMalformed
    known = [head.get(name, "") for name in ("accessId", "accessToken")]
    if not all(isinstance(each, str) for each in known):
        raise EnvelopeMalformed
    return _Envelope(known[0], known[1], data)


def _license_desk() -> LicenseDesk:
    desk: LicenseDesk = current_app.extensions["license_desk"]()
    return desk
