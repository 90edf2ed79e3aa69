"""Keys in files, encrypted at rest: for the demonstration, for tests, and for the hub's own ledger and time stamps.

One PKCS#8 file per key (RFC 5958, encrypted), mode 0600, at `<directory>/<purpose>/<name>.key`, its chain beside it as `<name>.pem`. The
purpose is part of the passphrase (`<purpose>/<name>/<passphrase>`), so a file copied to another purpose's folder does not open there, while
`openssl pkey -passin` still opens it for its owner. Must not be used for organs' seals outside the demonstration: a store that is told so
refuses their SM2 keys.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from hub.signing.keys import (
    ED25519,
    P256,
    SM2,
    KeyAlgorithmUnsupported,
    KeyExists,
    KeyFileRefused,
    KeyMissing,
    KeyPurposeRefused,
    KeyUnreadable,
    Purpose,
    checked_name,
)
from hub.signing.sm2 import Sm2PrivateKey, Sm2Refused

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | Sm2PrivateKey
OFFERED = (ED25519, P256, SM2)


@dataclass(frozen=True)
class FileKey:
    """A key read from its file; it satisfies `hub.signing.keys.Key`."""

    name: str
    algorithm: str
    _private: PrivateKey

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo, DER."""
        if isinstance(self._private, Sm2PrivateKey):
            return self._private.public_key_der
        return self._private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def raw_public(self) -> bytes:
        """32 bytes for Ed25519, 65 bytes `04||X||Y` for P-256 and SM2."""
        if isinstance(self._private, Sm2PrivateKey):
            return self._private.public_point
        if isinstance(self._private, ed25519.Ed25519PrivateKey):
            return self._private.public_key().public_bytes_raw()
        return self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, message: bytes) -> bytes:
        """Return the signature: 64 bytes for Ed25519, DER for P-256 (ECDSA over SHA-256) and for SM2 (over SM3 with ZA)."""
        if isinstance(self._private, ec.EllipticCurvePrivateKey):
            return self._private.sign(message, ec.ECDSA(hashes.SHA256()))
        return self._private.sign(message)


class FileKeyStore:
    """Keeps each key in an encrypted file of its own; it satisfies `hub.signing.keys.KeyStore`.

    With `organs_sm2=False` (the national profile in earnest) SM2 keys of organs' seals are neither made nor opened.
    """

    def __init__(self, directory: Path, passphrase: bytes, *, organs_sm2: bool = True) -> None:
        self._directory = directory
        self._passphrase = passphrase
        self._organs_sm2 = organs_sm2

    def open(self, purpose: Purpose, name: str) -> FileKey:
        """Return the key of `purpose` and `name`.

        Raises KeyPurposeRefused when the file was made for another purpose, KeyMissing when there is none, KeyUnreadable when the passphrase
        is wrong, KeyFileRefused for a key that may not lie in a file. Costs 10 to 20 ms (key derivation): hold the key rather than opening
        it for each signature.
        """
        path = self._path(purpose, name, "key")
        if not path.exists():
            if any(self._path(other, name, "key").exists() for other in Purpose):
                raise KeyPurposeRefused(name, purpose)
            raise KeyMissing(name, purpose)
        pem = path.read_bytes()
        private = self._decrypt(pem, purpose, name)
        if private is not None:
            self._permit(purpose, name, _algorithm(private))
            return FileKey(name, _algorithm(private), private)
        if any(self._decrypt(pem, other, name) is not None for other in Purpose):
            raise KeyPurposeRefused(name, purpose)
        raise KeyUnreadable(name)

    def create(self, purpose: Purpose, name: str, algorithm: str) -> FileKey:
        """Make, write and return a key; two callers at once make one key, and the second gets KeyExists.

        Raises KeyFileRefused for a key that may not lie in a file.
        """
        path = self._path(purpose, name, "key")
        self._permit(purpose, name, algorithm)
        private = _generate(algorithm)
        pem = _encrypted(private, self._secret(purpose, name))
        if not _write(path, pem, replace=False):
            raise KeyExists(name, purpose)
        return FileKey(name, algorithm, private)

    def names(self, purpose: Purpose) -> list[str]:
        """Return the names of the keys made for `purpose`, sorted."""
        return sorted(path.stem for path in (self._directory / purpose).glob("*.key"))

    def certificates(self, purpose: Purpose, name: str) -> list[bytes]:
        """Return the stored chain, DER, own certificate first; empty when none was stored."""
        path = self._path(purpose, name, "pem")
        if not path.exists():
            return []
        return [found.public_bytes(Encoding.DER) for found in x509.load_pem_x509_certificates(path.read_bytes())]

    def store_certificates(self, purpose: Purpose, name: str, chain: Sequence[bytes]) -> None:
        """Keep `chain` (DER, own certificate first) with the key, replacing the former chain."""
        pem = b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in chain)
        _write(self._path(purpose, name, "pem"), pem, replace=True)

    def _path(self, purpose: Purpose, name: str, suffix: str) -> Path:
        return self._directory / purpose / f"{checked_name(name)}.{suffix}"

    def _secret(self, purpose: Purpose, name: str) -> bytes:
        return f"{purpose}/{name}/".encode() + self._passphrase

    def _permit(self, purpose: Purpose, name: str, algorithm: str) -> None:
        if purpose is Purpose.SEAL and algorithm == SM2 and not self._organs_sm2:
            raise KeyFileRefused(name)

    def _decrypt(self, pem: bytes, purpose: Purpose, name: str) -> PrivateKey | None:
        passphrase = self._secret(purpose, name)
        try:
            private = load_pem_private_key(pem, passphrase)
        except (
            ValueError,
            TypeError,
            UnsupportedAlgorithm,
        ):  # wrong passphrase, damaged, not encrypted, or on the SM2 curve
            return _sm2(pem, passphrase)
        return private if isinstance(private, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) else None


def _generate(algorithm: str) -> PrivateKey:
    if algorithm == ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == P256:
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == SM2:
        return Sm2PrivateKey.generate()
    raise KeyAlgorithmUnsupported(algorithm, OFFERED)


def _algorithm(private: PrivateKey) -> str:
    if isinstance(private, Sm2PrivateKey):
        return SM2
    return ED25519 if isinstance(private, ed25519.Ed25519PrivateKey) else P256


def _encrypted(private: PrivateKey, passphrase: bytes) -> bytes:
    if isinstance(private, Sm2PrivateKey):
        return private.to_pem(passphrase)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))


def _sm2(pem: bytes, passphrase: bytes) -> Sm2PrivateKey | None:
    try:
        return Sm2PrivateKey.from_pem(pem, passphrase)
    except Sm2Refused:
        return None


def _write(path: Path, content: bytes, *, replace: bool) -> bool:
    """Write whole or not at all, durably; return False when the file exists and may not be replaced."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            part.replace(path)
        else:
            os.link(part, path)  # unlike rename, a link fails when the name is taken
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    _sync_directory(path.parent)
    return True


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
