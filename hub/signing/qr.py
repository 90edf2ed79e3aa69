"""QR codes (GB/T 18284, ISO/IEC 18004) as runs of dark modules, for whoever draws them: the PDF and the OFD of a document show the same.

Level M: a seal's edge or a fold may cover some of it. The mask is fixed: judging all eight costs four times the code itself, any of them
may be read, and a batch of licenses makes thousands. The patterns of a version are taken from segno once; the codewords of a payload are
then computed and placed here, ten times as fast as segno would draw it all again. Longer payloads than version 10 holds are segno's alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

ERROR_LEVEL = "m"
MASK = 2
BORDER = 2
HELD_CODES = 64
DARK = re.compile(b"\x01+")
BYTE_MODE, PADDING = "0100", (0xEC, 0x11)
FIELD = 0x11D  # the polynomial of GF(256) (7.5.2)
# Table 9, level M: error correction codewords of a block, and the data codewords of each block.
BLOCKS = {
    1: (10, (16,)),
    2: (16, (28,)),
    3: (26, (44,)),
    4: (18, (32, 32)),
    5: (24, (43, 43)),
    6: (16, (27,) * 4),
    7: (18, (31,) * 4),
    8: (22, (38, 38, 39, 39)),
    9: (22, (36, 36, 36, 37, 37)),
    10: (26, (43, 43, 43, 43, 44)),
}
# Annex E: the rows and columns of the centres of alignment patterns.
ALIGNMENT = {
    1: (),
    2: (6, 18),
    3: (6, 22),
    4: (6, 26),
    5: (6, 30),
    6: (6, 34),
    7: (6, 22, 38),
    8: (6, 24, 42),
    9: (6, 26, 46),
    10: (6, 28, 50),
}
VERSION_SHOWN_FROM = 7
LONG_COUNT_FROM = 10  # from this version on the length is written in 16 bits
Run = tuple[int, int, int]


class _Template(NamedTuple):
    """A version's symbol: side, modules with the data region light, where each bit of the message goes, and the mask over the message."""

    side: int
    modules: bytes
    places: tuple[int, ...]
    mask: int


@lru_cache(maxsize=HELD_CODES)
def dark_runs(payload: str) -> tuple[int, tuple[Run, ...]]:
    """Return how many modules a side has, quiet zone of 2 included, and the dark runs as (row, start, length)."""
    content = payload.encode("utf-8")
    version = next((each for each in BLOCKS if len(content) <= _room(each)), None)
    if version is None or not payload.isascii() or payload.upper() == payload:  # segno has shorter modes for these
        return _drawn_by_segno(payload)
    template = _template(version)
    modules = bytearray(template.modules)
    message = int.from_bytes(_codewords(content, version)) << (len(template.places) % 8)
    bits = f"{message ^ template.mask:0{len(template.places)}b}"
    for place, bit in zip(template.places, bits, strict=True):
        if bit == "1":
            modules[place] = 1
    return template.side, tuple(_runs(bytes(modules), template.side))


def _room(version: int) -> int:
    """Return how many bytes a version holds, beside mode and length."""
    return sum(BLOCKS[version][1]) - (3 if version >= LONG_COUNT_FROM else 2)


