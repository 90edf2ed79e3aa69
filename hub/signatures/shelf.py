"""Where the bytes of files to be signed lie: for each request a content-addressed store of its own, so that none shares a fate with another.

Knows nothing of rows: what lies here without one was left by a crash, and its owner (`hub.signatures.sweeping`) removes it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from hub.filestore import FileStore

REQUEST_ID = re.compile(r"[0-9a-f]{32}")


class Shelf:
    """A folder with one `FileStore` for each request, named by its id (32 hexadecimal digits)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def of(self, request_id: str) -> FileStore:
        """Return the store of a request's files; raises ValueError for what is no id."""
        return FileStore(self._folder(request_id))

    def clear(self, request_id: str) -> None:
        """Remove every file of the request, if there is any."""
        shutil.rmtree(self._folder(request_id), ignore_errors=True)

    def begun_before(self, instant: datetime) -> Iterator[str]:
        """Yield the ids of the requests whose folder was last written before `instant` (aware)."""
        for folder in sorted(self._directory.glob("*")):
            written = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            if REQUEST_ID.fullmatch(folder.name) and written < instant:
                yield folder.name

    def _folder(self, request_id: str) -> Path:
        if not REQUEST_ID.fullmatch(request_id):
            raise ValueError("not the id of a signing request")
        return self._directory / request_id
