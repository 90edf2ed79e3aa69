"""The hub that tests of the schema ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.clock import FixedClock
from hub.database import Database
from hub.signing.key_files import FileKeyStore
from tests.license_office import Bureau, open_bureau
from tests.schema.licensing import Counter, counter_of
from tests.schema.planting import HOME, QINDU, WEICHENG, Hub, license_type, region


@pytest.fixture
def hub(database: Database, clock: FixedClock, tmp_path: Path) -> Hub:
    """A hub with its ledgers open, three regions and a license type; once on each database."""
    made = Hub(database, clock, FileKeyStore(tmp_path / "keys", b"a passphrase for tests"))
    made.open()
    made.plant("region", region(HOME, "沣东新城", "https://fengdong.example"))
    made.plant("region", region(QINDU, "秦都区", "https://qindu.example"), origin=QINDU)
    made.plant("region", region(WEICHENG, "渭城区"), origin=WEICHENG)
    made.plant("license_type", license_type())
    return made


@pytest.fixture
def bureau(database: Database, clock: FixedClock, tmp_path: Path) -> Bureau:
    """An office of licenses; once on each database."""
    return open_bureau(database, clock, tmp_path)


@pytest.fixture
def counter(bureau: Bureau) -> Counter:
    """The same office behind GraphQL."""
    return counter_of(bureau)
