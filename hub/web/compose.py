"""What a running hub is made of, put together once from its settings. No logic, no request, no schedule."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hub.clock import Clock, SystemClock
from hub.database import Database
from hub.settings import Settings
from hub.signing.fonts import FontSet
from hub.signing.key_files import FileKeyStore
from hub.signing.keys import KeyStore

PASSPHRASE_FILE = "passphrase"  # noqa: S105  the name of a file
CURSOR_KEY_FILE = "cursor.key"
LINK_KEY_FILE = "links.key"


@dataclass(frozen=True)
class Hub:
    """The services every edge (web, worker, command) is handed."""

    settings: Settings
    database: Database
    keys: KeyStore
    file_keys: FileKeyStore  # the demonstration's authority and seal maker keep their keys in files
    fonts: FontSet
    clock: Clock
    cursor_key: bytes  # 32 bytes; encrypts paging cursors
    link_key: bytes  # 32 bytes; authenticates short-lived download links


def compose(settings: Settings, clock: Clock | None = None) -> Hub:
    """Return the hub of `settings`; its secrets are made when they are not there yet, and never again."""
    keys = FileKeyStore(settings.secrets_dir / "keys", secret(settings.secrets_dir, PASSPHRASE_FILE))
    return Hub(
        settings=settings,
        database=Database(settings.database_url),
        keys=keys,
        file_keys=keys,
        fonts=FontSet(body=settings.font_file),
        clock=clock or SystemClock(),
        cursor_key=bytes.fromhex(secret(settings.secrets_dir, CURSOR_KEY_FILE).decode()),
        link_key=bytes.fromhex(secret(settings.secrets_dir, LINK_KEY_FILE).decode()),
    )


def secret(directory: Path, name: str, make: Callable[[], str] = lambda: secrets.token_hex(32)) -> bytes:
    """Return the secret in `directory/name` (mode 0600), made now if absent: a random one of 32 bytes in hex by default.

    Two processes that start at once agree: the file is linked into place whole, and the first wins.
    """
    path = directory / name
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = directory / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes().strip()
