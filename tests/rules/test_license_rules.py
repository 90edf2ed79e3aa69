"""The one table of acts and statuses, validity, reasons; masks; the bits of a status list; purposes; the vault; no database."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.access.grants import EVERYTHING, LICENSE, Leave, Reach
from hub.errors import PurposeMissing
from hub.licenses.faults import LicenseMoveRefused, PurposeTooLong, ReasonMissing, ValidityRefused, VaultUnreadable
from hub.licenses.masking import FieldClass, holder_class, mask, scan
from hub.licenses.reading import purpose_of
from hub.licenses.rules import (
    MOVES,
    NEW_VERSION,
    LicenseAct,
    LicenseStatus,
    in_force,
    require_move,
    require_reason,
    require_text,
    require_validity,
)
from hub.licenses.status_bits import ENTRIES, STANDINGS, Standing, packed, standing_at
from hub.licenses.vault import derive_vault

WORDS = Path(__file__).resolve().parents[2] / "docs/words.md"
FIRST, LAST = date(2026, 11, 24), date(2029, 11, 23)
CITIZEN = "11010519491231002X"


def test_words_and_code_have_the_same_table_of_acts() -> None:
    section = WORDS.read_text("utf-8").split("## 证照的办理与状态")[1].split("\n## ")[0]
    told = re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \| ([^|]+) \| `([A-Z_]+)`", section, re.MULTILINE)
    assert told == [
        (
            act.value,
            move.name_zh,
            ", ".join(f"`{status.value}`" for status in LicenseStatus if status in move.before) or "—",
            "ISSUED" if act in NEW_VERSION else move.after.value,
        )
        for act, move in MOVES.items()
    ]


def test_every_act_stands_in_the_table_once() -> None:
    assert list(MOVES) == list(LicenseAct)


def test_four_acts_that_end_a_license_lead_to_four_statuses() -> None:
    ends = [LicenseAct.RECALL, LicenseAct.WITHDRAW, LicenseAct.REVOKE, LicenseAct.CANCEL]
    assert len({MOVES[act].after for act in ends}) == 4


@pytest.mark.parametrize("status", [LicenseStatus.CANCELLED, LicenseStatus.TRANSFERRED_OUT, LicenseStatus.SUPERSEDED])
def test_nothing_happens_any_more_to_what_is_closed(status: LicenseStatus) -> None:
    for act in LicenseAct:
        with pytest.raises(LicenseMoveRefused):
            require_move(status, act)


@pytest.mark.parametrize("status", [LicenseStatus.REVOKED, LicenseStatus.WITHDRAWN, LicenseStatus.RECALLED])
def test_what_was_taken_away_can_only_be_closed_in_the_register(status: LicenseStatus) -> None:
    assert [act for act in LicenseAct if status in MOVES[act].before] == [LicenseAct.CANCEL]


@pytest.mark.parametrize(
    ("on", "expected"),
    [(date(2026, 11, 23), False), (FIRST, True), (LAST, True), (date(2029, 11, 24), False)],
)
def test_both_ends_of_the_validity_are_included(on: date, expected: bool) -> None:
    assert in_force(LicenseStatus.ISSUED, FIRST, LAST, on) is expected


def test_a_license_without_an_end_stays_in_force_and_a_suspended_one_is_not() -> None:
    assert in_force(LicenseStatus.ISSUED, FIRST, None, date(2099, 1, 1))
    assert not in_force(LicenseStatus.SUSPENDED, FIRST, None, FIRST)


def test_a_validity_of_one_day_is_allowed_and_a_reversed_one_is_not() -> None:
    require_validity(FIRST, FIRST)
    with pytest.raises(ValidityRefused):
        require_validity(LAST, FIRST)


def test_the_usual_law_stands_in_for_a_basis_that_is_not_given() -> None:
    assert require_reason(LicenseAct.REVOKE, " 处罚 ", None) == ("处罚", MOVES[LicenseAct.REVOKE].basis_zh)
    assert require_reason(LicenseAct.REVOKE, "处罚", "地方条例")[1] == "地方条例"
    with pytest.raises(ReasonMissing):
        require_reason(LicenseAct.OTHER, "说明", None)
    with pytest.raises(ReasonMissing):
        require_text(" ")


@pytest.mark.parametrize(
    ("field_class", "value", "shown"),
    [
        (FieldClass.PERSON_NAME, "张三丰", "张**"),
        (FieldClass.PERSON_NAME, "欧阳修", "欧阳*"),
        (FieldClass.PERSON_NAME, "张", "张*"),
        (FieldClass.ID_NUMBER, CITIZEN, "110*************2X"),
        (FieldClass.ID_NUMBER, "1234", "****"),
        (FieldClass.MOBILE, "13800001234", "138****1234"),
        (FieldClass.ADDRESS, "陕西省咸阳市秦都区渭滨街道某路1号", "陕西省咸阳市****"),
        (FieldClass.ADDRESS, "某路1号", "****"),
        (FieldClass.BANK_CARD, "6222000000000001234", "***************1234"),
        (FieldClass.PLATE, "陕A12345", "陕A***45"),
        (FieldClass.BIRTH_DATE, "1949-12-31", "1949-**-**"),
        (FieldClass.PASSPORT, "E12345678", "E1****678"),
        (FieldClass.PERSONAL, "女", "****"),
        (FieldClass.PUBLIC, "热食类食品制售", "热食类食品制售"),
    ],
)
def test_each_class_of_field_has_its_mask(field_class: FieldClass, value: str, shown: str) -> None:
    assert mask(field_class, value) == shown


@given(
    st.sampled_from([each for each in FieldClass if each is not FieldClass.PUBLIC]), st.text(min_size=1, max_size=30)
)
def test_a_mask_never_gives_the_whole_value_away(field_class: FieldClass, value: str) -> None:
    shown = mask(field_class, value)
    assert "*" in shown
    assert shown != value or set(value) == {"*"} or "*" in value


def test_public_text_is_searched_for_numbers_of_persons() -> None:
    assert scan(f"负责人 {CITIZEN}，电话13800001234。") == "负责人 110*************2X，电话138****1234。"
    assert (
        scan("工程编号 110105194912310021，批次 91350100M000100Y43")
        == "工程编号 110105194912310021，批次 91350100M000100Y43"
    )


def test_passports_and_citizens_numbers_have_masks_of_their_own() -> None:
    assert [holder_class(code) for code in ("111", "414", "511", "516")] == [
        FieldClass.ID_NUMBER,
        FieldClass.PASSPORT,
        FieldClass.PASSPORT,
        FieldClass.PASSPORT,
    ]


@given(st.dictionaries(st.integers(0, ENTRIES - 1), st.sampled_from(Standing), max_size=40))
def test_every_place_of_a_status_list_is_read_as_it_was_written(standings: dict[int, Standing]) -> None:
    bits = packed(standings)
    for place in {0, ENTRIES - 1, *standings}:
        assert standing_at(bits, place) is standings.get(place, Standing.GOOD)


@pytest.mark.parametrize("bits", ["", "AAAA", "eJwDAAAAAAE="])
def test_bits_that_are_no_list_are_refused(bits: str) -> None:
    with pytest.raises(ValueError):
        standing_at(bits, 0)


@pytest.mark.parametrize("place", [-1, ENTRIES])
def test_a_place_outside_the_list_is_refused(place: int) -> None:
    with pytest.raises(ValueError):
        standing_at(packed({}), place)


def test_every_status_has_a_standing_and_only_issued_is_good() -> None:
    assert [status for status in LicenseStatus if STANDINGS[status] is Standing.GOOD] == [LicenseStatus.ISSUED]


def leave(purpose: str | None, **reach: list[str]) -> Leave:
    return Leave(purpose, frozenset({LICENSE}), Reach(**reach))  # type: ignore[arg-type]


def test_the_purpose_is_the_argument_then_the_header_then_the_grant_s_only_one() -> None:
    one, other = leave("甲"), leave("乙")
    assert purpose_of("参数", "标头", [one]) == "参数"
    assert purpose_of(" ", "标头", [one]) == "标头"
    assert purpose_of(None, None, [one, one]) == "甲"
    for held in ([], [one, other], [leave(None)]):
        with pytest.raises(PurposeMissing):
            purpose_of(None, " ", held)


def test_a_purpose_of_two_hundred_characters_is_the_longest() -> None:
    assert purpose_of("用" * 200, None, [])
    with pytest.raises(PurposeTooLong):
        purpose_of("用" * 201, None, [])


def test_a_leave_covers_only_what_it_names_and_a_star_everything() -> None:
    narrow = leave("甲", license_types=["A"], holder_code_types=["001"])
    assert narrow.covers(LICENSE, type_code="A", code_types=["001"])
    assert not narrow.covers(LICENSE, type_code="B", code_types=["001"])
    assert not narrow.covers(LICENSE, type_code="A", code_types=["001", "111"])
    assert not narrow.shows("CZZT")
    wide = leave("甲", license_types=[EVERYTHING], holder_code_types=[EVERYTHING], fields=[EVERYTHING])
    assert wide.covers(LICENSE, type_code="B", code_types=["111"])
    assert wide.shows("CZZT")


def test_the_index_depends_on_key_type_and_code_and_opens_nothing() -> None:
    vault, other = derive_vault(b"a" * 32), derive_vault(b"b" * 32)
    assert vault.index("111", CITIZEN) == vault.index("111", CITIZEN) != vault.index("999", CITIZEN)
    assert vault.index("111", CITIZEN) != other.index("111", CITIZEN)
    assert vault.encryption_key != vault.index_key


@given(st.integers(0, 40))
def test_every_altered_byte_of_sealed_content_is_noticed(place: int) -> None:
    vault = derive_vault(b"a" * 32)
    sealed = bytearray(vault.seal(b"content of a license", "row"))
    sealed[place % len(sealed)] ^= 1
    with pytest.raises(VaultUnreadable):
        vault.open(bytes(sealed), "row")


def test_the_vault_shows_no_key() -> None:
    assert "key" not in repr(derive_vault(b"a" * 32)).lower().replace("licensevault", "")
