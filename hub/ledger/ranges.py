"""What a reader keeps of a ledger instead of the ledger: one hash for each perfect subtree, O(log n) in all.

Entries are added at the right edge only, and nothing can be read back out; the range answers for everything it has been
given. It is changed in place: a reader copies it before a page and keeps the copy only if the page verifies.

Source: RFC 9162 2.1 (the hashes are the perfect subtrees of the tree, from left to right).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from hub.errors import ValidationFailed
from hub.ledger.faults import LedgerDoesNotVerify
from hub.ledger.hashes import HASH_BYTES, HashName, hasher
from hub.ledger.tree import MAX_SIZE, NODE_PREFIX, empty_root, fold, verify_consistency

_HASH_BYTES_BY_NAME: Final = {HashName.SHA_256: b"\x01", HashName.SM3: b"\x02"}
_NAMES: Final = {byte: name for name, byte in _HASH_BYTES_BY_NAME.items()}
_PREAMBLE_BYTES: Final = 9


@dataclass(slots=True)
class CompactRange:
    """The first `size` entries of a ledger, as the roots of their perfect subtrees, largest (leftmost) first."""

    name: HashName
    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash (bytes, 32) at the right edge."""
        self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes (bytes, 32 each) at the right edge, in order.

        Raises ValidationFailed at the first of another length; those before it have been added.
        """
        node = hasher(self.name, NODE_PREFIX)
        hashes, size = self.hashes, self.size
        push, pop = hashes.append, hashes.pop
        try:
            for leaf in leaves:
                if len(leaf) != HASH_BYTES:
                    raise ValidationFailed("叶子摘要应为 32 字节。", "A leaf hash has 32 bytes.")
                rising = size
                while rising & 1:
                    leaf = node(pop() + leaf)
                    rising >>= 1
                push(leaf)
                size += 1
        finally:
            self.size = size

    def root(self) -> bytes:
        """Return the root of the tree over everything added: bytes, 32."""
        if not self.hashes:
            return empty_root(self.name)
        return fold(hasher(self.name, NODE_PREFIX), reversed(self.hashes))

    def copy(self) -> Self:
        """Return a range that can grow without changing this one."""
        return type(self)(self.name, self.size, list(self.hashes))

    def consistent_to(self, proof: Sequence[bytes], size: int, root: bytes) -> bool:
        """Say whether `proof` shows everything added here to be the beginning of the tree of `size` entries with this root.

        A range that holds nothing is the beginning of every tree and takes an empty proof.
        """
        if self.size == 0:
            return not proof and (0 < size <= MAX_SIZE or (size == 0 and root == self.root()))
        try:
            verify_consistency(self.name, proof, old_size=self.size, old_root=self.root(), size=size, root=root)
        except LedgerDoesNotVerify:
            return False
        return True

    def to_bytes(self) -> bytes:
        """Return one byte for the hash (1: SHA-256, 2: SM3), the size as 8 bytes big-endian, and the hashes left to right."""
        return _HASH_BYTES_BY_NAME[self.name] + self.size.to_bytes(8, "big") + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Return the range that `to_bytes` wrote. Raises ValidationFailed for any other bytes."""
        name = _NAMES.get(raw[:1])
        size = int.from_bytes(raw[1:_PREAMBLE_BYTES], "big")
        if name is None or size > MAX_SIZE or len(raw) != _PREAMBLE_BYTES + size.bit_count() * HASH_BYTES:
            raise ValidationFailed("不是有效的账本进度记录。", "These bytes are not a compact range.")
        hashes = [raw[start : start + HASH_BYTES] for start in range(_PREAMBLE_BYTES, len(raw), HASH_BYTES)]
        return cls(name, size, hashes)
