"""The tables the code declares are the tables the migrations make, on SQLite and on PostgreSQL; and every step can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Integer, MetaData, Table, create_engine, inspect, text
from sqlalchemy.pool import NullPool

import connectors.records  # noqa: F401  fills the metadata
from hub.migrations import METADATA, SCRIPTS, downgrade, upgrade

ALEMBIC = "alembic_version"


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Yield a connection that leaves nothing open behind it."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def shape_of(url: str) -> dict[str, dict[str, Any]]:
    """Return what the database says of each of its tables: columns, keys, constraints, indexes; order does not count."""
    with connected(url) as connection:
        inspector = inspect(connection)
        tables = [name for name in inspector.get_table_names() if name != ALEMBIC]
        return {
            name: {
                "columns": {
                    c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(name)
                },
                "primary key": inspector.get_pk_constraint(name)["constrained_columns"],
                "foreign keys": sorted(map(_foreign_key, inspector.get_foreign_keys(name))),
                "unique": sorted(tuple(u["column_names"]) for u in inspector.get_unique_constraints(name)),
                "checks": sorted((c["name"] or "", c["sqltext"]) for c in inspector.get_check_constraints(name)),
                "indexes": sorted(
                    (i["name"] or "", *map(str, i["column_names"]), i["unique"]) for i in inspector.get_indexes(name)
                ),
            }
            for name in tables
        }


def differences(metadata: MetaData, connection: Connection) -> list[Any]:
    """Return what Alembic would write into a new migration."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


def _foreign_key(key: Any) -> tuple[Any, ...]:
    return (key["constrained_columns"], key["referred_table"], key["referred_columns"], sorted(key["options"].items()))


def test_autogenerate_finds_nothing_to_migrate(database_url: str) -> None:
    with connected(database_url) as connection:
        assert differences(METADATA, connection) == []


def test_the_migrations_make_the_same_tables_as_the_models(database_url: str) -> None:
    migrated = shape_of(database_url)
    downgrade(database_url)
    with connected(database_url) as connection:
        METADATA.create_all(connection)
    assert migrated == shape_of(database_url)


def test_taking_every_migration_back_leaves_no_table(database_url: str) -> None:
    downgrade(database_url)
    assert shape_of(database_url) == {}


def test_migrating_up_again_after_down_gives_the_same_tables(database_url: str) -> None:
    migrated = shape_of(database_url)
    downgrade(database_url)
    upgrade(database_url)
    assert shape_of(database_url) == migrated


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    migrated = shape_of(database_url)
    upgrade(database_url)
    assert shape_of(database_url) == migrated


def test_the_migrations_are_one_line_without_branches() -> None:
    assert len(ScriptDirectory(str(SCRIPTS)).get_heads()) == 1


def test_a_table_that_no_migration_makes_is_noticed(database_url: str) -> None:
    planted = MetaData()
    for table in METADATA.tables.values():
        table.to_metadata(planted)
    Table("planted", planted, Column("id", Integer, primary_key=True))
    with connected(database_url) as connection:
        assert [change[0] for change in differences(planted, connection)] == ["add_table"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_column_that_no_model_has_is_noticed(database_url: str) -> None:
    name = sorted(METADATA.tables)[0]
    before = shape_of(database_url)
    with connected(database_url) as connection:
        connection.execute(text(f'ALTER TABLE "{name}" ADD COLUMN planted INTEGER'))
        assert [change[0] for change in differences(METADATA, connection)] == ["remove_column"]
    assert shape_of(database_url) != before
