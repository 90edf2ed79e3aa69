"""Taking the lost end of this hub's own ledger back from the partners who follow it.

The tail is accepted only if it extends our own tree and leads to the largest checkpoint our own keys have signed; then the
entries stand at their old indexes with their exact bytes, and the sequencer may go on. Contents are merged from all
partners, each checked against its header; what nobody held stays missing and is reported. Rooms are brought up to date
through the projector handed in. Nothing is signed here.

What was written here after the backup was restored, and never sequenced, is kept honestly: an entry that turns out to be in
the tail takes its old place; one whose version the tail already has is written anew as the record's next version, for it
was said later, and is reported so that a person can look; one that says what the tail's newest says is dropped.

Source: exchange.md section 2, last paragraph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.database import Database
from hub.ledger.applying import Projector
from hub.ledger.cupboard import Cupboard
from hub.ledger.entry import parse_header
from hub.ledger.faults import EntryMalformed, FeedMalformed, LedgerDoesNotVerify, LedgerForked, RecoveryIncomplete
from hub.ledger.feed_lines import FeedEntry, FeedPage
from hub.ledger.hashes import HashName
from hub.ledger.names import BATCH
from hub.ledger.note import Checkpoint, SignedNote
from hub.ledger.origin import parse_origin
from hub.ledger.placing import grow, locked_ledger
from hub.ledger.queries import ledger_of
from hub.ledger.records import Ledger, LedgerCheckpoint
from hub.ledger.standing import mark, own_checkpoint
from hub.ledger.tail import Waiting, lift_unsequenced, put_back, store_entries
from hub.ledger.tile_store import own_tiles
from hub.ledger.tiles import root
from hub.ledger.verifying import CheckedEntry, checked_entry

if TYPE_CHECKING:
    from hub.signing.keys import KeyStore

Fetch = Callable[[int, int], Sequence[tuple[str, FeedPage]]]
"""Asked for (after, first), returns what each partner that answers holds of the ledger: (region code, page of `held_entries`)."""

FETCHED_AT_ONCE: Final = BATCH


@dataclass(frozen=True)
class Reversioned:
    """A local entry that was written anew, because the tail already had its version."""

    kind: str
    record_id: str
    was: int
    now: int


@dataclass
class RecoveryReport:
    """What a recovery did; `missing` are the indexes whose content no partner held."""

    origin: str
    first: int
    size: int
    partners: list[str] = field(default_factory=list)
    recovered: int = 0
    missing: list[int] = field(default_factory=list)
    dropped: int = 0
    not_understood: int = 0
    reversioned: list[Reversioned] = field(default_factory=list)


def recover(
    database: Database, *, origin: str, fetch: Fetch, keys: KeyStore, clock: Clock, project: Projector
) -> RecoveryReport:
    """Take the missing tail of our ledger `origin` back and clear its stop, in one transaction; return what was done.

    Asked when nothing is missing, it only clears the stop. Later pages are fetched inside the transaction, so other writers
    wait meanwhile: a command for a quiet hour. Raises RecoveryIncomplete if the partners do not reach the largest
    checkpoint we signed, LedgerForked if what we signed does not lie on our tree; then nothing was changed.
    """
    cupboard = Cupboard(keys)
    with database.reading() as session:
        ledger = ledger_of(session, origin)
        first = ledger.size
        offered = fetch(first, FETCHED_AT_ONCE)
        targets = _targets(session, ledger, offered, cupboard)
    if not targets:
        raise _incomplete(origin, first, None)
    sources = [region for region, page in offered if page.entries] or [offered[0][0]]
    for source in sources:
        attempt = _Attempt(origin, source, offered, targets, fetch, cupboard, clock, project)
        report = attempt.run(database)
        if report is not None:
            return report
    raise _incomplete(origin, first, targets[-1][0])


class _Wrong(Exception):
    """This partner's headers do not lead to the target; another's may."""


@dataclass
class _Attempt:
    """One try, taking headers from `source` alone and contents from everyone."""

    origin: str
    source: str
    offered: Sequence[tuple[str, FeedPage]]
    targets: list[tuple[Checkpoint, str]]
    fetch: Fetch
    cupboard: Cupboard
    clock: Clock
    project: Projector

    def run(self, database: Database) -> RecoveryReport | None:
        """Return the report, or None, with nothing changed, if this source's headers do not lead to the target."""
        try:
            with database.transaction() as session:
                return self._recover(session)
        except _Wrong:
            return None

    def _recover(self, session: Session) -> RecoveryReport:
        ledger = locked_ledger(session, ledger_of(session, self.origin).id, wait=True)
        if ledger is None:
            raise _Wrong
        target = self.targets[-1][0]
        report = RecoveryReport(self.origin, ledger.size, target.size, [region for region, _ in self.offered])
        self._refuse_fork(session, ledger)
        waiting = lift_unsequenced(session, ledger)
        pages = self.offered
        while ledger.size < target.size:
            self._take(session, ledger, pages, report, waiting=waiting)
            pages = self.fetch(ledger.size, FETCHED_AT_ONCE) if ledger.size < target.size else ()
        self._check_targets(session, ledger)
        for was, now in put_back(session, ledger, waiting, clock=self.clock, project=self.project):
            if now is None:
                report.dropped += 1
            elif now.version != was.version:
                report.reversioned.append(Reversioned(was.kind, was.record_id, was.version, now.version))
        mark(ledger, code=None, by=None, clock=self.clock)
        return report

    def _refuse_fork(self, session: Session, ledger: Ledger) -> None:
        name = HashName(ledger.hash)
        for held, note in self.targets:
            if held.size <= ledger.size and root(own_tiles(session, ledger.id), name, held.size) != held.root:
                raise LedgerForked(
                    "本库的账本与自己签过的检查点不在同一棵树上，无法恢复，只能新开纪元。",
                    "This ledger does not lie on a tree it signed itself; only a new epoch can go on.",
                    origin=ledger.origin,
                    ours=None,
                    theirs=note,
                    told_by=self.source,
                )

    def _take(
        self,
        session: Session,
        ledger: Ledger,
        pages: Sequence[tuple[str, FeedPage]],
        report: RecoveryReport,
        *,
        waiting: list[Waiting],
    ) -> None:
        """Store one page of the tail: the source's headers up to the target, and the contents anyone has."""
        target = self.targets[-1][0]
        mine = [page for region, page in pages if region == self.source]
        headers = mine[0].entries[: target.size - ledger.size] if mine else []
        if not headers or headers[0].index != ledger.size:
            raise _Wrong
        merged = [self._merged(ledger, entry, pages) for entry in headers]
        first = ledger.size
        grow(session, ledger, [entry.header for entry in merged])
        try:
            stored = store_entries(
                session, ledger, merged, waiting, cupboard=self.cupboard, clock=self.clock, project=self.project
            )
        except LedgerDoesNotVerify as error:
            raise _Wrong from error
        report.recovered += ledger.size - first
        report.missing += stored.missing
        report.not_understood += stored.not_understood

    def _merged(self, ledger: Ledger, entry: FeedEntry, pages: Sequence[tuple[str, FeedPage]]) -> CheckedEntry:
        """Return the entry with the first content any partner gives that matches its header."""
        origin, name, header = parse_origin(ledger.origin), HashName(ledger.hash), entry.header.encode()
        bare: CheckedEntry | None = None
        for offered in _offers(entry, pages):
            try:
                checked = checked_entry(offered, header, origin, name)
            except (LedgerDoesNotVerify, FeedMalformed):
                continue
            if checked.content is not None:
                return checked
            bare = bare or checked
        if bare is None:
            try:
                parse_header(header, origin)
            except (LedgerDoesNotVerify, EntryMalformed) as error:
                raise _Wrong from error
            bare = CheckedEntry(entry.index, header, None, None, "ERASED")
        return bare

    def _check_targets(self, session: Session, ledger: Ledger) -> None:
        """Compare the tree with every checkpoint of ours the partners hold, and keep those notes as our own again."""
        tiles, name = own_tiles(session, ledger.id), HashName(ledger.hash)
        for held, note in self.targets:
            if root(tiles, name, held.size) != held.root:
                raise _Wrong
            if session.get(LedgerCheckpoint, (ledger.id, held.size)) is None:
                session.add(
                    LedgerCheckpoint(
                        ledger_id=ledger.id,
                        size=held.size,
                        root=held.root,
                        note=SignedNote.parse(note).signed_by(ledger.origin).to_text(),
                        signed_at=self.clock.now(),
                    )
                )
                session.flush()


