"""Tiles, their paths, and the proofs made from them, against the definitions of RFC 9162 written down as plainly as they stand."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import ValidationFailed
from hub.ledger import tiles
from hub.ledger.faults import LedgerDoesNotVerify
from hub.ledger.hashes import HashName, digest
from hub.ledger.ranges import CompactRange
from hub.ledger.tiles import TileName, entries_path, entry_bundle, parse_entry_bundle, parse_tile_path, tile_path
from hub.ledger.tree import node_hash, root_of, verify_consistency, verify_inclusion

LARGEST = 1200
NAMES = st.sampled_from(HashName)
SIZES = st.integers(0, LARGEST)
LEAVES = {name: [digest(name, b"%d" % number) for number in range(LARGEST)] for name in HashName}


class Folder(dict[tuple[int, int], bytes]):
    """Tiles in memory."""

    def tile(self, level: int, index: int) -> bytes:
        return self.get((level, index), b"")


def grown(name: HashName, *sizes: int) -> Folder:
    """Return the tiles of a ledger that grew by these steps."""
    folder = Folder()
    for old, new in itertools.pairwise((0, *sizes)):
        folder.update(tiles.grown_tiles(folder, name, old, LEAVES[name][old:new]))
    return folder


WHOLE = {name: grown(name, LARGEST) for name in HashName}


def split(count: int) -> int:
    return max(1 << power for power in range(count.bit_length()) if 1 << power < count)


def plain_inclusion(name: HashName, index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D_n), RFC 9162 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*plain_inclusion(name, index, leaves[:k]), root_of(name, leaves[k:])]
    return [*plain_inclusion(name, index - k, leaves[k:]), root_of(name, leaves[:k])]


def plain_consistency(name: HashName, old: int, leaves: list[bytes], *, known: bool = True) -> list[bytes]:
    """SUBPROOF(m, D_n, b), RFC 9162 2.1.4.1."""
    if old == len(leaves):
        return [] if known else [root_of(name, leaves)]
    k = split(len(leaves))
    if old <= k:
        return [*plain_consistency(name, old, leaves[:k], known=known), root_of(name, leaves[k:])]
    return [*plain_consistency(name, old - k, leaves[k:], known=False), root_of(name, leaves[:k])]


def plain_root(name: HashName, leaves: list[bytes]) -> bytes:
    """MTH(D_n), RFC 9162 2.1.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else digest(name, b"")
    k = split(len(leaves))
    return node_hash(name, plain_root(name, leaves[:k]), plain_root(name, leaves[k:]))


@settings(deadline=None, max_examples=100)
@given(NAMES, SIZES)
def test_the_root_from_tiles_is_the_root_of_the_definition(name: HashName, size: int) -> None:
    assert tiles.root(WHOLE[name], name, size) == plain_root(name, LEAVES[name][:size])


@settings(deadline=None, max_examples=60)
@given(NAMES, st.lists(SIZES, max_size=5))
def test_tiles_are_the_same_whatever_the_steps_they_grew_in(name: HashName, steps: list[int]) -> None:
    assert grown(name, *sorted(steps), LARGEST) == WHOLE[name]


