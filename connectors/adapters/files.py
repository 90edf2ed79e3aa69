"""Files in the import folder: CSV and JSON, in a declared encoding. A file is read whole and checked whole before a row leaves.

Encodings are declared, never guessed: a sample may be all ASCII and the Chinese come later. GB2312 and GBK files are read as
GB18030, which contains both; the older decoders know neither 㐂 (U+3402) nor 𠮷 (U+20BB7).

Source: GB 18030-2022; RFC 4180 (CSV); RFC 8259 (JSON); RFC 3629 (UTF-8).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NoReturn

from connectors.faults import FileMalformed, FileRefused, FileTruncated, WrongEncoding
from connectors.protocol import RawPage, RawRow, RawRows

MAX_BYTES: Final = 16 * 1024 * 1024
ROWS_PER_PAGE: Final = 200
ENCODINGS: Final = {"utf-8": "utf-8", "utf8": "utf-8", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030"}
FORMATS: Final = ("csv", "json")

_BYTE_ORDER_MARKS: Final = {"utf-8": b"\xef\xbb\xbf", "gb18030": b"\x84\x31\x95\x33"}
_FIRST_CJK: Final = "\u2e80"


class FileAdapter:
    """One file of the import folder, as records.

    `name` is relative to `folder`; `encoding` is UTF-8 (with or without BOM) or GB18030 (also called GBK or GB2312);
    `records_at` leads to the list inside a JSON document, key by key.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        file_format: str = "csv",
        encoding: str = "utf-8",
        delimiter: str = ",",
        records_at: Sequence[str] = (),
        rows_per_page: int = ROWS_PER_PAGE,
    ) -> None:
        self._folder = folder
        self._name = name
        self._format = file_format.lower()
        self._encoding = ENCODINGS.get(encoding.lower().replace("_", "-"), "")
        self._delimiter = delimiter
        self._records_at = tuple(records_at)
        self._rows_per_page = rows_per_page

    def check(self) -> None:
        """Return when the file lies in the import folder and format and encoding are known; raises FileRefused, FileMalformed."""
        if self._format not in FORMATS:
            raise FileMalformed("文件格式只能是 csv 或 json。", "The file's format is csv or json.")
        if len(self._delimiter) != 1 or not self._delimiter.isascii() or self._delimiter in '"\r\n':
            raise FileMalformed("分隔符应为一个 ASCII 字符。", "The delimiter is one ASCII character.")
        if not self._encoding:
            raise FileMalformed("编码只能是 UTF-8 或 GB18030。", "The encoding is UTF-8 or GB18030.")
        self._path()

    def pull(self, cursor: Any) -> Iterator[RawPage]:
        """Yield the file's records, 200 a page, at least one page; a snapshot begins at its beginning whatever `cursor` says.

        Raises FileRefused, WrongEncoding, FileTruncated, FileMalformed before anything was yielded.
        """
        self.check()
        content = self._read()
        text = decoded(content, self._encoding)
        columns, rows = self._csv(text) if self._format == "csv" else self._json(text)
        for start in range(0, max(len(rows), 1), self._rows_per_page):
            page = tuple(rows[start : start + self._rows_per_page])
            yield RawRows(page, columns, source_bytes=content if start == 0 else b"")

    def stop(self) -> None:
        """Nothing is under way: a file is read at once."""

    def _path(self) -> Path:
        folder = self._folder.resolve()
        path = (folder / self._name).resolve()  # follows links, so that a link cannot lead out
        if not path.is_relative_to(folder) or not path.is_file():
            raise FileRefused(
                f"导入目录中没有文件“{self._name}”。", f"There is no file {self._name!r} in the import folder."
            )
        return path

    def _read(self) -> bytes:
        with self._path().open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise FileRefused(f"文件超过 {MAX_BYTES} 字节。", f"The file is longer than {MAX_BYTES} bytes.")
        return content

    def _csv(self, text: str) -> tuple[tuple[str, ...], list[RawRow]]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter, strict=True)
        try:
            columns = tuple(cell.strip() for cell in next(reader, []))
            _check_columns(columns)
            rows = [_csv_row(place, columns, cells) for place, cells in enumerate(reader, 1) if cells]
        except csv.Error as error:
            raise FileMalformed(
                f"CSV 第 {reader.line_num} 行有误。", f"The CSV is wrong in line {reader.line_num}."
            ) from error
        return columns, rows

    def _json(self, text: str) -> tuple[tuple[str, ...], list[RawRow]]:
        document = parsed(text)
        for key in self._records_at:
            document = document.get(key) if isinstance(document, dict) else None
        if not isinstance(document, list):
            raise FileMalformed("JSON 中没有记录列表。", "The JSON has no list of records where one should be.")
        rows = [_json_row(place, record) for place, record in enumerate(document, 1)]
        columns = dict.fromkeys(column for row in rows for column in row.fields)
        return tuple(columns), rows


