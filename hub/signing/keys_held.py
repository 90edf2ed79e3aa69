"""A key store that opens each key once: for a batch, where deriving the file's key anew for every signature would cost more than signing.

Holds keys for as long as it lives: hand one to a run, and let it go afterwards. Makes nothing another store would not.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.signing.keys import Key, KeyStore, Purpose


class HeldKeys:
    """Opens keys and reads chains from `store`, each once; it satisfies `hub.signing.keys.KeyStore`."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._keys: dict[tuple[Purpose, str], Key] = {}
        self._chains: dict[tuple[Purpose, str], list[bytes]] = {}

    def open(self, purpose: Purpose, name: str) -> Key:
        """Return the key, opened at the first call; raises what the store raises."""
        found = self._keys.get((purpose, name))
        if found is None:
            found = self._keys[purpose, name] = self._store.open(purpose, name)
        return found

    def create(self, purpose: Purpose, name: str, algorithm: str) -> Key:
        """Make a key in the store; raises what the store raises."""
        return self._store.create(purpose, name, algorithm)

    def names(self, purpose: Purpose) -> list[str]:
        """Return the names of the keys made for `purpose`, sorted."""
        return self._store.names(purpose)

    def certificates(self, purpose: Purpose, name: str) -> list[bytes]:
        """Return the chain of the key as it was at the first call."""
        found = self._chains.get((purpose, name))
        if found is None:
            found = self._chains[purpose, name] = self._store.certificates(purpose, name)
        return list(found)

    def store_certificates(self, purpose: Purpose, name: str, chain: Sequence[bytes]) -> None:
        """Keep the chain in the store, and here."""
        self._store.store_certificates(purpose, name, chain)
        self._chains[purpose, name] = list(chain)
