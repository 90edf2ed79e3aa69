"""The whole demonstration for journeys: planted and started once for the tests of a worker, stopped when they are done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seeds.supervisor import stop
from tests.journeys.five import Demonstration, planted, until
from tests.journeys.partner import Partner
from tests.journeys.refusing import still

SETTLE_SECONDS = 120.0


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> Iterator[Demonstration]:
    """Five hubs that run and have read each other's ledgers."""
    made = planted(tmp_path_factory.mktemp("demonstration"), font_file)
    try:
        for process in made.processes.values():
            process.start()
        for process in made.processes.values():
            process.wait_ready()
        until(made.settled, SETTLE_SECONDS, wanted="every hub has read every other's ledgers")
        yield made
    finally:
        stop(list(made.processes.values()))


@pytest.fixture(scope="session")
def home(demonstration: Demonstration) -> Partner:
    """Whoever asks the home hub."""
    return Partner(demonstration)


@pytest.fixture(scope="module")
def nothing_is_applied(home: Partner) -> Iterator[None]:
    """Fails when anything a test of the module sent made the home hub's ledgers, approvals or seal uses grow."""
    before = still(home)
    yield
    assert still(home) == before
