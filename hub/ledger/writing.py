"""Writing into this hub's own ledgers: opening one, publishing a record's version, recording an exchange, erasing a content.

Every function works in the caller's transaction and leaves the commit to the caller; what is written is unsequenced until
`hub.ledger.sequencer` places it. Content that says nothing new is not written again. Nothing here signs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.errors import Conflict, MoveRefused, NotFound, ValidationFailed
from hub.ledger.cupboard import Cupboard, encoded_key, first_key_name
from hub.ledger.entry import Entry, Version, exchange_entry, header_digest, parse_exchange_content, public_entry
from hub.ledger.hashes import HashName
from hub.ledger.names import ERASURE, GENESIS, LEDGER_KINDS, RECORD_ID_MAX, LedgerName
from hub.ledger.origin import Origin, parse_origin
from hub.ledger.queries import ledger_named, newest_entry
from hub.ledger.records import Ledger, LedgerEntry, LedgerKey
from hub.signing.canonical import canonical

if TYPE_CHECKING:
    from hub.signing.keys import KeyStore

ALGORITHM: Final = "Ed25519"
"""What a ledger's keys are unless told otherwise."""


def open_ledger(
    session: Session,
    *,
    region: str,
    name: LedgerName,
    hash_name: str,
    keys: KeyStore,
    clock: Clock,
    previous: Mapping[str, Any] | None = None,
    algorithms: Sequence[str] = (ALGORITHM,),
    version_base: int = 0,
) -> Ledger:
    """Return a new ledger of this hub with its first keys, one of each algorithm, and its genesis entry, which will be entry 0.

    `previous` names the last checkpoint of the epoch before: {origin, size, root, note}; `version_base` is how many of its
    entries were signed and lost. Raises Conflict if a ledger of this name is open.
    """
    if session.scalar(select(Ledger.id).where(Ledger.name == name.value, Ledger.closed_at.is_(None))) is not None:
        raise Conflict("该账本已经开立。", "A ledger of that name is open already.")
    last_epoch = session.scalar(select(func.max(Ledger.epoch)).where(Ledger.name == name.value)) or 0
    origin = Origin(region, name.readers, last_epoch + 1)
    now = clock.now()
    ledger = Ledger(
        name=name.value,
        epoch=origin.epoch,
        origin=str(origin),
        hash=HashName(hash_name).value,
        size=0,
        version_base=version_base,
        opened_at=now,
    )
    session.add(ledger)
    session.flush()
    genesis = {
        "origin": ledger.origin,
        "hash": ledger.hash,
        "region": region,
        "keys": _first_keys(session, ledger, Cupboard(keys), algorithms),
        "previous": None if previous is None else dict(previous),
    }
    write_ledger_entry(session, ledger, kind=GENESIS, record_id=ledger.origin, body=genesis, clock=clock)
    return ledger


def publish_entry(
    session: Session, *, kind: str, record_id: str, content: Mapping[str, Any], clock: Clock
) -> LedgerEntry | None:
    """Return the unsequenced public entry of the record's next version, or None if its newest version says just this.

    Raises Conflict if another transaction wrote that version first, CanonicalRefused or EntryMalformed for the content.
    """
    ledger = ledger_named(session, LedgerName.PUBLIC)
    newest = newest_entry(session, ledger.id, kind=kind, record_id=record_id)
    if newest is not None and newest.content == canonical(dict(content)):
        return None
    return add_version(session, ledger, newest, kind=kind, record_id=record_id, body=content, clock=clock)


def record_entry(
    session: Session, *, kind: str, record_id: str, body: Mapping[str, Any], addressees: Sequence[str], clock: Clock
) -> LedgerEntry:
    """Return the exchange entry of the record's next version, for the addressed regions.

    If its newest version says just this to just them, that one is returned and nothing is written. Raises as `publish_entry`.
    """
    ledger = ledger_named(session, LedgerName.EXCHANGE)
    newest = newest_entry(session, ledger.id, kind=kind, record_id=record_id)
    if newest is not None and newest.addressees == sorted(set(addressees)) and _says(newest, body):
        return newest
    return add_version(
        session, ledger, newest, kind=kind, record_id=record_id, body=body, addressees=addressees, clock=clock
    )


def erase_entry(session: Session, *, index: int, reason: str, by: str, clock: Clock) -> LedgerEntry:
    """Drop salt and content of a sequenced exchange entry for ever; return the erasure entry that obliges every reader.

    It says why and at whose word, to every partner. Header and tree stay whole. Erasing again returns the first erasure entry.
    Raises NotFound, ValidationFailed for an empty reason or name, MoveRefused for entries the ledger itself needs.
    """
    if not reason.strip() or not by.strip():
        raise ValidationFailed("删除须写明理由和责任人。", "An erasure says why, and at whose word.", path="reason")
    ledger = ledger_named(session, LedgerName.EXCHANGE)
    found = session.scalar(select(LedgerEntry).where(LedgerEntry.ledger_id == ledger.id, LedgerEntry.index == index))
    if found is None:
        raise NotFound("没有这个序号的条目。", "There is no entry of that index.")
    if found.kind in LEDGER_KINDS:
        raise MoveRefused("账本自身的条目不能删除。", "Entries the ledger itself needs are not erased.")
    drop_content(found, clock)
    record_id = erased_id(ledger.origin, index)
    before = newest_entry(session, ledger.id, kind=ERASURE, record_id=record_id)
    if before is not None:
        return before
    body = {"origin": ledger.origin, "index": index, "reason": reason.strip(), "by": by.strip()}
    return add_version(session, ledger, None, kind=ERASURE, record_id=record_id, body=body, clock=clock)


