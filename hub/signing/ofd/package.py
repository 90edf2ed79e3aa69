"""The container of an OFD: a ZIP read within bounds, and written in one canonical form.

Reading trusts no header: names, sizes and checksums of the central directory must agree with the local headers and with the inflated
bytes, no two entries may share bytes, and inflation stops at the bound. Bytes before the first header are tolerated, because some vendors
put their own there (the end record is sought from the tail), but not when another program could find another document among the bytes
that belong to no entry. Writing fixes every byte that no entry covers: OFD.xml first, then names in
order, stored, 1980-01-01, no extra fields, no comments. Entries are stored and not deflated because deflate streams of the same bytes
differ between zlib releases, and because a changed stream can inflate to the same bytes: `is_canonical` must mean the same everywhere.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from hub.signing.ofd.faults import (
    OfdDuplicateEntry,
    OfdEncrypted,
    OfdExpands,
    OfdHidden,
    OfdLink,
    OfdMalformed,
    OfdTooLarge,
)
from hub.signing.ofd.paths import checked_name

MIB = 1024 * 1024
MAX_BYTES = 64 * MIB
MAX_ENTRIES = 4096
MAX_INFLATED = 128 * MIB
MAX_RATIO = 200
FREE_INFLATED = MIB  # up to here no ratio is unreasonable: XML of blanks is small
ROOT = "OFD.xml"

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
LOCAL_MARK, CENTRAL_MARK, END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
MAX_COMMENT = 0xFFFF
STORED, DEFLATED = 0, 8
ENCRYPTED, SIZES_FOLLOW, UTF8 = 0x0001, 0x0008, 0x0800
STRONG_ENCRYPTED = 0x0040
UNIX, LINK, FILE_KIND = 3, 0o120000, 0o170000
VERSION, DATE_1980 = 20, 0x0021
EXTRA = struct.Struct("<2H")
UNICODE_NAME, NAME_AT = 0x7075, 5  # Info-ZIP's Unicode Path: some readers prefer it to the name
PDF_MARK = b"%PDF-"


@dataclass(frozen=True)
class Package:
    """The entries of an OFD, name without leading slash -> bytes, in the order of the file; `warnings` names what is odd but read."""

    entries: Mapping[str, bytes]
    warnings: tuple[str, ...] = ()


class _Header(NamedTuple):
    """What the central directory says of one entry; `start` is where its local header is in the file."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    checksum: int
    packed: int
    size: int
    start: int


def read_package(data: bytes) -> Package:
    """Return the entries of `data`; directories are left out, names that differ only in case are warned of.

    Limits: 64 MiB in, 4,096 entries, 128 MiB inflated, 200 times its packed size for an entry above 1 MiB. Raises OfdMalformed or the
    more exact fault.
    """
    if len(data) > MAX_BYTES:
        raise OfdTooLarge
    entries: dict[str, bytes] = {}
    end_of_previous, inflated = 0, 0
    headers = list(_headers(data))
    for header in sorted(headers, key=lambda each: each.start):
        start, stop = _body(data, header)
        if header.start < end_of_previous:
            raise OfdDuplicateEntry(header.name)
        _nothing_hidden(data, end_of_previous, header.start, start)
        end_of_previous = stop
        content = _inflated(memoryview(data)[start:stop], header, MAX_INFLATED - inflated)
        inflated += len(content)
        entries[header.name] = content
    _nothing_hidden(data, end_of_previous, _directory(data)[0], len(data))
    files = {header.name: entries[header.name] for header in headers if not header.name.endswith("/")}
    return Package(files, tuple(_case_variants(files)))


def write_package(entries: Mapping[str, bytes], *, deflated: bool = False) -> bytes:
    """Return the canonical container of `entries`: the same entries in any order give the same bytes. Raises OfdPathEscapes.

    `deflated` makes a smaller container that is not canonical, for what is embedded elsewhere and covered there byte for byte.
    """
    parts: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for name in sorted(entries, key=lambda each: (each != ROOT, each)):
        content, raw = entries[name], checked_name(name).encode("utf-8")
        method, body = (DEFLATED, _packed(content)) if deflated else (STORED, content)
        described = (UTF8, method, 0, DATE_1980, zlib.crc32(content), len(body), len(content), len(raw), 0)
        parts += (LOCAL.pack(LOCAL_MARK, VERSION, *described), raw, body)
        directory += (CENTRAL.pack(CENTRAL_MARK, VERSION, VERSION, *described, 0, 0, 0, 0, offset), raw)
        offset += LOCAL.size + len(raw) + len(body)
    central = b"".join(directory)
    count = len(entries)
    return b"".join([*parts, central, END.pack(END_MARK, 0, 0, count, count, len(central), offset, 0)])


