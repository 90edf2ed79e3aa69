"""An OFD's container is opened within bounds, refused by name for each trick, and written in one form in which no byte is free."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.signing.ofd.faults import (
    OfdDuplicateEntry,
    OfdEncrypted,
    OfdEntryMissing,
    OfdExpands,
    OfdLink,
    OfdMalformed,
    OfdPathEscapes,
    OfdTooLarge,
    XmlEntities,
    XmlMalformed,
    XmlTooDeep,
)
from hub.signing.ofd.package import MAX_BYTES, MAX_ENTRIES, is_canonical, read_package, write_package
from hub.signing.ofd.paths import joined, located
from hub.signing.ofd.xml import child, children, name_of, parsed, text_of
from tests.seal_desk import sample

SAMPLES = ("DigitalSign", "SESV4SignDoc", "allprotected", "helloworld", "namespace_no_std", "path_unstd")
ENTRIES = {"OFD.xml": b"<OFD/>", "Doc_0/Document.xml": b"<Document/>" * 40, "Doc_0/\u9875.xml": b"", "b": b"\x00" * 99}


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A ZIP made by the standard library, deflated."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return output.getvalue()


@pytest.mark.parametrize("name", SAMPLES)
def test_packages_of_others_give_the_entries_the_standard_library_gives(name: str) -> None:
    content = sample(f"{name}.ofd")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        wanted = {each: archive.read(each) for each in archive.namelist() if not each.endswith("/")}
    assert dict(read_package(content).entries) == wanted


def test_what_is_written_is_read_by_the_standard_library() -> None:
    with zipfile.ZipFile(io.BytesIO(write_package(ENTRIES))) as archive:
        assert archive.testzip() is None
        assert {each: archive.read(each) for each in archive.namelist()} == ENTRIES


def test_entries_in_any_order_give_the_same_bytes() -> None:
    turned = dict(reversed(ENTRIES.items()))
    assert write_package(turned) == write_package(ENTRIES)
    assert next(iter(read_package(write_package(turned)).entries)) == "OFD.xml"


def test_the_canonical_form_is_recognised() -> None:
    written = write_package(ENTRIES)
    assert is_canonical(written, read_package(written))


@pytest.mark.parametrize("name", SAMPLES)
def test_packages_of_others_are_not_canonical(name: str) -> None:
    content = sample(f"{name}.ofd")
    assert not is_canonical(content, read_package(content))


def test_no_flipped_bit_of_a_canonical_container_goes_unnoticed() -> None:
    written = write_package(ENTRIES)
    unnoticed = []
    for bit in range(8 * len(written)):
        flipped = bytearray(written)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            package = read_package(bytes(flipped))
        except OfdMalformed:
            continue
        if is_canonical(bytes(flipped), package):
            unnoticed.append(bit)
    assert unnoticed == []


def test_a_deflated_container_has_the_same_entries_and_is_not_canonical() -> None:
    packed = write_package(ENTRIES, deflated=True)
    assert dict(read_package(packed).entries) == ENTRIES
    assert not is_canonical(packed, read_package(packed)) and len(packed) < len(write_package(ENTRIES))


def test_bytes_before_the_first_header_are_tolerated() -> None:
    content = sample("helloworld.ofd")
    assert read_package(b"vendor" * 99 + content).entries == read_package(content).entries


def test_names_that_differ_only_in_case_are_warned_of() -> None:
    assert read_package(zipped(("a.xml", b"1"), ("A.xml", b"2"))).warnings == ("a.xml / A.xml",)


def test_names_in_gb_18030_are_read() -> None:
    content = zipped(("OFD.xml", b""), ("####.xml", b"1")).replace(b"####", "附件".encode("gb18030"))
    assert "附件.xml" in read_package(content).entries


def bomb() -> bytes:
    return zipped(("OFD.xml", b" " * 9_000_000))


def nested_sizes_lie() -> bytes:
    """The headers promise a kilobyte, the stream has nine million bytes."""
    content = bytearray(bomb())
    struct.pack_into("<L", content, 22, 1000)
    struct.pack_into("<L", content, content.find(b"PK\x01\x02") + 24, 1000)
    return bytes(content)


def duplicate() -> bytes:
    return zipped(("OFD.xml", b"1"), ("OFD.xmm", b"2")).replace(b"OFD.xmm", b"OFD.xml")


def overlapping() -> bytes:
    """Two entries of the directory share one local header's bytes."""
    content = bytearray(zipped(("aa", b"1" * 50), ("ab", b"1" * 50)))
    second = content.find(b"PK\x01\x02", content.find(b"PK\x01\x02") + 4)
    struct.pack_into("<L", content, second + 42, 0)
    content[second + 46 : second + 48] = b"aa"
    return bytes(content)


def other_local_name() -> bytes:
    return zipped(("OFD.xml", b"1")).replace(b"OFD.xml", b"OFD.xmm", 1)


