"""The engine, the base of all records, and the two ways to a session: `transaction` and `reading`.

Functions below receive a session; only the edge (a request, a page of a run, a command) opens one here, and only the end of
`transaction` commits. On SQLite a writer begins with BEGIN IMMEDIATE: a deferred read-then-write would fail at once with
SQLITE_BUSY_SNAPSHOT when another writer committed in between, and no busy timeout helps against that.
"""

from __future__ import annotations

import enum
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, DateTime, Engine, LargeBinary, MetaData, String, Text, create_engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 30_000


class Instant(TypeDecorator[datetime]):
    """An aware instant; written in UTC, read back aware in UTC on both databases. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC; on SQLite without the offset, which it cannot keep."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant aware and in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def closed_list(values: type[enum.StrEnum], column: str) -> Any:
    """Return a column type that keeps an enum by its value, with a CHECK named after the column."""
    from sqlalchemy import Enum

    return Enum(
        values,
        native_enum=False,
        create_constraint=True,
        name=column,
        length=32,
        values_callable=lambda kind: [member.value for member in kind],
    )


Code = Annotated[str, mapped_column(String(64))]
LongCode = Annotated[str, mapped_column(String(160))]
Name = Annotated[str, mapped_column(String(512))]
Hash = Annotated[bytes, mapped_column(LargeBinary(32))]
Bytes = Annotated[bytes, mapped_column(LargeBinary)]
Prose = Annotated[str, mapped_column(Text)]
Json = Annotated[Any, mapped_column(JSON(none_as_null=True))]


class Record(DeclarativeBase):
    """The base of every table. Constraint names follow one convention, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant()}


class Database:
    """One database, SQLite or PostgreSQL, by URL: `sqlite:////path/hub.db` or `postgresql+psycopg://...`.

    On SQLite two engines stand over one file: writers begin IMMEDIATE, readers begin deferred and never wait for a writer (WAL).
    `pool` is the most connections each engine keeps.
    """

    def __init__(self, url: str, pool: int = 8) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._writer = _engine(url, pool, immediate=True)
        self._reader = _engine(url, pool, immediate=False) if self.is_sqlite else self._writer

    @property
    def engine(self) -> Engine:
        """Return the writer's engine, for migrations and for tests that count statements."""
        return self._writer

    @property
    def read_engine(self) -> Engine:
        """Return the reader's engine: on PostgreSQL the same as `engine`."""
        return self._reader

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session that commits when the block ends and rolls back when it raises."""
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session for reads on one snapshot; whatever was changed in it is rolled back."""
        with Session(self._reader, expire_on_commit=False) as session:
            if not self.is_sqlite:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session  # closing takes back what was changed, and leaves what was loaded readable

    def close(self) -> None:
        """Close every pooled connection."""
        self._writer.dispose()
        self._reader.dispose()


def _engine(url: str, pool: int, *, immediate: bool) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=pool, max_overflow=4, pool_pre_ping=True)
    engine = create_engine(url, pool_size=pool, max_overflow=16, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    begin = "BEGIN IMMEDIATE" if immediate else "BEGIN"

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # we begin ourselves, below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-2000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
