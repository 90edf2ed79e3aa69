"""What a verified page does here: entries kept, the rooms' rows made by the projector, keys learnt, erasures obeyed.

Called inside the page's transaction, after everything has been verified. Applying again changes nothing: the cursor never goes
back, and projectors are idempotent by (origin, kind, id, version).

Source: exchange.md section 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.errors import ValidationFailed
from hub.ledger.bulk import insert_rows
from hub.ledger.erasing import drop_erased
from hub.ledger.names import ERASURE, KEY_ROTATION, LEDGER_KINDS, Withheld
from hub.ledger.records import FollowedEntry, FollowedKey, FollowedLedger
from hub.ledger.rotation import parse_rotation
from hub.ledger.trust import learn_rotation
from hub.ledger.verifying import CheckedEntry, VerifiedPage


@dataclass(slots=True)  # not frozen: that would cost a microsecond and a half of each entry
class VerifiedEntry:
    """One entry as a projector is given it: whose word, which version of which record, at which index, and what it says.

    `content` is the record itself (in an exchange ledger the body); None when its origin has erased it.
    """

    origin: str
    region: str
    kind: str
    record_id: str
    version: int
    index: int
    content: Mapping[str, Any] | None
    time: datetime | None


Projector = Callable[[Session, str, Sequence[VerifiedEntry], Clock], Sequence[str]]
"""Applies entries of one kind and origin, in ledger order, in the page's transaction; returns one outcome for each.

Outcomes: created, updated, unchanged, tombstoned, refused (the origin has no authority over the record), and not_understood,
for which nothing may have been written: the entry is kept raw and handed over again by `replay_not_understood`.
"""

NOT_UNDERSTOOD: Final = "not_understood"

_COLUMNS: Final = (
    "ledger_id",
    "index",
    "header",
    "content",
    "salt",
    "withheld",
    "kind",
    "record_id",
    "version",
    "understood",
    "applied_at",
    "erased_at",
)


@dataclass(frozen=True)
class PageReport:
    """What became of a page's entries; `seen` counts all, ledger-own and withheld ones included.

    `erased` are the indexes whose erasure was obeyed, which `hub.ledger.erasing.confirm_erasures` tells their origin; `last` is
    the highest index among the entries, -1 for none.
    """

    seen: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    tombstoned: int = 0
    refused: int = 0
    withheld: int = 0
    not_understood: int = 0
    checkpoint_size: int = 0
    erased: tuple[int, ...] = ()
    last: int = -1


def apply_entries(
    session: Session,
    followed: FollowedLedger,
    verified: VerifiedPage,
    *,
    keys: list[FollowedKey],
    clock: Clock,
    project: Projector,
) -> PageReport:
    """Apply the entries of a verified page and return the report; `keys` is brought up to date with its rotations."""
    learn_rotations(session, followed, verified.entries, note=verified.note, keys=keys, clock=clock)
    outcomes = project_entries(session, followed, verified.entries, clock=clock, project=project)
    now = clock.now()
    insert_rows(session, FollowedEntry, _COLUMNS, [_row(followed.id, entry, now) for entry in verified.entries])
    erased, dropped = obey_erasures(session, followed, verified.entries, clock=clock, project=project)
    outcomes["tombstoned"] += dropped
    return report_of(verified.entries, outcomes, verified.checkpoint.size, erased=erased)


def project_entries(
    session: Session,
    followed: FollowedLedger,
    entries: Sequence[CheckedEntry],
    *,
    clock: Clock,
    project: Projector,
) -> Counter[str]:
    """Hand the entries that say something to the projector, kind by kind; mark those it does not understand."""
    outcomes: Counter[str] = Counter()
    origin, region = followed.origin, followed.region
    kinds: dict[str, list[CheckedEntry]] = {}
    for entry in entries:
        if entry.kind in LEDGER_KINDS:
            outcomes["unchanged"] += 1
        elif entry.understood and entry.kind is not None and entry.body is not None:
            kinds.setdefault(entry.kind, []).append(entry)
    for kind, said in kinds.items():
        answers = project(session, kind, [_verified_entry(origin, region, entry) for entry in said], clock)
        for entry, outcome in zip(said, answers, strict=True):
            outcomes[outcome] += 1
            entry.understood = outcome != NOT_UNDERSTOOD
    return outcomes


def report_of(
    entries: Sequence[CheckedEntry], outcomes: Counter[str], size: int, *, erased: Sequence[int] = ()
) -> PageReport:
    """Return the report over these entries."""
    return PageReport(
        seen=len(entries),
        created=outcomes["created"],
        updated=outcomes["updated"],
        unchanged=outcomes["unchanged"],
        tombstoned=outcomes["tombstoned"],
        refused=outcomes["refused"],
        withheld=sum(entry.withheld is not None for entry in entries),
        not_understood=sum(not entry.understood for entry in entries),
        checkpoint_size=size,
        erased=tuple(erased),
        last=entries[-1].index if entries else -1,
    )


def learn_rotations(
    session: Session,
    followed: FollowedLedger,
    entries: Sequence[CheckedEntry],
    *,
    note: str,
    keys: list[FollowedKey],
    clock: Clock,
) -> None:
    """Learn the keys that rotations of this very ledger name and `note` vouches for; one that cannot be read is kept raw."""
    for entry in entries:
        if entry.kind != KEY_ROTATION or entry.body is None:
            continue
        try:
            rotation = parse_rotation(entry.body)
        except ValidationFailed:
            entry.understood = False
            continue
        if rotation.origin == followed.origin:
            learn_rotation(session, keys, rotation, note=note, index=entry.index, clock=clock)


def obey_erasures(
    session: Session,
    followed: FollowedLedger,
    entries: Sequence[CheckedEntry],
    *,
    clock: Clock,
    project: Projector,
) -> tuple[list[int], int]:
    """Drop what erasure entries among these name, here and (content None) in the rooms.

    Returns the indexes they name, and how many records went.
    """
    named = [
        entry.body["index"]
        for entry in entries
        if entry.kind == ERASURE and entry.body is not None and _erases(entry, followed)
    ]
    dropped = drop_erased(session, followed, named, clock=clock) if named else []
    for row in dropped:
        gone = VerifiedEntry(
            followed.origin, followed.region, row.kind, row.record_id, row.version, row.index, None, None
        )
        project(session, row.kind, [gone], clock)
    return named, len(dropped)


def _erases(entry: CheckedEntry, followed: FollowedLedger) -> bool:
    body = entry.body or {}
    index = body.get("index")
    return body.get("origin") == followed.origin and type(index) is int and 0 <= index < entry.index


def _row(ledger_id: int, entry: CheckedEntry, now: datetime) -> tuple[Any, ...]:
    return (
        ledger_id,
        entry.index,
        entry.header,
        entry.content,
        entry.salt,
        entry.withheld,
        entry.kind,
        entry.record_id,
        entry.version,
        entry.understood,
        now,
        now if entry.withheld == Withheld.ERASED else None,
    )


def _verified_entry(origin: str, region: str, entry: CheckedEntry) -> VerifiedEntry:
    return VerifiedEntry(
        origin,
        region,
        entry.kind or "",
        entry.record_id or "",
        entry.version or 0,
        entry.index,
        entry.body,
        entry.time,
    )
