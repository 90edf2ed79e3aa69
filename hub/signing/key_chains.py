"""Chains of certificates in files, for keys that live elsewhere: `<directory>/<purpose>/<name>.pem`. Public matter; nothing secret is here."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hub.signing.keys import Purpose, checked_name


@dataclass(frozen=True)
class ChainFolder:
    """A folder with a PEM file for each key."""

    directory: Path

    def read(self, purpose: Purpose, name: str) -> list[bytes]:
        """Return the chain, DER, own certificate first; empty when none was kept."""
        path = self._path(purpose, name)
        if not path.exists():
            return []
        return [found.public_bytes(Encoding.DER) for found in x509.load_pem_x509_certificates(path.read_bytes())]

    def write(self, purpose: Purpose, name: str, chain: Sequence[bytes]) -> None:
        """Keep `chain` (DER, own certificate first), replacing the former one whole."""
        path = self._path(purpose, name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        draft.write_bytes(b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in chain))
        draft.replace(path)

    def _path(self, purpose: Purpose, name: str) -> Path:
        return self.directory / purpose / f"{checked_name(name)}.pem"
