"""Whatever bit is turned over in a sealed OFD, in its entries or in a seal: never passed, never an error.

Positions are chosen by a stride, so that every run looks at the same; the whole walk belongs to the bench.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from hub.signing.anchors import Anchors
from hub.signing.ofd.package import read_package
from hub.signing.verdict import Outcome, Verdict
from hub.signing.verify import verify_document
from tests.seal_desk import NOW, SealDesk, with_entries

FOLDER = "Doc_0/Signs/Sign_0"
BITS = 8
CONTAINER_STRIDE, ENTRY_STRIDE, SEAL_STRIDE = 37, 61, 29
MUTATIONS = 300


def flipped(data: bytes, bit: int) -> bytes:
    """`data` with bit number `bit` turned over."""
    changed = bytearray(data)
    changed[bit // BITS] ^= 1 << bit % BITS
    return bytes(changed)


def passing(data: bytes, stride: int, judged: Callable[[bytes], Verdict]) -> list[int]:
    """The bits whose turning over went unnoticed."""
    bits = range(stride // 2, len(data) * BITS, stride)
    return [bit for bit in bits if judged(flipped(data, bit)).outcome is Outcome.PASSED]


@pytest.fixture(scope="module")
def anchors(seal_desk: SealDesk) -> Anchors:
    return seal_desk.anchors()


@pytest.mark.parametrize("kind", ["sealed", "signed"])
def test_no_bit_of_the_container_can_be_turned_over(seal_desk: SealDesk, anchors: Anchors, kind: str) -> None:
    whole = getattr(seal_desk, kind)()
    assert verify_document(whole, anchors, NOW).outcome is Outcome.PASSED
    assert passing(whole, CONTAINER_STRIDE, lambda data: verify_document(data, anchors, NOW)) == []


@pytest.mark.parametrize(
    "name", ["OFD.xml", "Doc_0/Signs/Signatures.xml", f"{FOLDER}/Signature.xml", f"{FOLDER}/Seal.esl"]
)
def test_no_bit_of_an_entry_can_be_turned_over_and_packed_anew(
    seal_desk: SealDesk, anchors: Anchors, name: str
) -> None:
    whole = seal_desk.sealed()
    entry = read_package(whole).entries[name]
    assert (
        passing(entry, ENTRY_STRIDE, lambda data: verify_document(with_entries(whole, {name: data}), anchors, NOW))
        == []
    )


@pytest.mark.parametrize("kind", ["sealed", "signed"])
def test_no_bit_of_a_signature_value_can_be_turned_over_and_packed_anew(
    seal_desk: SealDesk, anchors: Anchors, kind: str
) -> None:
    whole, name = getattr(seal_desk, kind)(), f"{FOLDER}/SignedValue.dat"
    entry = read_package(whole).entries[name]
    assert (
        passing(entry, ENTRY_STRIDE, lambda data: verify_document(with_entries(whole, {name: data}), anchors, NOW))
        == []
    )


@pytest.mark.parametrize("version", [4, 5])
def test_no_bit_of_a_seal_can_be_turned_over(seal_desk: SealDesk, anchors: Anchors, version: int) -> None:
    seal = seal_desk.seal(seal_desk.wanted(version))
    assert passing(seal, SEAL_STRIDE, lambda data: verify_document(data, anchors, NOW)) == []


def test_mutations_of_any_size_are_never_passed_and_never_an_error(seal_desk: SealDesk, anchors: Anchors) -> None:
    chance = random.Random(38540)
    whole = seal_desk.sealed()
    entries = dict(read_package(whole).entries)
    for _ in range(MUTATIONS):
        name = chance.choice(sorted(entries))
        content = entries[name]
        start, length = chance.randrange(len(content)), chance.randrange(40)
        changed = content[:start] + chance.randbytes(chance.randrange(40)) + content[start + length :]
        verdict = verify_document(with_entries(whole, {name: changed}), anchors, NOW)
        assert changed == content or verdict.outcome is not Outcome.PASSED, (name, start, length)
