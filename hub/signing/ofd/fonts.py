"""Subsets of TrueType fonts for embedding in an OFD: the outlines of the characters used, and the tables readers insist on.

Readers are known to break on subsets without OS/2, cmap or name (GB/T 33190 11.1 leaves the font file to its own standard, OpenType), so
these are always there. Built from the tables the PDF renderer holds anyway: fontTools' own subsetter takes a hundred times as long. The
same font and characters give the same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from hub.signing.fonts import MAX_FONTS_HELD, loaded_face

HELD_SUBSETS = 32
COPIED = ("OS/2", "cvt ", "fpgm", "prep")
NAMES = (1, 2, 4, 6)  # family, style, full, PostScript
WINDOWS, UNICODE_BMP, UNICODE_FULL, ENGLISH = 3, 1, 10, 0x409
BASIC_PLANE_END = 0xFFFF
SFNT, CHECK = 0x00010000, 0xB1B0AFBA
WORDS, SCALE, MORE, TWO_SCALES, MATRIX = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080


@lru_cache(maxsize=HELD_SUBSETS)
def subset(path: Path, characters: str) -> bytes:
    """Return a TrueType font with the outlines of `characters` (each once, sorted) of the font at `path`; raise FontMissing."""
    face = loaded_face(path)
    codes, glyphs, renumbered = _numbered(face, characters)
    shapes = _shapes(face, glyphs, renumbered)
    tables = dict(_copied(path))
    tables |= _outlines(face, shapes)
    tables |= _widths(face, glyphs)
    tables["cmap"] = _cmap({code: renumbered[face.charToGlyph[code]] for code in codes})
    return _assembled(tables)


@lru_cache(maxsize=MAX_FONTS_HELD)
def _copied(path: Path) -> dict[str, bytes]:
    """Return the tables that are the same in every subset of the font."""
    face = loaded_face(path)
    tables = {tag: face.get_table(tag) for tag in COPIED if tag in face.table}
    tables["name"] = _name(face)
    tables["post"] = struct.pack(">L", 0x00030000) + face.get_table("post")[4:16] + bytes(16)
    return tables


def glyph_numbers(path: Path, characters: str) -> dict[int, int]:
    """Return code point -> number of its glyph in the subset of these characters, in order; characters the font lacks are left out."""
    face = loaded_face(path)
    codes, _, renumbered = _numbered(face, characters)
    return {code: renumbered[face.charToGlyph[code]] for code in codes}


def _numbered(face: Any, characters: str) -> tuple[list[int], list[int], dict[int, int]]:
    """Return the code points the font has, the glyphs they need, and those glyphs' numbers in the subset; parts of glyphs come later."""
    codes = sorted(set(map(ord, characters)) & face.charToGlyph.keys())
    glyphs, renumbered = [0], {0: 0}
    for code in codes:
        _add(face.charToGlyph[code], glyphs, renumbered)
    return codes, glyphs, renumbered


def _add(glyph: int, glyphs: list[int], renumbered: dict[int, int]) -> int:
    if glyph not in renumbered:
        renumbered[glyph] = len(glyphs)
        glyphs.append(glyph)
    return renumbered[glyph]


def _shapes(face: Any, glyphs: list[int], renumbered: dict[int, int]) -> list[bytes]:
    """Return the outline of every glyph; parts of composite ones are added to `glyphs` on the way and referred to by their new numbers."""
    start, _ = face.get_table_pos("glyf")
    outlines, places = face._ttf_data, face.glyphPos
    shapes: list[bytes] = []
    for glyph in glyphs:  # which grows meanwhile
        shape = outlines[start + places[glyph] : start + places[glyph + 1]]
        if len(shape) > 10 and shape[0] & 0x80:  # a negative number of contours: made of other glyphs
            changed = bytearray(shape)
            _renumber_parts(changed, glyphs, renumbered)
            shape = bytes(changed)
        shapes.append(shape + bytes(-len(shape) % 4))
    return shapes


def _renumber_parts(shape: bytearray, glyphs: list[int], renumbered: dict[int, int]) -> None:
    at, more = 10, True
    while more:
        flags, part = struct.unpack_from(">HH", shape, at)
        struct.pack_into(">H", shape, at + 2, _add(part, glyphs, renumbered))
        at += 8 if flags & WORDS else 6
        at += 2 * bool(flags & SCALE) + 4 * bool(flags & TWO_SCALES) + 8 * bool(flags & MATRIX)
        more = bool(flags & MORE)


def _outlines(face: Any, shapes: Sequence[bytes]) -> dict[str, bytes]:
    """Return glyf, loca (long offsets), and head without its checksum."""
    offsets = [0]
    for shape in shapes:
        offsets.append(offsets[-1] + len(shape))
    head = bytearray(face.get_table("head"))
    struct.pack_into(">L", head, 8, 0)
    struct.pack_into(">H", head, 50, 1)
    return {"glyf": b"".join(shapes), "loca": struct.pack(f">{len(offsets)}L", *offsets), "head": bytes(head)}


