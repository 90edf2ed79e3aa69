"""Files in the import folder: declared encodings, whole files, exact places of what is wrong, and nothing outside the folder."""

from __future__ import annotations

import codecs
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.adapters.files import MAX_BYTES, FileAdapter
from connectors.faults import FileMalformed, FileRefused, FileTruncated, WrongEncoding
from connectors.protocol import RawRow, RawRows


def rows(folder: Path, content: bytes, name: str = "a.csv", **how: Any) -> list[RawRow]:
    """Return the records of a file with this content."""
    (folder / name).write_bytes(content)
    pages = list(FileAdapter(folder, name, **how).pull(None))
    return [row for page in pages if isinstance(page, RawRows) for row in page.rows]


def names(folder: Path, content: bytes, **how: Any) -> list[Any]:
    """Return the column `name` of a file with this content."""
    return [row.fields["name"] for row in rows(folder, content, **how)]


def test_utf8_is_read_with_and_without_a_byte_order_mark(tmp_path: Path) -> None:
    text = "name\n沣东\n".encode()
    assert names(tmp_path, text) == names(tmp_path, codecs.BOM_UTF8 + text) == ["沣东"]


@pytest.mark.parametrize("declared", ["GB18030", "gb18030", "GBK", "GB2312"])
def test_rare_characters_of_gb18030_are_read_whatever_its_name(tmp_path: Path, declared: str) -> None:
    assert names(tmp_path, "name\n𠮷\n㐂\n".encode("gb18030"), encoding=declared) == ["𠮷", "㐂"]


@pytest.mark.parametrize("decoder", ["gb2312", "gbk"])
def test_the_older_decoders_know_neither_character(decoder: str) -> None:
    with pytest.raises(UnicodeDecodeError):
        "𠮷㐂".encode("gb18030").decode(decoder)


def test_gb18030_with_its_own_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert names(tmp_path, b"\x84\x31\x95\x33" + "name\n秦都\n".encode("gb18030"), encoding="gb18030") == ["秦都"]


def test_chinese_after_twenty_kilobytes_of_ascii_is_read(tmp_path: Path) -> None:
    text = "name\n" + "plain\n" * 4000 + "渭城\n"
    assert names(tmp_path, text.encode("gb18030"), encoding="gb18030")[-1] == "渭城"


def test_gb18030_declared_as_utf8_tells_the_first_byte_that_does_not_fit(tmp_path: Path) -> None:
    ascii_part = b"name\n" + b"plain\n" * 4000
    with pytest.raises(WrongEncoding) as failed:
        rows(tmp_path, ascii_part + "秦都\n".encode("gb18030"))
    assert (failed.value.code, failed.value.position) == ("file.wrong_encoding", len(ascii_part))


def test_the_position_counts_the_byte_order_mark(tmp_path: Path) -> None:
    with pytest.raises(WrongEncoding) as failed:
        rows(tmp_path, codecs.BOM_UTF8 + b"name\n\xff\n")
    assert failed.value.position == 8


def test_utf8_declared_as_gb18030_is_refused_although_it_would_decode(tmp_path: Path) -> None:
    content = "name\n政务服务\n".encode()
    assert content.decode("gb18030") != "name\n政务服务\n"
    with pytest.raises(WrongEncoding) as failed:
        rows(tmp_path, content, encoding="gb18030")
    assert failed.value.position == 5


def test_utf16_is_a_wrong_encoding(tmp_path: Path) -> None:
    with pytest.raises(WrongEncoding):
        rows(tmp_path, "name\n沣东\n".encode("utf-16"))


def test_an_encoding_nobody_declared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileMalformed):
        rows(tmp_path, b"name\n", encoding="big5")


@pytest.mark.parametrize(
    "name", ["../secret.csv", "/etc/hostname", "sub/../../secret.csv", "link.csv", "missing.csv", "."]
)
def test_nothing_outside_the_import_folder_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.csv").write_text("name\nsecret\n")
    folder = tmp_path / "import"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(FileRefused) as failed:
        list(FileAdapter(folder, name).pull(None))
    assert failed.value.code == "file.refused"
    assert str(tmp_path) not in failed.value.message_en


def test_a_file_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(FileRefused):
        list(FileAdapter(tmp_path, "a.csv").pull(None))


def test_an_empty_file_is_malformed_and_no_empty_source(tmp_path: Path) -> None:
    with pytest.raises(FileMalformed):
        rows(tmp_path, b"")


def test_a_header_alone_is_a_source_without_records(tmp_path: Path) -> None:
    assert rows(tmp_path, b"name\n") == []


def test_a_column_that_stands_twice_is_malformed(tmp_path: Path) -> None:
    with pytest.raises(FileMalformed):
        rows(tmp_path, b"name,name\n1,2\n")


def test_a_row_of_another_length_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    found = rows(tmp_path, b"id,name\n1,a\n2\n3,c\n")
    assert [row.fault_zh is None for row in found] == [True, False, True]


def test_quoted_commas_and_line_ends_stay_in_their_cell(tmp_path: Path) -> None:
    assert names(tmp_path, b'id,name\r\n1,"a, b\r\nc"\r\n') == ["a, b\r\nc"]


def test_a_quote_that_never_ends_is_malformed(tmp_path: Path) -> None:
    with pytest.raises(FileMalformed):
        rows(tmp_path, b'name\n"never\n')


def test_records_come_in_pages(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name\n" + "x\n" * 450)
    pages = list(FileAdapter(tmp_path, "a.csv").pull(None))
    assert [len(page.rows) for page in pages if isinstance(page, RawRows)] == [200, 200, 50]


def test_json_records_are_read_where_they_are_said_to_be(tmp_path: Path) -> None:
    content = b'{"result": {"list": [{"name": "a"}, {"name": null, "more": [1.10]}]}}'
    found = rows(tmp_path, content, file_format="json", records_at=["result", "list"])
    assert [row.fields for row in found] == [{"name": "a"}, {"name": None, "more": [Decimal("1.10")]}]


@pytest.mark.parametrize("content", ['[{"name": "沣', '[{"name": "a"}', '[{"name": "a"},', '[{"name":', "["])
def test_json_that_ends_in_the_middle_is_told_as_such(tmp_path: Path, content: str) -> None:
    with pytest.raises(FileTruncated) as failed:
        rows(tmp_path, content.encode(), file_format="json")
    assert failed.value.code == "file.truncated"


@pytest.mark.parametrize("content", [b"[{]}", b'{"a": 1}', b"[NaN]", b"7", b"[" * 200_000])
def test_json_that_is_none_is_malformed(tmp_path: Path, content: bytes) -> None:
    with pytest.raises((FileMalformed, FileTruncated)):
        rows(tmp_path, content, file_format="json")


def test_a_json_record_that_is_no_object_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    found = rows(tmp_path, b'[{"name": "a"}, 7, {"name": "b"}]', file_format="json")
    assert [row.fault_zh is None for row in found] == [True, False, True]
