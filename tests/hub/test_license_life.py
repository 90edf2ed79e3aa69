"""Issuing licenses, their next versions, and every act of the one table, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub.access.actors import Actor
from hub.clock import FixedClock
from hub.codes import licenses as codes
from hub.codes.faults import CodeInvalid
from hub.database import Database
from hub.errors import Conflict, NotPermitted
from hub.licenses.contents import content_of, holder_of
from hub.licenses.faults import (
    FaceElementsRefused,
    HolderRefused,
    LicenseMissing,
    LicenseMoveRefused,
    LicenseTypeUnknown,
    ReasonMissing,
    ValidityRefused,
    VaultUnreadable,
)
from hub.licenses.life import Amendment, Ground, LicenseAct, change, renew
from hub.licenses.records import License, LicenseHistory
from hub.licenses.rules import LicenseStatus
from hub.licenses.vault import derive_vault
from tests.license_office import (
    APPROVER,
    CARD,
    CITIZEN,
    FIRM,
    GROUND,
    ISSUER,
    KEEPER,
    NEW,
    OPERATOR,
    PUBLIC,
    SAFETY,
    Bureau,
    fresh_key,
    open_bureau,
)


@pytest.fixture
def bureau(database: Database, clock: FixedClock, tmp_path: Path) -> Iterator[Bureau]:
    yield open_bureau(database, clock, tmp_path)


def test_an_issued_license_has_a_valid_identifier_and_its_parts(bureau: Bureau) -> None:
    license = bureau.issue()
    read = codes.parse(license.identifier)
    assert (read.type_code.text, read.issuer, read.version) == (SAFETY, ISSUER.uscc, 1)
    assert license.status is LicenseStatus.ISSUED
    assert content_of(license, bureau.office.vault).face == (("KZ_SCOPE", "演示"), ("KZ_XM", "张示例"))
    assert [holder_of(license, row, bureau.office.vault) for row in license.holders] == [FIRM]


def test_nothing_of_the_holder_lies_in_the_database_in_clear(bureau: Bureau, database: Database) -> None:
    license = bureau.issue(CARD)
    stored = license.content + b"".join(row.name + row.code + row.code_index for row in license.holders)
    assert CITIZEN.code.encode() not in stored
    assert CITIZEN.name.encode() not in stored
    with pytest.raises(VaultUnreadable):
        content_of(license, derive_vault(b"another secret altogether, and long"))


def test_the_same_holder_twice_is_not_the_same_ciphertext(bureau: Bureau) -> None:
    first, second = bureau.issue().holders[0], bureau.issue().holders[0]
    assert first.code != second.code
    assert first.code_index == second.code_index


def test_content_moved_to_another_license_does_not_open(bureau: Bureau) -> None:
    first, second = bureau.issue(), bureau.issue()
    first.content = second.content
    with pytest.raises(VaultUnreadable):
        content_of(first, bureau.office.vault)


def test_the_exchange_ledger_is_told_the_metadata_and_nothing_of_the_holder(bureau: Bureau) -> None:
    license = bureau.issue(CARD)
    (entry,) = bureau.entries("license")
    told = (entry.content or b"").decode()
    assert entry.record_id == license.identifier
    assert json.loads(told)["body"]["status"] == "ISSUED"
    for secret in (CITIZEN.code, CITIZEN.name, "秦都区演示街道1号", "1949-12-31"):
        assert secret not in told


def test_repeating_a_request_answers_the_first_license_and_writes_nothing(bureau: Bureau) -> None:
    first, again = bureau.issue(key="same"), bureau.issue(key="same")
    assert first.identifier == again.identifier
    assert bureau.count(License) == 1


def test_an_idempotency_key_does_not_stand_for_two_licenses(bureau: Bureau) -> None:
    bureau.issue(key="same")
    with pytest.raises(Conflict):
        bureau.issue(replace(NEW, number="演示-2026-0002"), key="same")


def test_a_serial_that_was_given_can_be_used_once_only(bureau: Bureau) -> None:
    wanted = replace(NEW, serial="20261124000000000001")
    assert bureau.issue(wanted).identifier.endswith(".20261124000000000001.001.8")
    with pytest.raises(Conflict):
        bureau.issue(wanted)


@pytest.mark.parametrize("actor", [KEEPER, OPERATOR, PUBLIC], ids=lambda actor: actor.code)
def test_only_an_approver_of_the_region_issues(bureau: Bureau, actor: Actor) -> None:
    with pytest.raises(NotPermitted):
        bureau.issue(actor=actor)


def test_a_partner_issues_within_its_grant_and_for_the_granted_issuer_only(bureau: Bureau) -> None:
    partner = bureau.partner(issuers=[ISSUER.uscc])
    assert bureau.issue(actor=partner).issuer_uscc == ISSUER.uscc
    with pytest.raises(NotPermitted):
        bureau.issue(replace(NEW, issuer=replace(ISSUER, uscc="11610402MB0030007U")), actor=partner)
    with pytest.raises(NotPermitted):
        bureau.issue(CARD, actor=partner)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"type_code": "11100000MB0341032Y002"}, LicenseTypeUnknown),
        ({"holders": ()}, HolderRefused),
        ({"holders": (FIRM, FIRM)}, HolderRefused),
        ({"holders": (replace(FIRM, code="91350100M000100Y44"),)}, CodeInvalid),
        ({"valid_until": date(2026, 11, 23)}, ValidityRefused),
        ({"face": ()}, FaceElementsRefused),
        ({"face": (("KZ_SCOPE", "演示"), ("KZ_NOT", "x"))}, FaceElementsRefused),
        ({"face": (("KZ_SCOPE", "演示"), ("KZ_SCOPE", "演示"))}, FaceElementsRefused),
        ({"face": (("KZ_SCOPE", "演示"), ("KZ_CCFZRQ", "2026年1月1日"))}, FaceElementsRefused),
    ],
)
def test_what_the_type_does_not_allow_is_refused(bureau: Bureau, wrong: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        bureau.issue(replace(NEW, **wrong))
    assert bureau.count(License) == 0


def test_a_firm_cannot_hold_an_identity_card(bureau: Bureau) -> None:
    with pytest.raises(HolderRefused):
        bureau.issue(replace(CARD, holders=(FIRM,)))


def test_several_holders_keep_the_order_of_the_face(bureau: Bureau) -> None:
    license = bureau.issue(replace(NEW, holders=(CITIZEN, FIRM)))
    assert [holder_of(license, row, bureau.office.vault).name for row in license.holders] == [CITIZEN.name, FIRM.name]


@pytest.mark.parametrize(
    ("deed", "after"),
    [
        (LicenseAct.SUSPEND, LicenseStatus.SUSPENDED),
        (LicenseAct.RECALL, LicenseStatus.RECALLED),
        (LicenseAct.WITHDRAW, LicenseStatus.WITHDRAWN),
        (LicenseAct.REVOKE, LicenseStatus.REVOKED),
        (LicenseAct.CANCEL, LicenseStatus.CANCELLED),
        (LicenseAct.LAPSE, LicenseStatus.LAPSED),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_act_leads_to_its_own_status_with_reason_and_law(
    bureau: Bureau, deed: LicenseAct, after: LicenseStatus
) -> None:
    license = bureau.act(bureau.issue(), deed)
    assert license.status is after
    last = license.history[-1]
    assert (last.act, last.status, last.reason) == (deed, after, GROUND.reason)
    assert last.basis.startswith("《中华人民共和国行政")
    assert len(bureau.entries("license")) == 2


def test_a_suspended_license_returns_and_a_revoked_one_cannot(bureau: Bureau) -> None:
    license = bureau.act(bureau.act(bureau.issue(), LicenseAct.SUSPEND), LicenseAct.RESUME)
    assert license.status is LicenseStatus.ISSUED
    revoked = bureau.act(license, LicenseAct.REVOKE)
    with pytest.raises(LicenseMoveRefused):
        bureau.act(revoked, LicenseAct.RESUME)


def test_a_transfer_names_its_basis_and_a_status_in_words_has_words(bureau: Bureau) -> None:
    license = bureau.issue()
    for deed, ground in (
        (LicenseAct.TRANSFER_OUT, GROUND),
        (LicenseAct.OTHER, replace(GROUND, basis="演示依据")),
        (LicenseAct.SUSPEND, replace(GROUND, reason=" ")),
    ):
        with pytest.raises(ReasonMissing):
            bureau.act(license, deed, ground)
    done = bureau.act(license, LicenseAct.OTHER, Ground(reason="演示", basis="演示依据", text="核查中"))
    assert (done.status, done.status_text) == (LicenseStatus.OTHER, "核查中")


def test_an_act_repeated_with_its_key_is_done_once(bureau: Bureau) -> None:
    license = bureau.issue()
    for _ in range(2):
        assert bureau.act(license, LicenseAct.SUSPEND, key="once").status is LicenseStatus.SUSPENDED
    assert bureau.count(LicenseHistory) == 2


def test_an_act_on_a_license_one_may_not_touch_looks_like_an_unknown_one(bureau: Bureau) -> None:
    partner = bureau.partner(issuers=["11610402MB0030007U"])
    hidden = bureau.issue()
    unknown = codes.mint(SAFETY, ISSUER.uscc, "A1").text
    said = []
    for identifier in (hidden.identifier, unknown):
        hidden.identifier = identifier
        with pytest.raises(LicenseMissing) as refused:
            bureau.act(hidden, LicenseAct.SUSPEND, actor=partner)
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_a_renewal_is_the_next_version_and_supersedes_the_old(bureau: Bureau, database: Database) -> None:
    old = bureau.issue()
    to = Amendment(valid_from=date(2029, 11, 24), valid_until=date(2032, 11, 23))
    with database.transaction() as session:
        new = renew(session, old.identifier, GROUND, to=to, office=bureau.office, actor=APPROVER, key=fresh_key())
    assert (new.version, new.previous, new.valid_until) == (2, old.identifier, date(2032, 11, 23))
    assert content_of(new, bureau.office.vault) == content_of(old, bureau.office.vault)
    with pytest.raises(LicenseMoveRefused):
        bureau.act(old, LicenseAct.SUSPEND)


def test_a_change_keeps_what_is_not_named(bureau: Bureau, database: Database) -> None:
    old = bureau.issue()
    to = Amendment(face=(("KZ_SCOPE", "改后的范围"),), without_end=True)
    with database.transaction() as session:
        new = change(session, old.identifier, GROUND, to=to, office=bureau.office, actor=APPROVER, key="c")
        again = change(session, old.identifier, GROUND, to=to, office=bureau.office, actor=APPROVER, key="c")
    assert again.identifier == new.identifier
    assert dict(content_of(new, bureau.office.vault).face) == {"KZ_SCOPE": "改后的范围", "KZ_XM": "张示例"}
    assert new.valid_until is None
    assert [line.act for line in new.history] == [LicenseAct.CHANGE]
