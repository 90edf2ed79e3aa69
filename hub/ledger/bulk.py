"""Many rows into one table as fast as the driver allows: COPY on PostgreSQL, one prepared statement on SQLite.

For the hot paths of sequencing and following only; everything else writes through the session. Rows are checked by the
database's constraints alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from sqlalchemy import LargeBinary, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from hub.database import Record


def insert_rows(session: Session, record: type[Record], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert `rows`, each a sequence in the order of `columns`, in the session's transaction.

    Values are Python values as the record's own columns take them; defaults are not filled in.
    """
    session.flush()
    connection = session.connection()
    table = cast(Table, record.__table__)  # a record maps to one table, never to a join
    converted = _converted(rows, [_processor(table, name, connection.dialect) for name in columns])
    driver: Any = connection.connection.driver_connection
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "postgresql":
        with driver.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for row in converted:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(columns))
        # Names come from the record's own table, never from outside.
        driver.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', converted)  # noqa: S608


def _processor(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    kind = table.c[name].type
    if isinstance(kind, LargeBinary):  # both drivers take bytes as they are
        return None
    processor = kind.dialect_impl(dialect).bind_processor(dialect)
    return None if processor is None else _remembering(processor)


def _remembering(processor: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Convert a value that comes again and again, such as the page's one instant, only once."""
    last: list[Any] = [object(), None]

    def converted(value: Any) -> Any:
        if value is not last[0]:
            last[:] = value, processor(value)
        return last[1]

    return converted


def _converted(
    rows: Iterable[Sequence[Any]], processors: Sequence[Callable[[Any], Any] | None]
) -> Iterable[Sequence[Any]]:
    work = [(position, processor) for position, processor in enumerate(processors) if processor is not None]
    if not work:
        return rows
    return (_with(list(row), work) for row in rows)


def _with(row: list[Any], work: Sequence[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    for position, processor in work:
        row[position] = processor(row[position])
    return row
