"""Embeds the fonts of a PDF as subsets whose text can be extracted (ISO 32000-1 sections 9.7, 9.9, 9.10).

Each font is a composite font with two-byte codes that are the glyph numbers of its subset, so one font serves every character used. The
same characters give the same bytes.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from hub.signing.fonts import FULL_WIDTH, advances, loaded_face
from hub.signing.ofd.fonts import glyph_numbers, subset
from hub.signing.pdf_objects import PdfObjects, dictionary, stream

HELD_SUBSETS = 32
TAG = "TONGBN"  # any six letters mark a subset (section 9.6.4)
FONT_LEVEL = zlib.Z_BEST_SPEED  # outlines are nearly incompressible: more effort saves a twentieth
BLOCK = 100  # a CMap names at most so many characters in one block (section 9.10.3)
TO_UNICODE = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{blocks}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


class PdfFont:
    """A font of one file: the characters shown in it are gathered while pages are written, then it is embedded."""

    def __init__(self, path: Path, characters: str) -> None:
        self._path, self._characters = path, characters
        self._numbers = glyph_numbers(path, characters)

    def shown(self, text: str) -> str:
        """Return `text` as a hexadecimal string of glyph numbers; a character the font lacks is its missing glyph."""
        numbers = self._numbers
        return f"<{''.join([f'{numbers.get(ord(each), 0):04X}' for each in text])}>"

    def embed(self, objects: PdfObjects) -> int:
        """Add the font's objects and return the number of the font."""
        face, numbers = loaded_face(self._path), self._numbers
        packed, length = _packed(self._path, self._characters)
        file = objects.add(stream(packed, f"/Filter /FlateDecode /Length1 {length}"))
        name = f"/{TAG}+{_name(face)}"
        descriptor = objects.add(_descriptor(face, name, file))
        descendant = objects.add(
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont {name} /CIDToGIDMap /Identity /DW {FULL_WIDTH:g} "
            f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            f"/FontDescriptor {descriptor} 0 R /W {_widths(self._path, numbers)} >>"
        )
        unicode = objects.add_stream(_to_unicode(numbers))
        return objects.add(
            f"<< /Type /Font /Subtype /Type0 /BaseFont {name} /Encoding /Identity-H /DescendantFonts [{descendant} 0 R] "
            f"/ToUnicode {unicode} 0 R >>"
        )


@lru_cache(maxsize=HELD_SUBSETS)
def _packed(path: Path, characters: str) -> tuple[bytes, int]:
    font = subset(path, characters)
    return zlib.compress(font, FONT_LEVEL), len(font)


def _name(face: Any) -> str:
    name = face.name.decode("ascii", "replace") if isinstance(face.name, bytes) else str(face.name)
    return "".join(each for each in name if each.isascii() and (each.isalnum() or each == "-"))


def _descriptor(face: Any, name: str, file: int) -> str:
    entries = {
        "Type": "/FontDescriptor",
        "FontName": name,
        "Flags": "4",
        "FontBBox": f"[{' '.join(f'{value:g}' for value in face.bbox)}]",
        "ItalicAngle": f"{face.italicAngle:g}",
        "Ascent": f"{face.ascent:g}",
        "Descent": f"{face.descent:g}",
        "CapHeight": f"{face.capHeight:g}",
        "StemV": f"{face.stemV:g}",
        "FontFile2": f"{file} 0 R",
    }
    return dictionary(entries)


def _widths(path: Path, numbers: dict[int, int]) -> str:
    """Return the widths that are not the default, in stretches of glyph numbers."""
    known = advances(path)
    odd = {number: known[code] for code, number in numbers.items() if known[code] != FULL_WIDTH}
    written: list[str] = []
    last = -1
    for number in sorted(odd):
        written.append(
            f" {odd[number]:g}" if number == last + 1 else f"{'] ' if written else ''}{number} [{odd[number]:g}"
        )
        last = number
    return f"[{''.join(written)}{']' if written else ''}]"


def _to_unicode(numbers: dict[int, int]) -> bytes:
    pairs = [f"<{number:04X}> <{chr(code).encode('utf-16-be').hex()}>" for code, number in numbers.items()]
    blocks = [pairs[start : start + BLOCK] for start in range(0, len(pairs), BLOCK)]
    listed = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return TO_UNICODE.replace("{blocks}", listed).encode("ascii")
