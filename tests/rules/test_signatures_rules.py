"""What may happen to a signing request, and what is accepted: strokes, files and signers, each bound and each refusal."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from hub.codes.faults import CodeCheckCharacter, CodeInvalid
from hub.signatures.faults import (
    FileRefused,
    RequestExpired,
    RequestMoveRefused,
    SignerAttemptsSpent,
    SignerInvalid,
    StrokesRefused,
)
from hub.signatures.materials import materials_of, media_type, tidy_name
from hub.signatures.rules import (
    ENDS,
    MAX_ATTEMPTS,
    MAX_FILE_BYTES,
    MOVES,
    RequestStatus,
    is_open,
    require_attempts,
    require_move,
    require_unexpired,
)
from hub.signatures.signers import signer_of
from hub.signatures.strokes import MAX_POINTS, MAX_STROKES, drawing_of

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n"
CITIZEN = "11010519491231002X"  # the example of GB 11643-1999
KEY = bytes(32)


def written(*strokes: list[tuple[int, int]]) -> str:
    return json.dumps([[list(point) for point in stroke] for stroke in strokes])


def package(*names: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name in names:
            archive.writestr(name, b"<x/>")
    return kept.getvalue()


@pytest.mark.parametrize("status", sorted(ENDS))
def test_nothing_more_happens_to_a_request_that_came_to_an_end(status: RequestStatus) -> None:
    for wanted in RequestStatus:
        with pytest.raises(RequestMoveRefused):
            require_move(status, wanted)


def test_nobody_signs_before_his_identity_was_checked() -> None:
    before = [status for status, after in MOVES.items() if RequestStatus.SIGNED in after]
    assert before == [RequestStatus.IDENTIFIED]


def test_a_request_is_open_until_the_instant_it_expires_and_no_longer() -> None:
    assert is_open(RequestStatus.ASKED, NOW + timedelta(seconds=1), NOW)
    assert not is_open(RequestStatus.ASKED, NOW, NOW)


def test_an_expired_request_is_refused_by_that_name_and_a_signed_one_is_not() -> None:
    with pytest.raises(RequestExpired):
        require_unexpired(RequestStatus.OPENED, NOW, NOW)
    require_unexpired(RequestStatus.SIGNED, NOW, NOW)


def test_the_fifth_wrong_answer_was_the_last() -> None:
    require_attempts(MAX_ATTEMPTS - 1)
    with pytest.raises(SignerAttemptsSpent):
        require_attempts(MAX_ATTEMPTS)


def test_strokes_become_one_path_of_whole_numbers() -> None:
    drawing = drawing_of(written([(10, 20), (200, 20)], [(5, 400)]))
    assert drawing.path == "M10 20L200 20 M5 400L5 400"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[[]]",
        "{}",
        "null",
        written([(500, 200)]),
        written([(0, 0), (10, 10)]),
        written([(0, 0), (1001, 0)]),
        written([(0, -1), (900, 0)]),
        "[[[0, 0], [900.5, 0]]]",
        "[[[0, 0], [true, 0], [900, 0]]]",
        "[[[0, 0, 5], [900, 0, 9]]]",
        '[[["0", 0], [900, 0]]]',
        "[" * 5000,
        "[[[0, 0], [NaN, 0]]]",
    ],
)
def test_strokes_that_are_empty_outside_or_no_strokes_are_refused(text: str) -> None:
    with pytest.raises(StrokesRefused):
        drawing_of(text)


def test_a_drawing_with_too_many_points_or_strokes_is_refused() -> None:
    line = [(place % 1000, 0) for place in range(MAX_POINTS + 1)]
    with pytest.raises(StrokesRefused):
        drawing_of(written(line))
    with pytest.raises(StrokesRefused):
        drawing_of(written(*itertools.repeat([(0, 0), (9, 9)], MAX_STROKES + 1)))


def test_a_file_is_what_its_bytes_show_and_not_what_its_name_says() -> None:
    found = materials_of([("合同.png", PDF)])
    assert found[0].media_type == "application/pdf"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PDF, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (package("OFD.xml", "Doc_0/Document.xml"), "application/ofd"),
        (package("word/document.xml"), None),
        (b"PK\x03\x04 cut off", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_the_type_of_a_file_is_read_from_its_bytes(content: bytes, expected: str | None) -> None:
    assert media_type(content) == expected


@pytest.mark.parametrize(
    "files",
    [
        [],
        [(f"{number}.pdf", PDF) for number in range(11)],
        [("a.pdf", b"")],
        [("a.exe", b"MZ\x90\x00")],
        [("a.pdf", PDF), ("a.pdf", PDF + b"2")],
        [("a.pdf", PDF + bytes(MAX_FILE_BYTES))],
        [(f"{number}.pdf", PDF + bytes(17 * 1024 * 1024)) for number in range(3)],
        [("...", PDF)],
        [("名" * 121, PDF)],
    ],
    ids=[
        "none",
        "eleven",
        "empty",
        "program",
        "same name",
        "one too large",
        "too large together",
        "no name",
        "long name",
    ],
)
def test_files_that_may_not_be_signed_here_are_refused(files: list[tuple[str, bytes]]) -> None:
    with pytest.raises(FileRefused):
        materials_of(files)


def test_of_a_files_name_only_the_last_part_is_kept() -> None:
    assert tidy_name("C:\\文件\\..\\营业执照\x00.pdf") == "营业执照.pdf"


def test_a_signer_is_kept_masked_with_an_index_that_differs_by_key() -> None:
    signer = signer_of("张三丰", "111", CITIZEN)
    shown = signer.shown(KEY)
    assert (shown.name, shown.code) == ("张**", "*" * 14 + "002X")
    assert shown.index != signer.shown(bytes([1]) * 32).index


def test_the_same_signer_is_recognised_however_his_number_is_typed() -> None:
    typed = signer_of(" 张三丰 ", "111", "１１０１０５１９４９１２３１００２x")
    assert typed.shown(KEY) == signer_of("张三丰", "111", CITIZEN).shown(KEY)


def test_no_number_is_shown_when_a_signer_is_printed() -> None:
    assert CITIZEN not in repr(signer_of("张三丰", "111", CITIZEN))


@pytest.mark.parametrize(
    ("name", "code_type", "code"),
    [("", "111", CITIZEN), ("张" * 65, "111", CITIZEN), ("张三", "001", "91350100M000100Y43"), ("张三", "999", "123")],
)
def test_a_signer_without_name_or_of_a_kind_that_cannot_sign_is_refused(name: str, code_type: str, code: str) -> None:
    with pytest.raises((SignerInvalid, CodeInvalid)):
        signer_of(name, code_type, code)


def test_a_miscopied_citizen_number_is_refused_by_its_check_character() -> None:
    with pytest.raises(CodeCheckCharacter):
        signer_of("张三丰", "111", "110105194912310021")