def _widths(face: Any, glyphs: Sequence[int]) -> dict[str, bytes]:
    pairs = [int(value) & 0xFFFF for glyph in glyphs for value in face.hmetrics[glyph]]
    hhea, maxp = bytearray(face.get_table("hhea")), bytearray(face.get_table("maxp"))
    struct.pack_into(">H", hhea, 34, len(glyphs))
    struct.pack_into(">H", maxp, 4, len(glyphs))
    return {"hmtx": struct.pack(f">{len(pairs)}H", *pairs), "hhea": bytes(hhea), "maxp": bytes(maxp)}


def _cmap(numbers: dict[int, int]) -> bytes:
    """Return a cmap of format 4 for the basic plane and, when there are characters beyond, of format 12 for all."""
    tables = [(UNICODE_BMP, _format_4({c: n for c, n in numbers.items() if c < BASIC_PLANE_END}))]
    if any(code > BASIC_PLANE_END for code in numbers):
        tables.append((UNICODE_FULL, _format_12(numbers)))
    at = 4 + 8 * len(tables)
    records, bodies = b"", b""
    for encoding, body in tables:
        records += struct.pack(">HHL", WINDOWS, encoding, at + len(bodies))
        bodies += body
    return struct.pack(">HH", 0, len(tables)) + records + bodies


def _format_4(numbers: dict[int, int]) -> bytes:
    runs = [*_runs(numbers), (BASIC_PLANE_END, BASIC_PLANE_END, 0)]
    ends, starts = [last for _, last, _ in runs], [first for first, _, _ in runs]
    deltas = [(glyph - first) & 0xFFFF for first, _, glyph in runs]
    deltas[-1] = 1
    count = len(runs)
    power = 1 << (count.bit_length() - 1)
    search = (2 * count, 2 * power, power.bit_length() - 1, 2 * (count - power))
    body = struct.pack(f">4H{count}HH{3 * count}H", *search, *ends, 0, *starts, *deltas, *[0] * count)
    return struct.pack(">3H", 4, len(body) + 6, 0) + body


def _format_12(numbers: dict[int, int]) -> bytes:
    groups = [value for run in _runs(numbers) for value in run]
    return struct.pack(f">2H3L{len(groups)}L", 12, 0, 16 + 4 * len(groups), 0, len(groups) // 3, *groups)


def _runs(numbers: dict[int, int]) -> list[tuple[int, int, int]]:
    """Return (first code, last code, first glyph) of every stretch in which codes and glyphs both count up."""
    runs: list[tuple[int, int, int]] = []
    for code in sorted(numbers):
        glyph = numbers[code]
        if runs and code == runs[-1][1] + 1 and glyph == runs[-1][2] + code - runs[-1][0]:
            runs[-1] = (runs[-1][0], code, runs[-1][2])
        else:
            runs.append((code, code, glyph))
    return runs


def _name(face: Any) -> bytes:
    """Return the name table with the four names every reader asks for, in English."""
    plain = [face.familyName, face.styleName, face.fullName, face.name]
    texts = [(each.decode("utf-8") if isinstance(each, bytes) else str(each)).encode("utf-16-be") for each in plain]
    records, at = b"", 0
    for number, text in zip(NAMES, texts, strict=True):
        records += struct.pack(">6H", WINDOWS, UNICODE_BMP, ENGLISH, number, len(text), at)
        at += len(text)
    return struct.pack(">3H", 0, len(NAMES), 6 + len(records)) + records + b"".join(texts)


def _assembled(tables: dict[str, bytes]) -> bytes:
    """Return the font file of `tables`, with the checksums OpenType asks for."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    header = struct.pack(">L4H", SFNT, count, 16 * power, power.bit_length() - 1, 16 * (count - power))
    at = len(header) + 16 * count
    directory, bodies, places, total = b"", [], {}, 0
    for tag in sorted(tables):
        content = tables[tag]
        body = content + bytes(-len(content) % 4)
        summed = _checksum(body)
        directory += tag.encode("ascii") + struct.pack(">3L", summed, at, len(content))
        places[tag] = at
        at, total = at + len(body), total + summed
        bodies.append(body)
    font = bytearray(b"".join([header, directory, *bodies]))
    whole = (total + _checksum(header + directory)) & 0xFFFFFFFF
    struct.pack_into(">L", font, places["head"] + 8, (CHECK - whole) & 0xFFFFFFFF)
    return bytes(font)


def _checksum(body: bytes) -> int:
    words: tuple[int, ...] = struct.unpack(f">{len(body) // 4}L", body)
    return sum(words) & 0xFFFFFFFF
