"""Reading licenses with a purpose, checking them, presenting them once, and what the holder is told, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.access.actors import Actor
from hub.clock import FixedClock
from hub.codes import licenses as codes
from hub.database import Database
from hub.errors import NotPermitted
from hub.licenses.checking import WINDOW, WRONG_PER_LICENSE, CheckOutcome, check, forget_old_windows
from hub.licenses.faults import LicenseMissing, PresentationRefused, TermsRefused, TooManyChecks, WithholdingRefused
from hub.licenses.life import LicenseAct
from hub.licenses.presenting import forget_old_codes, present, redeem
from hub.licenses.reading import Asking, Search, Withholding, by_identifier, retrieve
from hub.licenses.reads import reads_of
from hub.licenses.records import License
from hub.licenses.sharing_records import CheckWindow, LicenseRead, Operation, ReadOutcome
from hub.licenses.views import LicenseView
from tests.license_office import (
    APPROVER,
    CARD,
    CITIZEN,
    FIRM,
    IDENTITY,
    ISSUER,
    NEW,
    OPERATOR,
    PUBLIC,
    SAFETY,
    Bureau,
    open_bureau,
    statements,
)

FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
def bureau(database: Database, clock: FixedClock, tmp_path: Path) -> Iterator[Bureau]:
    yield open_bureau(database, clock, tmp_path)


def asking(actor: Actor, **terms: Any) -> Asking:
    return Asking(actor=actor, purpose="核验", request_id="r-1", **terms)


def read(bureau: Bureau, identifier: str, who: Asking) -> LicenseView | None:
    with bureau.database.transaction() as session:
        return by_identifier(session, identifier, asking=who, office=bureau.office)


def search(bureau: Bureau, wanted: Search, who: Asking) -> list[LicenseView]:
    with bureau.database.transaction() as session:
        return retrieve(session, wanted, asking=who, office=bureau.office)


def checked(bureau: Bureau, identifier: str, actor: Actor, *elements: tuple[str, str]) -> CheckOutcome:
    with bureau.database.transaction() as session:
        return check(session, identifier, elements, asking=asking(actor), office=bureau.office).outcome


def reads(bureau: Bureau, identifier: str, viewer: Actor) -> list[LicenseRead]:
    with bureau.database.reading() as session:
        return list(session.scalars(reads_of(session, identifier, viewer=viewer, office=bureau.office)))


def recorded(bureau: Bureau) -> list[LicenseRead]:
    with bureau.database.reading() as session:
        return list(session.scalars(select(LicenseRead).order_by(LicenseRead.id)))


def unknown_identifier() -> str:
    return codes.mint(SAFETY, ISSUER.uscc, "A1").text


def test_a_partner_finds_the_licenses_of_a_firm_by_its_code(bureau: Bureau) -> None:
    license = bureau.issue()
    partner = bureau.partner()
    (found,) = search(bureau, Search(holder_code=FIRM.code.lower(), type_code=SAFETY), asking(partner))
    assert found.license.identifier == license.identifier
    assert (found.holders[0].name, found.holders[0].code) == (FIRM.name, FIRM.code)
    assert found.in_force


def test_what_no_grant_covers_is_masked_and_what_one_covers_is_not(bureau: Bureau) -> None:
    license = bureau.issue(CARD)
    partner = bureau.partner(license_types=[IDENTITY], holder_code_types=["111"], fields=["KZ_XM"])
    seen = read(bureau, license.identifier, asking(partner))
    assert seen is not None
    face = {element.key: element.value for element in seen.face}
    assert face == {"KZ_XM": "张示例", "KZ_XB": "****", "KZ_CSRQ": "1949-**-**", "KZ_ZZ": "秦都区****"}
    assert seen.number == "110*************2X"
    assert seen.clear == ("KZ_XM",)


def test_the_officer_who_decides_sees_everything_and_is_recorded_with_the_fields(bureau: Bureau) -> None:
    license = bureau.issue(CARD)
    seen = read(bureau, license.identifier, asking(APPROVER))
    assert seen is not None
    assert seen.number == CITIZEN.code
    (record,) = recorded(bureau)
    assert set(record.fields) == {"ZZBH", "CZZT", "CZZTDM", "KZ_XM", "KZ_XB", "KZ_CSRQ", "KZ_ZZ"}
    assert (record.purpose, record.outcome, record.operation) == ("核验", ReadOutcome.GIVEN, Operation.READ)


@pytest.mark.parametrize("actor", [OPERATOR, PUBLIC], ids=lambda actor: actor.code)
def test_who_has_no_grant_is_refused_whether_or_not_the_license_exists(bureau: Bureau, actor: Actor) -> None:
    for identifier in (bureau.issue().identifier, unknown_identifier()):
        with pytest.raises(NotPermitted):
            read(bureau, identifier, asking(actor))


def test_an_uncovered_license_and_an_unknown_one_are_answered_and_recorded_alike(bureau: Bureau) -> None:
    hidden = bureau.issue(replace(NEW, holders=(CITIZEN,)))
    partner = bureau.partner()
    assert read(bureau, hidden.identifier, asking(partner)) is None
    assert read(bureau, unknown_identifier(), asking(partner)) is None
    assert [record.outcome for record in recorded(bureau)] == [ReadOutcome.NOT_COVERED, ReadOutcome.NOTHING_FOUND]


def test_hidden_and_unknown_cost_the_same_statements(bureau: Bureau) -> None:
    hidden = bureau.issue(replace(NEW, holders=(CITIZEN,)))
    partner = bureau.partner()
    counted = []
    for identifier in (hidden.identifier, unknown_identifier()):
        with statements(bureau.database) as seen:
            read(bureau, identifier, asking(partner))
        counted.append([text.split()[0] for text in seen])
    assert counted[0].count("INSERT") == counted[1].count("INSERT") == 1


def test_a_search_never_gives_what_the_grant_does_not_reach(bureau: Bureau) -> None:
    bureau.issue(replace(NEW, holders=(CITIZEN,)))
    partner = bureau.partner()
    assert search(bureau, Search(holder_code=CITIZEN.code, type_code=SAFETY), asking(partner)) == []
    assert search(bureau, Search(holder_code=FIRM.code, type_code=SAFETY), asking(partner)) == []
    assert search(bureau, Search(holder_code=CITIZEN.code, type_code=IDENTITY), asking(partner)) == []


def test_a_search_by_a_masked_field_compares_no_more_than_the_mask_shows(bureau: Bureau) -> None:
    bureau.issue(CARD)
    partner = bureau.partner(license_types=[IDENTITY], holder_code_types=["111"])
    wanted = Search(holder_code=CITIZEN.code, type_code=IDENTITY)
    assert len(search(bureau, replace(wanted, holder_name="张别的"), asking(partner))) == 1
    assert search(bureau, replace(wanted, holder_name="李示例"), asking(partner)) == []


def test_the_holder_sees_what_was_given_and_the_audit_sees_all(bureau: Bureau) -> None:
    license = bureau.issue()
    partner = bureau.partner()
    read(bureau, license.identifier, asking(partner))
    checked(bureau, license.identifier, partner, ("CZZT", "别的企业"))
    assert [each.operation for each in reads(bureau, license.identifier, partner)] == [Operation.READ]
    assert [each.outcome for each in reads(bureau, license.identifier, OPERATOR)] == [
        ReadOutcome.GIVEN,
        ReadOutcome.WRONG,
    ]


def test_a_withheld_read_appears_when_its_term_is_over(bureau: Bureau) -> None:
    license = bureau.issue()
    partner = bureau.partner(may_withhold=True)
    until = bureau.clock.now() + timedelta(days=10)
    withheld = Withholding(basis="《中华人民共和国刑事诉讼法》（演示）", until=until)
    read(bureau, license.identifier, asking(partner, withholding=withheld))
    assert reads(bureau, license.identifier, partner) == []
    assert len(reads(bureau, license.identifier, OPERATOR)) == 1
    bureau.clock.advance(timedelta(days=10))
    assert len(reads(bureau, license.identifier, partner)) == 1


def test_nobody_withholds_without_a_grant_a_basis_and_a_term(bureau: Bureau) -> None:
    license = bureau.issue()
    soon, late = bureau.clock.now() + timedelta(days=1), bureau.clock.now() + timedelta(days=2_000)
    may, may_not = bureau.partner("a", may_withhold=True), bureau.partner("b")
    for actor, withheld in (
        (may_not, Withholding(basis="x", until=soon)),
        (may, Withholding(basis=" ", until=soon)),
        (may, Withholding(basis="x", until=late)),
    ):
        with pytest.raises(WithholdingRefused):
            read(bureau, license.identifier, asking(actor, withholding=withheld))


def test_who_may_not_see_reads_is_told_nothing_of_the_license(bureau: Bureau) -> None:
    hidden = bureau.issue(replace(NEW, holders=(CITIZEN,)))
    for identifier in (hidden.identifier, unknown_identifier()):
        with pytest.raises(LicenseMissing):
            reads(bureau, identifier, bureau.partner())
    with pytest.raises(NotPermitted):
        reads(bureau, hidden.identifier, PUBLIC)


def test_a_check_says_one_of_the_seven_outcomes(bureau: Bureau) -> None:
    license, partner = bureau.issue(), bureau.partner()
    right = ("CZZT", FIRM.name)

    def outcome(of: License, *elements: tuple[str, str]) -> str:
        return checked(bureau, of.identifier, partner, *elements).standard_code

    assert outcome(license, right, ("KZ_SCOPE", " 演 示 "), ("CZZTDM", FIRM.code.lower())) == "0"
    assert outcome(bureau.issue(replace(NEW, valid_from=date(2027, 1, 1))), right) == "1"
    assert outcome(license, right, ("KZ_SCOPE", "别的")) == "6"
    assert outcome(license) == "4"
    assert checked(bureau, unknown_identifier(), partner, right).standard_code == "5"
    bureau.act(license, LicenseAct.SUSPEND)
    assert outcome(license, right) == "2"
    bureau.act(license, LicenseAct.REVOKE)
    assert outcome(license, right) == "3"
    ended = bureau.issue(replace(NEW, valid_from=date(2020, 1, 1), valid_until=date(2026, 11, 24)))
    assert outcome(ended, right) == "3"


def test_a_license_one_may_not_see_is_no_such_record(bureau: Bureau) -> None:
    hidden = bureau.issue(replace(NEW, holders=(CITIZEN,)))
    assert checked(bureau, hidden.identifier, bureau.partner(), ("CZZT", CITIZEN.name)) is CheckOutcome.NO_SUCH_RECORD


def test_guessing_is_refused_after_five_wrong_checks_within_the_hour(bureau: Bureau) -> None:
    license, partner = bureau.issue(), bureau.partner()
    for guess in range(WRONG_PER_LICENSE):
        assert checked(bureau, license.identifier, partner, ("KZ_SCOPE", str(guess))) is CheckOutcome.WRONG
    with pytest.raises(TooManyChecks):
        checked(bureau, license.identifier, partner, ("KZ_SCOPE", "演示"))
    assert checked(bureau, bureau.issue().identifier, partner, ("KZ_SCOPE", "演示")) is CheckOutcome.IN_FORCE
    bureau.clock.advance(WINDOW)
    assert checked(bureau, license.identifier, partner, ("KZ_SCOPE", "演示")) is CheckOutcome.IN_FORCE


def test_windows_that_are_over_are_forgotten(bureau: Bureau) -> None:
    checked(bureau, bureau.issue().identifier, bureau.partner(), ("KZ_SCOPE", "x"))
    assert bureau.count(CheckWindow) == 2
    bureau.clock.advance(WINDOW)
    with bureau.database.transaction() as session:
        assert forget_old_windows(session, clock=bureau.clock) == 2


def code_for(bureau: Bureau, license: License, **terms: Any) -> str:
    wanted: dict[str, Any] = {"fields": ["CZZT", "KZ_XM"], "valid": FIVE_MINUTES} | terms
    with bureau.database.transaction() as session:
        return present(session, license.identifier, by=APPROVER, office=bureau.office, **wanted)


def redeemed(bureau: Bureau, code: str, actor: Actor) -> LicenseView:
    with bureau.database.transaction() as session:
        return redeem(session, code, asking=asking(actor), office=bureau.office)


def test_a_presented_license_shows_the_named_fields_once(bureau: Bureau) -> None:
    license = bureau.issue(CARD)
    code, reader = code_for(bureau, license), bureau.partner(license_types=[])
    seen = redeemed(bureau, code, reader)
    face = {element.key: element.value for element in seen.face}
    assert (face["KZ_XM"], face["KZ_XB"], seen.holders[0].name) == ("张示例", "****", "张示例")
    with pytest.raises(PresentationRefused):
        redeemed(bureau, code, reader)
    assert [each.operation for each in reads(bureau, license.identifier, OPERATOR)] == [Operation.PRESENTATION]


def test_a_code_for_one_reader_or_past_its_minutes_is_refused_alike(bureau: Bureau) -> None:
    license, other = bureau.issue(), bureau.partner("other")
    with pytest.raises(PresentationRefused):
        redeemed(bureau, code_for(bureau, license, audience="qindu-system"), other)
    late = code_for(bureau, license)
    bureau.clock.advance(FIVE_MINUTES)
    for code in (late, "tbp_unknown"):
        with pytest.raises(PresentationRefused):
            redeemed(bureau, code, other)
    bureau.clock.advance(timedelta(days=1))
    with bureau.database.transaction() as session:
        assert forget_old_codes(session, clock=bureau.clock) == 2


def test_the_public_redeems_no_code_and_leaves_it_usable(bureau: Bureau) -> None:
    code = code_for(bureau, bureau.issue())
    with pytest.raises(NotPermitted):
        redeemed(bureau, code, PUBLIC)
    assert redeemed(bureau, code, bureau.partner()).in_force


@pytest.mark.parametrize("terms", [{"valid": timedelta(hours=1)}, {"fields": []}, {"fields": ["KZ_NOT"]}])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_code_is_short_lived_and_for_fields_the_license_has(bureau: Bureau, terms: dict[str, Any]) -> None:
    with pytest.raises(TermsRefused):
        code_for(bureau, bureau.issue(), **terms)