def _packed(content: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(content) + stream.flush()


def is_canonical(data: bytes, package: Package) -> bool:
    """Say whether `data` is exactly what `write_package` makes of the package's entries: no byte is free."""
    entries = package.entries.items()
    length = END.size + sum(
        LOCAL.size + CENTRAL.size + 2 * len(name.encode()) + len(content) for name, content in entries
    )
    return (
        length == len(data) and write_package(package.entries) == data
    )  # what is deflated is not written again to be compared


def _headers(data: bytes) -> Iterator[_Header]:
    """Yield the central directory's entries, each name once."""
    at, count, shift = _directory(data)
    seen: set[str] = set()
    for _ in range(count):
        fields = _unpacked(CENTRAL, data, at, CENTRAL_MARK)
        _, made_by, _, flags, method, _, _, checksum, packed, size, length, extra, comment, *rest = fields
        raw = data[at + CENTRAL.size : at + CENTRAL.size + length]
        name = checked_name(_decoded(raw, flags), folder_allowed=True)
        _same_name(data[at + CENTRAL.size + length : at + CENTRAL.size + length + extra], name)
        at += CENTRAL.size + length + extra + comment
        if flags & (ENCRYPTED | STRONG_ENCRYPTED) or method not in (STORED, DEFLATED):
            raise OfdEncrypted(name)
        if made_by >> 8 == UNIX and rest[2] >> 16 & FILE_KIND == LINK:
            raise OfdLink(name)
        if name in seen:
            raise OfdDuplicateEntry(name)
        seen.add(name)
        yield _Header(name, raw, flags, method, checksum, packed, size, rest[3] + shift)
    if data[at : at + 4] != END_MARK or at != data.rfind(
        END_MARK
    ):  # readers that go by its size would find more entries
        raise OfdHidden("ZIP")


def _directory(data: bytes) -> tuple[int, int, int]:
    """Return where the central directory begins, how many entries it has, and how far offsets are shifted by bytes before the ZIP."""
    at = data.rfind(END_MARK, max(0, len(data) - END.size - MAX_COMMENT))
    if at < 0:
        raise OfdMalformed("ZIP")
    _, disk, first_disk, here, count, size, offset, comment = _unpacked(END, data, at, END_MARK)
    if disk or first_disk or here != count or at + END.size + comment != len(data):
        raise OfdMalformed("ZIP")
    if count > MAX_ENTRIES:
        raise OfdTooLarge(str(count))
    shift = at - size - offset
    if shift < 0:
        raise OfdMalformed("ZIP")
    return at - size, count, shift


def _unpacked(form: struct.Struct, data: bytes, at: int, mark: bytes) -> tuple[int, ...]:
    if at < 0 or data[at : at + 4] != mark or at + form.size > len(data):
        raise OfdMalformed("ZIP")
    fields: tuple[int, ...] = form.unpack_from(data, at)
    return fields


def _decoded(raw: bytes, flags: int) -> str:
    """Names are UTF-8; without the flag, Chinese producers also write GB 18030."""
    for encoding in ("utf-8",) if flags & UTF8 else ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise OfdMalformed("ZIP")


def _body(data: bytes, header: _Header) -> tuple[int, int]:
    """Return from where to where the packed bytes lie; the local header must be of the same entry."""
    _, _, flags, method, _, _, *sizes, length, extra = _unpacked(LOCAL, data, header.start, LOCAL_MARK)
    start = header.start + LOCAL.size + length + extra
    named = data[header.start + LOCAL.size : header.start + LOCAL.size + length]
    if named != header.raw_name or method != header.method or flags & ENCRYPTED:
        raise OfdMalformed(header.name)
    told_later = flags & SIZES_FOLLOW and not any(sizes)
    if start + header.packed > len(data) or not (told_later or sizes == [header.checksum, header.packed, header.size]):
        raise OfdMalformed(header.name)
    _same_name(data[start - extra : start], header.name)
    return start, start + header.packed


def _inflated(packed: memoryview, header: _Header, room: int) -> bytes:
    """Return the entry's bytes, never more than the bounds allow, whatever its header promises."""
    reasonable = max(FREE_INFLATED, MAX_RATIO * len(packed))
    content = bytes(packed) if header.method == STORED else _deflated(packed, header.name, min(room, reasonable) + 1)
    if len(content) > room:
        raise OfdTooLarge(header.name)
    if len(content) > reasonable:
        raise OfdExpands(header.name)
    if len(content) != header.size or zlib.crc32(content) != header.checksum:
        raise OfdMalformed(header.name)
    return content


def _deflated(packed: memoryview, name: str, most: int) -> bytes:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = stream.decompress(packed, most)
    except zlib.error as error:
        raise OfdMalformed(name) from error
    if len(content) < most and (not stream.eof or stream.unused_data):
        raise OfdMalformed(name)
    return content


def _nothing_hidden(data: bytes, end_of_previous: int, header: int, body: int) -> None:
    """Refuse a document that other programs could find where no entry lies: readers of streams go from local header to local header,
    readers of PDF seek its first mark anywhere, in headers' extra fields too."""
    if data.find(LOCAL_MARK, end_of_previous, header) >= 0 or data.find(PDF_MARK, end_of_previous, body) >= 0:
        raise OfdHidden("ZIP")


def _same_name(extra: bytes, name: str) -> None:
    """Refuse an entry that goes by another name for readers of Unicode Path."""
    at = 0
    while at + EXTRA.size <= len(extra):
        kind, size = EXTRA.unpack_from(extra, at)
        at += EXTRA.size
        if kind == UNICODE_NAME and extra[at + NAME_AT : at + size] != name.encode("utf-8"):
            raise OfdHidden(name)
        at += size


def _case_variants(names: Mapping[str, bytes]) -> Iterator[str]:
    folded: dict[str, str] = {}
    for name in names:
        if (first := folded.setdefault(name.casefold(), name)) != name:
            yield f"{first} / {name}"