def decoded(content: bytes, encoding: str) -> str:
    """Return the text without its byte order mark. Raises WrongEncoding with the position of the first offending byte."""
    mark = _BYTE_ORDER_MARKS[encoding]
    start = len(mark) if content.startswith(mark) else 0
    if encoding == "gb18030":
        _refuse_utf8(content)
    try:
        return content[start:].decode(encoding)
    except UnicodeDecodeError as error:
        _wrong_encoding(encoding, start + error.start, error)


def parsed(text: str) -> Any:
    """Return the JSON document with numbers exact (Decimal). Raises FileTruncated, FileMalformed."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        at_end = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        if at_end:
            raise FileTruncated(
                f"JSON 在第 {error.pos} 个字符处中断。",
                f"The JSON breaks off at character {error.pos}.",
                position=error.pos,
            ) from error
        raise FileMalformed(
            f"JSON 第 {error.lineno} 行第 {error.colno} 列有误。",
            f"The JSON is wrong in line {error.lineno}, column {error.colno}.",
        ) from error
    except (RecursionError, ValueError) as error:  # nested without end, or an integer of thousands of digits
        raise FileMalformed(
            "JSON 嵌套过深或数字过长。", "The JSON nests too deeply or has a number too long."
        ) from error


def _refuse_utf8(content: bytes) -> None:
    """Raise WrongEncoding for UTF-8 declared as GB18030, most of which would decode, to other characters."""
    position = next((at for at, byte in enumerate(content) if byte > 0x7F), None)
    if position is None:
        return
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return
    if any(character >= _FIRST_CJK for character in text):
        _wrong_encoding("gb18030", position, None)


def _wrong_encoding(encoding: str, position: int, cause: Exception | None) -> NoReturn:
    raise WrongEncoding(
        f"文件不是声明的 {encoding.upper()} 编码：第 {position} 个字节（从 0 起）不符。",
        f"The file is not in the declared encoding {encoding.upper()}: byte {position} (from 0) does not fit.",
        position=position,
    ) from cause


def _check_columns(columns: tuple[str, ...]) -> None:
    if not any(columns):
        raise FileMalformed("CSV 没有表头。", "The CSV has no header line.")
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice is not None:
        raise FileMalformed(f"CSV 表头中“{twice}”出现多次。", f"The CSV's header has {twice!r} more than once.")


def _csv_row(place: int, columns: tuple[str, ...], cells: list[str]) -> RawRow:
    fields = dict(zip(columns, cells, strict=False))
    if len(cells) == len(columns):
        return RawRow(place, fields)
    return RawRow(
        place,
        fields,
        f"该行有 {len(cells)} 个单元格，表头有 {len(columns)} 个。",
        f"The row has {len(cells)} cells, the header {len(columns)}.",
    )


def _json_row(place: int, record: Any) -> RawRow:
    if isinstance(record, dict):
        return RawRow(place, record)
    return RawRow(place, {}, "该记录不是对象。", "The record is not an object.")


def _no_number(text: str) -> NoReturn:
    raise FileMalformed(f"JSON 中的 {text} 不是数。", f"{text} in the JSON is not a number.")
