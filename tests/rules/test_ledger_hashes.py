"""The two hashes and the spelling of digests. SM3 example: GB/T 32905-2016 annex A.1 (and A.2); SHA-256: FIPS 180-4 example."""

from __future__ import annotations

import pytest

from hub.errors import ValidationFailed
from hub.ledger.hashes import HashName, digest, hasher, parse_tagged, tag, tagged


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (HashName.SM3, b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (HashName.SM3, b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
        (HashName.SHA_256, b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ],
)
def test_the_standards_own_examples_come_out(name: HashName, content: bytes, expected: str) -> None:
    assert digest(name, content).hex() == expected


@pytest.mark.parametrize("name", list(HashName))
def test_a_prefix_is_hashed_before_the_content(name: HashName) -> None:
    assert hasher(name, b"\x01")(b"ab") == digest(name, b"\x01ab")


@pytest.mark.parametrize("name", list(HashName))
def test_a_tagged_digest_reads_back_with_its_hash(name: HashName) -> None:
    assert parse_tagged(tagged(name, b"x")) == (name, digest(name, b"x"))


def test_a_digest_already_made_is_tagged_in_the_same_way() -> None:
    assert tag(HashName.SM3, digest(HashName.SM3, b"x")) == tagged(HashName.SM3, b"x")


@pytest.mark.parametrize(
    "text", ["", "sm3:", "SM3:" + "0" * 64, "sm3:" + "A" * 64, "sm3:" + "0" * 63, "md5:" + "0" * 64]
)
def test_a_digest_has_one_spelling_only(text: str) -> None:
    with pytest.raises(ValidationFailed):
        parse_tagged(text)
