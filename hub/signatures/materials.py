"""The files a signature is asked for: looked at, named, digested. What they are is read from their bytes, not from their names.

Nothing here opens a document: a signer signs bytes. No database here.

Source: ISO 32000-1 7.5.2 (PDF), GB/T 33190-2016 clause 6 (OFD is a ZIP package with OFD.xml), ISO/IEC 15948 5.2 (PNG), ISO/IEC 10918-1 (JPEG).
"""

from __future__ import annotations

import hashlib
import io
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.signatures.faults import FileRefused
from hub.signatures.rules import MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES

MEBIBYTE = 1024 * 1024
MAX_NAME_CHARACTERS = 120
MAX_ENTRIES = 4096
PDF, OFD, PNG, JPEG = "application/pdf", "application/ofd", "image/png", "image/jpeg"
BEGINNINGS = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Material:
    """One file to be signed, with both digests (64 lower-case hexadecimal digits) over exactly its bytes."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str
    sm3: str
    content: bytes = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return how a manifest names the file."""
        return {
            "name": self.name,
            "media_type": self.media_type,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
            "sm3": self.sm3,
        }


def materials_of(given: Sequence[tuple[str, bytes]]) -> tuple[Material, ...]:
    """Return the files in their order; raises FileRefused for none or too many, and for one that may not be signed here."""
    if not 1 <= len(given) <= MAX_FILES:
        raise FileRefused(f"请选择 1 到 {MAX_FILES} 个文件。", f"Choose 1 to {MAX_FILES} files.")
    if sum(len(content) for _, content in given) > MAX_TOTAL_BYTES:
        raise FileRefused(
            f"文件合计超过 {MAX_TOTAL_BYTES // MEBIBYTE} MB。",
            f"The files are larger than {MAX_TOTAL_BYTES // MEBIBYTE} MiB together.",
        )
    found = tuple(_material(name, content) for name, content in given)
    if len({each.name for each in found}) < len(found):
        raise FileRefused("有两个文件同名。", "Two files have the same name.")
    return found


def media_type(content: bytes) -> str | None:
    """Return the type the bytes show, one of PDF, OFD, PNG and JPEG, or None."""
    for beginning, name in BEGINNINGS:
        if content.startswith(beginning):
            return name
    return OFD if content.startswith(ZIP) and _holds_ofd(content) else None


def tidy_name(name: str) -> str:
    """Return the last part of a file's name in normal form, without control characters; raises FileRefused when nothing is left."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    tidy = "".join(character for character in last if character.isprintable()).strip(" .")
    if not tidy or len(tidy) > MAX_NAME_CHARACTERS:
        raise FileRefused("文件名为空或过长。", "The file's name is empty or too long.")
    return tidy


def _material(name: str, content: bytes) -> Material:
    tidy = tidy_name(name)
    if not content:
        raise FileRefused(f"文件“{tidy}”是空的。", f"The file {tidy} is empty.")
    if len(content) > MAX_FILE_BYTES:
        raise FileRefused(
            f"文件“{tidy}”超过 {MAX_FILE_BYTES // MEBIBYTE} MB。",
            f"The file {tidy} is larger than {MAX_FILE_BYTES // MEBIBYTE} MiB.",
        )
    kind = media_type(content)
    if kind is None:
        raise FileRefused(f"文件“{tidy}”不是 PDF、OFD、PNG 或 JPEG。", f"The file {tidy} is no PDF, OFD, PNG or JPEG.")
    digests = hashlib.sha256(content).hexdigest(), hashlib.new("sm3", content).hexdigest()
    return Material(tidy, kind, len(content), *digests, content)


def _holds_ofd(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, ValueError, RuntimeError):
        return False
    return len(names) <= MAX_ENTRIES and "OFD.xml" in names
