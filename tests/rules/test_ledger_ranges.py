"""A compact range answers for everything added to it, whatever the steps it was added in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import ValidationFailed
from hub.ledger.hashes import HashName, digest
from hub.ledger.ranges import CompactRange
from hub.ledger.tree import root_of

NAMES = st.sampled_from(HashName)
LEAVES = {name: [digest(name, b"%d" % number) for number in range(1200)] for name in HashName}


def filled(name: HashName, size: int) -> CompactRange:
    held = CompactRange(name)
    held.extend(LEAVES[name][:size])
    return held


@settings(deadline=None, max_examples=100)
@given(NAMES, st.integers(0, 1200), st.integers(0, 1200))
def test_the_root_is_that_of_the_whole_tree_however_it_grew(name: HashName, first: int, size: int) -> None:
    held = filled(name, min(first, size))
    for leaf in LEAVES[name][held.size : size]:
        held.append(leaf)
    assert (held.size, held.root()) == (size, root_of(name, LEAVES[name][:size]))


@settings(deadline=None, max_examples=100)
@given(NAMES, st.integers(0, 1200))
def test_a_range_reads_back_from_its_bytes_and_goes_on(name: HashName, size: int) -> None:
    read = CompactRange.from_bytes(filled(name, size).to_bytes())
    read.extend(LEAVES[name][size:])
    assert read == filled(name, 1200)


@pytest.mark.parametrize("name", list(HashName))
def test_a_range_keeps_one_hash_for_each_perfect_subtree(name: HashName) -> None:
    assert [filled(name, 0b1011).hashes[0], len(filled(name, 1023).hashes)] == [root_of(name, LEAVES[name][:8]), 10]


def test_a_copy_grows_alone() -> None:
    held = filled(HashName.SM3, 5)
    held.copy().extend(LEAVES[HashName.SM3][5:9])
    assert held == filled(HashName.SM3, 5)


def test_a_range_with_a_leaf_of_wrong_length_stays_as_far_as_it_came() -> None:
    held = filled(HashName.SHA_256, 3)
    with pytest.raises(ValidationFailed):
        held.extend([*LEAVES[HashName.SHA_256][3:6], b"short", b"never"])
    assert held == filled(HashName.SHA_256, 6)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x01",
        b"\x03" + bytes(8),
        b"\x01" + (1).to_bytes(8, "big"),
        b"\x01" + bytes(8) + b"x",
        b"\x02" + b"\xff" * 8,
    ],
)
def test_bytes_that_are_no_range_are_refused(raw: bytes) -> None:
    with pytest.raises(ValidationFailed):
        CompactRange.from_bytes(raw)


def test_a_range_that_holds_nothing_begins_every_tree() -> None:
    assert filled(HashName.SM3, 0).consistent_to([], 7, root_of(HashName.SM3, LEAVES[HashName.SM3][:7]))


def test_a_range_that_holds_nothing_takes_no_proof() -> None:
    assert not filled(HashName.SM3, 0).consistent_to([bytes(32)], 7, bytes(32))


def test_an_empty_tree_has_one_root_only() -> None:
    assert not filled(HashName.SM3, 0).consistent_to([], 0, bytes(32))
