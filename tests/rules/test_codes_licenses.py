"""GB/T 36904-2018: identifiers found in unrelated public systems, two synthetic ones, and those refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.codes import licenses
from hub.codes.faults import CodeCharacter, CodeCheckCharacter, CodeInvalid, CodePart

ROOT = licenses.ROOT
REAL = [
    f"{ROOT}.11100000000013338W011.11430000006122244L.20230000403.001.U",
    f"{ROOT}.11100000000013338W011.11430000006122244L.20230000403.002.S",
    f"{ROOT}.11100000000013338W009.11330105002500287C.2025052201.002.0",
    f"{ROOT}.11100000000013338W032.11220000013544541J.2430599.001.F",
    f"{ROOT}.11100000MB03271699022.340100.000000016.001.9",
]
SYNTHETIC = [
    f"{ROOT}.11100000000013338W011.11610100MB0000000J.20261124000000000001.001.8",
    f"{ROOT}.11100000000013338W011.11610100MB0000000J.A1B2C3D4E5F60718293A.001.5",
]
TYPE, ISSUER = "11100000000013338W011", "11610100MB0000000J"


@pytest.mark.parametrize("text", REAL + SYNTHETIC)
def test_a_published_identifier_is_read_and_written_back_unchanged(text: str) -> None:
    assert licenses.parse(text).text == text


def test_the_parts_are_those_of_the_standard() -> None:
    read = licenses.parse(SYNTHETIC[0])
    parts = (read.type_code.authority, read.type_code.sequence, read.issuer, read.serial, read.version)
    assert parts == ("11100000000013338W", 11, ISSUER, "20261124000000000001", 1)


def test_the_worked_trace_ends_in_the_published_character() -> None:
    assert licenses.check_character("11100000000013338W01111430000006122244L20230000403001") == "U"


def test_a_made_up_sample_with_a_wrong_check_character_is_refused() -> None:
    with pytest.raises(CodeCheckCharacter) as refusal:
        licenses.parse(f"{ROOT}.11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M")
    assert "“D”" in refusal.value.message_zh


@pytest.mark.parametrize("check", ["7", "0"])
def test_a_check_character_computed_with_root_or_dots_is_refused(check: str) -> None:
    with pytest.raises(CodeCheckCharacter):
        licenses.parse(REAL[0][:-1] + check)


def test_another_root_is_refused() -> None:
    with pytest.raises(CodePart) as refusal:
        licenses.parse(REAL[0].replace("3005", "3003"))
    assert refusal.value.position == 1


def test_small_and_full_width_letters_are_made_normal_and_the_original_is_kept() -> None:
    original = f" {REAL[0].lower()}　"
    read = licenses.parse(original)
    assert (read.text, read.original) == (REAL[0], original)


def test_a_region_code_as_issuer_is_read_with_a_warning() -> None:
    assert licenses.parse(REAL[4]).warnings == (licenses.ISSUER_IS_REGION,)


def test_a_region_code_as_issuer_is_never_minted() -> None:
    with pytest.raises(CodeInvalid):
        licenses.mint(TYPE, "340100", "1")


@pytest.mark.parametrize("serial", ["20261124-1", "2026 1124", "编号1", ""])
def test_a_serial_with_other_characters_is_refused(serial: str) -> None:
    with pytest.raises(CodeInvalid):
        licenses.mint(TYPE, ISSUER, serial)


@pytest.mark.parametrize("cut", [".001.U", ".U"])
def test_a_missing_part_is_refused(cut: str) -> None:
    with pytest.raises(CodePart):
        licenses.parse(REAL[0].removesuffix(cut))


def test_letters_the_uscc_leaves_out_are_allowed_in_a_serial() -> None:
    assert licenses.parse(licenses.mint(TYPE, ISSUER, "IOSVZ").text).serial == "IOSVZ"


def test_the_letter_o_in_the_type_part_is_refused() -> None:
    with pytest.raises(CodeCharacter):
        licenses.mint_type("1110000000001333OW", 1)


def test_the_next_version_differs_in_version_and_check_only() -> None:
    assert licenses.next_version(licenses.parse(REAL[0])).text == REAL[1]


def test_there_is_no_version_after_the_last() -> None:
    with pytest.raises(CodePart):
        licenses.next_version(licenses.mint(TYPE, ISSUER, "1", 999))


@pytest.mark.parametrize("sequence", [0, 1000])
def test_a_type_sequence_outside_three_digits_is_refused(sequence: int) -> None:
    with pytest.raises(CodePart):
        licenses.mint_type("11100000000013338W", sequence)


def test_the_file_name_is_the_identifier_and_a_suffix() -> None:
    assert licenses.parse(REAL[0]).file_name == f"{REAL[0]}.OFD"


def test_a_question_about_any_text_is_answered_without_raising() -> None:
    assert [licenses.is_identifier(text) for text in (REAL[0], "", "1.2.3")] == [True, False, False]


@given(st.text(licenses.ALPHABET, min_size=1, max_size=32), st.integers(1, 999))
def test_a_minted_identifier_is_always_accepted(serial: str, version: int) -> None:
    minted = licenses.mint(TYPE, ISSUER, serial, version)
    assert licenses.parse(minted.text).text == minted.text


@given(st.integers(0, 19), st.sampled_from(licenses.ALPHABET))
def test_every_single_miscopied_serial_character_is_noticed(place: int, other: str) -> None:
    serial = "A1B2C3D4E5F60718293A"
    if other != serial[place]:
        wrong = SYNTHETIC[1].replace(serial, serial[:place] + other + serial[place + 1 :])
        with pytest.raises(CodeCheckCharacter):
            licenses.parse(wrong)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.2023000-403.001.U", 64),
        ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.000.U", 69),
        ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.X", 73),
    ],
)
def test_a_refusal_names_the_position_in_the_whole_identifier(text: str, position: int) -> None:
    with pytest.raises(CodeInvalid) as refused:
        licenses.parse(text)
    assert refused.value.position == position
    assert position <= len(text)


def test_all_versions_of_one_license_share_its_lineage() -> None:
    first = licenses.parse(REAL[0])
    assert licenses.next_version(first).lineage == first.lineage
