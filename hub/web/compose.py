"""What a running hub is made of, put together once from its settings. No logic, no request, no schedule."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography import x509

from hub.approvals.sealing import Desk
from hub.clock import Clock, SystemClock
from hub.database import Database
from hub.filestore import FileStore
from hub.licenses.acting import Office
from hub.licenses.issuing import LicenseDesk
from hub.licenses.vault import derive_vault
from hub.seals.sealing import certify_renditions
from hub.settings import Settings
from hub.signing.authority import certify_time_stamps, found_authority, revocation_list
from hub.signing.fonts import FontSet
from hub.signing.key_files import FileKeyStore
from hub.signing.keys import P256, SM2, KeyStore, Purpose
from hub.signing.sm2_certificates import is_sm2
from hub.signing.timestamp import TimeStampAuthority, TimeStampKey
from hub.signing.timestamp_client import TimeStampClient
from hub.web.key_stores import file_store, key_store

PASSPHRASE_FILE = "passphrase"  # noqa: S105  the name of a file
CURSOR_KEY_FILE = "cursor.key"
LINK_KEY_FILE = "links.key"
LICENSE_KEY_FILE = "licenses.key"
TIME_STAMP_KEY, SM2_TIME_STAMP_KEY = "own", "own-sm2"


@dataclass(frozen=True)
class Hub:
    """The services every edge (web, worker, command) is handed."""

    settings: Settings
    database: Database
    keys: KeyStore
    file_keys: FileKeyStore  # the demonstration's authority and seal maker keep their keys in files
    fonts: FontSet
    files: FileStore
    clock: Clock
    cursor_key: bytes  # 32 bytes; encrypts paging cursors
    link_key: bytes  # 32 bytes; authenticates short-lived download links
    office: Office  # where licenses are kept: the region, and the keys of what they say of persons


def compose(settings: Settings, clock: Clock | None = None) -> Hub:
    """Return the hub of `settings`; its secrets are made when they are not there yet, and never again."""
    files = file_store(settings, secret(settings.secrets_dir, PASSPHRASE_FILE))
    present, fonts = clock or SystemClock(), FontSet(body=settings.font_file)
    return Hub(
        settings=settings,
        database=Database(settings.database_url),
        keys=key_store(settings, files),
        file_keys=files,
        fonts=fonts,
        files=FileStore(settings.files_dir),
        clock=present,
        cursor_key=bytes.fromhex(secret(settings.secrets_dir, CURSOR_KEY_FILE).decode()),
        link_key=bytes.fromhex(secret(settings.secrets_dir, LINK_KEY_FILE).decode()),
        office=Office(
            region=settings.region,
            vault=derive_vault(bytes.fromhex(secret(settings.secrets_dir, LICENSE_KEY_FILE).decode())),
            clock=present,
            demonstration=settings.demonstration,
            fonts=fonts,
        ),
    )


def time_stamps(hub: Hub) -> TimeStampClient:
    """Return the client of the hub's own time-stamp authority, made when it is not there yet (RFC 3161)."""
    own, sm2 = _time_stamp_key(hub, TIME_STAMP_KEY, P256), _time_stamp_key(hub, SM2_TIME_STAMP_KEY, SM2)
    authority = TimeStampAuthority(own.key, own.chain, hub.clock, sm2=sm2)
    return TimeStampClient(authority.respond, own.chain[0], sm2.chain[0])


def _time_stamp_key(hub: Hub, name: str, algorithm: str) -> TimeStampKey:
    keys = hub.file_keys
    chain = keys.certificates(Purpose.TIMESTAMP, name) or certify_time_stamps(
        keys, name, f"通办枢纽 {hub.settings.region}", hub.clock.now(), algorithm=algorithm
    )
    return TimeStampKey(keys.open(Purpose.TIMESTAMP, name), chain)


def desk_of(hub: Hub, reached: Callable[[str], None] | None = None) -> Desk:
    """Return what sealing needs; `reached` is told each step, for rehearsals of a crash."""
    certify_renditions(hub.file_keys, f"通办枢纽 {hub.settings.region}", hub.clock.now())
    desk = Desk(
        database=hub.database,
        keys=hub.keys,
        clock=hub.clock,
        files=hub.files,
        fonts=hub.fonts,
        public_url=hub.settings.public_url,
        timestamp=time_stamps(hub).token,
    )
    return desk if reached is None else replace(desk, reached=reached)


def license_desk_of(hub: Hub, desk: Desk) -> LicenseDesk:
    """Return what making the files of licenses needs, with the time stamps and the rehearsed steps of the approvals' `desk`."""
    return LicenseDesk(
        database=hub.database,
        office=hub.office,
        keys=hub.keys,
        files=hub.files,
        fonts=hub.fonts,
        public_url=hub.settings.public_url,
        timestamp=desk.timestamp,
        reached=desk.reached,
    )


def root_certificates(hub: Hub) -> list[bytes]:
    """Return the roots (DER) that this hub's seals, their maker, renditions and time stamps lead to, the demonstration's first, each once."""
    roots = [found_authority(hub.file_keys, hub.clock.now(), algorithm) for algorithm in (P256, SM2)]
    for purpose in (Purpose.SEAL, Purpose.SEAL_MAKER, Purpose.RENDITION, Purpose.TIMESTAMP):
        roots += [chain[-1] for name in hub.keys.names(purpose) if (chain := hub.keys.certificates(purpose, name))]
    return list(dict.fromkeys(roots))


def revocation_lists(hub: Hub, revoked: Sequence[tuple[bytes, datetime]]) -> list[bytes]:
    """Return the list of each root of the demonstration, PEM, fresh: of (certificate DER, revoked since) those that it issued."""
    by_algorithm: dict[str, list[tuple[int, datetime]]] = {P256: [], SM2: []}
    for der, since in revoked:
        certificate = x509.load_der_x509_certificate(der)
        by_algorithm[SM2 if is_sm2(certificate) else P256].append((certificate.serial_number, since))
    return [
        revocation_list(hub.file_keys, certificates, hub.clock.now(), algorithm=algorithm)
        for algorithm, certificates in by_algorithm.items()
    ]


def seal_certificate(hub: Hub, key_name: str) -> bytes | None:
    """Return the certificate (DER) of a seal's key, None when the key store holds none."""
    chain = hub.keys.certificates(Purpose.SEAL, key_name)
    return chain[0] if chain else None


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
