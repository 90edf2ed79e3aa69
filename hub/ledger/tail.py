"""Storing a recovered tail: entries back at their old places, and what was written meanwhile put after them.

Part of `hub.ledger.recovery`, inside its one transaction; the entries handed in lie on our tree already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.errors import ValidationFailed
from hub.ledger.applying import NOT_UNDERSTOOD, Projector, VerifiedEntry
from hub.ledger.cupboard import Cupboard
from hub.ledger.entry import (
    ExchangeHeader,
    header_digest,
    parse_body,
    parse_exchange_content,
    parse_header,
    parse_public,
)
from hub.ledger.faults import EntryMalformed, LedgerDoesNotVerify
from hub.ledger.hashes import HashName
from hub.ledger.names import ERASURE, KEY_ROTATION, LEDGER_KINDS, LOST, LedgerName
from hub.ledger.origin import parse_origin
from hub.ledger.queries import newest_entry
from hub.ledger.records import Ledger, LedgerEntry
from hub.ledger.rotation import adopt_recovered, parse_rotation
from hub.ledger.verifying import CheckedEntry
from hub.ledger.writing import add_version, drop_content
from hub.signing.canonical import canonical


@dataclass(frozen=True)
class Waiting:
    """A local entry that was never sequenced, lifted out while the tail is put in its place."""

    kind: str
    record_id: str
    version: int
    header: bytes
    content: bytes | None
    salt: bytes | None
    addressees: list[str]
    added_at: datetime


@dataclass
class Stored:
    """What became of one page of the tail."""

    missing: list[int] = field(default_factory=list)
    not_understood: int = 0


def lift_unsequenced(session: Session, ledger: Ledger) -> list[Waiting]:
    """Take every unsequenced entry of a ledger out of it and return them in the order they were written."""
    unplaced = (LedgerEntry.ledger_id == ledger.id, LedgerEntry.index.is_(None))
    lifted = [
        Waiting(
            entry.kind,
            entry.record_id,
            entry.version,
            entry.header,
            entry.content,
            entry.salt,
            list(entry.addressees),
            entry.added_at,
        )
        for entry in session.scalars(select(LedgerEntry).where(*unplaced).order_by(LedgerEntry.id))
    ]
    session.execute(delete(LedgerEntry).where(*unplaced))
    session.expire_all()
    return lifted


def store_entries(
    session: Session,
    ledger: Ledger,
    entries: Sequence[CheckedEntry],
    waiting: list[Waiting],
    *,
    cupboard: Cupboard,
    clock: Clock,
    project: Projector,
) -> Stored:
    """Store recovered entries at their indexes; those among `waiting` that they are leave it and give their content.

    Raises LedgerDoesNotVerify if the entries cannot all be this ledger's.
    """
    ours = {local.header: local for local in waiting}
    stored, now = Stored(), clock.now()
    for entry in entries:
        local = ours.get(entry.header)
        if local is not None:
            waiting.remove(local)
            _complete(entry, local)
        session.add(_row(ledger, entry, now))
        if entry.content is None:
            stored.missing.append(entry.index)
    try:
        session.flush()
        _obey(session, ledger, entries, cupboard=cupboard, clock=clock)
    except (IntegrityError, ValidationFailed) as error:  # our own ledger never said such a thing
        raise LedgerDoesNotVerify("取回的条目自相矛盾。", "The entries handed back contradict one another.") from error
    stored.not_understood = _project(session, ledger, entries, clock=clock, project=project)
    return stored


def put_back(
    session: Session, ledger: Ledger, waiting: Sequence[Waiting], *, clock: Clock, project: Projector
) -> Iterator[tuple[Waiting, LedgerEntry | None]]:
    """Put the lifted entries after the tail; yield each with what it is now, None if dropped.

    An entry that still follows its record's newest version is put back as it was written; any other is written anew as the
    record's next version, or dropped if it says what the newest says already. What is written anew is projected again.
    """
    for local in waiting:
        newest = newest_entry(session, ledger.id, kind=local.kind, record_id=local.record_id)
        if _follows(ledger, local, newest):
            entry = LedgerEntry(ledger_id=ledger.id, **vars(local))
            session.add(entry)
            session.flush()
            yield local, entry
            continue
        body = _body(ledger, local.content)
        if body is None or _same(ledger, newest, local, body):
            yield local, None
            continue
        entry = add_version(
            session,
            ledger,
            newest,
            kind=local.kind,
            record_id=local.record_id,
            body=body,
            addressees=local.addressees,
            clock=clock,
        )
        if local.kind not in LEDGER_KINDS:
            project(session, local.kind, [_verified(ledger, entry, body, index=-1)], clock)
        yield local, entry


def _follows(ledger: Ledger, local: Waiting, newest: LedgerEntry | None) -> bool:
    """Say whether the entry as it was written still comes next after the record's newest version."""
    previous = _previous(ledger, local)
    if newest is None:
        return previous is None
    return local.version == newest.version + 1 and previous == header_digest(HashName(ledger.hash), newest.header)