def _targets(
    session: Session, ledger: Ledger, offered: Sequence[tuple[str, FeedPage]], cupboard: Cupboard
) -> list[tuple[Checkpoint, str]]:
    """Return the checkpoints our own keys signed among the partners' notes, smallest first."""
    held = [
        (own_checkpoint(session, ledger, page.checkpoint_note, cupboard), page.checkpoint_note) for _, page in offered
    ]
    return sorted(
        ((checkpoint, note) for checkpoint, note in held if checkpoint is not None), key=lambda one: one[0].size
    )


def _offers(entry: FeedEntry, pages: Sequence[tuple[str, FeedPage]]) -> list[FeedEntry]:
    offers = [entry]
    for _, page in pages:
        place = entry.index - page.entries[0].index if page.entries else -1
        if 0 <= place < len(page.entries) and page.entries[place].header == entry.header:
            offers.append(page.entries[place])
    return offers


def _incomplete(origin: str, held: int, target: Checkpoint | None) -> RecoveryIncomplete:
    wanted = "?" if target is None else str(target.size)
    return RecoveryIncomplete(
        f"合作方合起来不足以取回 {origin} 自 {held} 条至 {wanted} 条的条目；未作任何改动。",
        f"The partners do not hold {origin} from {held} to {wanted} entries; nothing was changed.",
    )
