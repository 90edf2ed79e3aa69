"""One key store made of two: keys for some purposes live in a device or a service, the others in files. Decides only where, never who may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.signing.keys import Key, KeyStore, Purpose


@dataclass(frozen=True)
class RoutedKeyStore:
    """Satisfies `hub.signing.keys.KeyStore`: keys of `purposes` are `special`'s, all others `rest`'s; raises what they raise."""

    purposes: frozenset[Purpose]
    special: KeyStore
    rest: KeyStore

    def open(self, purpose: Purpose, name: str) -> Key:
        """Return the key from the store of its purpose."""
        return self._store(purpose).open(purpose, name)

    def create(self, purpose: Purpose, name: str, algorithm: str) -> Key:
        """Make a key in the store of its purpose."""
        return self._store(purpose).create(purpose, name, algorithm)

    def names(self, purpose: Purpose) -> list[str]:
        """Return the names of the keys made for `purpose`, sorted."""
        return self._store(purpose).names(purpose)

    def certificates(self, purpose: Purpose, name: str) -> list[bytes]:
        """Return the chain kept with the key, DER, own certificate first."""
        return self._store(purpose).certificates(purpose, name)

    def store_certificates(self, purpose: Purpose, name: str, chain: Sequence[bytes]) -> None:
        """Keep `chain` with the key in the store of its purpose."""
        self._store(purpose).store_certificates(purpose, name, chain)

    def _store(self, purpose: Purpose) -> KeyStore:
        return self.special if purpose in self.purposes else self.rest
