"""Makes an applicant's signature: read the request, sign the manifest, keep it. Nothing is half signed.

The one-time certificate, the signature and its time stamp are made outside any transaction; then the request's end, the record and the ledger
entry are written in ONE transaction, which asks again whether the request still waits for this phone. A crash or a refusal in between
leaves no trace, and the one-time key is gone. Without a time stamp nothing is signed. This is an edge: it opens its own transactions.

Source: 电子签名法 art. 13; GB/T 35275-2017 (SignedData with SM2); RFC 3161.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.database import Database
from hub.filestore import StoredFileLost
from hub.ledger.names import LedgerName
from hub.ledger.standing import require_signing
from hub.signatures.faults import SigningOvertaken
from hub.signatures.manifest import manifest_of, shown_signer
from hub.signatures.opening import compare_signer, keep_check
from hub.signatures.providers import IdentityCheck, Provider
from hub.signatures.publishing import tell
from hub.signatures.queries import request_for_change, request_of_phone
from hub.signatures.records import ApplicantSignature, SigningRequest
from hub.signatures.rules import RequestStatus, SignatureKind, require_move, require_unexpired
from hub.signatures.shelf import Shelf
from hub.signatures.signers import Signer
from hub.signatures.strokes import Drawing
from hub.signing.applicant_record import written
from hub.signing.canonical import canonical
from hub.signing.one_time_certificates import sign_once

CERTIFIED, SIGNED, COMMITTED = "certified", "signed", "committed"


def _pass_by(_step: str) -> None:
    """The default for `SigningTable.reached`: nobody is told."""


@dataclass(frozen=True, kw_only=True)
class SigningTable:
    """What signing needs.

    `index_key` is the key of the signers' index. `timestamp` maps the SM3 of a signature value (32 bytes) to a token (DER) and raises
    HubError when it has none. `reached` is told each step when it is done: certified, signed, committed.
    """

    database: Database
    clock: Clock
    shelf: Shelf
    provider: Provider
    index_key: bytes
    timestamp: Callable[[bytes], bytes]
    reached: Callable[[str], None] = _pass_by


@dataclass(frozen=True)
class Phone:
    """The phone a request was opened on: its own secret, and that of the code it opened."""

    secret: str
    hand_over: str


@dataclass(frozen=True)
class _Made:
    """A signature that nobody has kept yet."""

    manifest: dict[str, Any]
    record: bytes
    version: int


def identify(table: SigningTable, phone: Phone, signer: Signer) -> IdentityCheck:
    """Let the provider check the signer, who must be the one asked for; he may sign afterwards.

    Raises RequestMissing, RequestExpired, RequestMoveRefused, SignerDiffers, SignerAttemptsSpent, and what the provider raises.
    """
    shown = signer.shown(table.index_key)
    with table.database.transaction() as session:
        refused = compare_signer(session, phone.secret, phone.hand_over, shown, clock=table.clock)
    if refused is not None:
        raise refused
    check = table.provider.check_identity(signer)
    with table.database.transaction() as session:
        keep_check(session, phone.secret, phone.hand_over, check, clock=table.clock)
    return check


def sign(table: SigningTable, phone: Phone, drawing: Drawing | None) -> ApplicantSignature:
    """Sign the files of the request: by hand when there is a drawing, else by certificate. Return what was kept.

    Raises RequestMissing, RequestExpired, RequestMoveRefused, SigningOvertaken, StoredFileLost, and what the provider, the time stamp
    authority and an exchange ledger that may not sign raise; nothing is changed then.
    """
    with table.database.reading() as session:
        require_signing(session, LedgerName.EXCHANGE)
        request = request_of_phone(session, phone.secret, hand_over=phone.hand_over)
        _require_ready(request, table.clock)
    _require_files(table.shelf, request)
    made = _make(table, request, drawing)
    table.reached(SIGNED)
    with table.database.transaction() as session:
        require_signing(session, LedgerName.EXCHANGE)
        kept = _keep(session, request.id, made, clock=table.clock)
    table.reached(COMMITTED)
    return kept


def _make(table: SigningTable, request: SigningRequest, drawing: Drawing | None) -> _Made:
    check = _check_of(request)
    manifest = manifest_of(request, check, table.provider, drawing=drawing, at=table.clock.now())
    signed_bytes = canonical(manifest)
    digest = hashlib.new("sm3", signed_bytes).digest()
    kind = SignatureKind(manifest["kind"])
    once = table.provider.certify(shown_signer(request), check, digest=digest, kind=kind)
    table.reached(CERTIFIED)
    signature = sign_once(once, signed_bytes, timestamp=table.timestamp)
    record = written(manifest, None if drawing is None else drawing.to_json(), signature)
    return _Made(manifest, record, request.version)


def _keep(session: Session, request_id: str, made: _Made, *, clock: Clock) -> ApplicantSignature:
    request = request_for_change(session, request_id)
    _require_ready(request, clock)
    if request.version != made.version:
        raise SigningOvertaken
    now = clock.now()
    request.status, request.ended_at = RequestStatus.SIGNED, now
    request.version += 1
    kept = ApplicantSignature(
        request_id=request.id,
        kind=SignatureKind(made.manifest["kind"]),
        provider=made.manifest["identity"]["provider"],
        record=made.record,
        record_sha256=hashlib.sha256(made.record).hexdigest(),
        manifest_sm3=hashlib.new("sm3", canonical(made.manifest)).hexdigest(),
        signed_at=now,
    )
    session.add(kept)
    session.flush()
    tell(session, request, kept, clock=clock)
    return kept


def _require_ready(request: SigningRequest, clock: Clock) -> None:
    require_unexpired(request.status, request.expires_at, clock.now())
    require_move(request.status, RequestStatus.SIGNED)


def _require_files(shelf: Shelf, request: SigningRequest) -> None:
    """Return when every file is there and is what was asked for, by both digests; raises StoredFileLost."""
    files = shelf.of(request.id)
    for file in request.files:
        if hashlib.new("sm3", files.read(file.sha256)).hexdigest() != file.sm3:
            raise StoredFileLost(file.sha256)


def _check_of(request: SigningRequest) -> IdentityCheck:
    if not (request.check_provider and request.check_reference and request.check_level and request.checked_at):
        raise SigningOvertaken  # the database holds no such row: IDENTIFIED is written with its check
    return IdentityCheck(request.check_provider, request.check_reference, request.check_level, request.checked_at)
