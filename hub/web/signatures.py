"""The desktop's side of an applicant's signature: ask for one, show its code, and watch until it is there.

An officer asks on the page with his token in a form field (RFC 6750 section 2.2), a partner system with the header and JSON answers.
The watching page's address is a secret; it asks every two seconds how things stand, and works by reloading where there is no script.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from hub.access.actors import Actor
from hub.access.policy import Act, Level, may
from hub.access.tokens import actor_of
from hub.clock import iso
from hub.errors import HubError, NotPermitted, ValidationFailed
from hub.signatures.asking import Wanted, ask, fresh_id, require_purpose, take_back
from hub.signatures.materials import materials_of
from hub.signatures.queries import request_by_watch, signature_of
from hub.signatures.records import ApplicantSignature, SigningRequest
from hub.signatures.rules import MAX_FILES, SignatureKind, is_open
from hub.signatures.signers import CODE_TYPES, signer_of
from hub.signatures.sweeping import sweep
from hub.signing.qr import dark_runs
from hub.web.authentication import answers, this_actor, this_hub
from hub.web.compose import Hub
from hub.web.problems import status_of
from hub.web.signing_table import code_address, index_key_of, kept_private, provider_of, shelf_of

signatures = Blueprint("signatures", __name__)
signatures.after_request(kept_private)

MAX_CASE_NUMBER = 64
ACCEPTED = ".pdf,.ofd,.png,.jpg,.jpeg"
REFRESH_SECONDS = 2


@dataclass(frozen=True)
class Standing:
    """A request as a page shows it; `record` is the signature record taken apart, None before there is one."""

    request: SigningRequest
    signature: ApplicantSignature | None
    record: dict[str, Any] | None
    is_open: bool
    has_expired: bool

    @property
    def state(self) -> str:
        """Return the status, or EXPIRED."""
        return "EXPIRED" if self.has_expired else self.request.status.value


@signatures.get("/sign")
@answers(Level.PUBLIC)
def start() -> str:
    """Ask an officer who is to sign what."""
    return _start_page()


@signatures.post("/sign")
@answers(Level.PUBLIC)
def create() -> Response:
    """Keep a request and lead to the page that watches it; JSON with both addresses for systems. Raises what asking raises."""
    wants_page = _wants_page()
    try:
        watch = _asked(this_hub())
    except HubError as refused:
        if not wants_page or isinstance(refused, NotPermitted):
            raise
        return Response(_start_page(refused), status_of(refused), mimetype="text/html")
    finally:
        for upload in (each for _, uploads in request.files.lists() for each in uploads):
            upload.close()  # the temporary file of a large upload goes with it
    if wants_page:
        return _see(url_for("signatures.watch", secret=watch))
    answer = jsonify(_as_json(this_hub(), watch))
    answer.status_code = 201
    return answer


@signatures.get("/sign/watch/<secret>")
@answers(Level.PUBLIC)
def watch(secret: str) -> str:
    """Show the code while it waits, then how things stand, then what was signed."""
    hub = this_hub()
    address = code_address(hub, secret)
    return render_template(
        "signature_watch.html",
        standing=standing_by_watch(hub, secret),
        secret=secret,
        address=address,
        code=_drawn_code(address),
        refresh_seconds=REFRESH_SECONDS,
        kinds=SignatureKind,
        code_types=CODE_TYPES,
    )


@signatures.get("/sign/watch/<secret>/state")
@answers(Level.PUBLIC)
def state(secret: str) -> Response:
    """Answer how things stand, for the page and for systems: the state, the version, and when it expires."""
    return jsonify(_as_json(this_hub(), secret))


@signatures.get("/sign/watch/<secret>/record.json")
@answers(Level.PUBLIC)
def record(secret: str) -> Response:
    """Answer the signature record, byte for byte; raises ValidationFailed before there is one."""
    return record_answer(standing_by_watch(this_hub(), secret))


@signatures.post("/sign/watch/<secret>/close")
@answers(Level.PUBLIC)
def close(secret: str) -> Response:
    """Take the request back before it is signed."""
    hub = this_hub()
    with hub.database.transaction() as session:
        take_back(session, secret, clock=hub.clock)
    return _see(url_for("signatures.watch", secret=secret))


def standing_by_watch(hub: Hub, secret: str) -> Standing:
    """Return how the request of a watching page stands; raises RequestMissing. Three statements."""
    with hub.database.reading() as session:
        found = request_by_watch(session, secret)
        return standing_of(hub, found, signature_of(session, found.id))


def standing_of(hub: Hub, found: SigningRequest, signature: ApplicantSignature | None) -> Standing:
    """Return how a request stands now."""
    alive = is_open(found.status, found.expires_at, hub.clock.now())
    ended = found.ended_at is not None
    told = None if signature is None else json.loads(signature.record)
    return Standing(found, signature, told, is_open=alive, has_expired=not alive and not ended)


def record_answer(standing: Standing) -> Response:
    """Return the record of a signed request as a download; raises ValidationFailed when there is none."""
    if standing.signature is None:
        raise ValidationFailed("尚未签名。", "It is not signed yet.")
    name = f"signature-{standing.request.id[:12]}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(standing.signature.record, mimetype="application/json", headers=headers)


def _asked(hub: Hub) -> str:
    """Return the secret of the watching page of a new request, its files on the shelf before its row is written."""
    actor, form = _actor(hub), request.form
    may(actor, Act.REQUEST_SIGNATURE)
    provider_of(hub)
    signer = signer_of(form.get("name", ""), form.get("code_type", ""), form.get("code", ""))
    purpose, case_number = require_purpose(form.get("purpose", "")), form.get("case_number", "").strip() or None
    if case_number is not None and len(case_number) > MAX_CASE_NUMBER:
        raise ValidationFailed("办件编号过长。", "The case number is too long.", path="case_number")
    materials = materials_of(_uploads())
    wanted = Wanted(signer.shown(index_key_of(hub)), purpose, materials, case_number)
    shelf = shelf_of(hub)
    sweep(hub.database, shelf, clock=hub.clock)
    request_id = fresh_id()
    for each in materials:
        shelf.of(request_id).put(each.content)
    with hub.database.transaction() as session:
        return ask(session, request_id, wanted, actor=actor, region=hub.settings.region, clock=hub.clock)


def _actor(hub: Hub) -> Actor:
    token = request.form.get("access_token", "").strip()
    if not token:
        return this_actor()
    with hub.database.reading() as session:
        return actor_of(session, token, clock=hub.clock)


def _uploads() -> list[tuple[str, bytes]]:
    return [(upload.filename, upload.stream.read()) for upload in request.files.getlist("files") if upload.filename]


def _as_json(hub: Hub, secret: str) -> dict[str, Any]:
    standing = standing_by_watch(hub, secret)
    watch_address = f"{hub.settings.public_url}{url_for('signatures.watch', secret=secret)}"
    return {
        "id": standing.request.id,
        "state": standing.state,
        "version": standing.request.version,
        "expiresAt": iso(standing.request.expires_at),
        "signUrl": code_address(hub, secret),
        "watchUrl": watch_address,
        "recordUrl": None if standing.signature is None else f"{watch_address}/record.json",
    }


def _start_page(refused: HubError | None = None) -> str:
    return render_template(
        "signature_start.html",
        refused=refused,
        given=request.form,
        code_types=CODE_TYPES,
        max_files=MAX_FILES,
        accepted=ACCEPTED,
        provider=provider_of(this_hub()),
    )


def _drawn_code(address: str) -> tuple[int, str]:
    """Return the QR code of an address: how many modules a side has, and the `d` of one SVG path."""
    side, runs = dark_runs(address)
    return side, "".join(f"M{start} {row}h{length}v1h-{length}z" for row, start, length in runs)


def _wants_page() -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _see(address: str) -> Response:
    return Response(status=303, headers={"Location": address})
