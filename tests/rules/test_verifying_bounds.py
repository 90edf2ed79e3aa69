"""A file within the size limit cannot make the verifier take memory or time out of proportion: the amount of work is refused first."""

from __future__ import annotations

import tracemalloc

from hub.signing.anchors import Anchors
from hub.signing.ofd.package import Package, is_canonical, read_package
from hub.signing.verdict import Verdict
from hub.signing.verify import verify_document
from tests.seal_desk import NOW, SealDesk, failed, with_entries

MIB = 1024 * 1024
FOLDER = "Doc_0/Signs/Sign_0"
DESCRIPTION, LIST = f"{FOLDER}/Signature.xml", "Doc_0/Signs/Signatures.xml"


def verdict_within(data: bytes, most: int) -> Verdict:
    """The verdict, provided that it took no more than `most` bytes of memory at once."""
    tracemalloc.start()
    try:
        verdict = verify_document(data, Anchors(), NOW)
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()
    return verdict


def test_a_million_byte_ranges_are_not_gathered() -> None:
    assert failed(verdict_within(b"%PDF-1.4\n" + b"/ByteRange[0 0 0 0]" * 200_000, 4 * MIB)) == {"SIG_FORMAT"}


def test_a_description_listed_many_times_is_not_read_many_times(seal_desk: SealDesk) -> None:
    sealed = seal_desk.sealed()
    described = read_package(sealed).entries[DESCRIPTION]
    line = f'<ofd:Signature ID="1" BaseLoc="/{DESCRIPTION}"/>'.encode()
    listed = b'<ofd:Signatures xmlns:ofd="http://www.ofdspec.org/2016">' + line * 60 + b"</ofd:Signatures>"
    large = described.replace(b"<ofd:SignedInfo>", b"<ofd:SignedInfo>" + b"<a/>" * 25_000, 1)
    assert failed(seal_desk.verdict(with_entries(sealed, {DESCRIPTION: large, LIST: listed}))) == {
        "OFD_PACKAGE_TOO_LARGE"
    }


def test_a_description_of_many_megabytes_is_refused(seal_desk: SealDesk) -> None:
    sealed = seal_desk.sealed()
    large = read_package(sealed).entries[DESCRIPTION].replace(b"<ofd:SignedInfo>", b"<ofd:SignedInfo>" + b" " * 3 * MIB)
    assert failed(seal_desk.verdict(with_entries(sealed, {DESCRIPTION: large}))) == {"OFD_PACKAGE_TOO_LARGE"}


def test_what_is_deflated_is_not_written_again_to_be_compared() -> None:
    package = Package({"OFD.xml": bytes(4 * MIB)})
    tracemalloc.start()
    try:
        assert not is_canonical(b"PK", package)
        assert tracemalloc.get_traced_memory()[1] < MIB
    finally:
        tracemalloc.stop()