def erased_id(origin: str, index: int) -> str:
    """Return the record id under which the erasure of an entry, and its confirmations, stand in the ledgers."""
    return f"{origin}#{index}"


def drop_content(entry: LedgerEntry, clock: Clock) -> None:
    """Take salt and content from an entry of this hub and note when; a second time changes nothing."""
    entry.content = None
    entry.salt = None
    entry.erased_at = entry.erased_at or clock.now()


def write_ledger_entry(
    session: Session, ledger: Ledger, *, kind: str, record_id: str, body: Mapping[str, Any], clock: Clock
) -> LedgerEntry:
    """Return an entry the ledger writes about itself, in that ledger: addressed to nobody, given to every reader."""
    newest = newest_entry(session, ledger.id, kind=kind, record_id=record_id)
    return add_version(session, ledger, newest, kind=kind, record_id=record_id, body=body, clock=clock)


def add_version(
    session: Session,
    ledger: Ledger,
    newest: LedgerEntry | None,
    *,
    kind: str,
    record_id: str,
    body: Mapping[str, Any],
    clock: Clock,
    addressees: Sequence[str] = (),
    first_version: int | None = None,
) -> LedgerEntry:
    """Return the entry after `newest` (None: the record's first in this ledger), whatever it says.

    A record's first version is `first_version`, else the one after the ledger's `version_base`. Raises as `publish_entry`.
    """
    entry = _next_entry(
        ledger,
        newest,
        kind=kind,
        record_id=record_id,
        body=body,
        clock=clock,
        addressees=addressees,
        first_version=first_version,
    )
    _add(session, [entry])
    return entry


@dataclass(frozen=True)
class Told:
    """What `add_versions` is to write of one record: the entry before (None: the first), and the body."""

    record_id: str
    newest: LedgerEntry | None
    body: Mapping[str, Any]


def add_versions(session: Session, ledger: Ledger, told: Sequence[Told], *, kind: str, clock: Clock) -> None:
    """Write the next entries of many records of one kind at once, addressed to nobody; raises as `add_version`, for all of them."""
    entries = [
        _next_entry(ledger, each.newest, kind=kind, record_id=each.record_id, body=each.body, clock=clock)
        for each in told
    ]
    _add(session, entries)


def _next_entry(
    ledger: Ledger,
    newest: LedgerEntry | None,
    *,
    kind: str,
    record_id: str,
    body: Mapping[str, Any],
    clock: Clock,
    addressees: Sequence[str] = (),
    first_version: int | None = None,
) -> LedgerEntry:
    if len(record_id) > RECORD_ID_MAX:
        raise ValidationFailed("记录编号过长。", f"A record id has at most {RECORD_ID_MAX} characters.")
    name = HashName(ledger.hash)
    beginning = 1 + ledger.version_base if first_version is None else first_version
    version = Version(
        kind=kind,
        id=record_id,
        version=beginning if newest is None else newest.version + 1,
        time=clock.now(),
        previous=None if newest is None else header_digest(name, newest.header),
    )
    origin = parse_origin(ledger.origin)
    if ledger.name == LedgerName.PUBLIC:
        made = public_entry(origin, name, version, body)
    else:
        made = exchange_entry(origin, name, version, body, addressees=addressees)
    return _row(ledger, version, made, addressees=sorted(set(addressees)))


def _first_keys(
    session: Session, ledger: Ledger, cupboard: Cupboard, algorithms: Sequence[str]
) -> list[dict[str, str]]:
    """Make the keys that sign from the first checkpoint on; return them as the genesis entry names them."""
    first = first_key_name(ledger.origin)
    names = [first, *(f"{first}-{number}" for number in range(2, len(algorithms) + 1))]
    made = [cupboard.new_ledger_key(name, algorithm) for name, algorithm in zip(names, algorithms, strict=True)]
    session.add_all(
        LedgerKey(
            ledger_id=ledger.id, key_name=key.name, algorithm=key.algorithm, public_key=key.raw_public, from_size=0
        )
        for key in made
    )
    return [{"algorithm": key.algorithm, "public_key": encoded_key(key.algorithm, key.raw_public)} for key in made]


def _row(ledger: Ledger, version: Version, made: Entry, *, addressees: list[str]) -> LedgerEntry:
    return LedgerEntry(
        ledger_id=ledger.id,
        kind=version.kind,
        record_id=version.id,
        version=version.version,
        header=made.header,
        content=made.content,
        salt=made.salt,
        addressees=addressees,
        added_at=version.time,
    )


def _add(session: Session, entries: Sequence[LedgerEntry]) -> None:
    session.flush()  # so that a violation below can only be these entries'
    session.add_all(entries)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(
            "这条记录刚被他人更改，请重新读取后再试。", "Somebody else changed this record first; read it again."
        ) from error


def _says(entry: LedgerEntry, body: Mapping[str, Any]) -> bool:
    if entry.content is None:
        return False
    said = parse_exchange_content(entry.content).value
    return said is not None and canonical(said.body) == canonical(dict(body))
