"""Asks an applicant for a signature: keeps who, for what and which files, and makes the secrets of the desktop page and its code.

Neither secret is kept, only its SHA-256; the code's is derived from the page's, so that whoever watches can show the code again and
the phone cannot watch. Functions receive the session; the caller commits, and has put the files on the shelf before.

Source: 电子签名法 art. 13.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.policy import Act, may
from hub.clock import Clock
from hub.signatures.faults import PurposeRefused
from hub.signatures.materials import Material
from hub.signatures.queries import request_by_watch, request_for_change, secret_digest
from hub.signatures.records import SigningFile, SigningRequest
from hub.signatures.rules import LASTING, MAX_PURPOSE_CHARACTERS, RequestStatus, require_move, require_unexpired
from hub.signatures.signers import ShownSigner

SECRET_BYTES = 32


@dataclass(frozen=True)
class Wanted:
    """What is asked: who signs, what for (one sentence), which files, and the case it belongs to."""

    signer: ShownSigner
    purpose: str
    files: Sequence[Material]
    case_number: str | None = None


def fresh_id() -> str:
    """Return the id of a request to come, 32 hexadecimal digits; its files are put on the shelf under it."""
    return secrets.token_hex(16)


def hand_over_of(watch: str) -> str:
    """Return the secret of the code that belongs to a watching page's: 64 hexadecimal digits; there is no way back."""
    return hmac.new(watch.encode(), b"hand-over", hashlib.sha256).hexdigest()


def require_purpose(purpose: str) -> str:
    """Return the sentence with its white space in order; raises PurposeRefused."""
    tidy = " ".join(purpose.split())
    if not 0 < len(tidy) <= MAX_PURPOSE_CHARACTERS or not tidy.isprintable():
        raise PurposeRefused
    return tidy


def ask(session: Session, request_id: str, wanted: Wanted, *, actor: Actor, region: str, clock: Clock) -> str:
    """Keep a request that waits for a phone for fifteen minutes; return the secret of the page that watches it.

    Raises NotPermitted, PurposeRefused.
    """
    may(actor, Act.REQUEST_SIGNATURE)
    watch, now = secrets.token_hex(SECRET_BYTES), clock.now()
    session.add(
        SigningRequest(
            id=request_id,
            hand_over_sha256=secret_digest(hand_over_of(watch)),
            watch_sha256=secret_digest(watch),
            region=region,
            asked_by=actor.label,
            asked_by_name=actor.name,
            case_number=wanted.case_number,
            signer_name=wanted.signer.name,
            signer_code_type=wanted.signer.code_type,
            signer_code=wanted.signer.code,
            signer_index=wanted.signer.index,
            purpose=require_purpose(wanted.purpose),
            status=RequestStatus.ASKED,
            asked_at=now,
            expires_at=now + LASTING,
        )
    )
    session.flush()
    session.add_all(_row(request_id, place, each) for place, each in enumerate(wanted.files))
    session.flush()
    return watch


def take_back(session: Session, watch: str, *, clock: Clock) -> SigningRequest:
    """Close the request that this page watches before it is signed. Raises RequestMissing, RequestExpired, RequestMoveRefused."""
    request = request_for_change(session, request_by_watch(session, watch).id)
    now = clock.now()
    require_unexpired(request.status, request.expires_at, now)
    require_move(request.status, RequestStatus.CLOSED)
    request.status, request.ended_at = RequestStatus.CLOSED, now
    request.version += 1
    return request


def _row(request_id: str, place: int, file: Material) -> SigningFile:
    return SigningFile(
        request_id=request_id,
        place=place,
        name=file.name,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        sm3=file.sm3,
    )
