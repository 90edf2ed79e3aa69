"""What may happen to a request for a signature, and what bounds it.

A request rests in exactly one `RequestStatus`; `MOVES` is the only list of moves. Expiry is no status: it follows from the clock, so
`is_open` reads it and nothing stores it. No database here.

Source: 电子签名法 art. 13 (the data of making a signature are the signer's alone; any change after signing can be found).
"""

from __future__ import annotations

import enum
from datetime import datetime, timedelta

from hub.signatures.faults import RequestExpired, RequestMoveRefused, SignerAttemptsSpent

LASTING = timedelta(minutes=15)
"""How long a request may be opened and carried out; an one-time certificate lasts no longer."""
MAX_FILES = 10
MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_TOTAL_BYTES = 48 * 1024 * 1024
MAX_PURPOSE_CHARACTERS = 200
MAX_ATTEMPTS = 5
"""How often a name and number that are not the asked signer's may be tried on one request."""


class RequestStatus(enum.StrEnum):
    """How far a request has come."""

    ASKED = "ASKED"  # 待扫码
    OPENED = "OPENED"  # 已在手机打开
    IDENTIFIED = "IDENTIFIED"  # 身份已核验
    SIGNED = "SIGNED"  # 已签名
    DECLINED = "DECLINED"  # 已拒签
    CLOSED = "CLOSED"  # 已关闭: taken back by who asked, or tried too often


class SignatureKind(enum.StrEnum):
    """How the signer signed; a verdict names it."""

    DRAWN = "drawn"  # 手写签名, with an identity check by a provider
    CERTIFICATE = "certificate"  # 证书签名, by an one-time certificate of the signer


MOVES: dict[RequestStatus, frozenset[RequestStatus]] = {
    RequestStatus.ASKED: frozenset({RequestStatus.OPENED, RequestStatus.CLOSED}),
    RequestStatus.OPENED: frozenset({RequestStatus.IDENTIFIED, RequestStatus.DECLINED, RequestStatus.CLOSED}),
    RequestStatus.IDENTIFIED: frozenset({RequestStatus.SIGNED, RequestStatus.DECLINED, RequestStatus.CLOSED}),
    RequestStatus.SIGNED: frozenset(),
    RequestStatus.DECLINED: frozenset(),
    RequestStatus.CLOSED: frozenset(),
}
ENDS = frozenset(status for status, after in MOVES.items() if not after)


def require_move(status: RequestStatus, wanted: RequestStatus) -> None:
    """Return when a request may go from `status` to `wanted`; raises RequestMoveRefused."""
    if wanted not in MOVES[status]:
        raise RequestMoveRefused(status, wanted)


def is_open(status: RequestStatus, expires_at: datetime, at: datetime) -> bool:
    """Say whether something may still happen to the request at the instant `at`; `expires_at` is exclusive."""
    return status not in ENDS and at < expires_at


def require_unexpired(status: RequestStatus, expires_at: datetime, at: datetime) -> None:
    """Return unless the request ran out of time before it came to an end; raises RequestExpired."""
    if status not in ENDS and at >= expires_at:
        raise RequestExpired


def require_attempts(attempts: int) -> None:
    """Return while the signer may try again to say who he is; raises SignerAttemptsSpent."""
    if attempts >= MAX_ATTEMPTS:
        raise SignerAttemptsSpent(MAX_ATTEMPTS)
