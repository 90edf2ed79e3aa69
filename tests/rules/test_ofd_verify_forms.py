"""An OFD in a form that is unusual, malformed or made to harm is read rightly or refused by name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.signing.anchors import Anchors
from hub.signing.der import tlv
from hub.signing.ofd.package import read_package, write_package
from hub.signing.ofd.verify import looks_like_ofd
from hub.signing.verify import verify_document
from tests.ofd_entries import (
    CANNOT_TELL,
    DESCRIPTION,
    FAILED,
    IN_2021,
    LIST,
    PASSED,
    VALUE,
    deflated,
    described_anew,
)
from tests.seal_desk import NOW, SealDesk, codes, failed, in_octets, sample, small_ofd, with_entries


def test_order_namespace_and_a_byte_order_mark_do_not_matter_to_reading(seal_desk: SealDesk) -> None:
    entries = read_package(sample("allprotected.ofd")).entries
    signed = entries["Doc_0/Signs/Sign_0/Signature.xml"]
    listed = entries[LIST].replace(b"ofd:", b"").replace(b"xmlns:ofd", b"xmlns")
    anew = write_package({**entries, LIST: b"\xef\xbb\xbf" + listed})
    assert signed.index(b"SignedValue") < signed.index(b"SignedInfo")  # the order of this vendor, against the schema
    assert failed(verify_document(anew, Anchors(), IN_2021)) == {"REF_MISMATCH"}  # the list is covered, hence changed


def test_a_path_without_a_slash_counts_from_the_root_where_nothing_stands_beside_the_file(seal_desk: SealDesk) -> None:
    anew = described_anew(seal_desk, lambda text: text.replace('FileRef="/', 'FileRef="'))
    assert failed(seal_desk.verdict(anew)) == {"SIG_DIGEST_MISMATCH"}


def test_a_reference_that_leaves_the_package_is_missing(seal_desk: SealDesk) -> None:
    anew = described_anew(seal_desk, lambda text: text.replace('FileRef="/OFD.xml"', 'FileRef="../../../../OFD.xml"'))
    assert {"REF_MISSING", "SIG_DIGEST_MISMATCH"} <= failed(seal_desk.verdict(anew))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "OFD_PACKAGE_XML_MALFORMED"),
        (b"<a>", "OFD_PACKAGE_XML_MALFORMED"),
        (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "OFD_PACKAGE_XML_ENTITIES"),
        (b"<a>" * 300 + b"</a>" * 300, "OFD_PACKAGE_XML_TOO_DEEP"),
        (b"<a/>", "OFD_PACKAGE_ENTRY_MISSING"),
    ],
)
def test_a_description_that_cannot_be_read_is_a_finding(seal_desk: SealDesk, content: bytes, code: str) -> None:
    assert code in failed(seal_desk.verdict(with_entries(seal_desk.sealed(), {DESCRIPTION: content})))


@pytest.mark.parametrize("name", ["OFD.xml", LIST])
def test_entities_are_refused_wherever_they_stand(seal_desk: SealDesk, name: str) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY e "x"><!ENTITY f "&e;&e;&e;">]><a>&f;</a>'
    assert failed(seal_desk.verdict(with_entries(seal_desk.sealed(), {name: bomb}))) == {"OFD_PACKAGE_XML_ENTITIES"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("../evil", b"x", "OFD_PACKAGE_PATH_ESCAPES"),
        ("/OFD.xml", b"x", "OFD_PACKAGE_PATH_ESCAPES"),
        ("OFD.xml", b"x", "OFD_PACKAGE_DUPLICATE_ENTRY"),
        ("bomb", bytes(8 * 1024 * 1024), "OFD_PACKAGE_EXPANDS"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_packages_made_to_harm_are_refused_by_name(seal_desk: SealDesk, name: str, content: bytes, code: str) -> None:
    packed = deflated(read_package(seal_desk.sealed()).entries, (name, content))
    assert codes(seal_desk.verdict(packed)) == {code}


def test_a_value_nested_ten_thousand_deep_is_a_finding(seal_desk: SealDesk) -> None:
    deep = b""
    for _ in range(10_000):
        deep = tlv(b"\x30", deep)
    assert failed(seal_desk.verdict(with_entries(seal_desk.sealed(), {VALUE: deep}))) == {"SIG_FORMAT"}


def test_a_seal_of_a_later_version_in_a_document_is_cannot_tell(seal_desk: SealDesk) -> None:
    sealed = seal_desk.sealed()
    value = read_package(sealed).entries[VALUE].replace(b"\x16\x02ES\x02\x01\x04", b"\x16\x02ES\x02\x01\x06", 1)
    verdict = seal_desk.verdict(with_entries(sealed, {VALUE: value}))
    assert verdict.outcome is CANNOT_TELL and codes(verdict) == {"SEAL_VERSION"}


def test_a_value_wrapped_in_an_octet_string_is_read(seal_desk: SealDesk) -> None:
    sealed = seal_desk.sealed()
    wrapped = with_entries(sealed, {VALUE: in_octets(read_package(sealed).entries[VALUE])})
    assert "SIG_VALID" in codes(seal_desk.verdict(wrapped)) or "not_canonical" in failed(seal_desk.verdict(wrapped))


def test_a_pdf_attached_to_an_ofd_does_not_make_it_one(seal_desk: SealDesk) -> None:
    attached = b"%PDF-1.7 /ByteRange [0 1 2 3] startxref"
    sealed = seal_desk.sealed(ofd=with_entries(small_ofd(), {"Doc_0/z.pdf": attached}))
    assert seal_desk.verdict(sealed).outcome is PASSED


def test_an_ofd_is_told_from_a_pdf_and_from_other_containers(seal_desk: SealDesk) -> None:
    assert looks_like_ofd(seal_desk.sealed()) and looks_like_ofd(b"KRC\n" + seal_desk.sealed())
    assert not looks_like_ofd(b"%PDF-1.7" + seal_desk.sealed())
    assert codes(seal_desk.verdict(deflated({"word/document.xml": b"<a/>"}))) == {"document.unknown_format"}


def test_the_verdict_on_an_old_seal_does_not_change_with_the_years(seal_desk: SealDesk) -> None:
    sealed = seal_desk.sealed()
    verdict = seal_desk.verdict(sealed, at=NOW + timedelta(days=365 * 5))
    (report,) = verdict.signatures
    assert (verdict.outcome, report.valid_at_signing, report.valid_now) == (PASSED, PASSED, FAILED)
