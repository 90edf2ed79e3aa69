"""Reads of signing requests: by each of their three secrets, by id, and what was signed. Writes nothing."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from hub.signatures.faults import RequestMissing
from hub.signatures.records import ApplicantSignature, SigningRequest


def secret_digest(secret: str) -> str:
    """Return what is kept of a secret: its SHA-256 in hex. The secrets are random, so nothing slower is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def request_by_hand_over(session: Session, token: str) -> SigningRequest:
    """Return the request of a QR code, with its files; raises RequestMissing. Two statements."""
    return _one(session, SigningRequest.hand_over_sha256, token)


def request_by_watch(session: Session, token: str) -> SigningRequest:
    """Return the request of a desktop page, with its files; raises RequestMissing. Two statements."""
    return _one(session, SigningRequest.watch_sha256, token)


def request_of_phone(session: Session, token: str, *, hand_over: str) -> SigningRequest:
    """Return the request that this phone (its cookie) opened with this code, with its files; raises RequestMissing."""
    found = _one(session, SigningRequest.phone_sha256, token)
    if found.hand_over_sha256 != secret_digest(hand_over):
        raise RequestMissing
    return found


def request_for_change(session: Session, request_id: str) -> SigningRequest:
    """Return the request with its files, its row locked until the transaction ends; raises RequestMissing."""
    statement = _with_files().where(SigningRequest.id == request_id).with_for_update(of=SigningRequest)
    found: SigningRequest | None = session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise RequestMissing
    return found


def signature_of(session: Session, request_id: str) -> ApplicantSignature | None:
    """Return what was signed for the request, or None. One statement."""
    return session.get(ApplicantSignature, request_id)


def _with_files() -> Select[Any]:
    return select(SigningRequest).options(selectinload(SigningRequest.files))


def _one(session: Session, column: InstrumentedAttribute[Any], token: str) -> SigningRequest:
    found: SigningRequest | None = session.scalar(_with_files().where(column == secret_digest(token)))
    if found is None:
        raise RequestMissing
    return found
