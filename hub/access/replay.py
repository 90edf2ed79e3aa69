"""Idempotency keys: a mutation repeated with its key answers the object of the first time and does nothing twice.

The memory is written in the same transaction as the act, so a refused act is not remembered. Kept 30 days.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.records import RememberedRequest
from hub.clock import Clock
from hub.errors import Conflict, ValidationFailed
from hub.signing.canonical import canonical

KEPT = timedelta(days=30)
MAX_KEY_CHARACTERS = 100


def remembered(session: Session, *, actor: Actor, mutation: str, key: str, arguments: Mapping[str, Any]) -> str | None:
    """Return the id that the same request answered before, or None when it is new.

    Ask before `version` is compared: the repetition of a carried out request carries an old version.
    Raises Conflict when `key` stands for other arguments, ValidationFailed when it is empty or over 100 characters.
    """
    if not 0 < len(key) <= MAX_KEY_CHARACTERS:
        raise ValidationFailed(
            "幂等键须为 1 到 100 个字符。", "The idempotency key must have 1 to 100 characters.", path="idempotencyKey"
        )
    found = session.scalar(
        select(RememberedRequest).where(
            RememberedRequest.actor == actor.label, RememberedRequest.mutation == mutation, RememberedRequest.key == key
        )
    )
    if found is None:
        return None
    if found.digest != _digest(arguments):
        raise Conflict(
            "此幂等键已用于另一请求。", "This idempotency key stands for another request.", path="idempotencyKey"
        )
    return found.subject


def remember(
    session: Session, *, actor: Actor, mutation: str, key: str, arguments: Mapping[str, Any], subject: str, clock: Clock
) -> None:
    """Keep that this request was carried out and answered `subject`; in the caller's transaction.

    Raises Conflict when the same request was carried out by another transaction meanwhile: repeated once more, it is answered.
    """
    session.flush()  # so that a violation below can only be this memory's
    session.add(
        RememberedRequest(
            actor=actor.label, mutation=mutation, key=key, digest=_digest(arguments), subject=subject, at=clock.now()
        )
    )
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(
            "同一请求正在办理，请稍后重试。", "The same request is being carried out; repeat it.", path="idempotencyKey"
        ) from error


def forget_old(session: Session, *, clock: Clock) -> int:
    """Drop what is older than 30 days; return how many."""
    old = delete(RememberedRequest).where(RememberedRequest.at < clock.now() - KEPT)
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


def _digest(arguments: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(canonical(dict(arguments))).digest()