def _codewords(content: bytes, version: int) -> bytes:
    """Return data and error correction codewords, interleaved (7.4 to 7.6)."""
    corrections, sizes = BLOCKS[version]
    width = 16 if version >= LONG_COUNT_FROM else 8
    head = int(f"{BYTE_MODE}{len(content):0{width}b}", 2)
    framed = ((head << 8 * len(content)) | int.from_bytes(content)) << 4  # the terminator ends the last half byte
    written = bytearray(framed.to_bytes((4 + width + 8 * len(content) + 4) // 8))
    written.extend(PADDING[index % 2] for index in range(sum(sizes) - len(written)))
    blocks, at = [], 0
    for size in sizes:
        blocks.append(bytes(written[at : at + size]))
        at += size
    checks = [_correction(block, corrections) for block in blocks]
    woven = [block[index] for index in range(max(sizes)) for block in blocks if index < len(block)]
    return bytes([*woven, *(check[index] for index in range(corrections) for check in checks)])


def _correction(block: bytes, count: int) -> bytes:
    """Return the remainder of the block by the generator polynomial: a shift and a look-up for each codeword."""
    multiples, top, kept = _multiples(count), 8 * (count - 1), (1 << 8 * (count - 1)) - 1
    remainder = 0
    for codeword in block:
        remainder = ((remainder & kept) << 8) ^ multiples[codeword ^ remainder >> top]
    return remainder.to_bytes(count)


@lru_cache(maxsize=len(BLOCKS))
def _multiples(count: int) -> tuple[int, ...]:
    """Return every multiple of the generator polynomial of that degree, leading term left out, as numbers of `count` bytes."""
    generator, root = [1], 1
    for _ in range(count):
        generator = [high ^ _product(low, root) for high, low in zip([*generator, 0], [0, *generator], strict=True)]
        root = _product(root, 2)
    return tuple(int.from_bytes(bytes(_product(factor, each) for each in generator[1:])) for factor in range(256))


def _product(one: int, other: int) -> int:
    result = 0
    while other:
        result ^= one if other & 1 else 0
        one = one << 1 ^ (FIELD if one & 0x80 else 0)
        other >>= 1
    return result


@lru_cache(maxsize=len(BLOCKS))
def _template(version: int) -> _Template:
    import segno

    code = segno.make("a" * _room(version), error=ERROR_LEVEL, mask=MASK, version=version, boost_error=False)
    rows = [bytes(row) for row in code.matrix_iter(border=BORDER)]
    side = len(rows)
    places = tuple(y * side + x for y, x in _zigzag(side) if not _is_pattern(y - BORDER, x - BORDER, version))
    modules = bytearray(b"".join(rows))
    for place in places:
        modules[place] = 0
    masked = "".join("1" if (place % side - BORDER) % 3 == 0 else "0" for place in places)
    return _Template(side, bytes(modules), places, int(masked, 2))


def _is_pattern(y: int, x: int, version: int) -> bool:
    """Say whether a module belongs to the patterns and descriptions of the symbol and not to the message (6.3, 7.9, 7.10)."""
    last = 17 + 4 * version - 1
    if 6 in (y, x) or (y <= 8 and (x <= 8 or x >= last - 7)) or (y >= last - 7 and x <= 8):
        return True
    if version >= VERSION_SHOWN_FROM and ((y < 6 and x >= last - 10) or (x < 6 and y >= last - 10)):
        return True
    centres = ALIGNMENT[version]
    corners = {(6, 6), (6, last - 6), (last - 6, 6)}
    about = ((down, across) for down in centres for across in centres if (down, across) not in corners)
    return any(abs(y - down) <= 2 and abs(x - across) <= 2 for down, across in about)


def _zigzag(side: int) -> Iterator[tuple[int, int]]:
    """Yield the modules in the order in which they are filled (7.7.3): pairs of columns from the right, up and down in turn."""
    inner = side - 2 * BORDER
    upwards = True
    for right in [x for x in range(inner - 1, 6, -2)] + [5, 3, 1]:
        for step in range(inner):
            y = inner - 1 - step if upwards else step
            yield y + BORDER, right + BORDER
            yield y + BORDER, right - 1 + BORDER
        upwards = not upwards


def _drawn_by_segno(payload: str) -> tuple[int, tuple[Run, ...]]:
    import segno

    code = segno.make(payload, error=ERROR_LEVEL, mask=MASK, micro=False, boost_error=False)
    matrix = list(code.matrix_iter(border=BORDER))
    return len(matrix), tuple(_runs(b"".join(bytes(row) for row in matrix), len(matrix)))


def _runs(modules: bytes, side: int) -> Iterator[Run]:
    """The quiet zone ends every run within its row."""
    for found in DARK.finditer(modules):
        row, start = divmod(found.start(), side)
        yield row, start, found.end() - found.start()
