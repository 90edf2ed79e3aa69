"""A hub that issues and seals licenses as tests need it: an office, a seal with its authorisation to give, and the desk of their files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub.clock import FixedClock
from hub.database import Database
from hub.licenses.issuing import LicenseDesk
from hub.licenses.life import Office
from hub.licenses.queries import license_by_identifier
from hub.licenses.records import License, LicenseFile
from hub.licenses.vault import derive_vault
from hub.projections import publish
from hub.signing.keys import SM2
from seeds.license_types import license_types
from tests.approval_desk import Room, open_room
from tests.license_office import REGION, SAFETY, Bureau


@dataclass(frozen=True)
class Works:
    """A hub that issues and seals licenses."""

    bureau: Bureau
    desk: LicenseDesk
    room: Room

    def files_of(self, license: License) -> list[LicenseFile]:
        """Return the license's published files."""
        with self.room.database.reading() as session:
            return license_by_identifier(session, license.identifier).files


def open_works(database: Database, clock: FixedClock, folder: Path, font_file: Path) -> Works:
    """Return the hub with one license type; its queue is not authorised yet."""
    room = open_room(database, clock, folder, font_file, algorithm=SM2)
    content = next(each for each in license_types() if each["code"] == SAFETY)
    with database.transaction() as session:
        publish(session, region=REGION, kind="license_type", record_id=SAFETY, content=content, clock=clock)
    office = Office(region=REGION, vault=derive_vault(b"secret of the tests" * 2), clock=clock, demonstration=True)
    desk = LicenseDesk(
        database=database,
        office=office,
        keys=room.keys,
        files=room.desk.files,
        fonts=room.fonts,
        public_url="https://hub.example",
        timestamp=room.desk.timestamp,
    )
    return Works(Bureau(database, office, clock, room.keys), desk, room)
