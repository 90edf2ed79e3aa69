"""One of the two boundaries where everything raised is caught: whatever a view raises leaves as an RFC 9457 problem.

A HubError leaves with its code and sentence; anything else as `internal`, with a request id and nothing more. Pages get the
same in HTML, Chinese first.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request
from werkzeug.exceptions import HTTPException

from hub.access.refusals import write_refusal
from hub.access.tokens import TokenInvalid
from hub.errors import Conflict, HubError, MoveRefused, NotFound, NotPermitted, ValidationFailed
from hub.web.authentication import this_actor, this_hub
from hub.web.language import chosen

log = logging.getLogger(__name__)

STATUS: tuple[tuple[type[HubError], int], ...] = (
    (TokenInvalid, 401),
    (NotPermitted, 403),
    (NotFound, 404),
    (Conflict, 409),
    (MoveRefused, 409),
    (ValidationFailed, 400),
)
HTTP_TEXTS: dict[int, tuple[str, str, str]] = {
    400: ("http.bad_request", "请求格式不正确。", "The request is malformed."),
    404: ("http.not_found", "没有这个地址。", "There is nothing at this address."),
    405: ("http.method_not_allowed", "此地址不接受该请求方法。", "This address does not take that method."),
    413: ("http.too_large", "内容过大，未被接收。", "The body is too large and was not taken."),
    415: ("http.unsupported_media_type", "不支持该内容类型。", "This media type is not supported."),
    429: ("http.too_many_requests", "请求过于频繁，请稍后再试。", "Too many requests; please try again later."),
}


def text_of(status: int) -> tuple[str, str, str]:
    """Return (code, Chinese, English) of what HTTP itself refuses with `status`."""
    return HTTP_TEXTS.get(status, ("http.refused", "请求未被接受。", "The request was not accepted."))


def status_of(error: HubError) -> int:
    """Return the HTTP status of a refusal; 400 for a room's own errors."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 400)


def install(app: Flask) -> None:
    """Make `app` answer every raised error as a problem."""
    app.register_error_handler(HubError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def _refused(error: HubError) -> Response:
    status = status_of(error)
    if isinstance(error, NotPermitted):
        hub = this_hub()
        write_refusal(
            hub.database,
            actor=this_actor(),
            act=request.endpoint or "none",
            subject=request.path,
            code=error.code,
            request_id=g.request_id,
            clock=hub.clock,
        )
    response = _answer(status, error.code, error.message_zh, error.message_en)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, 11.6.1
    return response


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    code, zh, en = text_of(status)
    response = _answer(status, code, zh, en)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _unforeseen(error: Exception) -> Response:
    log.error("request %s failed", g.get("request_id"), exc_info=error)
    return _answer(
        500,
        "internal",
        "系统内部错误，请把请求编号告知管理员。",
        "An internal error; please tell the operator the request id.",
    )


def _answer(status: int, code: str, zh: str, en: str) -> Response:
    request_id = g.get("request_id", "")
    if request.endpoint == "graphql.endpoint":
        error = {"message": en if chosen() == "en" else zh, "extensions": {"code": code, "requestId": request_id}}
        return Response(current_app.json.dumps({"errors": [error]}), status, mimetype="application/json")
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        page = render_template("problem.html", status=status, code=code, zh=zh, en=en, request_id=request_id)
        return Response(page, status, mimetype="text/html")
    body: dict[str, Any] = {
        "type": f"{this_hub().settings.public_url}/errors#{code}",
        "title": zh,
        "detail": en,
        "status": status,
        "code": code,
        "requestId": request_id,
    }
    return Response(current_app.json.dumps(body), status, mimetype="application/problem+json")
