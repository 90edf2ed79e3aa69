"""An OFD is verified with all findings: what is protected, what is not, whose seal it is, and what other software made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hub.signing.anchors import Anchors
from hub.signing.der import tlv
from hub.signing.ofd.package import read_package
from hub.signing.verify import verify_document
from tests.ofd_entries import (
    CANNOT_TELL,
    FAILED,
    FOLDER,
    IN_2021,
    LIST,
    PASSED,
    SEAL,
    VALUE,
    deflated,
    described_anew,
)
from tests.seal_desk import NOW, SealDesk, codes, failed, sample, with_entries

PAGE = "Doc_0/Pages/Page_0/Content.xml"
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


def without_reference(text: str, path: str) -> str:
    start = text.index(f'<ofd:Reference FileRef="{path}"')
    end = text.index("</ofd:Reference>", start) + len("</ofd:Reference>")
    return text[:start] + text[end:]
