"""Every adapter by name, and how a hub's runs are carried out with it.

hub      another hub's ledgers (connectors.ledgers)
file     a file of the import folder, through a mapping (connectors.snapshot, connectors.whole)
sealing  no source at all: the signing queue, run on a schedule like everything else (hub.approvals.queue)
licenses no source either: the files of issued licenses, and their status lists (hub.licenses.issuing)
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from connectors.adapters.files import MAX_BYTES, FileAdapter
from connectors.addresses import AddressBook
from connectors.claims import Claim
from connectors.faults import FileRefused, MappingMalformed
from connectors.ledgers import carry_hub
from connectors.license_files import carry_licenses
from connectors.mapping_file import load, read_yaml
from connectors.protocol import Adapter
from connectors.pulling import pages_of
from connectors.sealing import carry_sealing
from connectors.snapshot import carry_each
from connectors.targets import Told, Whole
from connectors.told import carry_told
from connectors.transport import Transport
from connectors.whole import carry_whole
from connectors.work import Carrier, Work, Workplace
from hub.approvals.sealing import Desk
from hub.clock import Clock
from hub.database import Database
from hub.filestore import FileStore
from hub.licenses.issuing import LicenseDesk
from hub.settings import Settings

if TYPE_CHECKING:
    from hub.signing.keys import KeyStore

TOKENS: Final = "outgoing"
OPEN_DATA: Final = "open-data"


@dataclass(frozen=True, slots=True)
class Desks:
    """What sealing needs, put together when something is first sealed: documents at one desk, licenses at the other."""

    approvals: Callable[[], Desk]
    licenses: Callable[[], LicenseDesk]


def workplace(settings: Settings, database: Database, clock: Clock, *, keys: KeyStore, desks: Desks) -> Workplace:
    """Return where a hub's runs are carried out; `desks` give what sealing needs, when it is needed."""
    return Workplace(
        database=database,
        clock=clock,
        owner=f"{socket.gethostname()[:24]}:{os.getpid()}:{secrets.token_hex(4)}",
        carriers=carriers(settings, keys=keys, desks=desks),
    )


def carriers(settings: Settings, *, keys: KeyStore, desks: Desks) -> Mapping[str, Carrier]:
    """Return every adapter's carrier by name."""
    return {
        "hub": partial(carry_hub, region=settings.region, keys=keys, transport=transports(settings)),
        "file": partial(
            carry_snapshot,
            region=settings.region,
            folder=settings.import_dir,
            files=open_data_files(settings),
            adapter=partial(_file, settings.import_dir),
        ),
        "sealing": partial(carry_sealing, desk=desks.approvals),
        "licenses": partial(carry_licenses, region=settings.region, desk=desks.licenses),
    }


def transports(settings: Settings) -> Callable[[], Transport]:
    """Return what makes the HTTP client of one run, under the hub's own rules of where it may call."""
    book = AddressBook(settings.outgoing_allowed)
    return lambda: Transport(book, tokens=settings.secrets_dir / TOKENS)


def open_data_files(settings: Settings) -> FileStore:
    """Return where the files of this hub's own data sets are kept, by digest: apart from sealed files, which are swept."""
    return FileStore(settings.files_dir / OPEN_DATA)


def carry_snapshot(
    work: Work, *, region: str, folder: Path, files: FileStore, adapter: Callable[[Claim], Adapter]
) -> None:
    """Carry out a run of a snapshot source through its mapping: in its settings, or a YAML file of the import folder."""
    mapping = load(mapping_document(work.claim.settings.get("mapping"), folder))
    pages = pages_of(adapter(work.claim), None, work.deadline)
    if isinstance(mapping.target, Whole):
        carry_whole(work, mapping, mapping.target, pages, region=region, files=files)
    elif isinstance(mapping.target, Told):
        carry_told(work, mapping, mapping.target, pages)
    else:
        carry_each(work, mapping, mapping.target, pages, region=region)


def mapping_document(given: Any, folder: Path) -> Mapping[str, Any]:
    """Return a mapping as JSON; a text is the name of a YAML file in `folder`. Raises MappingMalformed, FileRefused."""
    if isinstance(given, Mapping):
        return given
    if not isinstance(given, str) or not given:
        raise MappingMalformed("连接没有映射。", "The connector has no mapping.", path="mapping")
    root = folder.resolve()
    path = (root / given).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise FileRefused(
            f"导入目录中没有映射文件“{given}”。", f"There is no mapping file {given!r} in the import folder."
        )
    if path.stat().st_size > MAX_BYTES:
        raise FileRefused(f"映射文件超过 {MAX_BYTES} 字节。", f"The mapping file is longer than {MAX_BYTES} bytes.")
    try:
        return read_yaml(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise MappingMalformed("映射文件不是 UTF-8 编码。", "The mapping file is not in UTF-8.") from error


def _file(folder: Path, claim: Claim) -> FileAdapter:
    settings = claim.settings
    return FileAdapter(
        folder,
        claim.source,
        file_format=str(settings.get("format", "csv")),
        encoding=str(settings.get("encoding", "utf-8")),
        delimiter=str(settings.get("delimiter", ",")),
        records_at=[str(key) for key in settings.get("records_at", [])],
    )
