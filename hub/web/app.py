"""The Flask application of one hub: its rooms' blueprints, its headers, its limits. No logic of any noun."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from flask import Blueprint, Flask, Response, g, request
from flask_babel import Babel
from flask_limiter import Limiter
from werkzeug.middleware.proxy_fix import ProxyFix

from hub.access.actors import PUBLIC_ACTOR
from hub.access.policy import Level
from hub.errors import ValidationFailed
from hub.web import authentication, language, presenting, problems
from hub.web.compose import Hub

MAX_BODY_BYTES = (
    64 * 1024 * 1024
)  # the largest document the verifier takes, and no other route takes more than JSON_BYTES
STATIC_SECONDS = 3600
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(hub: Hub, rooms: Sequence[Blueprint]) -> Flask:
    """Return the WSGI application of `hub` with the blueprints of `rooms`."""
    app = Flask("hub.web", static_folder="static", template_folder="templates")
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=16,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_SECONDS,
    )
    app.extensions["hub"] = hub
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    Babel(app, default_locale="zh", locale_selector=language.chosen, default_translation_directories="translations")
    limiter = Limiter(
        _caller, app=app, default_limits=[hub.settings.rate_limit], headers_enabled=True, storage_uri="memory://"
    )
    limiter.request_filter(_is_static)  # one page asks for dozens of font slices
    app.before_request(_name_request)
    app.before_request(_refuse_nul)
    app.before_request(authentication.authenticate)
    app.after_request(_dress)
    app.view_functions["static"].answers = Level.PUBLIC  # type: ignore[union-attr]
    problems.install(app)
    language.install(app)
    presenting.install(app)
    for room in rooms:
        app.register_blueprint(room)
    if hub.settings.trusted_proxies:
        count = hub.settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]
    return app


def _name_request() -> None:
    g.request_id = secrets.token_hex(8)


def _refuse_nul() -> None:
    """No address that leads to anything holds U+0000, and PostgreSQL takes no text with it."""
    if "\0" in request.path or b"%00" in request.query_string:
        raise ValidationFailed("地址含有不能使用的字符。", "The address holds a character that cannot be used.")


def _is_static() -> bool:
    return request.endpoint == "static"


def _caller() -> str:
    actor = authentication.this_actor()
    return actor.label if actor is not PUBLIC_ACTOR else request.remote_addr or "unknown"


def _dress(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if authentication.this_hub().settings.demonstration:
        response.headers["X-Robots-Tag"] = "noindex"
    return response
