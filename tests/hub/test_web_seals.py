"""The register of a seal's uses as a file: for officers, of one seal, for a period."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from hub.clock import FixedClock
from hub.database import Database
from hub.seals.records import Seal, SealUse
from tests.sharing_hub import SharingHub, open_sharing
from tests.web_hub import STANDING_AT, standing_database


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, font_file: Path
) -> Iterator[SharingHub]:
    """A hub whose seal was used yesterday and today, and another seal once."""
    folder, clock = tmp_path_factory.mktemp("seals"), FixedClock(STANDING_AT)
    with standing_database(request, request.param, folder) as address:
        opened = open_sharing(folder / "hub", address, font_file, clock, seal=False)
        _use_seals(opened, clock)
        yield opened
        opened.hub.database.close()


def _use_seals(opened: SharingHub, clock: FixedClock) -> None:
    with opened.hub.database.transaction() as session:
        own = session.scalars(select(Seal)).one()
        other = Seal(**{key: value for key, value in vars(own).items() if not key.startswith("_")} | OTHER)
        session.add(other)
        session.flush()
        for number, (seal, day) in enumerate([(own.id, 24), (own.id, 25), (other.id, 25)]):
            session.add(use(number, seal, day, clock))


OTHER = {"id": "seal-of-another", "key_name": "another", "es_id": None, "certificate_sha256": "01"}


def use(number: int, seal: str, day: int, clock: FixedClock) -> SealUse:
    at = clock.now().replace(day=day)
    return SealUse(
        id=f"use-{number}",
        seal_id=seal,
        document=f"approval:{number}",
        document_kind="GRANT",
        document_sha256=f"{number:064x}",
        case_number=None,
        used_by="keeper-1",
        authorisation_id=None,
        used_at=at,
        used_on=at.date(),
    )


def asked(
    shared: SharingHub, form: str, period: str = "", *, officer: str | None = "keeper-1", seal: str | None = None
) -> TestResponse:
    client: FlaskClient = shared.client
    database: Database = shared.hub.database
    with database.reading() as session:
        own = session.scalars(select(Seal.id).where(Seal.id != OTHER["id"])).one()
    headers = {} if officer is None else {"Authorization": f"Bearer {shared.tokens.officers[officer]}"}
    return client.get(f"/seals/{seal or own}/register.{form}{period}", headers=headers)


def documents(content: bytes) -> list[str]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    place = rows[0].index("文件标识 document")
    return [row[place] for row in rows[1:]]


def test_the_register_of_a_seal_holds_its_own_uses_oldest_first(shared: SharingHub) -> None:
    answer = asked(shared, "csv")
    assert (answer.status_code, answer.mimetype, answer.is_streamed) == (200, "text/csv", True)
    assert documents(answer.data) == ["approval:0", "approval:1"]


@pytest.mark.parametrize(
    ("period", "found"),
    [
        ("?from=2026-11-25&to=2026-11-25", ["approval:1"]),
        ("?to=2026-11-24", ["approval:0"]),
        ("?from=2027-01-01&to=2027-12-31", []),
        ("?to=2025-12-31", []),
    ],
)
def test_a_period_includes_both_its_days(shared: SharingHub, period: str, found: list[str]) -> None:
    assert documents(asked(shared, "csv", period).data) == found


def test_the_register_opens_as_a_workbook(shared: SharingHub) -> None:
    with ZipFile(io.BytesIO(asked(shared, "xlsx").data)) as book:
        assert "xl/worksheets/sheet1.xml" in book.namelist()


@pytest.mark.parametrize("period", ["?from=yesterday", "?to=2026-13-01", "?from=2026-11-25&to=2026-11-24"])
def test_what_is_no_period_is_refused(shared: SharingHub, period: str) -> None:
    answer = asked(shared, "csv", period)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "seal.register_period_invalid")


def test_only_officers_have_the_register(shared: SharingHub) -> None:
    partner = {"Authorization": f"Bearer {shared.tokens.partner}"}
    told = [
        asked(shared, "csv", officer=None).status_code,
        shared.client.get("/seals/x/register.csv", headers=partner).status_code,
    ]
    assert told == [403, 403]


@pytest.mark.parametrize(("seal", "form"), [("nowhere", "csv"), (None, "pdf")])
def test_an_unknown_seal_and_an_unknown_form_are_not_found(shared: SharingHub, seal: str | None, form: str) -> None:
    assert asked(shared, form, seal=seal).status_code == 404
