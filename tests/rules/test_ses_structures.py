"""E-seals and their signatures are read in all three versions, and what is malformed is refused with the place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hub.signing.der import tlv
from hub.signing.der_reading import MAX_DEPTH, DerMalformed, dotted, instant, integer, read_der
from hub.signing.ses_making import Picture
from hub.signing.ses_structures import parse_seal, parse_signature
from hub.signing.ses_values import Extension, SealMalformed, SealVersionUnknown, SesSignatureMalformed
from tests.seal_desk import DRAWING, SealDesk, in_octets, sample

OID_SM2_SM3 = "1.2.156.10197.1.501"
# as a tax authority's seal has it: untagged, `critical` written out though FALSE
REAL_EXTENSION = bytes.fromhex("30163014060a2a811ccf5506070202010101000403322e31")


@pytest.mark.parametrize(
    ("name", "version", "kind", "created"),
    [
        ("UserV1.esl", 1, 1, datetime(2020, 4, 22, 2, 18, 7, tzinfo=UTC)),
        ("UserV4.esl", 4, 3, datetime(2020, 4, 22, 2, 9, tzinfo=UTC)),
        ("UserV5.esl", 5, 3, datetime(2026, 4, 24, 8, 53, 23, tzinfo=UTC)),
    ],
)
def test_a_seal_made_by_other_software_is_read(name: str, version: int, kind: int, created: datetime) -> None:
    seal = parse_seal(sample(name))
    assert (seal.version, seal.kind, seal.created_at, seal.algorithm) == (version, kind, created, OID_SM2_SM3)
    assert (seal.picture.kind, len(seal.picture.content), seal.picture.width_mm) == ("PNG", 15693, 40)
    assert len(seal.certificates) == 1 and seal.faults == () and seal.raw == sample(name)


@pytest.mark.parametrize(("name", "version"), [("SignedValueV4.dat", 4), ("SignedValueV5.dat", 5)])
def test_a_signature_made_by_other_software_is_read(name: str, version: int) -> None:
    signature = parse_signature(sample(name))
    assert (signature.version, signature.seal.version) == (version, version)
    assert signature.property_info == "/Doc_0/Signs/Sign_0/Signature.xml" and len(signature.data_hash) == 32
    assert signature.certificate == signature.seal.certificates[0] and signature.time_stamp is None


def test_a_seal_in_an_octet_string_is_unwrapped_once() -> None:
    assert parse_seal(in_octets(sample("UserV4.esl"))) == parse_seal(sample("UserV4.esl"))
    with pytest.raises(SealMalformed):
        parse_seal(in_octets(in_octets(sample("UserV4.esl"))))


def test_what_the_maker_signed_are_the_bytes_as_they_came() -> None:
    first, fourth = parse_seal(sample("UserV1.esl")), parse_seal(sample("UserV4.esl"))
    assert fourth.signed_bytes in fourth.raw
    assert (
        first.signed_bytes not in first.raw
    )  # version 1: SealInfo, certificate and algorithm, gathered in a SEQUENCE of their own


@pytest.mark.parametrize("form", ["untagged", "tagged"])
def test_extensions_are_read_untagged_and_under_a_tag(seal_desk: SealDesk, form: str) -> None:
    whole = read_der(seal_desk.seal())
    extensions = REAL_EXTENSION if form == "untagged" else tlv(b"\xa0", REAL_EXTENSION)
    information = tlv(b"\x30", whole.children[0].content, extensions)
    seal = parse_seal(tlv(b"\x30", information, *(each.raw for each in whole.children[1:])))
    assert seal.extensions == (Extension("1.2.156.10197.6.7.2.2.1", False, b"2.1"),)
    assert extensions in seal.signed_bytes


def test_an_extension_that_is_not_critical_says_so_in_writing(seal_desk: SealDesk) -> None:
    extension = Extension("1.2.156.10197.6.7.2.2.1", False, b"2.1")
    seal = seal_desk.seal(replace(seal_desk.wanted(), extensions=(extension,)))
    assert REAL_EXTENSION in seal and parse_seal(seal).extensions == (extension,)


def test_a_seal_that_lists_digests_is_read(seal_desk: SealDesk) -> None:
    seal = parse_seal(seal_desk.seal(replace(seal_desk.wanted(), by_digest=True)))
    assert seal.certificates == () and [each.kind for each in seal.digests] == ["SM3"]


@pytest.mark.parametrize("kind", [0, 2, 3])
def test_a_certificate_list_of_another_type_than_it_says_is_refused(seal_desk: SealDesk, kind: int) -> None:
    seal = seal_desk.seal()
    marked = seal.replace(b"\x02\x01\x01\x30\x82", bytes([2, 1, kind, 0x30, 0x82]), 1)
    assert marked != seal
    with pytest.raises(SealMalformed, match="certList"):
        parse_seal(marked)


def test_a_seal_of_a_later_version_is_not_called_malformed(seal_desk: SealDesk) -> None:
    later = seal_desk.seal().replace(b"\x16\x02ES\x02\x01\x04", b"\x16\x02ES\x02\x01\x06", 1)
    with pytest.raises(SealVersionUnknown) as refused:
        parse_seal(later)
    assert refused.value.fact == "6"


def test_a_wrong_constant_is_a_fault_that_hides_nothing_else(seal_desk: SealDesk) -> None:
    seal = parse_seal(seal_desk.seal().replace(b"\x16\x02ES", b"\x16\x02EX", 1))
    assert seal.faults == ("ID",) and seal.name.startswith("沣东新城")


def test_ten_thousand_nested_elements_are_one_refusal() -> None:
    deep = b""
    for _ in range(10_000):
        deep = tlv(b"\x30", deep)
    with pytest.raises(SealMalformed, match="nesting"):
        parse_seal(deep)
    with pytest.raises(SesSignatureMalformed, match="nesting"):
        parse_signature(deep)


def test_nesting_up_to_the_bound_is_read() -> None:
    deep = b"\x05\x00"
    for _ in range(MAX_DEPTH - 1):
        deep = tlv(b"\x30", deep)
    assert read_der(deep).tag == 0x30
    with pytest.raises(DerMalformed, match="nesting"):
        read_der(tlv(b"\x30", deep))


def test_a_million_elements_are_refused() -> None:
    with pytest.raises(SealMalformed, match="too many"):
        parse_seal(tlv(b"\x30", b"\x05\x00" * 400_000))


def test_more_than_a_mebibyte_is_refused(seal_desk: SealDesk) -> None:
    picture = Picture("PNG", DRAWING + bytes(1024 * 1024), 42, 42)
    with pytest.raises(SealMalformed, match="1048576"):
        seal_desk.seal(replace(seal_desk.wanted(), picture=picture))


@pytest.mark.parametrize("tail", [b"\0", b"\x05\x00", b"ES"])
def test_bytes_behind_a_seal_are_refused(tail: bytes) -> None:
    with pytest.raises(SealMalformed, match="trailing"):
        parse_seal(sample("UserV4.esl") + tail)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x30", b"\x30\x80\x00\x00", b"\x30\x81\x01\x00", b"\x30\x82\x00\x80" + bytes(128), b"\x3f\x81\x01\x00"],
)
def test_what_is_no_der_is_refused(data: bytes) -> None:
    with pytest.raises(SealMalformed):
        parse_seal(data)


def test_a_bit_string_that_does_not_end_on_an_octet_is_refused(seal_desk: SealDesk) -> None:
    seal = seal_desk.seal()
    at = parse_seal(seal).signature
    position = seal.rindex(at) - 1
    with pytest.raises(SealMalformed, match="signedValue"):
        parse_seal(seal[:position] + b"\x01" + seal[position + 1 :])


@pytest.mark.parametrize(
    ("tag", "text", "wanted"),
    [
        (b"\x17", b"200422021807Z", datetime(2020, 4, 22, 2, 18, 7, tzinfo=UTC)),
        (b"\x17", b"991231235959Z", datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (b"\x18", b"20261125100000+0800", datetime(2026, 11, 25, 2, tzinfo=UTC)),
        (b"\x18", b"20201004072855.302Z", datetime(2020, 10, 4, 7, 28, 55, 302_000, tzinfo=UTC)),
    ],
)
def test_either_kind_of_time_is_read(tag: bytes, text: bytes, wanted: datetime) -> None:
    assert instant(read_der(tlv(tag, text)), "time") == wanted


@pytest.mark.parametrize(
    "text",
    [b"", b"Z", b"20261125100000", b"20261325100000Z", b"2026112510000aZ", b"00000000000000Z", b"20261125100000.Z5Z"],
)
def test_what_is_no_time_is_refused(text: bytes) -> None:
    with pytest.raises(DerMalformed):
        instant(read_der(tlv(b"\x18", text)), "time")


def test_an_integer_with_a_superfluous_zero_is_refused() -> None:
    with pytest.raises(DerMalformed):
        integer(read_der(b"\x02\x02\x00\x04"), "version")
    assert integer(read_der(b"\x02\x02\x00\x80"), "version") == 128


def test_object_identifiers_are_told_in_dotted_form() -> None:
    assert dotted(read_der(bytes.fromhex("06082a811ccf55018375")), "oid") == OID_SM2_SM3
    assert dotted(read_der(bytes.fromhex("0603883703")), "oid") == "2.999.3"
