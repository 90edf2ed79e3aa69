"""The hub that tests of connectors run."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.clock import FixedClock
from hub.database import Database
from tests.connectors.workshop import Workshop


@pytest.fixture
def workshop(database: Database, clock: FixedClock, tmp_path: Path) -> Workshop:
    """A hub with open ledgers and no connector yet; once on each database."""
    return Workshop(database, clock, tmp_path / "import").open()
