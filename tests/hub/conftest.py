"""More than one hub in one test: fresh migrated databases of one kind, as many as a test asks for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.database import Database
from tests.services import copy_sqlite, settle_sqlite

_numbers = itertools.count(1)


@pytest.fixture(params=("sqlite", "postgresql"))
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """A function that opens another fresh migrated database: the test runs once on SQLite, once on PostgreSQL."""
    opened: list[Database] = []
    dropped: list[Callable[[], None]] = []

    def on_sqlite() -> str:
        return copy_sqlite(request.getfixturevalue("sqlite_template"), tmp_path / f"more-{next(_numbers)}.db")

    def on_postgresql() -> str:
        cluster = request.getfixturevalue("postgresql_cluster")
        name = f"more_{next(_numbers)}"
        dropped.append(lambda: cluster.drop(name))
        return str(cluster.copy_of(request.getfixturevalue("postgresql_template"), name))

    def make() -> Database:
        opened.append(Database(on_sqlite() if request.param == "sqlite" else on_postgresql()))
        return opened[-1]

    yield make
    for database in opened:
        database.close()
    for drop in dropped:
        drop()


@pytest.fixture
def backup_of(
    new_database: Callable[[], Database], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[Database], Database]]:
    """A function that opens a copy of a database as it stands now: a backup, brought back."""
    opened: list[Database] = []
    dropped: list[Callable[[], None]] = []

    def copy(database: Database) -> Database:
        database.close()
        source = database.engine.url.database or ""
        if database.is_sqlite:
            settle_sqlite(Path(source))
            opened.append(Database(copy_sqlite(Path(source), tmp_path / f"backup-{next(_numbers)}.db")))
        else:
            cluster, name = request.getfixturevalue("postgresql_cluster"), f"backup_{next(_numbers)}"
            dropped.append(lambda: cluster.drop(name))
            opened.append(Database(cluster.copy_of(source, name)))
        return opened[-1]

    yield copy
    for database in opened:
        database.close()
    for drop in dropped:
        drop()
