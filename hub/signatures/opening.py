"""What the phone does before signing: open the code, once; say who one is; or decline.

The code's secret opens a request on one phone, which gets a secret of its own (a cookie); the code is worth nothing after that. A name
and number that are not the asked signer's count, and the fifth closes the request. Functions receive the session; the caller commits.
"""

from __future__ import annotations

import hmac
import secrets

from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.errors import HubError
from hub.signatures.asking import SECRET_BYTES
from hub.signatures.faults import RequestAlreadyOpened, SignerAttemptsSpent, SignerDiffers
from hub.signatures.providers import IdentityCheck
from hub.signatures.queries import request_by_hand_over, request_for_change, request_of_phone, secret_digest
from hub.signatures.records import SigningRequest
from hub.signatures.rules import MAX_ATTEMPTS, RequestStatus, require_attempts, require_move, require_unexpired
from hub.signatures.signers import ShownSigner


def open_on_phone(session: Session, hand_over: str, *, clock: Clock) -> str:
    """Give the request to the phone that comes first; return that phone's secret.

    Raises RequestMissing, RequestExpired, RequestAlreadyOpened, and RequestMoveRefused for one that was taken back.
    """
    request = request_for_change(session, request_by_hand_over(session, hand_over).id)
    require_unexpired(request.status, request.expires_at, clock.now())
    if request.phone_sha256 is not None:
        raise RequestAlreadyOpened
    require_move(request.status, RequestStatus.OPENED)
    phone = secrets.token_hex(SECRET_BYTES)
    request.status, request.phone_sha256 = RequestStatus.OPENED, secret_digest(phone)
    request.version += 1
    return phone


def compare_signer(
    session: Session, phone: str, hand_over: str, signer: ShownSigner, *, clock: Clock
) -> HubError | None:
    """Return None when `signer` is the one asked for: only then the provider is asked. Otherwise count, and return what he is to be told.

    The row stays locked while it is compared, so that no burst of guesses is counted as one; the fifth wrong answer closes the request.
    Raises RequestMissing, RequestExpired, RequestMoveRefused, SignerAttemptsSpent.
    """
    request = _locked(session, phone, hand_over)
    _require_identifiable(request, clock)
    if hmac.compare_digest(request.signer_index, signer.index):
        return None
    request.attempts += 1
    request.version += 1
    if request.attempts < MAX_ATTEMPTS:
        return SignerDiffers()
    request.status, request.ended_at = RequestStatus.CLOSED, clock.now()
    return SignerAttemptsSpent(MAX_ATTEMPTS)


def keep_check(session: Session, phone: str, hand_over: str, check: IdentityCheck, *, clock: Clock) -> None:
    """Keep the provider's check: the signer may sign now. Raises RequestMissing, RequestExpired, RequestMoveRefused."""
    request = _locked(session, phone, hand_over)
    _require_identifiable(request, clock)
    request.status = RequestStatus.IDENTIFIED
    request.check_provider, request.check_reference = check.provider, check.reference
    request.check_level, request.checked_at = check.level, check.at
    request.version += 1


def decline(session: Session, phone: str, hand_over: str, *, clock: Clock) -> SigningRequest:
    """End the request because the signer does not want to sign. Raises RequestMissing, RequestExpired, RequestMoveRefused."""
    request, now = _locked(session, phone, hand_over), clock.now()
    require_unexpired(request.status, request.expires_at, now)
    require_move(request.status, RequestStatus.DECLINED)
    request.status, request.ended_at = RequestStatus.DECLINED, now
    request.version += 1
    return request


def _require_identifiable(request: SigningRequest, clock: Clock) -> None:
    require_unexpired(request.status, request.expires_at, clock.now())
    require_attempts(request.attempts)
    require_move(request.status, RequestStatus.IDENTIFIED)


def _locked(session: Session, phone: str, hand_over: str) -> SigningRequest:
    return request_for_change(session, request_of_phone(session, phone, hand_over=hand_over).id)
