"""A ledger's tree as files that never change: tiles of 256 hashes, bundles of 256 headers, their paths, and proofs from them.

Nothing here stores or fetches a tile; the caller hands in a `TileReader` and writes what `grown_tiles` returns. What a reader
returns is trusted to be this ledger's own: proofs made from damaged tiles simply do not verify at the other end.

Source: C2SP tlog-tiles (height 8); RFC 9162 2.1.3.1 and 2.1.4.1 (making proofs). The hash may also be SM3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NoReturn, Protocol

from hub.errors import ValidationFailed
from hub.ledger.faults import LedgerDoesNotVerify
from hub.ledger.hashes import HASH_BYTES, HashName, hasher
from hub.ledger.tree import MAX_SIZE, NODE_PREFIX, empty_root, fold, root_of

HEIGHT: Final = 8
"""How many levels of the tree one tile spans."""
WIDTH: Final = 1 << HEIGHT
"""How many hashes a full tile, or headers a full bundle, holds."""
HEADER_MAX_BYTES: Final = 2**16 - 1
"""The longest header a bundle can carry: its length is a uint16."""

_TILE_BYTES: Final = WIDTH * HASH_BYTES
_LARGEST_INDEX: Final = MAX_SIZE // WIDTH
_PATH: Final = re.compile(
    r"tile/(entries|[1-5]?[0-9]|6[0-3])/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?", re.ASCII
)


class TileReader(Protocol):
    """Where the tiles of one ledger are kept."""

    def tile(self, level: int, index: int) -> bytes:
        """Return the widest stored tile at this place: 32-byte hashes, concatenated; empty if there is none."""


@dataclass(frozen=True, slots=True)
class TileName:
    """Which tile, or with `level` None which bundle of entries, a path asks for; `width` is 256 unless it is partial."""

    level: int | None
    index: int
    width: int = WIDTH


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Return the path of a tile, such as "tile/0/x001/x234/067" or "tile/1/000.p/17"."""
    return _path(str(level), index, width)


def entries_path(index: int, width: int = WIDTH) -> str:
    """Return the path of a bundle of headers, such as "tile/entries/000"."""
    return _path("entries", index, width)


def parse_tile_path(path: str) -> TileName:
    """Return what `tile_path` or `entries_path` wrote. Raises ValidationFailed for any other spelling."""
    if found := _PATH.fullmatch(path):
        level, digits, width = found.groups()
        index = int(re.sub("[x/]", "", digits))
        name = TileName(None if level == "entries" else int(level), index, int(width or WIDTH))
        # Writing it again refuses leading zeroes and whatever else would give one tile two addresses.
        if index <= _LARGEST_INDEX and 1 <= name.width <= WIDTH and _path(level, index, name.width) == path:
            return name
    raise ValidationFailed("不是账本分片的路径。", "This is not the path of a ledger tile.")


def _path(level: str, index: int, width: int) -> str:
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    partial = f".p/{width}" if width < WIDTH else ""
    return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


def entry_bundle(headers: Sequence[bytes]) -> bytes:
    """Return the headers, each after its length as a uint16 big-endian. At most 256, each at most HEADER_MAX_BYTES long."""
    if len(headers) > WIDTH or any(len(header) > HEADER_MAX_BYTES for header in headers):
        raise ValidationFailed("条目过多或条目头过长。", "Too many entries for a bundle, or a header too long.")
    return b"".join(len(header).to_bytes(2, "big") + header for header in headers)


def parse_entry_bundle(raw: bytes) -> list[bytes]:
    """Return the headers `entry_bundle` joined. Raises ValidationFailed if cut short or longer than a full bundle."""
    headers, position = [], 0
    while position < len(raw):
        start = position + 2
        position = start + int.from_bytes(raw[position:start], "big")
        headers.append(raw[start:position])
    if position != len(raw) or len(headers) > WIDTH:
        raise ValidationFailed("账本条目包不完整。", "The bundle of entries is not whole.")
    return headers


