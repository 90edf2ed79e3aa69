"""An OFD is sealed so that everything in it is covered, several seals follow one another, and a lock closes it."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from cryptography import x509

from hub.signing.ofd.faults import OfdMalformed, OfdPageMissing
from hub.signing.ofd.package import is_canonical, read_package
from hub.signing.ofd.signatures import description, signature_lists
from hub.signing.ofd.signing import OfdLocked, complete_seal, prepare_seal
from hub.signing.placing import Impression
from hub.signing.ses_making import SignerUnfit
from hub.signing.ses_structures import parse_signature
from hub.signing.sm2 import sm3
from hub.signing.verdict import Outcome
from tests.seal_desk import DAY, FOUNDED, PLACE, SIGNED, SealDesk, codes, failed, sample, small_ofd, with_entries

FIRST, SECOND = "Doc_0/Signs/Sign_0", "Doc_0/Signs/Sign_1"
LIST = "Doc_0/Signs/Signatures.xml"
WELL = {"SIG_VALID", "time_stamp_same_operator"}


@pytest.mark.parametrize("version", [4, 5])
def test_a_sealed_document_passes(seal_desk: SealDesk, version: int) -> None:
    sealed = seal_desk.sealed(seal_desk.act(seal_desk.seal(seal_desk.wanted(version))))
    verdict = seal_desk.verdict(sealed)
    assert verdict.outcome is Outcome.PASSED and codes(verdict) == WELL
    assert [(each.seal_name, each.signed_at) for each in verdict.signatures] == [(seal_desk.wanted().name_zh, SIGNED)]


def test_every_entry_but_the_signatures_own_two_and_the_list_is_covered(seal_desk: SealDesk) -> None:
    entries = read_package(seal_desk.sealed()).entries
    covered = {each.entry for each in description(entries, f"{FIRST}/Signature.xml").references}
    assert covered == set(entries) - {f"{FIRST}/Signature.xml", f"{FIRST}/SignedValue.dat", LIST}
    assert f"{FIRST}/Seal.esl" in covered


def test_digests_and_oids_are_written_as_vendors_write_them(seal_desk: SealDesk) -> None:
    entries = read_package(seal_desk.sealed()).entries
    written = entries[f"{FIRST}/Signature.xml"].decode()
    assert 'CheckMethod="1.2.156.10197.1.401"' in written
    assert "<ofd:SignatureMethod>1.2.156.10197.1.501</ofd:SignatureMethod>" in written
    assert "<ofd:SignatureDateTime>20261125020000Z</ofd:SignatureDateTime>" in written
    assert base64.b64encode(sm3(entries["OFD.xml"])).decode() in written
    assert 'FileRef="/OFD.xml"' in written


def test_the_seal_signs_the_description_and_names_its_place(seal_desk: SealDesk) -> None:
    entries = read_package(seal_desk.sealed()).entries
    signature = parse_signature(entries[f"{FIRST}/SignedValue.dat"])
    assert signature.data_hash == sm3(entries[f"{FIRST}/Signature.xml"])
    assert signature.property_info == f"/{FIRST}/Signature.xml"
    assert signature.seal.raw == entries[f"{FIRST}/Seal.esl"]


def test_entries_are_taken_over_byte_for_byte_but_for_the_line_that_names_the_list(seal_desk: SealDesk) -> None:
    before, after = read_package(small_ofd()).entries, read_package(seal_desk.sealed()).entries
    line = b"<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>"
    assert after["OFD.xml"].replace(line, b"", 1) == before["OFD.xml"] and line in after["OFD.xml"]
    assert all(after[name] == content for name, content in before.items() if name != "OFD.xml")


def test_the_container_is_canonical_and_sealing_repeats_but_for_chance(seal_desk: SealDesk) -> None:
    sealed = seal_desk.sealed()
    assert is_canonical(sealed, read_package(sealed))
    first, second = (read_package(each).entries for each in (sealed, seal_desk.sealed()))
    differing = {name for name in first if first[name] != second[name]}
    assert differing <= {f"{FIRST}/SignedValue.dat", f"{FIRST}/Seal.esl", f"{FIRST}/Signature.xml"}


def test_a_document_in_the_default_namespace_keeps_it(seal_desk: SealDesk) -> None:
    root = read_package(small_ofd()).entries["OFD.xml"].replace(b"ofd:", b"").replace(b"xmlns:ofd", b"xmlns")
    sealed = seal_desk.sealed(ofd=with_entries(small_ofd(), {"OFD.xml": root}))
    assert b"<Signatures>/Doc_0/Signs/Signatures.xml</Signatures></DocBody>" in read_package(sealed).entries["OFD.xml"]
    assert seal_desk.verdict(sealed).outcome is Outcome.PASSED


@pytest.mark.parametrize("name", ["namespace_no_std.ofd", "path_unstd.ofd", "helloworld.ofd"])
def test_documents_made_by_other_software_can_be_sealed(seal_desk: SealDesk, name: str) -> None:
    assert codes(seal_desk.verdict(seal_desk.sealed(ofd=sample(name)))) == WELL


def test_a_seal_is_shown_at_each_place_with_its_strip_as_clip(seal_desk: SealDesk) -> None:
    strip = Impression(page=0, x_mm=189, y_mm=127.5, side_mm=42, strip=(21.0, 42.0))
    entries = read_package(seal_desk.sealed(seal_desk.act(places=(PLACE, strip)))).entries
    whole, clipped = description(entries, f"{FIRST}/Signature.xml").appearances
    assert (whole.id, whole.page_ref, whole.boundary, whole.clip) == ("2", "1", "120 200 42 42", None)
    assert (clipped.id, clipped.boundary, clipped.clip) == ("3", "189 127.5 42 42", "21 0 21 42")
    assert b"<ofd:MaxSignId>3</ofd:MaxSignId>" in entries[LIST]


def test_a_place_on_a_page_that_is_not_there_is_refused(seal_desk: SealDesk) -> None:
    with pytest.raises(OfdPageMissing):
        seal_desk.sealed(seal_desk.act(places=(replace(PLACE, page=1),)))


def test_seals_follow_one_another_and_each_covers_the_earlier_ones(seal_desk: SealDesk) -> None:
    other = seal_desk.signer(FOUNDED + DAY)
    second = seal_desk.seal(
        replace(seal_desk.wanted(), certificates=(other.certificate,), name_zh="第二枚（演示专用）")
    )
    sealed = seal_desk.sealed(seal_desk.act(second, other), seal_desk.sealed())
    verdict = seal_desk.verdict(sealed)
    assert verdict.outcome is Outcome.PASSED and codes(verdict) == WELL
    assert [each.seal_name for each in verdict.signatures] == [seal_desk.wanted().name_zh, "第二枚（演示专用）"]
    entries = read_package(sealed).entries
    covered = {each.entry for each in description(entries, f"{SECOND}/Signature.xml").references}
    assert {f"{FIRST}/Signature.xml", f"{FIRST}/SignedValue.dat", f"{FIRST}/Seal.esl"} <= covered


def test_ids_of_signatures_and_stamps_are_unique_over_all_signatures(seal_desk: SealDesk) -> None:
    entries = read_package(seal_desk.sealed(ofd=seal_desk.sealed(seal_desk.act(places=(PLACE, PLACE))))).entries
    listed = signature_lists(entries)[0].listed
    stamps = [stamp.id for each in listed for stamp in description(entries, each.path).appearances]
    assert [each.id for each in listed] == ["1", "4"] and stamps == ["2", "3", "5"]


def test_a_lock_covers_the_list_and_closes_the_document(seal_desk: SealDesk) -> None:
    locked = seal_desk.sealed(seal_desk.act(lock=True))
    covered = {each.entry for each in description(read_package(locked).entries, f"{FIRST}/Signature.xml").references}
    assert LIST in covered and codes(seal_desk.verdict(locked)) == WELL
    with pytest.raises(OfdLocked):
        seal_desk.sealed(ofd=locked)


def test_a_last_seal_can_lock_after_others(seal_desk: SealDesk) -> None:
    locked = seal_desk.sealed(seal_desk.act(lock=True), seal_desk.sealed())
    assert codes(seal_desk.verdict(locked)) == WELL
    with pytest.raises(OfdLocked):
        seal_desk.sealed(ofd=locked)


def test_a_document_sealed_and_locked_by_other_software_is_not_sealed_again(seal_desk: SealDesk) -> None:
    with pytest.raises(OfdLocked):
        seal_desk.sealed(ofd=sample("allprotected.ofd"))


def test_a_seal_added_to_other_softwares_leaves_that_ones_findings_as_they_were(seal_desk: SealDesk) -> None:
    alone = failed(seal_desk.verdict(sample("SESV4SignDoc.ofd")))
    assert failed(seal_desk.verdict(seal_desk.sealed(ofd=sample("SESV4SignDoc.ofd")))) == alone


def test_names_with_signs_that_xml_reserves_are_escaped(seal_desk: SealDesk) -> None:
    sealed = seal_desk.sealed(ofd=with_entries(small_ofd(), {'Doc_0/A & "B" <c>.xml': b"<a/>"}))
    assert seal_desk.verdict(sealed).outcome is Outcome.PASSED


def test_a_seal_that_may_not_be_used_leaves_no_document(seal_desk: SealDesk) -> None:
    with pytest.raises(SignerUnfit):
        seal_desk.sealed(seal_desk.act(signer=seal_desk.signer(FOUNDED + DAY)))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"%PDF-1.7"])
def test_what_is_no_package_is_not_sealed(seal_desk: SealDesk, data: bytes) -> None:
    with pytest.raises(OfdMalformed):
        seal_desk.sealed(ofd=data or b"\0")


def test_a_signature_without_a_seal_carries_its_certificate_and_passes(seal_desk: SealDesk) -> None:
    signed = seal_desk.signed()
    verdict = seal_desk.verdict(signed)
    assert verdict.outcome is Outcome.PASSED and codes(verdict) == WELL
    (report,) = verdict.signatures
    assert (report.seal_name, report.signed_at) == (None, SIGNED) and "沣东新城" in report.signer
    entries = read_package(signed).entries
    assert f"{FIRST}/Seal.esl" not in entries and b'Type="Sign"' in entries[LIST]


def test_seals_and_signatures_follow_one_another(seal_desk: SealDesk) -> None:
    assert codes(seal_desk.verdict(seal_desk.sealed(ofd=seal_desk.signed()))) == WELL
    assert codes(seal_desk.verdict(seal_desk.signed(seal_desk.sealed(), lock=True))) == WELL


def test_a_signature_without_a_time_stamp_is_cannot_tell(seal_desk: SealDesk) -> None:
    verdict = seal_desk.verdict(seal_desk.signed(stamped=False))
    assert verdict.outcome is Outcome.CANNOT_TELL and codes(verdict) == {"SIG_TIMESTAMP_MISSING"}


def test_a_description_changed_after_signing_without_a_seal_is_noticed(seal_desk: SealDesk) -> None:
    path = f"{FIRST}/Signature.xml"
    signed = seal_desk.signed()
    verdict = seal_desk.verdict(with_entries(signed, {path: read_package(signed).entries[path] + b"\n"}))
    assert failed(verdict) == {"SIG_VALUE"} and verdict.signatures[0].valid_at_signing is Outcome.FAILED


def test_a_page_changed_after_signing_without_a_seal_is_told_in_the_report(seal_desk: SealDesk) -> None:
    verdict = seal_desk.verdict(with_entries(seal_desk.signed(), {"Doc_0/Pages/Page_0/Content.xml": b"<a/>"}))
    assert failed(verdict) == {"REF_MISMATCH"} and verdict.signatures[0].valid_at_signing is Outcome.FAILED


def test_the_bits_a_certificates_signature_leaves_unused_are_none(seal_desk: SealDesk) -> None:
    signed, path = seal_desk.signed(), f"{FIRST}/SignedValue.dat"
    own = x509.load_der_x509_certificate(seal_desk.signer().certificate)
    value = read_package(signed).entries[path]
    at = value.index(own.signature) - 1
    changed = value[:at] + b"\x01" + value[at + 1 :]
    assert failed(seal_desk.verdict(with_entries(signed, {path: changed}))) == {"SIG_FORMAT"}


def test_a_seal_by_a_key_that_is_elsewhere_has_the_same_form(seal_desk: SealDesk) -> None:
    own, act = seal_desk.signer(), seal_desk.act()
    prepared = prepare_seal(
        small_ofd(), seal=act.seal, certificate=act.certificate, places=act.places, signed_at=SIGNED, lock=False
    )
    value = own.key.sign(prepared.to_sign)
    sealed = complete_seal(prepared, value, certificate=own.certificate, timestamp=act.timestamp)
    assert codes(seal_desk.verdict(sealed)) == WELL
    here, elsewhere = read_package(seal_desk.sealed(act)).entries, read_package(sealed).entries
    assert {name for name in here if here[name] != elsewhere[name]} == {f"{FIRST}/SignedValue.dat"}
