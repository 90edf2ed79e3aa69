"""What no font can show is refused when a license is issued or changed, by code point and with its place, on either database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub.clock import FixedClock
from hub.database import Database
from hub.licenses.batches import issue_batch
from hub.licenses.contents import Holder, Issuer, NewLicense
from hub.licenses.faults import LicenseCharacterWithoutGlyph
from hub.licenses.life import Amendment, Office, change, issue
from hub.licenses.records import License
from hub.signing.fonts import FontSet
from tests.license_office import APPROVER, FIRM, GROUND, ISSUER, NEW, Bureau, open_bureau

RARE = "\ue000"  # a private-use character, as old systems write rare names
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def bureau(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Bureau:
    """An office that knows the fonts of its files."""
    made = open_bureau(database, clock, tmp_path)
    return replace(made, office=replace(made.office, fonts=FontSet(font_file)))


def issued(bureau: Bureau, wanted: NewLicense, office: Office | None = None) -> License:
    with bureau.database.transaction() as session:
        return issue(session, wanted, office=office or bureau.office, actor=APPROVER, key="k")


def test_a_license_that_can_be_shown_is_issued(bureau: Bureau) -> None:
    assert issued(bureau, NEW).version == 1


def test_what_cannot_be_shown_is_named_and_nothing_is_issued(bureau: Bureau) -> None:
    with pytest.raises(LicenseCharacterWithoutGlyph) as refused:
        issued(bureau, replace(NEW, number=f"演示{RARE}1"))
    assert (refused.value.characters, refused.value.path) == (["U+E000"], "number")
    assert bureau.count(License) == 0


@ONE_DATABASE
@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        (replace(NEW, holders=(FIRM, Holder(f"示例{RARE}", "11610100MB0000000J", "001"))), "holders.1.name"),
        (replace(NEW, issuer=Issuer(f"{ISSUER.name_zh}{RARE}", ISSUER.uscc)), "issuer"),
        (replace(NEW, face=(("KZ_SCOPE", f"演示{RARE}"), ("KZ_XM", "张示例"))), "faceElements.KZ_SCOPE"),
        (replace(NEW, number="演示\n1"), "number"),
    ],
)
def test_the_place_of_what_cannot_be_shown_is_said(bureau: Bureau, wanted: NewLicense, path: str) -> None:
    with pytest.raises(LicenseCharacterWithoutGlyph) as refused:
        issued(bureau, wanted)
    assert refused.value.path == path


def test_a_change_that_cannot_be_shown_leaves_the_version_before_in_force(bureau: Bureau) -> None:
    first = issued(bureau, NEW)
    with pytest.raises(LicenseCharacterWithoutGlyph), bureau.database.transaction() as session:
        to = Amendment(face=(("KZ_SCOPE", RARE),))
        change(session, first.identifier, GROUND, to=to, office=bureau.office, actor=APPROVER, key="c")
    assert bureau.count(License) == 1


@ONE_DATABASE
def test_a_batch_reports_the_line_that_cannot_be_shown(bureau: Bureau) -> None:
    lines = [NEW, replace(NEW, number=RARE)]
    (report,) = issue_batch(bureau.database, lines, office=bureau.office, actor=APPROVER, key="b")
    assert [(each.place, each.code) for each in report.refused] == [(1, "license.character_without_glyph")]


@ONE_DATABASE
def test_an_office_without_fonts_leaves_it_to_who_makes_the_files(bureau: Bureau) -> None:
    assert issued(bureau, replace(NEW, number=RARE), replace(bureau.office, fonts=None)).version == 1