def encrypted() -> bytes:
    content = bytearray(zipped(("OFD.xml", b"1")))
    content[content.find(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def link() -> bytes:
    entry = zipfile.ZipInfo("OFD.xml")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return zipped((entry, b"/etc/passwd"))


def many() -> bytes:
    return zipped(*((f"{number}", b"") for number in range(MAX_ENTRIES + 1)))


def escaping(name: str) -> Callable[[], bytes]:
    return lambda: zipped((name, b""))


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (bomb, OfdExpands),
        (nested_sizes_lie, OfdExpands),
        (duplicate, OfdDuplicateEntry),
        (overlapping, OfdDuplicateEntry),
        (other_local_name, OfdMalformed),
        (encrypted, OfdEncrypted),
        (link, OfdLink),
        (many, OfdTooLarge),
        (lambda: b"\0" * (MAX_BYTES + 1), OfdTooLarge),
        (lambda: b"", OfdMalformed),
        (lambda: b"%PDF-1.7", OfdMalformed),
        (escaping("../OFD.xml"), OfdPathEscapes),
        (escaping("a/../../b"), OfdPathEscapes),
        (escaping("/etc/passwd"), OfdPathEscapes),
        (escaping("a\\b"), OfdPathEscapes),
        (escaping("C:/a"), OfdPathEscapes),
        (escaping("a//b"), OfdPathEscapes),
        (escaping("a\x01b"), OfdPathEscapes),
    ],
)
def test_each_trick_is_refused_with_its_own_code(make: Callable[[], bytes], fault: type[OfdMalformed]) -> None:
    with pytest.raises(OfdMalformed) as refused:
        read_package(make())
    assert type(refused.value) is fault


@pytest.mark.parametrize("name", ["helloworld.ofd", "path_unstd.ofd"])
def test_a_truncated_package_is_refused_wherever_it_breaks_off(name: str) -> None:
    content = sample(name)
    for length in range(0, len(content), 37):
        with pytest.raises(OfdMalformed):
            read_package(content[:length])


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', XmlEntities),
        (b'<!DOCTYPE a SYSTEM "http://localhost/x.dtd"><a/>', XmlEntities),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', XmlEntities),
        (b"<a>&nowhere;</a>", XmlEntities),
        (b"<a>" * 10_000 + b"</a>" * 10_000, XmlTooDeep),
        (b"<a" * 9, XmlMalformed),
        (b"", XmlMalformed),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', XmlMalformed),
        (b"<a>" + b" " * 9_000_000 + b"</a>", OfdTooLarge),
    ],
)
def test_each_fault_of_xml_has_its_own_code(content: bytes, fault: type[OfdMalformed]) -> None:
    with pytest.raises(OfdMalformed) as refused:
        parsed(content, "OFD.xml")
    assert type(refused.value) is fault and refused.value.at == "OFD.xml"


def test_no_file_of_this_machine_is_opened_for_a_document_type(tmp_path: Path) -> None:
    subset = tmp_path / "broken.dtd"
    subset.write_text("<!ENTITY b 'c' this is no document type")
    with pytest.raises(XmlEntities):  # were it read, the XML would be malformed
        parsed(f'<!DOCTYPE a SYSTEM "{subset.as_uri()}"><a>&b;</a>'.encode(), "OFD.xml")


@pytest.mark.parametrize("space", ["", ' xmlns="urn:other"', ' xmlns="http://www.ofdspec.org/2016"'])
def test_elements_are_found_in_any_namespace_and_order(space: str) -> None:
    root = parsed(f"\ufeff<a{space}><!-- c --><d>1<!-- c -->2</d><b><c> x </c></b><d/></a>".encode(), "")
    found = child(root, "b", "c")
    assert text_of(root, "b", "c") == "x" and text_of(root, "d") == "12" and len(list(children(root, "d"))) == 2
    assert found is not None and name_of(found) == "c" and child(root, "b", "nothing") is None


@pytest.mark.parametrize(
    ("referring", "reference", "entry"),
    [
        ("Doc_0/Document.xml", "Pages/Page_0/Content.xml", "Doc_0/Pages/Page_0/Content.xml"),
        ("Doc_0/Document.xml", "/Doc_0/Pages/Page_0/Content.xml", "Doc_0/Pages/Page_0/Content.xml"),
        ("Doc_0/Pages/Page_0/Content.xml", "../../Res/a.png", "Doc_0/Res/a.png"),
        ("OFD.xml", "Doc_0/Document.xml", "Doc_0/Document.xml"),
    ],
)
def test_references_count_from_the_root_or_from_the_referring_file(referring: str, reference: str, entry: str) -> None:
    assert joined(referring, reference) == entry


def test_a_reference_out_of_the_package_is_refused() -> None:
    with pytest.raises(OfdPathEscapes):
        joined("Doc_0/Document.xml", "../../OFD.xml")


def test_references_in_the_ways_of_vendors_are_found() -> None:
    entries = {"Doc_0/Tpls/a.xml": b""}
    assert located(entries, "Doc_0/Document.xml", "TPLS/A.xml") == "Doc_0/Tpls/a.xml"
    assert located(entries, "Doc_0/Document.xml", "Doc_0/Tpls/a.xml") == "Doc_0/Tpls/a.xml"
    with pytest.raises(OfdEntryMissing):
        located(entries, "Doc_0/Document.xml", "nothing.xml")
