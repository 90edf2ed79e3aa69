"""What every test may ask for: a clock that stands still, a migrated database on SQLite or PostgreSQL, a browser, the font.

`database` and `database_url` run a test once on each database. A test that needs only one says so:
`@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`. Where PostgreSQL or Chromium is not installed, the
tests that need it are left out and the summary says why. Only the loopback and unix sockets can be reached (pyproject.toml).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploy.services import chromium_program
from hub.clock import FixedClock
from tests.fonts import document_font
from tests.seal_desk import SealDesk, found_seal_desk
from tests.services import Cluster, browser_lacks, copy_sqlite, postgresql_lacks, running_cluster, settle_sqlite

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from hub.database import Database

STANDING_AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
TEMPLATE = "tongban_template"
DATABASES = ("sqlite", "postgresql")
LONGEST = ("test_crash", "test_restore")
SHARED = "demonstration"
_numbers = itertools.count(1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files stay whole, but all tests that share the five hubs run in one worker, and last, so that the hubs run once and not for long.

    The longest file begins first: the workers end together.
    """
    for item in items:
        shared = SHARED in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group(SHARED if shared else item.path.stem))
    items.sort(key=lambda item: (SHARED in getattr(item, "fixturenames", ()), item.path.stem not in LONGEST))


@pytest.fixture(scope="session")
def seal_desk(tmp_path_factory: pytest.TempPathFactory) -> SealDesk:
    """An SM2 authority, with holders of keys, seals and signatures; nothing in it changes but by growing."""
    return found_seal_desk(tmp_path_factory.mktemp("seal-desk"))


@pytest.fixture
def clock() -> FixedClock:
    """A clock standing at 2026-11-25T02:00:00Z, ten in the morning in Shanghai."""
    return FixedClock(STANDING_AT)


@pytest.fixture(scope="session")
def font_file() -> Path:
    """The TTF that documents embed."""
    return document_font()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; copy it, never write to it."""
    from hub.migrations import upgrade

    path = tmp_path_factory.mktemp("template") / "hub.db"
    upgrade(f"sqlite:///{path}")
    settle_sqlite(path)
    return path


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    """A private PostgreSQL server for this test process, started when a test first needs it."""
    lacks = postgresql_lacks()
    if lacks is not None:
        pytest.skip(lacks)
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgresql_template(postgresql_cluster: Cluster) -> str:
    """The name of a migrated, empty PostgreSQL database that others are copied from."""
    from hub.migrations import upgrade

    postgresql_cluster.run(f'CREATE DATABASE "{TEMPLATE}"')
    upgrade(postgresql_cluster.url(TEMPLATE))
    return TEMPLATE


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh migrated SQLite database."""
    return copy_sqlite(sqlite_template, tmp_path / f"hub-{next(_numbers)}.db")


@pytest.fixture
def postgresql_url(postgresql_cluster: Cluster, postgresql_template: str) -> Iterator[str]:
    """The address of a fresh migrated PostgreSQL database, dropped after the test."""
    name = f"hub_{next(_numbers)}"
    yield postgresql_cluster.copy_of(postgresql_template, name)
    postgresql_cluster.drop(name)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh migrated database: the test runs once on SQLite, once on PostgreSQL."""
    address = request.getfixturevalue(f"{request.param}_url")
    return str(address)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh migrated `hub.database.Database`, open for the test: once on SQLite, once on PostgreSQL."""
    from hub.database import Database

    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window, Chinese first, driven by Playwright; each test opens its own page or context."""
    lacks = browser_lacks()
    if lacks is not None:
        pytest.skip(lacks)
    from playwright.sync_api import sync_playwright

    # Chromium refuses its sandbox to root; as anyone else it keeps it.
    arguments = ["--lang=zh-CN", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium_program(), args=arguments)
        yield opened
        opened.close()
