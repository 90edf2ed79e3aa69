"""An OFD in which another program could find another document than the one that was verified is refused, whoever made it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import pytest

from hub.signing.ofd.faults import OfdHidden, OfdMalformed
from hub.signing.ofd.package import CENTRAL, CENTRAL_MARK, END, END_MARK, LOCAL, read_package, write_package
from tests.seal_desk import sample

PAGE = "Doc_0/Pages/Page_0/Content.xml"
ENTRIES = {"OFD.xml": b"<OFD/>", PAGE: b"<Page/>", "Doc_0/Document.xml": b"<Document/>"}
PDF = b"\n%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"


def named_again(written: str, meant: str) -> bytes:
    """The extra field Unicode Path, by which some readers call an entry."""
    raw, name = written.encode(), meant.encode()
    return struct.pack("<HHBL", 0x7075, 5 + len(name), 1, zlib.crc32(raw)) + name


def with_extras(local: bytes = b"", central: bytes = b"") -> bytes:
    """The package with extra fields in both headers of the page."""
    parts, directory, offset = [], [], 0
    for name, content in ENTRIES.items():
        raw, extras = name.encode(), (local, central) if name == PAGE else (b"", b"")
        about = (0, 0, 0, 0x21, zlib.crc32(content), len(content), len(content), len(raw))
        parts.append(LOCAL.pack(b"PK\x03\x04", 20, *about, len(extras[0])) + raw + extras[0] + content)
        directory.append(
            CENTRAL.pack(CENTRAL_MARK, 20, 20, *about, len(extras[1]), 0, 0, 0, 0, offset) + raw + extras[1]
        )
        offset += len(parts[-1])
    central_bytes = b"".join(directory)
    count = len(ENTRIES)
    end = END.pack(END_MARK, 0, 0, count, count, len(central_bytes), offset, 0)
    return b"".join([*parts, central_bytes, end])


def one_entry_fewer(package: bytes) -> bytes:
    """The package whose end record counts one entry less than the directory lists."""
    at = package.rfind(END_MARK)
    fields = list(END.unpack_from(package, at))
    fields[3] -= 1
    fields[4] -= 1
    return package[:at] + END.pack(*fields)


def with_comment(package: bytes, comment: bytes) -> bytes:
    """The package with a comment at its end."""
    return package[:-2] + struct.pack("<H", len(comment)) + comment


HIDING: dict[str, Callable[[bytes], bytes]] = {
    "a PDF before it": lambda package: PDF + package,
    "a PDF behind it": lambda package: with_comment(package, PDF),
    "another package before it": lambda package: write_package({"OFD.xml": b"<other/>"}) + package,
    "an entry before it": lambda package: LOCAL.pack(b"PK\x03\x04", *[0] * 10) + package,
    "an entry its directory does not count": one_entry_fewer,
    "a PDF in an extra field": lambda _package: with_extras(local=struct.pack("<2H", 0xCAFE, len(PDF)) + PDF),
    "another name in the directory": lambda _package: with_extras(central=named_again(PAGE, "Doc_0/Other.xml")),
    "another name in the local header": lambda _package: with_extras(local=named_again(PAGE, "Doc_0/Other.xml")),
}


@pytest.mark.parametrize("hiding", HIDING.values(), ids=HIDING)
def test_what_another_program_could_find_is_refused(hiding: Callable[[bytes], bytes]) -> None:
    with pytest.raises(OfdHidden):
        read_package(hiding(write_package(ENTRIES)))


def test_the_same_name_twice_over_is_no_other_name() -> None:
    same = named_again(PAGE, PAGE)
    assert read_package(with_extras(local=same, central=same)).entries == ENTRIES


@pytest.mark.parametrize("at", [14, 18, 22])
def test_a_local_header_must_agree_with_the_directory(at: int) -> None:
    changed = bytearray(write_package(ENTRIES))
    changed[at] ^= 1
    with pytest.raises(OfdMalformed):
        read_package(bytes(changed))


def test_sizes_may_follow_an_entry_whose_header_leaves_them_out() -> None:
    package = bytearray(write_package(ENTRIES))
    package[6] |= 0x08
    package[14:26] = bytes(12)
    assert read_package(bytes(package)).entries == ENTRIES


@pytest.mark.parametrize("name", ["DigitalSign", "SESV4SignDoc", "allprotected", "helloworld", "path_unstd"])
def test_packages_of_others_hide_nothing(name: str) -> None:
    assert read_package(sample(f"{name}.ofd")).entries
