"""Files by the digest of their bytes: `<directory>/<first two digits>/<sha256>`. Written whole and durably, or not at all.

Knows nothing of who published a file: what lies here without a row that names it was never published, and must not be served
(`hub.approvals.queries.published_file`). A crash may leave such orphans, and parts in `incoming/`; their owner sweeps them.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from hub.errors import HubError

SHA256 = re.compile(r"[0-9a-f]{64}")
SHARDS = tuple(f"{number:02x}" for number in range(256))
INCOMING = "incoming"


class StoredFileLost(HubError):
    """A published file is missing from the store, or its bytes are no longer those of its digest.

    Cure: restore the file from the backup or from a partner that holds it; its digest is in the ledger.
    """

    code = "file.lost"

    def __init__(self, sha256: str) -> None:
        super().__init__("文件丢失或已损坏。", "The stored file is lost or damaged.")
        self.sha256 = sha256


class FileStore:
    """A folder of files named by their SHA-256 (64 hex digits, lower case)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._settled: set[Path] = set()  # folders whose own names are known to be durable

    def put(self, content: bytes) -> str:
        """Keep `content` and return its digest; when this returns, a power cut loses nothing. Repeating it is harmless."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        part = self._directory / INCOMING / secrets.token_hex(16)
        for folder in {part.parent, path.parent} - self._settled:
            folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            _sync(self._directory)
            self._settled.add(folder)
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync(path.parent)
        return sha256

    def read(self, sha256: str) -> bytes:
        """Return the bytes of the file; raises StoredFileLost when they are missing or have another digest."""
        try:
            content = self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise StoredFileLost(sha256) from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StoredFileLost(sha256)
        return content

    def holds(self, sha256: str) -> bool:
        """Say whether a file of this digest lies here; its bytes are not read."""
        return self._path(sha256).is_file()

    def shard(self, shard: str) -> list[str]:
        """Return the digests that begin with the two digits of `shard`, sorted."""
        return sorted(path.name for path in (self._directory / shard).glob("*") if SHA256.fullmatch(path.name))

    def remove(self, sha256: str) -> None:
        """Remove the file, if it is there."""
        self._path(sha256).unlink(missing_ok=True)

    def parts(self) -> Iterator[Path]:
        """Yield what was begun in `incoming/` and not yet finished."""
        yield from sorted((self._directory / INCOMING).glob("*"))

    def _path(self, sha256: str) -> Path:
        if not SHA256.fullmatch(sha256):
            raise StoredFileLost(sha256)
        return self._directory / sha256[:2] / sha256


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
