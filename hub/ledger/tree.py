"""The Merkle tree of a ledger: its hashes, and whether a proof holds.

Nothing here stores or reads anything. A proof is a list of 32-byte digests; one that is too long, too short or malformed does
not hold, and is refused in the same way as a false one.

Source: RFC 9162 2.1.1 (tree hash), 2.1.3.2 (verifying inclusion), 2.1.4.2 (verifying consistency); the hash may also be SM3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NoReturn

from hub.ledger.faults import LedgerDoesNotVerify
from hub.ledger.hashes import HASH_BYTES, HashName, digest, hasher

MAX_SIZE: Final = 2**63 - 1
"""The largest number of entries a ledger can have (tlog-cosignature bounds its integers so)."""

LEAF_PREFIX: Final = b"\x00"
NODE_PREFIX: Final = b"\x01"


def leaf_hash(name: HashName, header: bytes) -> bytes:
    """Return H(0x00 || header): bytes, 32."""
    return hasher(name, LEAF_PREFIX)(header)


def node_hash(name: HashName, left: bytes, right: bytes) -> bytes:
    """Return H(0x01 || left || right): bytes, 32."""
    return hasher(name, NODE_PREFIX)(left + right)


def empty_root(name: HashName) -> bytes:
    """Return the root of a tree without entries: the hash of nothing (RFC 9162 2.1.1)."""
    return digest(name, b"")


def root_of(name: HashName, leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree over these leaf hashes, held in memory all at once; `tiles.root` reads stored ones."""
    if not leaves:
        return empty_root(name)
    node = hasher(name, NODE_PREFIX)
    row = list(leaves)
    while len(row) > 1:
        paired = [node(left + right) for left, right in zip(row[::2], row[1::2], strict=False)]
        # The last of an odd row rises unhashed: RFC 9162 splits at the largest power of two.
        row = paired + row[len(paired) * 2 :]
    return row[0]


def fold(node: Callable[[bytes], bytes], hashes: Iterable[bytes]) -> bytes:
    """Join the roots of perfect subtrees, smallest (rightmost) first, at least one, into the root over them all."""
    rightmost, *rest = hashes
    for left in rest:
        rightmost = node(left + rightmost)
    return rightmost


def verify_inclusion(
    name: HashName, proof: Sequence[bytes], *, leaf: bytes, index: int, size: int, root: bytes
) -> None:
    """Return if `proof` leads from the leaf hash at `index` (from 0) to the root of the tree of `size` entries.

    Raises LedgerDoesNotVerify otherwise.
    """
    if not 0 <= index < size <= MAX_SIZE:
        _refuse("序号不在账本范围内。", "The index does not lie in the ledger.")
    node = hasher(name, NODE_PREFIX)
    position, last, reached = index, size - 1, leaf
    for sibling in proof:
        if last == 0 or len(sibling) != HASH_BYTES:
            _refuse("包含证明的形式不对。", "The inclusion proof has the wrong form.")
        if position & 1 or position == last:
            reached = node(sibling + reached)
            position, last = _past_left_edge(position, last)
        else:
            reached = node(reached + sibling)
        position, last = position >> 1, last >> 1
    if last != 0 or reached != root or len(leaf) != HASH_BYTES:
        _refuse("包含证明不成立。", "The inclusion proof does not hold.")


def verify_consistency(
    name: HashName, proof: Sequence[bytes], *, old_size: int, old_root: bytes, size: int, root: bytes
) -> None:
    """Return if `proof` shows the tree of `old_size` entries (at least 1) to be the beginning of the tree of `size` entries.

    Two equal sizes need equal roots and no proof. Raises LedgerDoesNotVerify otherwise; an empty old tree proves nothing and
    is refused as well (`CompactRange.consistent_to` is for readers who hold nothing yet).
    """
    if not 1 <= old_size <= size <= MAX_SIZE:
        _refuse("两个检查点的大小不能比较。", "The sizes of the two checkpoints cannot be compared.")
    if old_size == size:
        if proof or old_root != root:
            _refuse("大小相同的两个检查点根不同。", "Two checkpoints of one size have different roots.")
        return
    # A perfect old subtree is its own first node, so the proof leaves it out (RFC 9162 2.1.4.2, step 2).
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if len(path) < 2 or any(len(step) != HASH_BYTES for step in path):
        _refuse("一致性证明的形式不对。", "The consistency proof has the wrong form.")
    if _roots_by(hasher(name, NODE_PREFIX), path, old_size - 1, size - 1) != (old_root, root):
        _refuse("一致性证明不成立。", "The consistency proof does not hold.")


def _roots_by(
    node: Callable[[bytes], bytes], path: list[bytes], position: int, last: int
) -> tuple[bytes, bytes] | None:
    """Return the old and the new root that the path leads to, or None if its length is wrong."""
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for step in path[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            old, new = node(step + old), node(step + new)
            position, last = _past_left_edge(position, last)
        else:
            new = node(new + step)
        position, last = position >> 1, last >> 1
    return (old, new) if last == 0 else None


def _past_left_edge(position: int, last: int) -> tuple[int, int]:
    """Skip the levels at which a node on the right edge rises without a sibling."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def _refuse(message_zh: str, message_en: str) -> NoReturn:
    raise LedgerDoesNotVerify(message_zh, message_en)
