"""Which language a reader wants: `?lang=en` for this page and, kept in a cookie, the next ones; Chinese unless asked."""

from __future__ import annotations

from flask import Flask, Response, request

COOKIE = "lang"
OFFERED = ("zh", "en")


def chosen() -> str:
    """Return "zh" or "en": the address, then the cookie, then what the browser prefers, then Chinese."""
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wish in OFFERED:
            return str(wish)
    return request.accept_languages.best_match(OFFERED) or "zh"


def install(app: Flask) -> None:
    """Let `app` remember an explicit choice for a year."""

    def remember(response: Response) -> Response:
        wish = request.args.get("lang")
        if wish in OFFERED:
            response.set_cookie(COOKIE, str(wish), max_age=365 * 86400, httponly=True, samesite="Lax")
        return response

    app.after_request(remember)
