"""The register of seal uses as a file: every use of the period, Chinese headings first, in constant memory."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from hub.clock import SHANGHAI, FixedClock
from hub.database import Database
from hub.seals.records import SealUse
from hub.seals.register import COLUMNS, register_csv, register_xlsx
from tests.approval_desk import REGION, Room, open_room

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DAY = date(2026, 11, 25)


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    return open_room(database, clock, tmp_path, font_file)


def use(room: Room, number: int, *, days: int = 0, case: str | None = None) -> dict[str, object]:
    at = room.clock.now() + timedelta(days=days, seconds=number)
    return {
        "id": f"{number:032x}",
        "seal_id": room.seal_id,
        "document": f"approval:{number}:1",
        "document_kind": "GRANT",
        "document_sha256": f"{number:064x}",
        "case_number": case,
        "used_by": "keeper",
        "authorisation_id": None,
        "used_at": at,
        "used_on": at.astimezone(SHANGHAI).date(),
    }


def used(room: Room, *uses: dict[str, object]) -> None:
    with room.database.transaction() as session:
        session.execute(insert(SealUse), list(uses))


def rows_of(room: Room, first: date = DAY, last: date = DAY, region: str = REGION) -> list[list[str]]:
    with room.database.reading() as session:
        content = b"".join(register_csv(session, first, last, region=region))
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_every_use_of_the_period_is_a_row_oldest_first(room: Room) -> None:
    used(room, use(room, 2), use(room, 1), use(room, 3, days=1), use(room, 4, days=2))
    assert [row[6] for row in rows_of(room, DAY, DAY + timedelta(days=1))[1:]] == [
        "approval:1:1",
        "approval:2:1",
        "approval:3:1",
    ]


@ONE_DATABASE
def test_headings_are_chinese_first(room: Room) -> None:
    assert rows_of(room)[0] == [heading for heading, _ in COLUMNS]
    assert all("\u4e00" <= heading[0] <= "\u9fff" or heading.startswith("用印前") for heading, _ in COLUMNS)


@ONE_DATABASE
def test_times_are_those_of_the_clock_on_the_wall_in_shanghai(room: Room) -> None:
    used(room, use(room, 1))
    assert rows_of(room)[1][0] == "2026-11-25 10:00:01"


@ONE_DATABASE
def test_another_regions_uses_are_not_listed(room: Room) -> None:
    used(room, use(room, 1))
    assert len(rows_of(room, region="xianyang-qindu")) == 1


@ONE_DATABASE
def test_a_cell_that_a_spreadsheet_would_compute_is_text(room: Room) -> None:
    used(room, use(room, 1, case='=HYPERLINK("http://x")'))
    assert rows_of(room)[1][8].startswith("'=")


@ONE_DATABASE
def test_a_workbook_has_the_same_rows(room: Room, tmp_path: Path) -> None:
    used(room, use(room, 1), use(room, 2))
    with room.database.reading() as session:
        content = b"".join(register_xlsx(session, DAY, DAY, region=REGION))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 3 and "approval:2:1" in sheet and "<f>" not in sheet


@ONE_DATABASE
@pytest.mark.parametrize("write", [register_csv, register_xlsx])
def test_memory_does_not_grow_with_the_period(room: Room, write) -> None:  # type: ignore[no-untyped-def]
    used(room, *(use(room, number) for number in range(6_000)))
    with room.database.reading() as session:
        sum(map(len, write(session, DAY, DAY, region="xianyang-qindu")))  # what is loaded once
        tracemalloc.start()
        size = sum(map(len, write(session, DAY, DAY, region=REGION)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert size > 100_000 and peak < 8_000_000


@ONE_DATABASE
def test_the_register_of_one_seal_leaves_the_others_out(room: Room) -> None:
    used(room, use(room, 1))
    with room.database.reading() as session:
        content = b"".join(register_csv(session, DAY, DAY, region=REGION, seal_id="0" * 32))
    assert content.count(b"\r\n") == 1