def grown_tiles(reader: TileReader, name: HashName, size: int, leaves: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """Return every tile that changes when the leaf hashes are added to a ledger of `size` entries: (level, index) to bytes.

    Tiles are whole as they stand afterwards, so writing them twice is harmless. Reads one tile a level, at most eight.
    """
    grown: dict[tuple[int, int], bytes] = {}
    level, fresh = 0, list(leaves)
    while fresh:
        index, kept = divmod(size, WIDTH)
        row = (_stored(reader, level, index, kept) if kept else b"") + b"".join(fresh)
        fresh = []
        for start in range(0, len(row), _TILE_BYTES):
            tile = grown[level, index] = row[start : start + _TILE_BYTES]
            if len(tile) == _TILE_BYTES:
                fresh.append(root_of(name, _split(tile)))
            index += 1
        level, size = level + 1, size // WIDTH
    return grown


def root(reader: TileReader, name: HashName, size: int) -> bytes:
    """Return the root of the tree over the first `size` entries: bytes, 32."""
    return _Subtrees(reader, name).over(0, size) if size else empty_root(name)


def inclusion_proof(reader: TileReader, name: HashName, index: int, size: int) -> list[bytes]:
    """Return the proof that the entry at `index` (from 0) is in the tree of `size` entries, lowest sibling first.

    Raises ValidationFailed if it is not, LedgerDoesNotVerify if the stored tiles are narrower than that tree.
    """
    if not 0 <= index < size:
        raise ValidationFailed("序号不在账本范围内。", "The index does not lie in the ledger.")
    subtrees, proof = _Subtrees(reader, name), []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split_point(end - start)
        if index < middle:
            proof.append(subtrees.over(middle, end))
            end = middle
        else:
            proof.append(subtrees.over(start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(reader: TileReader, name: HashName, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of `old` entries is the beginning of the tree of `new` entries.

    Empty when the sizes are equal or `old` is 0. Raises ValidationFailed if old > new, LedgerDoesNotVerify as above.
    """
    if not 0 <= old <= new:
        raise ValidationFailed("账本大小的先后不对。", "The old size must not be larger than the new one.")
    subtrees, proof = _Subtrees(reader, name), []
    start, end = 0, new
    while 0 < old != end:
        middle = start + _split_point(end - start)
        if old <= middle:
            proof.append(subtrees.over(middle, end))
            end = middle
        else:
            proof.append(subtrees.over(start, middle))
            start = middle
    if start:  # otherwise the old tree is itself a subtree, which the verifier knows
        proof.append(subtrees.over(start, end))
    return proof[::-1]


class _Subtrees:
    """Roots of subtrees, reading each tile once for the length of one calculation."""

    def __init__(self, reader: TileReader, name: HashName) -> None:
        self._reader = reader
        self._name = name
        self._node = hasher(name, NODE_PREFIX)
        self._tiles: dict[tuple[int, int], bytes] = {}

    def over(self, start: int, end: int) -> bytes:
        """Return the root over the entries from `start` to before `end`; `start` divides by every perfect subtree's size."""
        perfect = []
        for height in reversed(range((end - start).bit_length())):
            if (end - start) >> height & 1:
                perfect.append(self._perfect(start, height))
                start += 1 << height
        return fold(self._node, reversed(perfect))

    def _perfect(self, start: int, height: int) -> bytes:
        level, above = divmod(height, HEIGHT)
        index, offset = divmod(start >> level * HEIGHT, WIDTH)
        end = offset + (1 << above)
        tile = self._tiles.get((level, index), b"")
        if len(tile) < end * HASH_BYTES:
            tile = self._tiles[level, index] = self._reader.tile(level, index)
        if len(tile) < end * HASH_BYTES:
            _not_whole()
        return _rows(self._name, tile)[above][offset >> above]


@lru_cache(maxsize=64)
def _rows(name: HashName, tile: bytes) -> list[list[bytes]]:
    """Return the tile's hashes and, row by row above them, the roots of the perfect subtrees they fill.

    Tiles never change, so what was computed once is kept (3 MB at most): proofs from one ledger share most of their tiles.
    """
    node = hasher(name, NODE_PREFIX)
    rows = [_split(tile)]
    while len(row := rows[-1]) > 1:
        rows.append([node(left + right) for left, right in zip(row[::2], row[1::2], strict=False)])
    return rows


def _stored(reader: TileReader, level: int, index: int, width: int) -> bytes:
    """Return the first `width` hashes: a stored tile may be wider than the size at hand needs, never narrower."""
    tile = reader.tile(level, index)
    if len(tile) < width * HASH_BYTES:
        _not_whole()
    return tile[: width * HASH_BYTES]


def _not_whole() -> NoReturn:
    raise LedgerDoesNotVerify("账本分片缺失或不完整。", "A tile of the ledger is missing or not whole.")


def _split(row: bytes) -> list[bytes]:
    return [row[start : start + HASH_BYTES] for start in range(0, len(row), HASH_BYTES)]


def _split_point(count: int) -> int:
    """Return the largest power of two smaller than `count`, which is at least 2 (RFC 9162 2.1.1)."""
    return 1 << (count - 1).bit_length() - 1
