"""Issuing many licenses at once: one transaction a chunk, flat memory, the same checks and the same ledger entries as one by one.

For a register that is taken over or a day's printing. Each line stands for itself: what is refused is reported with its place and costs
nobody else. Repeating a batch with its key issues nothing twice. This is an edge: it opens its own transactions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.grants import LICENSE_ISSUE, Leave, leaves, require
from hub.access.replay import remember, remembered
from hub.codes import licenses as codes
from hub.database import Database
from hub.errors import HubError
from hub.ledger.names import LedgerName
from hub.ledger.queries import ledger_named
from hub.ledger.records import Ledger
from hub.ledger.writing import Told, add_versions
from hub.licenses.acting import Office, pen_of, require_issuing
from hub.licenses.contents import NewLicense
from hub.licenses.faults import LicenseTypeUnknown
from hub.licenses.pen import Pen, new_rows
from hub.licenses.publishing import LICENSE, license_body
from hub.licenses.queries import names_of_types
from hub.licenses.records import License, LicenseType
from hub.licenses.status_lists import Place, take_places

CHUNK = 500


@dataclass(frozen=True)
class Refused:
    """A line that was not issued: its place in the batch, from 0, and the code why."""

    place: int
    code: str


@dataclass(frozen=True)
class ChunkReport:
    """One committed chunk: the identifiers issued, in order, and what was refused; `repeated` when it had been issued before."""

    identifiers: tuple[str, ...]
    refused: tuple[Refused, ...]
    repeated: bool = False


def issue_batch(
    database: Database, wanted: Iterable[NewLicense], *, office: Office, actor: Actor, key: str, chunk: int = CHUNK
) -> Iterator[ChunkReport]:
    """Issue every license of `wanted`, and yield a report after each chunk is committed; nothing happens until it is asked for.

    `key` and the chunk's number are its idempotency key; a chunk repeated after a crash reports no identifiers and `repeated`. Raises
    NotPermitted for who may issue nothing, Conflict for a key that stands for another batch.
    """
    lines = iter(wanted)
    first = 0
    while taken := list(islice(lines, chunk)):
        with database.transaction() as session:
            report = _issued(session, taken, first=first, office=office, actor=actor, key=f"{key}/{first}")
        yield report
        first += len(taken)


def _issued(
    session: Session, lines: list[NewLicense], *, first: int, office: Office, actor: Actor, key: str
) -> ChunkReport:
    held = require(leaves(session, actor, region=office.region, at=office.clock.now()), LICENSE_ISSUE)
    arguments = {"licenses": [line.to_json() for line in lines]}
    if remembered(session, actor=actor, mutation="issueLicenses", key=key, arguments=arguments) is not None:
        return ChunkReport((), (), repeated=True)
    kinds = names_of_types(session, {line.type_code for line in lines})
    ledger = ledger_named(session, LedgerName.EXCHANGE)
    pen, places = pen_of(office, actor), take_places(session, region=office.region, count=len(lines))
    issued: list[License] = []
    refused: list[Refused] = []
    for number, (line, place) in enumerate(zip(lines, places, strict=True), first):
        try:
            license = _checked(line, held, kinds, pen=pen, place=place)
        except HubError as fault:
            refused.append(Refused(number, fault.code))
            continue
        issued.append(license)
    _write(session, issued, ledger, office)
    remember(
        session,
        actor=actor,
        mutation="issueLicenses",
        key=key,
        arguments=arguments,
        subject=str(len(issued)),
        clock=office.clock,
    )
    return ChunkReport(tuple(license.identifier for license in issued), tuple(refused))


def _checked(
    line: NewLicense, held: tuple[Leave, ...], kinds: dict[str, LicenseType], *, pen: Pen, place: Place
) -> License:
    require_issuing(held, line)
    kind = kinds.get(codes.parse_type(line.type_code).text)
    if kind is None or kind.tombstoned_at is not None:
        raise LicenseTypeUnknown
    return new_rows(line, kind, pen, place)


def _write(session: Session, issued: Sequence[License], ledger: Ledger, office: Office) -> None:
    """Add licenses and their first entries; a taken identifier fails the whole chunk, as it must be a repetition under another key."""
    session.add_all(issued)
    session.flush()
    told = [Told(license.identifier, None, license_body(license, [])) for license in issued]
    add_versions(session, ledger, told, kind=LICENSE, clock=office.clock)
