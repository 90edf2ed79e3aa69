"""Makes the files of issued licenses in batches: intend, sign, store, publish. Whoever calls, the steps are these and no others.

First intents are committed (seal, signing time, lease). Then each license is rendered, sealed and stored under its digests. Then files, seal
uses and ledger entries are written in ONE transaction a chunk, which asks again whether the seal may be used and the license still rests
where it did. A crash leaves at most orphans, which the queue of the approvals sweeps, and a lease that ends; nothing is published twice.
This is an edge: it opens its own transactions, and holds one chunk in memory whatever the batch.

Source: docs/decisions/0005-one-intent-one-seal-use.md, docs/decisions/0007-originals-and-renditions.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hub.database import Database
from hub.errors import HubError
from hub.filestore import FileStore
from hub.licenses.acting import Office
from hub.licenses.faces import face_of, lay_out, with_notice
from hub.licenses.faults import TimeStampsUnavailable
from hub.licenses.intents import Batch, Held, claim_due, give_up, publish, waiting_count
from hub.licenses.metadata import metadata_of
from hub.licenses.queries import names_of_types
from hub.licenses.records import LicenseType
from hub.licenses.views import LicenseView, view
from hub.seals.custody import OpenSeal, open_seal
from hub.seals.sealing import (
    Contents,
    MadeFile,
    RenditionKey,
    SealAct,
    TimeStamps,
    open_rendition,
    original_format,
    render_files,
    sign_files,
)
from hub.signing.fonts import FontSet

if TYPE_CHECKING:  # the key cupboard itself is opened by hub.seals.custody alone
    from hub.signing.keys import KeyStore

CHUNK: Final = 50
INTENDED, STORED, PUBLISHED = "intended", "stored", "published"


def _pass_by(_step: str) -> None:
    """The default for `LicenseDesk.reached`: nobody is told."""


@dataclass(frozen=True, kw_only=True)
class LicenseDesk:
    """What making files needs; `reached` is told each step of a chunk when it is done: intended, stored, published."""

    database: Database
    office: Office
    keys: KeyStore
    files: FileStore
    fonts: FontSet
    public_url: str
    timestamp: TimeStamps
    embed: bool = True
    reached: Callable[[str], None] = _pass_by


@dataclass(frozen=True)
class FilesReport:
    """What one run did: how many licenses got their files, which failed with which code, how many wait for theirs still."""

    made: int
    failed: tuple[tuple[str, str], ...]
    waiting: int


@dataclass(frozen=True)
class StoredFile:
    """A file that lies in the store, not yet published."""

    format: str
    original: bool
    sha256: str
    size_bytes: int


@dataclass
class _Chunk:
    """The work on one chunk: what was stored for whom, and what failed."""

    batch: Batch
    stored: dict[int, tuple[StoredFile, ...]] = field(default_factory=dict)
    failed: list[tuple[Held, HubError]] = field(default_factory=list)


def make_due(desk: LicenseDesk, *, limit: int = 1_000, identifiers: Sequence[str] | None = None) -> FilesReport:
    """Make the files of up to `limit` issued licenses without any, those of `identifiers` alone where they are given.

    Safe to run twice at once and to kill at any point. Refusals are in the report; without a time stamp a run ends early. Raises what an
    exchange ledger that may not sign raises, AuthorisationMissing, CeilingReached and the seal's own refusals when nothing can be sealed.
    """
    made, failed = 0, list[tuple[str, str]]()
    tried: set[int] = set()
    while made + len(failed) < limit:
        try:
            chunk = _one_chunk(desk, min(CHUNK, limit - made - len(failed)), identifiers, tried)
        except HubError:
            if made or failed:
                break  # the seal was stopped, or its day is full: what is left waits
            raise
        if chunk is None:
            break
        tried |= {held.license_id for held, _ in chunk.failed}
        made += len(chunk.stored)
        failed += [(held.identifier, refused.code) for held, refused in chunk.failed]
        if any(isinstance(refused, TimeStampsUnavailable) for _, refused in chunk.failed):
            break
    with desk.database.reading() as session:
        return FilesReport(made, tuple(failed), waiting_count(session, region=desk.office.region))


def _one_chunk(desk: LicenseDesk, count: int, identifiers: Sequence[str] | None, tried: set[int]) -> _Chunk | None:
    """Take one chunk through every step; None when nothing is due."""
    with desk.database.transaction() as session:
        batch = claim_due(session, office=desk.office, count=count, identifiers=identifiers, besides=tried)
        if not batch.held:
            return None
        kinds = names_of_types(session, {held.license.type_code for held in batch.held})
    desk.reached(INTENDED)
    chunk = _Chunk(batch)
    _make(desk, chunk, kinds)
    desk.reached(STORED)
    with desk.database.transaction() as session:
        overtaken = publish(session, batch, chunk.stored, office=desk.office, holds=desk.files.holds)
    for held, refused in overtaken:
        _drop(desk, chunk.stored.pop(held.license_id))
        chunk.failed.append((held, refused))
    if chunk.failed:
        with desk.database.transaction() as session:
            give_up(session, [(held, refused.code) for held, refused in chunk.failed])
    desk.reached(PUBLISHED)
    return chunk


def _make(desk: LicenseDesk, chunk: _Chunk, kinds: dict[str, LicenseType]) -> None:
    """Render, seal and store each license of the chunk; a refusal costs its own license, a missing time stamp the rest too."""
    opened = open_seal(chunk.batch.permit, keys=desk.keys, structure=chunk.batch.structure)
    rendition = open_rendition(desk.keys, seal_algorithm=opened.key.algorithm)
    stopped: HubError | None = None
    for held in chunk.batch.held:
        if stopped is not None:
            chunk.failed.append((held, stopped))
            continue
        try:
            files = _signed(
                desk,
                chunk.batch,
                held,
                kind=kinds.get(held.license.type_code),
                opened=opened,
                rendition=rendition,
            )
        except HubError as refused:
            chunk.failed.append((held, refused))
            stopped = refused if isinstance(refused, TimeStampsUnavailable) else None
            continue
        chunk.stored[held.license_id] = tuple(_stored(desk, file) for file in files)


def _signed(
    desk: LicenseDesk,
    batch: Batch,
    held: Held,
    *,
    kind: LicenseType | None,
    opened: OpenSeal,
    rendition: RenditionKey,
) -> tuple[MadeFile, MadeFile]:
    seen = whole_view(desk.office, held, kind)
    face = face_of(seen, public_url=desk.public_url)
    plain = lay_out(face, desk.fonts)
    contents = Contents(metadata=metadata_of(seen), created=held.license.issued_on, embed=desk.embed)
    act = SealAct(
        opened=opened,
        rendition=rendition,
        shape=batch.shape,
        fonts=desk.fonts,
        signed_at=batch.signing_time,
        timestamp=lambda digest, algorithm="sha256": _time_stamp(desk, digest, algorithm),
        reason=face.title,
    )
    renderings = render_files(
        lambda notice: with_notice(plain, notice, desk.fonts),
        original_format(opened.key.algorithm),
        batch.shape,
        desk.fonts,
        contents=contents,
    )
    return sign_files(renderings, act)


def whole_view(office: Office, held: Held, kind: LicenseType | None) -> LicenseView:
    """Return the license with nothing masked: for the holder's own file, which is not yet anybody's to read."""
    return view(held.license, kind, shows=lambda _key: True, vault=office.vault, on=office.clock.today())


def _stored(desk: LicenseDesk, file: MadeFile) -> StoredFile:
    return StoredFile(file.format, file.original, desk.files.put(file.content), len(file.content))


def _drop(desk: LicenseDesk, files: Sequence[StoredFile]) -> None:
    for file in files:
        desk.files.remove(file.sha256)  # a fresh signature: no other document has these bytes


def _time_stamp(desk: LicenseDesk, digest: bytes, algorithm: str) -> bytes:
    try:
        return desk.timestamp(digest, algorithm)
    except HubError as cause:
        raise TimeStampsUnavailable(cause.code) from cause
