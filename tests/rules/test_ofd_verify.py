"""An OFD is verified with all findings: what is protected, what is not, whose seal it is, and what other software made."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.signing.anchors import Anchors
from hub.signing.der import tlv
from hub.signing.ofd.package import read_package, write_package
from hub.signing.ofd.verify import looks_like_ofd
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from tests.seal_desk import NOW, SealDesk, codes, failed, in_octets, sample, small_ofd, with_entries

PASSED, FAILED, CANNOT_TELL = Outcome.PASSED, Outcome.FAILED, Outcome.CANNOT_TELL
FOLDER = "Doc_0/Signs/Sign_0"
DESCRIPTION, VALUE, SEAL = f"{FOLDER}/Signature.xml", f"{FOLDER}/SignedValue.dat", f"{FOLDER}/Seal.esl"
LIST = "Doc_0/Signs/Signatures.xml"
PAGE = "Doc_0/Pages/Page_0/Content.xml"
IN_2021 = datetime(2021, 1, 1, tzinfo=UTC)
BY_OTHERS = {"not_canonical", "trust.no_anchors"}
UNSTAMPED = {"SIG_TIMESTAMP_MISSING", "SIG_TIME_CLAIMED"}
EXPIRED_SINCE = {"WARN_CERT_EXPIRED_NOW", "WARN_SEAL_EXPIRED_NOW", "WARN_SEAL_MAKER_CERT_EXPIRED"}
SEALED_LATE = {
    "SEAL_EXPIRED",
    "SEAL_MAKER_CERT_EXPIRED",
    "SIG_CERT_EXPIRED_AT_SIGNING",
    "SIG_SEAL_INVALID",
    "SIG_SEAL_NOT_VALID_AT_SIGNING",
}


@pytest.mark.parametrize(
    ("name", "at", "wanted"),
    [
        ("allprotected.ofd", IN_2021, BY_OTHERS | UNSTAMPED),
        ("allprotected.ofd", NOW, BY_OTHERS | UNSTAMPED | EXPIRED_SINCE),
        ("SESV4SignDoc.ofd", NOW, BY_OTHERS | UNSTAMPED | SEALED_LATE),
        ("DigitalSign.ofd", NOW, {"SIG_WITHOUT_CERTIFICATE", "not_canonical"}),
        ("helloworld.ofd", NOW, {"NOT_SIGNED"}),
        ("path_unstd.ofd", NOW, {"NOT_SIGNED"}),
        ("namespace_no_std.ofd", NOW, {"NOT_SIGNED"}),
        ("UserV1.esl", IN_2021, {"trust.no_anchors"}),
        ("UserV4.esl", IN_2021, {"trust.no_anchors"}),
        ("UserV1.esl", NOW, {"trust.no_anchors", "SEAL_EXPIRED", "SEAL_MAKER_CERT_EXPIRED"}),
        ("UserV4.esl", NOW, {"trust.no_anchors", "SEAL_EXPIRED", "SEAL_MAKER_CERT_EXPIRED"}),
        ("UserV5.esl", NOW, {"trust.no_anchors", "SEAL_MAKER_CERT_EXPIRED"}),
        ("SignedValueV4.dat", IN_2021, UNSTAMPED | {"trust.no_anchors", "SIG_DOCUMENT_MISSING"}),
        (
            "SignedValueV5.dat",
            NOW,
            UNSTAMPED
            | {"trust.no_anchors", "SIG_DOCUMENT_MISSING", "SEAL_MAKER_CERT_EXPIRED", "SIG_SEAL_INVALID"}
            | {"SIG_CERT_EXPIRED_AT_SIGNING"},
        ),
    ],
)
def test_what_other_software_signed_has_its_true_findings(name: str, at: datetime, wanted: set[str]) -> None:
    assert codes(verify_document(sample(name), Anchors(), at)) == wanted


def test_valid_at_signing_and_valid_now_are_told_apart_of_other_softwares_seal() -> None:
    (report,) = verify_document(sample("allprotected.ofd"), Anchors(), NOW).signatures
    assert (report.signed_at, report.claimed_at) == (None, datetime(2020, 10, 23, 11, 45, 37, tzinfo=UTC))
    assert (report.valid_at_signing, report.valid_now) == (CANNOT_TELL, FAILED)


def test_a_changed_page_is_named(seal_desk: SealDesk) -> None:
    sealed = seal_desk.sealed()
    page = read_package(sealed).entries[PAGE].replace("好".encode(), "坏".encode())
    verdict = seal_desk.verdict(with_entries(sealed, {PAGE: page + b" "}))
    assert failed(verdict) == {"REF_MISMATCH"}
    assert PAGE in next(each.message_en for each in verdict.findings if each.code == "REF_MISMATCH")


def test_a_missing_page_is_named(seal_desk: SealDesk) -> None:
    assert failed(seal_desk.verdict(with_entries(seal_desk.sealed(), {PAGE: None}))) == {"REF_MISSING"}


@pytest.mark.parametrize("name", ["Doc_0/Pages/Page_1/Content.xml", "Doc_0/Annots.xml", f"{FOLDER}/Other.xml", "x"])
def test_an_entry_that_no_signature_covers_is_named(seal_desk: SealDesk, name: str) -> None:
    verdict = seal_desk.verdict(with_entries(seal_desk.sealed(), {name: b"<a/>"}))
    assert failed(verdict) == {"UNPROTECTED_ENTRIES"}
    assert name in next(each.message_en for each in verdict.findings if each.code == "UNPROTECTED_ENTRIES")


def test_a_later_signature_cannot_spare_what_lies_outside_the_signatures_folders(seal_desk: SealDesk) -> None:
    line = b'<ofd:Signature ID="9" Type="Seal" BaseLoc="/Doc_0/Pages/Page_1/Signature.xml"/></ofd:Signatures>'
    sealed = seal_desk.sealed()
    listed = read_package(sealed).entries[LIST].replace(b"</ofd:Signatures>", line)
    added = {LIST: listed, "Doc_0/Pages/Page_1/Signature.xml": b"<a/>", "Doc_0/Pages/Page_1/Content.xml": b"<a/>"}
    assert "UNPROTECTED_ENTRIES" in failed(seal_desk.verdict(with_entries(sealed, added)))


def test_an_unprotected_root_alone_is_cannot_tell(seal_desk: SealDesk) -> None:
    verdict = seal_desk.verdict(described_anew(seal_desk, lambda text: without_reference(text, "/OFD.xml")))
    assert "UNPROTECTED_ENTRIES" in codes(verdict, CANNOT_TELL)


@pytest.mark.parametrize("method", ["MD5", "SHA1", "1.3.14.3.2.26"])
def test_weak_digests_prove_nothing(seal_desk: SealDesk, method: str) -> None:
    wanted = f'CheckMethod="{method}"'
    verdict = seal_desk.verdict(
        described_anew(seal_desk, lambda text: text.replace('CheckMethod="1.2.156.10197.1.401"', wanted))
    )
    assert "WEAK_DIGEST" in failed(verdict)


def test_an_absent_check_method_means_md5(seal_desk: SealDesk) -> None:
    verdict = seal_desk.verdict(
        described_anew(seal_desk, lambda text: text.replace(' CheckMethod="1.2.156.10197.1.401"', ""))
    )
    assert "WEAK_DIGEST" in failed(verdict)


@pytest.mark.parametrize("method", ["SM3", "sm3", "1.2.156.10197.1.401.2"])
def test_the_other_ways_to_name_sm3_are_understood(seal_desk: SealDesk, method: str) -> None:
    wanted = f'CheckMethod="{method}"'
    anew = described_anew(seal_desk, lambda text: text.replace('CheckMethod="1.2.156.10197.1.401"', wanted))
    assert failed(seal_desk.verdict(anew)) == {
        "SIG_DIGEST_MISMATCH"
    }  # the references hold; the description was not signed so


def test_an_unknown_digest_is_cannot_tell(seal_desk: SealDesk) -> None:
    anew = described_anew(
        seal_desk, lambda text: text.replace('CheckMethod="1.2.156.10197.1.401"', 'CheckMethod="BLAKE"')
    )
    assert "UNKNOWN_DIGEST" in codes(seal_desk.verdict(anew), CANNOT_TELL)


def test_another_seal_in_the_file_than_in_the_signature_is_noticed(seal_desk: SealDesk) -> None:
    other = seal_desk.seal(replace(seal_desk.wanted(), es_id="61019900000002"))
    assert failed(seal_desk.verdict(with_entries(seal_desk.sealed(), {SEAL: other}))) == {
        "REF_MISMATCH",
        "SEAL_MISMATCH",
    }


def test_a_missing_seal_file_is_noticed(seal_desk: SealDesk) -> None:
    assert failed(seal_desk.verdict(with_entries(seal_desk.sealed(), {SEAL: None}))) == {"REF_MISSING"}


def test_a_signature_taken_from_another_document_is_noticed(seal_desk: SealDesk) -> None:
    act = seal_desk.act()
    value = read_package(seal_desk.sealed(act, sample("namespace_no_std.ofd"))).entries[VALUE]
    assert failed(seal_desk.verdict(with_entries(seal_desk.sealed(act), {VALUE: value}))) == {"SIG_DIGEST_MISMATCH"}


def test_a_bare_signature_is_cannot_tell(seal_desk: SealDesk) -> None:
    bare = tlv(b"\x30", tlv(b"\x02", b"\x11" * 32), tlv(b"\x02", b"\x12" * 32))
    verdict = seal_desk.verdict(with_entries(seal_desk.sealed(), {VALUE: bare}))
    assert verdict.outcome is CANNOT_TELL and codes(verdict) == {"SIG_WITHOUT_CERTIFICATE"}


def test_a_removed_signature_leaves_a_document_that_is_not_signed(seal_desk: SealDesk) -> None:
    empty = b'<ofd:Signatures xmlns:ofd="http://www.ofdspec.org/2016"/>'
    assert codes(seal_desk.verdict(with_entries(seal_desk.sealed(), {LIST: empty}))) == {"NOT_SIGNED"}


def test_a_line_added_to_the_list_breaks_a_locked_document(seal_desk: SealDesk) -> None:
    locked = seal_desk.sealed(seal_desk.act(lock=True))
    listed = read_package(locked).entries[LIST].replace(b"</ofd:Signatures>", b" </ofd:Signatures>")
    assert failed(seal_desk.verdict(with_entries(locked, {LIST: listed}))) == {"REF_MISMATCH", "not_canonical"}


@pytest.mark.parametrize(
    ("written", "other"),
    [
        (b'ID="1"', b'ID="01"'),
        (b'ID="1"', b'ID="0"'),
        (b'"Seal"', b'"Sea1"'),
        (b'BaseLoc="/', b'BaseLoc="'),
        (b">2<", b">3<"),
    ],
)
def test_the_list_of_our_documents_has_one_form(seal_desk: SealDesk, written: bytes, other: bytes) -> None:
    sealed = seal_desk.sealed()
    listed = read_package(sealed).entries[LIST].replace(written, other)
    assert failed(seal_desk.verdict(with_entries(sealed, {LIST: listed}))) == {"not_canonical"}


def test_our_container_has_one_form_and_others_are_free(seal_desk: SealDesk) -> None:
    packed = deflated(read_package(seal_desk.sealed()).entries)
    assert failed(seal_desk.verdict(packed)) == {"not_canonical"}
    assert "not_canonical" in codes(verify_document(sample("allprotected.ofd"), Anchors(), NOW), PASSED)


def test_a_base_signature_must_stand_and_hold(seal_desk: SealDesk) -> None:
    twice = seal_desk.sealed(ofd=seal_desk.sealed())
    listed = read_package(twice).entries[LIST]
    sound = with_entries(twice, {LIST: listed.replace(b'Sign_1/Signature.xml"', b'Sign_1/Signature.xml" Relative="1"')})
    assert "SIG_BASE_INVALID" not in codes(seal_desk.verdict(sound))
    missing = with_entries(
        twice, {LIST: listed.replace(b'Sign_1/Signature.xml"', b'Sign_1/Signature.xml" Relative="7"')}
    )
    assert "SIG_BASE_INVALID" in failed(seal_desk.verdict(missing))
    broken = with_entries(sound, {PAGE: b"<a/>"})
    assert "SIG_BASE_INVALID" in failed(seal_desk.verdict(broken))


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


def described_anew(desk: SealDesk, change: Callable[[str], str]) -> bytes:
    """A sealed document whose description says something else."""
    sealed = desk.sealed()
    text = read_package(sealed).entries[DESCRIPTION].decode()
    assert change(text) != text
    return with_entries(sealed, {DESCRIPTION: change(text).encode()})


def without_reference(text: str, path: str) -> str:
    start = text.index(f'<ofd:Reference FileRef="{path}"')
    end = text.index("</ofd:Reference>", start) + len("</ofd:Reference>")
    return text[:start] + text[end:]


def deflated(entries: Mapping[str, bytes], *more: tuple[str, bytes]) -> bytes:
    """The entries packed by another writer."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in [*entries.items(), *more]:
            packed.writestr(name, content)
    return held.getvalue()
