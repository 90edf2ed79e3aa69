"""The phone's side of an applicant's signature: open the code, say who one is, look at the files, sign or decline.

The first phone that opens a code gets a cookie and keeps the request; every form it sends carries a key made from that cookie, so that no
other site can send one. What is refused is told on the page one is on. Every page works without script; drawing alone needs it.
"""

from __future__ import annotations

import hmac
import io
from collections.abc import Callable

from flask import Blueprint, Response, render_template, request, send_file, url_for
from sqlalchemy.orm import Session

from hub.access.policy import Level
from hub.errors import Conflict, HubError, MoveRefused, ValidationFailed
from hub.signatures.faults import FormStale, RequestAlreadyOpened, RequestMissing
from hub.signatures.materials import JPEG, PNG
from hub.signatures.opening import decline, open_on_phone
from hub.signatures.queries import request_by_hand_over, request_of_phone, secret_digest, signature_of
from hub.signatures.records import SigningFile
from hub.signatures.rules import LASTING, RequestStatus
from hub.signatures.signers import CODE_TYPES, signer_of
from hub.signatures.signing import Phone, identify, sign
from hub.signatures.strokes import HEIGHT, LEAST_INK, MAX_POINTS, WIDTH, drawing_of
from hub.web.authentication import answers, this_hub
from hub.web.compose import Hub
from hub.web.problems import status_of
from hub.web.signatures import Standing, record_answer, standing_of
from hub.web.signing_pictures import drawn_page, shown_pages
from hub.web.signing_table import form_key, kept_private, provider_of, shelf_of, table_of

signing_phone = Blueprint("signing_phone", __name__)
signing_phone.after_request(kept_private)

COOKIE = "signing"
PICTURES = frozenset({PNG, JPEG})
TOLD_HERE = (ValidationFailed, MoveRefused, Conflict)
DRAWN, CERTIFICATE = "drawn", "certificate"


@signing_phone.get("/sign/<code>")
@answers(Level.PUBLIC)
def page(code: str) -> Response:
    """Show the step the request is at; raises RequestMissing, and RequestAlreadyOpened on another phone than the first."""
    return _page(code)


@signing_phone.post("/sign/<code>/open")
@answers(Level.PUBLIC)
def open_code(code: str) -> Response:
    """Give the request to this phone, if it is the first."""
    hub = this_hub()
    with hub.database.transaction() as session:
        phone = open_on_phone(session, code, clock=hub.clock)
    answer = _again(code)
    answer.set_cookie(
        COOKIE,
        phone,
        max_age=int(2 * LASTING.total_seconds()),
        path=url_for("signing_phone.page", code=code),
        secure=hub.settings.public_url.startswith("https:"),
        httponly=True,
        samesite="Lax",
    )
    return answer


@signing_phone.post("/sign/<code>/identity")
@answers(Level.PUBLIC)
def identity(code: str) -> Response:
    """Let the provider check who the signer is."""
    form = request.form

    def act(hub: Hub, phone: Phone) -> None:
        signer = signer_of(form.get("name", ""), form.get("code_type", ""), form.get("code", ""))
        identify(table_of(hub), phone, signer)

    return _acting(code, act)


@signing_phone.post("/sign/<code>/signature")
@answers(Level.PUBLIC)
def signature(code: str) -> Response:
    """Sign: by hand with `strokes`, or by certificate."""
    form = request.form

    def act(hub: Hub, phone: Phone) -> None:
        if form.get("kind") not in (DRAWN, CERTIFICATE) or form.get("agreed") != "yes":
            raise ValidationFailed(
                "请先确认已阅读并同意签署。", "Say first that you have read the files and agree.", path="agreed"
            )
        drawing = drawing_of(form.get("strokes", "")) if form["kind"] == DRAWN else None
        sign(table_of(hub), phone, drawing)

    return _acting(code, act)


@signing_phone.post("/sign/<code>/decline")
@answers(Level.PUBLIC)
def refuse(code: str) -> Response:
    """End the request without a signature."""

    def act(hub: Hub, phone: Phone) -> None:
        with hub.database.transaction() as session:
            decline(session, phone.secret, phone.hand_over, clock=hub.clock)

    return _acting(code, act)