def _previous(ledger: Ledger, local: Waiting) -> str | None:
    if ledger.name == LedgerName.PUBLIC:
        header = parse_public(local.header, parse_origin(ledger.origin)).value
        return None if header is None else header.version.previous
    said = None if local.content is None else parse_exchange_content(local.content).value
    return None if said is None else said.version.previous


def _same(ledger: Ledger, newest: LedgerEntry | None, local: Waiting, body: dict[str, Any]) -> bool:
    if newest is None:
        return False
    said = _body(ledger, newest.content)
    return said is not None and canonical(said) == canonical(body) and list(newest.addressees) == local.addressees


def _complete(entry: CheckedEntry, local: Waiting) -> None:
    entry.content, entry.salt = local.content, local.salt
    entry.kind, entry.record_id, entry.version = local.kind, local.record_id, local.version
    entry.withheld = None


def _row(ledger: Ledger, entry: CheckedEntry, now: datetime) -> LedgerEntry:
    kind, record_id, version = entry.kind, entry.record_id, entry.version
    addressees, lost_id = _of_header(ledger, entry)
    if kind is None or record_id is None or version is None:
        kind, record_id, version = LOST, lost_id, 1
    return LedgerEntry(
        ledger_id=ledger.id,
        index=entry.index,
        kind=kind,
        record_id=record_id,
        version=version,
        header=entry.header,
        content=entry.content,
        salt=entry.salt,
        addressees=addressees,
        added_at=entry.time or now,
        sequenced_at=now,
    )


def _of_header(ledger: Ledger, entry: CheckedEntry) -> tuple[list[str], str]:
    """Return the addressees of an entry, and an id to keep it by if its own is lost with its content."""
    try:
        header = parse_header(entry.header, parse_origin(ledger.origin)).value
    except EntryMalformed:
        header = None
    if isinstance(header, ExchangeHeader):
        return list(header.addressees), header.id
    return [], f"{ledger.origin}#{entry.index}"


def _obey(
    session: Session, ledger: Ledger, entries: Sequence[CheckedEntry], *, cupboard: Cupboard, clock: Clock
) -> None:
    """Do again what the tail's own kinds say: rotations give the ledger its keys, erasures erase (a restore reapplies them)."""
    named: list[Any] = []
    for entry in entries:
        body = _body(ledger, entry.content)
        if body is None:
            continue
        if entry.kind == KEY_ROTATION:
            adopt_recovered(session, ledger, parse_rotation(body), index=entry.index, cupboard=cupboard)
        elif entry.kind == ERASURE:
            named.append(body.get("index"))
    here = (LedgerEntry.ledger_id == ledger.id, LedgerEntry.index.in_(named))
    for erased in session.scalars(select(LedgerEntry).where(*here)) if named else ():
        drop_content(erased, clock)
    session.flush()


def _project(
    session: Session, ledger: Ledger, entries: Sequence[CheckedEntry], *, clock: Clock, project: Projector
) -> int:
    kinds: dict[str, list[VerifiedEntry]] = {}
    for entry in entries:
        body = _body(ledger, entry.content)
        if entry.kind is not None and entry.kind not in LEDGER_KINDS and body is not None:
            kinds.setdefault(entry.kind, []).append(_verified(ledger, entry, body, index=entry.index))
    outcomes: Counter[str] = Counter()
    for kind, said in kinds.items():
        outcomes.update(project(session, kind, said, clock))
    return outcomes[NOT_UNDERSTOOD]


def _verified(ledger: Ledger, entry: CheckedEntry | LedgerEntry, body: dict[str, Any], *, index: int) -> VerifiedEntry:
    return VerifiedEntry(
        origin=ledger.origin,
        region=parse_origin(ledger.origin).region,
        kind=entry.kind or "",
        record_id=entry.record_id or "",
        version=entry.version or 0,
        index=index,
        content=body,
        time=None,
    )


def _body(ledger: Ledger, content: bytes | None) -> dict[str, Any] | None:
    """Return what an entry says; None if it is gone or cannot be read."""
    try:
        return None if content is None else parse_body(content, LedgerName(ledger.name).readers)
    except EntryMalformed:
        return None