def test_a_tree_of_256_has_a_full_tile_and_one_hash_above_it() -> None:
    widths = {place: len(tile) // 32 for place, tile in grown(HashName.SHA_256, 256).items()}
    assert widths == {(0, 0): 256, (1, 0): 1}


def test_a_tree_of_70000_has_the_tiles_the_specification_counts() -> None:
    leaves = [number.to_bytes(32, "big") for number in range(70_000)]
    folder = Folder(tiles.grown_tiles(Folder(), HashName.SHA_256, 0, leaves))
    widths = [len(folder[place]) // 32 for place in ((0, 272), (0, 273), (1, 0), (1, 1), (2, 0))]
    assert (widths, len(folder)) == ([256, 112, 256, 17, 1], 277)


@settings(deadline=None, max_examples=100)
@given(NAMES, st.integers(1, LARGEST), st.data())
def test_an_inclusion_proof_is_the_path_of_the_definition(name: HashName, size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = tiles.inclusion_proof(WHOLE[name], name, index, size)
    leaves = LEAVES[name][:size]
    verify_inclusion(name, proof, leaf=leaves[index], index=index, size=size, root=root_of(name, leaves))
    assert proof == plain_inclusion(name, index, leaves)


@settings(deadline=None, max_examples=100)
@given(NAMES, st.integers(1, LARGEST), st.integers(1, LARGEST))
def test_a_consistency_proof_is_that_of_the_definition(name: HashName, one: int, other: int) -> None:
    old, new = sorted((one, other))
    proof = tiles.consistency_proof(WHOLE[name], name, old, new)
    roots = {"old_root": root_of(name, LEAVES[name][:old]), "root": root_of(name, LEAVES[name][:new])}
    verify_consistency(name, proof, old_size=old, size=new, **roots)
    assert proof == plain_consistency(name, old, LEAVES[name][:new])


@settings(deadline=None, max_examples=100)
@given(NAMES, SIZES, SIZES)
def test_a_readers_range_accepts_the_proof_to_a_larger_checkpoint(name: HashName, one: int, other: int) -> None:
    old, new = sorted((one, other))
    held = CompactRange(name)
    held.extend(LEAVES[name][:old])
    proof = tiles.consistency_proof(WHOLE[name], name, old, new)
    assert held.consistent_to(proof, new, root_of(name, LEAVES[name][:new]))


@settings(deadline=None, max_examples=100)
@given(NAMES, st.integers(2, LARGEST), st.data())
def test_a_flipped_bit_in_a_proof_breaks_it(name: HashName, new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    proof = tiles.consistency_proof(WHOLE[name], name, old, new)
    step, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    proof[step] = (int.from_bytes(proof[step], "big") ^ 1 << bit).to_bytes(32, "big")
    held = CompactRange(name)
    held.extend(LEAVES[name][:old])
    assert not held.consistent_to(proof, new, root_of(name, LEAVES[name][:new]))


def test_a_range_that_left_an_entry_out_does_not_lead_to_the_checkpoint() -> None:
    name = HashName.SM3
    held = CompactRange(name)
    held.extend(LEAVES[name][1:601])
    proof = tiles.consistency_proof(WHOLE[name], name, 600, 900)
    assert not held.consistent_to(proof, 900, root_of(name, LEAVES[name][:900]))


def test_tiles_across_two_levels_prove_entries_beyond_65536() -> None:
    name, size = HashName.SHA_256, 70_000
    leaves = [digest(name, b"%d" % number) for number in range(size)]
    folder = Folder(tiles.grown_tiles(Folder(), name, 0, leaves))
    proof = tiles.inclusion_proof(folder, name, 65_700, size)
    verify_inclusion(name, proof, leaf=leaves[65_700], index=65_700, size=size, root=root_of(name, leaves))


def test_a_missing_tile_is_found_out_rather_than_hashed() -> None:
    folder = Folder(WHOLE[HashName.SM3])
    folder[0, 2] = folder[0, 2][:-32]
    with pytest.raises(LedgerDoesNotVerify):
        tiles.inclusion_proof(folder, HashName.SM3, 600, 768)


def test_growing_over_a_tile_that_lost_hashes_is_refused() -> None:
    with pytest.raises(LedgerDoesNotVerify):
        tiles.grown_tiles(Folder(), HashName.SM3, 5, LEAVES[HashName.SM3][5:6])


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("tile/0/000", TileName(0, 0)),
        ("tile/0/x001/x234/067", TileName(0, 1_234_067)),
        ("tile/63/001.p/17", TileName(63, 1, 17)),
        ("tile/entries/x001/000.p/255", TileName(None, 1000, 255)),
    ],
)
def test_a_path_reads_as_the_specification_writes_it(path: str, name: TileName) -> None:
    assert parse_tile_path(path) == name


@settings(deadline=None)
@given(st.none() | st.integers(0, 63), st.integers(0, 2**55 - 1), st.integers(1, 256))
def test_every_path_reads_back(level: int | None, index: int, width: int) -> None:
    path = entries_path(index, width) if level is None else tile_path(level, index, width)
    assert parse_tile_path(path) == TileName(level, index, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/64/000",
        "tile/00/000",
        "tile/01/000",
        "tile/0/0",
        "tile/0/1000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/0/../000",
        "tile/0/" + "x999/" * 6 + "999",
    ],
)
def test_a_tile_has_one_path_only(path: str) -> None:
    with pytest.raises(ValidationFailed):
        parse_tile_path(path)


@given(st.lists(st.binary(max_size=70), max_size=256))
def test_a_bundle_gives_back_its_headers(headers: list[bytes]) -> None:
    assert parse_entry_bundle(entry_bundle(headers)) == headers


def test_a_bundle_writes_lengths_as_two_bytes_big_endian() -> None:
    assert entry_bundle([b"ab", b"", b"x" * 258]) == b"\x00\x02ab\x00\x00\x01\x02" + b"x" * 258


@pytest.mark.parametrize("headers", [[b""] * 257, [b"x" * 65536]])
def test_a_bundle_beyond_its_bounds_is_refused(headers: list[bytes]) -> None:
    with pytest.raises(ValidationFailed):
        entry_bundle(headers)


@pytest.mark.parametrize("raw", [b"\x00", b"\x00\x02a", b"\x00\x01a\x00", bytes(2 * 257)])
def test_a_bundle_cut_short_or_too_long_is_refused(raw: bytes) -> None:
    with pytest.raises(ValidationFailed):
        parse_entry_bundle(raw)
