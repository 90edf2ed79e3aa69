"""The register of seal uses (用印台账) as a file: CSV for any program, XLSX for a person; constant memory however long the period is.

Names of columns are Chinese first. Holds digests and references, never a line of a document. The caller keeps the session open until the
last part was taken.

Source: 电子印章管理办法 (2025) on the record of use; RFC 4180 (CSV).
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import date
from typing import IO, cast

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from hub.clock import SHANGHAI
from hub.seals.records import Seal, SealUse

COLUMNS = (
    ("用印时间 used at", 20),
    ("印章名称 seal", 36),
    ("印章所有者 owner", 30),
    ("印章编码 seal code", 34),
    ("备案编号 filing number", 20),
    ("文件种类 document kind", 20),
    ("文件标识 document", 44),
    ("用印前摘要 SHA-256 before sealing", 66),
    ("案件编号 case number", 20),
    ("用印人 used by", 16),
    ("常设授权 standing authorisation", 12),
)
"""Heading and width (in characters) of each column, in order."""
ROWS_AT_ONCE = 1_000
PART_BYTES = 64 * 1024
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def register_csv(
    session: Session, first: date, last: date, *, region: str, seal_id: str | None = None
) -> Iterator[bytes]:
    """Yield the parts of a CSV file (UTF-8 with BOM, CRLF) of the uses from `first` to `last`, civil days, both included, oldest first.

    Of one seal where it is named, else of all seals of the region.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow([heading for heading, _ in COLUMNS])
    for row in _rows(session, first, last, _of(region, seal_id)):
        writer.writerow(["'" + cell if cell.startswith(FORMULA) else cell for cell in row])
        if text.tell() >= PART_BYTES:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def register_xlsx(
    session: Session, first: date, last: date, *, region: str, seal_id: str | None = None
) -> Iterator[bytes]:
    """Yield the parts of an XLSX workbook (ISO/IEC 29500) of the same rows; written to a temporary file, row by row, before the first part."""
    from xlsxwriter import Workbook

    with tempfile.TemporaryFile() as file:
        with Workbook(cast("IO[bytes]", file), {"constant_memory": True, "strings_to_formulas": False}) as book:
            sheet = book.add_worksheet("用印台账")
            bold = book.add_format({"bold": True})
            sheet.freeze_panes(1, 0)
            for column, (heading, width) in enumerate(COLUMNS):
                sheet.set_column(column, column, width)
                sheet.write_string(0, column, heading, bold)
            for number, row in enumerate(_rows(session, first, last, _of(region, seal_id)), start=1):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell)
        file.seek(0)
        while part := file.read(PART_BYTES):
            yield part


def _of(region: str, seal_id: str | None) -> ColumnElement[bool]:
    return Seal.region == region if seal_id is None else and_(Seal.region == region, Seal.id == seal_id)


def _rows(session: Session, first: date, last: date, wanted: ColumnElement[bool]) -> Iterator[list[str]]:
    statement = (
        select(SealUse, Seal.name_zh, Seal.owner_zh, Seal.es_id, Seal.filing_number)
        .join(Seal, Seal.id == SealUse.seal_id)
        .where(wanted, SealUse.used_on.between(first, last))
        .order_by(SealUse.used_at, SealUse.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for use, *seal in session.execute(statement):
        yield [
            use.used_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            *(each or "" for each in seal),
            *_use(use),
        ]
        session.expunge(use)  # a session keeps what it loaded; a register of years must not stay in memory


def _use(use: SealUse) -> list[str]:
    return [
        use.document_kind,
        use.document,
        use.document_sha256,
        use.case_number or "",
        use.used_by,
        "" if use.authorisation_id is None else str(use.authorisation_id),
    ]
