"""Making licenses' files in batches and annotated copies, crash-safe: intend, sign, store, publish."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.clock import FixedClock
from hub.database import Database
from hub.licenses.batches import issue_batch
from hub.licenses.copies import copy_of_file, make_copy
from hub.licenses.faults import TermsRefused
from hub.licenses.issuing import INTENDED, make_due
from hub.licenses.life import LicenseAct
from hub.licenses.queries import known_digests
from hub.licenses.reading import Asking
from hub.licenses.records import License
from hub.licenses.sharing_records import AnnotatedCopy
from hub.seals.faults import AuthorisationMissing
from hub.seals.records import SealUse
from tests.approval_desk import no_time_stamp
from tests.license_office import APPROVER, ISSUER, NEW
from tests.license_works import Works, open_works


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def works(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Works:
    return open_works(database, clock, tmp_path, font_file)


def test_an_issued_license_gets_its_original_and_its_rendition(works: Works) -> None:
    works.room.authorise(kinds=["license"])
    license = works.bureau.issue()
    report = make_due(works.desk)
    assert (report.made, report.failed, report.waiting) == (1, (), 0)
    assert [(file.format, file.original) for file in works.files_of(license)] == [("OFD", True), ("PDF", False)]
    body = json.loads(works.bureau.entries("license")[-1].content or b"")["body"]
    assert {file["digests"][0]["value"] for file in body["files"]} == {file.sha256 for file in works.files_of(license)}
    assert works.room.uses() == 1


def test_without_an_authorisation_nothing_is_sealed(works: Works) -> None:
    works.bureau.issue()
    with pytest.raises(AuthorisationMissing):
        make_due(works.desk)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_seal_of_one_issuer_is_not_put_on_another_s_license(works: Works) -> None:
    works.room.authorise(kinds=["license"])
    works.bureau.issue(replace(NEW, issuer=replace(ISSUER, uscc="11610402MB0030007U")))
    assert make_due(works.desk).waiting == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_daily_ceiling_holds_for_licenses_too(works: Works) -> None:
    works.room.authorise(kinds=["license"], ceiling=1)
    for _ in range(2):
        works.bureau.issue()
    report = make_due(works.desk)
    assert (report.made, [code for _, code in report.failed]) == (1, ["seal.ceiling_reached"])
    assert works.room.stored() == sorted(works.room.stored())
    assert len(works.room.stored()) == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_a_time_stamp_nothing_is_published_and_the_reason_is_kept(works: Works) -> None:
    works.room.authorise(kinds=["license"])
    license = works.bureau.issue()
    report = make_due(replace(works.desk, timestamp=no_time_stamp))
    assert report.failed == ((license.identifier, "license.time_stamp_unavailable"),)
    assert make_due(works.desk).made == 1


def test_a_worker_that_dies_leaves_a_lease_that_ends(works: Works) -> None:
    works.room.authorise(kinds=["license"])
    license = works.bureau.issue()

    def die(step: str) -> None:
        if step == INTENDED:
            raise Killed

    with pytest.raises(Killed):
        make_due(replace(works.desk, reached=die))
    assert make_due(works.desk).made == 0
    works.bureau.clock.advance(timedelta(minutes=11))
    assert make_due(works.desk).made == 1
    assert len(works.files_of(license)) == 2
    assert works.bureau.count(SealUse) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_license_suspended_meanwhile_gets_no_files(works: Works) -> None:
    works.room.authorise(kinds=["license"])
    license = works.bureau.issue()

    def suspend(step: str) -> None:
        if step == INTENDED:
            works.bureau.act(license, LicenseAct.SUSPEND)

    report = make_due(replace(works.desk, reached=suspend))
    assert report.failed == ((license.identifier, "license.files_overtaken"),)
    assert works.room.stored() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("form", "magic"), [("PDF", b"%PDF-"), ("OFD", b"PK")])
def test_an_annotated_copy_says_for_whom_and_can_be_traced(works: Works, form: str, magic: bytes) -> None:
    works.room.authorise(kinds=["license"])
    license = works.bureau.issue()
    make_due(works.desk)
    asking = Asking(actor=works.bureau.partner(), purpose="核验持证情况", request_id="r")
    until = works.bureau.clock.today() + timedelta(days=30)
    made = make_copy(works.desk, license.identifier, form=form, valid_until=until, asking=asking)  # type: ignore[arg-type]
    assert made is not None
    assert made.content.startswith(magic)
    with works.room.database.reading() as session:
        found = copy_of_file(session, hashlib.sha256(made.content).hexdigest())
        assert found is not None
        assert (found.purpose, found.made_by_zh) == ("核验持证情况", "秦都业务系统")
        assert session.scalars(select(AnnotatedCopy.id)).all() == [found.id]
    assert len(works.room.stored()) == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("days", [-1, 367])
def test_a_copy_ends_within_a_year(works: Works, days: int) -> None:
    asking = Asking(actor=works.bureau.partner(), purpose="核验", request_id="r")
    until = works.bureau.clock.today() + timedelta(days=days)
    with pytest.raises(TermsRefused):
        make_copy(works.desk, works.bureau.issue().identifier, form="PDF", valid_until=until, asking=asking)


def test_a_batch_issues_its_good_lines_once_and_reports_the_others(works: Works) -> None:
    lines = [replace(NEW, number=f"演示-{number}") for number in range(5)]
    lines[2] = replace(NEW, face=())
    reports = list(
        issue_batch(works.room.database, lines, office=works.desk.office, actor=APPROVER, key="batch", chunk=2)
    )
    assert [len(report.identifiers) for report in reports] == [2, 1, 1]
    assert [(each.place, each.code) for report in reports for each in report.refused] == [
        (2, "license.face_elements_refused")
    ]
    again = list(
        issue_batch(works.room.database, lines, office=works.desk.office, actor=APPROVER, key="batch", chunk=2)
    )
    assert all(report.repeated for report in again)
    assert works.bureau.count(License) == 4
    assert len(works.bureau.entries("license")) == 4


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_sweep_is_told_every_published_digest(works: Works) -> None:
    works.room.authorise(kinds=["license"])
    license = works.bureau.issue()
    make_due(works.desk)
    with works.room.database.reading() as session:
        for file in works.files_of(license):
            assert file.sha256 in known_digests(session, file.sha256[:2])
