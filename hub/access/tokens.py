"""Bearer tokens: minted once, shown once, kept only as their SHA-256.

A token has 256 random bits, so a plain digest is enough: there is nothing to guess, and looking the digest up by index takes
no secret-dependent time.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.access.actors import PUBLIC_ACTOR, Actor
from hub.access.records import ActorKind, Officer, Partner, Role, Token
from hub.clock import Clock
from hub.errors import HubError

PREFIX = "tb_"
MAX_TOKEN_CHARACTERS = 128


class TokenInvalid(HubError):
    """The bearer token is unknown, expired or revoked; which of them is not told.

    Cure: use the token you were given, or ask the hub's operator for a new one.
    """

    code = "access.token_invalid"


def mint_token(
    session: Session, kind: ActorKind, subject: str, *, clock: Clock, valid: timedelta = timedelta(days=365)
) -> str:
    """Return a new token for `subject`; only its digest is kept, and it ends after `valid`."""
    token = PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    session.add(
        Token(
            digest=_digest(token),
            kind=kind,
            subject=subject,
            created_at=now,
            expires_at=now + valid,
        )
    )
    return token


def adopt_token(
    session: Session, token: str, kind: ActorKind, subject: str, *, clock: Clock, valid_days: int = 365
) -> None:
    """Accept a `token` that was made elsewhere (the demonstration's setup); a known one is left as it is."""
    if session.scalar(select(Token.id).where(Token.digest == _digest(token))) is None:
        now = clock.now()
        session.add(
            Token(
                digest=_digest(token),
                kind=kind,
                subject=subject,
                created_at=now,
                expires_at=now + timedelta(days=valid_days),
            )
        )


def revoke_tokens(session: Session, kind: ActorKind, subject: str, *, clock: Clock) -> int:
    """Revoke every token of `subject` that still holds; return how many."""
    tokens = session.scalars(
        select(Token).where(Token.kind == kind, Token.subject == subject, Token.revoked_at.is_(None))
    ).all()
    for token in tokens:
        token.revoked_at = clock.now()
    return len(tokens)


def actor_of(session: Session, token: str | None, *, clock: Clock) -> Actor:
    """Return who bears `token`; without one, the public. Raises TokenInvalid. One or two statements."""
    if token is None:
        return PUBLIC_ACTOR
    found = None
    if len(token) <= MAX_TOKEN_CHARACTERS:
        found = session.scalar(select(Token).where(Token.digest == _digest(token)))
    if found is None or found.revoked_at is not None or found.expires_at <= clock.now():
        raise _invalid()
    if found.kind is ActorKind.PARTNER:
        return _partner(session, found.subject)
    if found.kind is ActorKind.OFFICER:
        return officer_actor(session, found.subject)
    return Actor(ActorKind.OPERATOR, found.subject, found.subject)


def _partner(session: Session, code: str) -> Actor:
    partner = session.scalar(select(Partner).where(Partner.code == code, Partner.ended_at.is_(None)))
    if partner is None:
        raise _invalid()
    return Actor(ActorKind.PARTNER, partner.code, partner.name_zh, partner.region)


def officer_actor(session: Session, code: str) -> Actor:
    """Return the officer `code` who is in office as an actor; raises TokenInvalid for anybody else."""
    officer = session.scalar(select(Officer).where(Officer.code == code, Officer.ended_at.is_(None)))
    if officer is None:
        raise _invalid()
    return Actor(
        ActorKind.OFFICER, officer.code, officer.name, officer.region, frozenset(Role(role) for role in officer.roles)
    )


def _invalid() -> TokenInvalid:
    return TokenInvalid("令牌无效或已过期。", "The token is not valid, or no longer.")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
