"""Bringing a database to the shape the code expects, by Alembic; the only module that names every room's records.

Models equal migrations: a test autogenerates against a migrated database and finds nothing to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import hub.access.records
import hub.approvals.records
import hub.catalog.records
import hub.ledger.records
import hub.licenses.records
import hub.licenses.sharing_records
import hub.opendata.records
import hub.regions.records
import hub.seals.records
import hub.signatures.records
import hub.verdicts.records  # noqa: F401  each import fills the metadata
from hub.database import Record

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
METADATA = Record.metadata


def upgrade(url: str, target: str = "head") -> None:
    """Bring the database at `url` up to revision `target`; running it again changes nothing."""
    from alembic import command

    command.upgrade(_config(url), target)


def downgrade(url: str, target: str = "base") -> None:
    """Take the database at `url` back to revision `target`; rows of tables that go are lost."""
    from alembic import command

    command.downgrade(_config(url), target)


def _config(url: str) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["url"] = url
    return config