@signing_phone.get("/sign/<code>/files/<int:place>")
@answers(Level.PUBLIC)
def file(code: str, place: int) -> Response:
    """Answer one of the files to the phone that opened the request: pictures to look at, documents to keep."""
    content, row = _content(this_hub(), code, place)
    return send_file(
        io.BytesIO(content),
        mimetype=row.media_type,
        as_attachment=row.media_type not in PICTURES,
        download_name=row.name,
    )


@signing_phone.get("/sign/<code>/files/<int:place>/pages/<int:number>")
@answers(Level.PUBLIC)
def picture(code: str, place: int, number: int) -> Response:
    """Answer the picture of one page (counted from 0) of a PDF or an OFD, to the phone that opened the request."""
    content, row = _content(this_hub(), code, place)
    drawn, media_type = drawn_page(content, row.media_type, number, fonts=this_hub().fonts)
    return send_file(io.BytesIO(drawn), mimetype=media_type)


@signing_phone.get("/sign/<code>/record.json")
@answers(Level.PUBLIC)
def record(code: str) -> Response:
    """Answer the signature record to the phone that signed."""
    hub = this_hub()
    with hub.database.reading() as session:
        found = request_of_phone(session, _phone(code).secret, hand_over=code)
        return record_answer(standing_of(hub, found, signature_of(session, found.id)))


def _acting(code: str, act: Callable[[Hub, Phone], None]) -> Response:
    """Carry out `act` for the phone that sent its own form, and show the next step; what is refused is told on the page."""
    hub, phone = this_hub(), _phone(code)
    try:
        if not hmac.compare_digest(request.form.get("form_key", ""), form_key(hub, phone.secret)):
            raise FormStale
        act(hub, phone)
    except TOLD_HERE as refused:
        return _page(code, refused)
    return _again(code)


def _phone(code: str) -> Phone:
    return Phone(request.cookies.get(COOKIE, ""), code)


def _page(code: str, refused: HubError | None = None) -> Response:
    hub = this_hub()
    with hub.database.reading() as session:
        standing, mine = _standing(session, hub, code)
    if not mine and standing.request.phone_sha256 is not None:
        raise RequestAlreadyOpened
    text = render_template(
        "signature_phone.html",
        standing=standing,
        code=code,
        form_key=form_key(hub, request.cookies.get(COOKIE, "")),
        refused=refused,
        given=request.form,
        code_types=CODE_TYPES,
        provider=provider_of(hub),
        pictures=PICTURES,
        previews=_previews(hub, standing),
        field=(WIDTH, HEIGHT, LEAST_INK, MAX_POINTS),
    )
    return Response(text, 200 if refused is None else status_of(refused), mimetype="text/html")


def _standing(session: Session, hub: Hub, code: str) -> tuple[Standing, bool]:
    """Return how the request stands, and whether this phone opened it."""
    found = request_by_hand_over(session, code)
    mine = found.phone_sha256 == secret_digest(request.cookies.get(COOKIE, ""))
    return standing_of(hub, found, signature_of(session, found.id) if mine else None), mine


def _previews(hub: Hub, standing: Standing) -> dict[int, int]:
    """Return how many pages of each document can be shown, by the file's place; none before the signer is known."""
    if standing.state != RequestStatus.IDENTIFIED:
        return {}
    files = shelf_of(hub).of(standing.request.id)
    documents = (each for each in standing.request.files if each.media_type not in PICTURES)
    return {each.place: shown_pages(files.read(each.sha256), each.media_type) for each in documents}


def _content(hub: Hub, code: str, place: int) -> tuple[bytes, SigningFile]:
    with hub.database.reading() as session:
        found = request_of_phone(session, _phone(code).secret, hand_over=code)
    row = next((each for each in found.files if each.place == place), None)
    if row is None:
        raise RequestMissing
    return shelf_of(hub).of(found.id).read(row.sha256), row


def _again(code: str) -> Response:
    return Response(status=303, headers={"Location": url_for("signing_phone.page", code=code)})
