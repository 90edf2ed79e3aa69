"""Encrypts what a license holds of persons, and finds a holder by code without the code lying in the database.

AES-256-GCM under a random nonce, bound to the row it belongs to; equality search by HMAC-SM3 under a second key, never by encrypting the
same text to the same bytes, which would let the database's reader compare rows. Keys are handed in; nothing here reads a file.

Source: GB/T 37964-2019 (pseudonyms by keyed digest); GB/T 32905-2016 (SM3) in RFC 2104; NIST SP 800-38D (GCM); RFC 5869 (HKDF).
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

from hub.licenses.faults import VaultUnreadable

KEY_BYTES = 32
NONCE_BYTES = 12
ENCRYPTION, INDEX = b"tongban/licenses/encryption/1", b"tongban/licenses/index/1"


@dataclass(frozen=True)
class LicenseVault:
    """The two keys of a hub's licenses, 32 bytes each."""

    encryption_key: bytes = field(repr=False)
    index_key: bytes = field(repr=False)

    def seal(self, plain: bytes, context: str) -> bytes:
        """Return nonce, ciphertext and tag; `context` names the row and must be given again to open. Never the same twice."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.encryption_key).encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Return what was sealed in this context; raises VaultUnreadable for another key, another row or altered bytes."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self.encryption_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError):
            raise VaultUnreadable from None

    def index(self, code_type: str, code: str) -> bytes:
        """Return the 32 bytes by which a holder's code in its normal form is found: HMAC-SM3 over type and code."""
        return hmac.new(self.index_key, f"{code_type}\0{code}".encode(), "sm3").digest()


def derive_vault(secret: bytes) -> LicenseVault:
    """Return the vault of a hub's one license secret (32 bytes or more), each key derived for its use alone."""
    return LicenseVault(_derived(secret, ENCRYPTION), _derived(secret, INDEX))


def _derived(secret: bytes, use: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), KEY_BYTES, salt=None, info=use).derive(secret)
