"""The ledger's door to the key cupboard: opens keys for the purposes LEDGER and WITNESS, and for no other.

Opened keys are held for the life of a `Cupboard`, because opening a file key costs 10 ms. Public keys travel in entries as
SubjectPublicKeyInfo, DER, base64; here they become the bare keys that notes are verified with, and back.

Source: RFC 8410 section 4 (Ed25519), GB/T 35276-2017 (SM2) for the SubjectPublicKeyInfo prefixes.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from hub.errors import ValidationFailed
from hub.ledger.keys import Verifier
from hub.ledger.records import LedgerKey
from hub.signing.keys import Key, KeyExists, KeyStore, Purpose

_SPKI_PREFIXES: Final = {
    "Ed25519": bytes.fromhex("302a300506032b6570032100"),
    "SM2": bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200"),
}
_BARE_BYTES: Final = {"Ed25519": 32, "SM2": 65}


class Cupboard:
    """Keys of the ledgers and of the witness, opened once and held."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._opened: dict[tuple[Purpose, str], Key] = {}

    def ledger_key(self, name: str) -> Key:
        """Return a key that signs checkpoints; raises KeyMissing, KeyPurposeRefused, KeyUnreadable."""
        return self._open(Purpose.LEDGER, name)

    def new_ledger_key(self, name: str, algorithm: str) -> Key:
        """Return the ledger key of this name, made now unless an earlier attempt already made it."""
        return self._made(Purpose.LEDGER, name, algorithm)

    def witness_key(self, region: str, algorithm: str) -> Key:
        """Return the key this hub cosigns with, made on first use."""
        return self._made(Purpose.WITNESS, f"witness.{region}", algorithm)

    def ledger_keys_of(self, origin: str) -> list[Key]:
        """Return every key in the store made for this origin, those included that the database has forgotten."""
        first = first_key_name(origin)
        mine = [name for name in self._keys.names(Purpose.LEDGER) if name == first or name.startswith(f"{first}-")]
        return [self.ledger_key(name) for name in mine]

    def _open(self, purpose: Purpose, name: str) -> Key:
        if (purpose, name) not in self._opened:
            self._opened[purpose, name] = self._keys.open(purpose, name)
        return self._opened[purpose, name]

    def _made(self, purpose: Purpose, name: str, algorithm: str) -> Key:
        if (purpose, name) in self._opened:
            return self._opened[purpose, name]
        try:
            self._opened[purpose, name] = self._keys.create(purpose, name, algorithm)
        except KeyExists:  # its transaction was rolled back, or another process was first
            return self._open(purpose, name)
        return self._opened[purpose, name]


def first_key_name(origin: str) -> str:
    """Return the name of an origin's first key; its successors add -2, -3 and so on."""
    return origin.replace("/", ".")


def witness_name(region: str) -> str:
    """Return the name a hub's cosignatures stand under."""
    return f"witness/{region}"


def encoded_key(algorithm: str, raw: bytes) -> str:
    """Return a bare public key as entries carry it: SubjectPublicKeyInfo, DER, base64. Raises ValidationFailed."""
    if len(raw) != _BARE_BYTES.get(algorithm):
        raise ValidationFailed("公钥格式不对。", "The public key has the wrong form.")
    return base64.b64encode(_SPKI_PREFIXES[algorithm] + raw).decode()


def decoded_key(algorithm: str, text: str) -> bytes:
    """Return the bare public key that `encoded_key` wrote. Raises ValidationFailed for any other text."""
    try:
        der = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValidationFailed("公钥不是 Base64 文本。", "The public key is not base64.") from error
    prefix = _SPKI_PREFIXES.get(algorithm, b"")
    raw = der[len(prefix) :]
    if not prefix or not der.startswith(prefix) or len(raw) != _BARE_BYTES[algorithm]:
        raise ValidationFailed("公钥格式不对。", "The public key has the wrong form.")
    return raw


def recognised_key(text: str) -> tuple[str, bytes]:
    """Return algorithm and bare public key of a key as entries carry it, of whatever algorithm. Raises ValidationFailed."""
    for algorithm in _SPKI_PREFIXES:
        try:
            return algorithm, decoded_key(algorithm, text)
        except ValidationFailed:
            continue
    raise ValidationFailed("不是账本公钥（Ed25519 或 SM2）。", "This is no ledger's public key (Ed25519 or SM2).")


def verifiers_of(origin: str, rows: list[LedgerKey], cupboard: Cupboard | None = None) -> list[Verifier]:
    """Return the keys that may have signed for this hub's own `origin`: those in the database and those in the store.

    The store counts too, because a database restored from an old backup has forgotten its newest keys.
    """
    known = {(row.algorithm, row.public_key) for row in rows}
    if cupboard is not None:
        known |= {(key.algorithm, key.raw_public) for key in cupboard.ledger_keys_of(origin)}
    return [Verifier(origin, algorithm, raw) for algorithm, raw in sorted(known)]
