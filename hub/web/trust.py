"""What strangers need in order not to believe this hub: its root certificates with what was revoked, and its public keys.

Everything here is public, and none of it is proof by itself: a person compares the fingerprints by another way (on paper, by
telephone) before he trusts them. Private halves stay in the key store.

Source: RFC 5280 (certificates and revocation lists), RFC 7468 (their text form), C2SP signed-note (verifier keys).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Blueprint, Response, jsonify, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.access.policy import Level
from hub.ledger.cupboard import encoded_key, witness_name
from hub.ledger.keys import Verifier
from hub.ledger.queries import key_rows, open_ledgers
from hub.ledger.records import LedgerEntry
from hub.ledger.trust import followed_keys
from hub.ledger.witness import witness_public_key
from hub.seals.records import Seal
from hub.seals.rules import SealStatus
from hub.signing.anchors import LEDGER_USE, Anchors, AnchorsUnreadable, LedgerAnchor
from hub.signing.x509_text import fingerprint, subject
from hub.web.authentication import answers, this_hub
from hub.web.compose import Hub, revocation_lists, root_certificates, seal_certificate

trust = Blueprint("trust", __name__)

SEAL_STATUS = "seal_status"
GROUP = 4  # digits of a fingerprint that are read aloud together


@dataclass(frozen=True)
class PublicKey:
    """A key of this hub; `fingerprint` is the SHA-256 of its SubjectPublicKeyInfo in hex, `public_key` that in base64."""

    use: str  # LEDGER or WITNESS
    name: str
    algorithm: str
    key_id: str
    public_key: str
    fingerprint: str


@dataclass(frozen=True)
class Root:
    """A root certificate; `fingerprint` is the SHA-256 of its DER in hex."""

    name: str
    fingerprint: str
    last_day: datetime


@trust.get("/trust")
@answers(Level.PUBLIC)
def overview() -> str:
    """Show the fingerprints of everything strangers may come to trust, in groups a person can read aloud."""
    hub = this_hub()
    with hub.database.reading() as session:
        keys = public_keys(session, hub)
    return render_template(
        "trust.html", roots=[_root(der) for der in root_certificates(hub)], keys=keys, grouped=_grouped
    )


@trust.get("/trust/anchors.pem")
@answers(Level.PUBLIC)
def anchors() -> Response:
    """Answer the root certificates and the list of revoked ones as PEM."""
    hub = this_hub()
    with hub.database.reading() as session:
        body = anchors_pem(session, hub)
    return Response(body, mimetype="application/x-pem-file", headers={"Cache-Control": "no-cache"})


@trust.get("/trust/keys.json")
@answers(Level.PUBLIC)
def keys() -> Response:
    """Answer the public keys of this hub's ledgers and of its witness."""
    hub = this_hub()
    with hub.database.reading() as session:
        found = public_keys(session, hub)
    told = [
        {
            "use": key.use,
            "name": key.name,
            "algorithm": key.algorithm,
            "keyId": key.key_id,
            "publicKey": key.public_key,
            "fingerprint": {"algorithm": "SHA-256", "value": key.fingerprint},
        }
        for key in found
    ]
    answer = jsonify({"region": hub.settings.region, "keys": told})
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def anchors_pem(session: Session, hub: Hub) -> bytes:
    """Return the hub's trust anchors: every root of its keys, and a fresh revocation list of each with the certificates of cancelled seals.

    The anchors of other seal systems that the hub was told of follow. Raises AnchorsUnreadable for a file of them that cannot be read.
    A file that was sealed before its seal was cancelled stays valid; that is what the list's dates are for.
    """
    roots = root_certificates(hub)
    blocks = [x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in roots]
    revoked = [
        (certificate, at)
        for key_name, at in _cancelled(session)
        if (certificate := seal_certificate(hub, key_name)) is not None
    ]
    return b"".join([*blocks, *revocation_lists(hub, revoked), _others_anchors(hub)])


def anchors_of(session: Session, hub: Hub) -> Anchors:
    """Return what the hub trusts now: what it publishes, and the keys of the ledgers it follows. Raises AnchorsUnreadable."""
    ledgers = [
        *(LedgerAnchor(key.name, key.public_key) for key in public_keys(session, hub) if key.use == LEDGER_USE),
        *(LedgerAnchor(key.origin, encoded_key(key.algorithm, key.public_key)) for key in followed_keys(session)),
    ]
    return replace(Anchors.from_pem(anchors_pem(session, hub)), ledger_keys=tuple(ledgers))


def public_keys(session: Session, hub: Hub) -> list[PublicKey]:
    """Return the keys that sign this hub's open ledgers, oldest first, and its witness key. One statement a ledger and one."""
    found = [
        _public_key(LEDGER_USE, Verifier(ledger.origin, row.algorithm, row.public_key))
        for ledger in open_ledgers(session)
        for row in key_rows(session, ledger.id)
        if row.to_size is None or row.to_size >= ledger.size
    ]
    region = hub.settings.region
    return [*found, _public_key("WITNESS", Verifier(witness_name(region), *witness_public_key(hub.keys, region)))]


def _others_anchors(hub: Hub) -> bytes:
    file = hub.settings.trust_anchors_file
    if file is None:
        return b""
    try:
        content = file.read_bytes()
    except OSError as unreadable:
        raise AnchorsUnreadable from unreadable
    Anchors.from_pem(content)
    return content


def _public_key(use: str, verifier: Verifier) -> PublicKey:
    encoded = encoded_key(verifier.algorithm, verifier.public_key)
    return PublicKey(
        use=use,
        name=verifier.name,
        algorithm=verifier.algorithm,
        key_id=(verifier.cosigner_key_id if use == "WITNESS" else verifier.key_id).hex(),
        public_key=encoded,
        fingerprint=hashlib.sha256(base64.b64decode(encoded)).hexdigest(),
    )


def _cancelled(session: Session) -> list[tuple[str, datetime]]:
    """Return (key name, since when) of every cancelled seal: its newest status entry says since when, for nothing follows it."""
    cancelled = (
        select(Seal.key_name, LedgerEntry.added_at)
        .join(LedgerEntry, LedgerEntry.record_id == Seal.id)
        .where(LedgerEntry.kind == SEAL_STATUS, Seal.status == SealStatus.CANCELLED)
        .order_by(LedgerEntry.version)
    )
    newest = {key_name: at for key_name, at in session.execute(cancelled)}
    return sorted(newest.items())


def _root(der: bytes) -> Root:
    certificate = x509.load_der_x509_certificate(der)
    return Root(subject(certificate), fingerprint(der), certificate.not_valid_after_utc)


def _grouped(digits: str) -> str:
    return " ".join(digits[start : start + GROUP] for start in range(0, len(digits), GROUP))
