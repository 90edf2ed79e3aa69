"""Merkle trees after RFC 9162, written from the standard for the tests and sharing no line with the product.

`hash_name` is a name of hashlib ("sha256", "sm3"); hashes are bytes, 32; sizes and indexes count entries.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """A signed note of a checkpoint: who signed what; `signed` are the bytes under the signature."""

    origin: str
    size: int
    root: bytes
    signed: bytes
    signatures: dict[str, bytes]  # name -> key id (4 bytes) and signature


def read_note(text: str) -> Note:
    """Return the checkpoint in a note (C2SP tlog-checkpoint, signed-note)."""
    body, _, lines = text.rpartition("\n\n")
    origin, size, root = body.split("\n")
    signatures: dict[str, bytes] = {}
    for line in lines.splitlines():
        dash, name, signature = line.split(" ")
        assert dash == "—"
        signatures.setdefault(name, base64.b64decode(signature))  # an origin's first line is its Ed25519 one
    return Note(origin, int(size), base64.b64decode(root), f"{body}\n".encode(), signatures)


def leaf(hash_name: str, header: bytes) -> bytes:
    """Return the hash of an entry (2.1.1)."""
    return hashlib.new(hash_name, b"\x00" + header).digest()


def root_of(hash_name: str, leaves: Sequence[bytes]) -> bytes:
    """Return the root of a tree (2.1.1)."""
    if not leaves:
        return hashlib.new(hash_name).digest()
    level = list(leaves)
    while len(level) > 1:
        pairs = [_node(hash_name, *pair) for pair in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def root_by_inclusion(hash_name: str, entry: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root an inclusion proof leads to (2.1.3.2)."""
    assert index < size
    fn, sn, found = index, size - 1, entry
    for part in proof:
        assert sn != 0
        if fn & 1 or fn == sn:
            found = _node(hash_name, part, found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = _node(hash_name, found, part)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return found


def roots_by_consistency(
    hash_name: str, sizes: tuple[int, int], old_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Return the roots of both trees that a consistency proof leads to (2.1.4.2); `sizes` are 0 < old < new."""
    old, new = sizes
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for part in path[1:]:
        assert sn != 0
        if fn & 1 or fn == sn:
            first, second = _node(hash_name, part, first), _node(hash_name, part, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = _node(hash_name, second, part)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return first, second


def _node(hash_name: str, left: bytes, right: bytes) -> bytes:
    return hashlib.new(hash_name, b"\x01" + left + right).digest()
