"""How many licenses a core issues: intended, ledgered, rendered, sealed, signed, stamped, stored, published and sequenced.

The rate is of processor seconds of this process, which holds the database (SQLite), the time-stamp authority and the sequencer too. Memory
is sampled after every chunk: what it grew from the end of the first fifth of the batch to the end says whether a long batch needs more.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.table import LEAST, Line, full
from hub.clock import FixedClock
from hub.database import Database
from hub.ledger.sequencer import Sequencer
from hub.licenses.acting import Office
from hub.licenses.batches import issue_batch
from hub.licenses.contents import NewLicense
from hub.licenses.issuing import LicenseDesk, make_due
from hub.licenses.vault import derive_vault
from hub.migrations import upgrade
from hub.projections import publish
from hub.signing.keys import SM2
from seeds.license_types import license_types
from tests.approval_desk import Room, open_room
from tests.fonts import document_font
from tests.license_office import APPROVER, FIRM, ISSUER, NEW, REGION, SAFETY

SHORT, LONG = 400, 10_000
STEP = 100
WARM = 5  # the first fifth fills caches, and is not counted for memory
LEAST_RATE, MOST_GROWTH_MIB = 50.0, 8.0
MIB = 1024 * 1024
NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)


def measure() -> Iterator[Line]:
    """Yield the rate on one core and the growth of memory, font embedded."""
    count = LONG if full() else SHORT
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/hub.db"
        upgrade(url)
        database = Database(url)
        clock = FixedClock(NOON)
        room = open_room(database, clock, Path(folder), document_font(), algorithm=SM2)
        desk = _desk(room)
        room.authorise(kinds=["license"], ceiling=count)
        rate, growth = _issue(desk, count, Sequencer(database, room.keys, clock, lambda _origin: []))
        database.close()
    what = f"licenses issued in a batch of {count:,}"
    yield Line(f"{what}: ledgered, OFD sealed, PDF signed", "a core's second", rate, LEAST_RATE, LEAST)
    yield Line(f"memory grown while {what}", "MiB", growth, MOST_GROWTH_MIB, "the most that is allowed", higher=False)


def _desk(room: Room) -> LicenseDesk:
    content = next(each for each in license_types() if each["code"] == SAFETY)
    with room.database.transaction() as session:
        publish(session, region=REGION, kind="license_type", record_id=SAFETY, content=content, clock=room.clock)
    vault = derive_vault(b"a secret for measuring only, of enough bytes")
    return LicenseDesk(
        database=room.database,
        office=Office(region=REGION, vault=vault, clock=room.clock, demonstration=True),
        keys=room.keys,
        files=room.desk.files,
        fonts=room.fonts,
        public_url="https://hub.example",
        timestamp=room.desk.timestamp,
    )


def _issue(desk: LicenseDesk, count: int, sequencer: Sequencer) -> tuple[float, float]:
    """Return licenses a processor second, and MiB grown since the first fifth.

    The first chunk loads fonts and libraries, once in the life of a process, and is left out of the rate.
    """
    sampled: list[float] = []
    ended: list[float] = []
    for report in issue_batch(
        desk.database, _wanted(count), office=desk.office, actor=APPROVER, key="batch", chunk=STEP
    ):
        made = make_due(desk, limit=len(report.identifiers))
        while sequencer.step():
            pass
        if (made.made, made.failed) != (STEP, ()):
            raise RuntimeError(f"made {made.made}, failed {made.failed[:3]}")
        sampled.append(_resident_mib())
        ended.append(time.process_time())
    rate = (count - STEP) / (ended[-1] - ended[0])
    return rate, max(sampled) - max(sampled[: max(1, len(sampled) // WARM)])


def _wanted(count: int) -> Iterator[NewLicense]:
    """Yield licenses of firms whose names and numbers differ, as a register's do."""
    for number in range(count):
        holder = replace(FIRM, name=f"示例企业（演示）第{number + 1}分公司")
        face = (("KZ_SCOPE", f"演示范围第{number % 97 + 1}类"), ("KZ_XM", "张示例"))
        yield replace(NEW, number=f"演示-2026-{number + 1:06d}", issuer=ISSUER, holders=(holder,), face=face)


def _resident_mib() -> float:
    """Return what the kernel counts as resident of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB
