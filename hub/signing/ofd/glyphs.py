"""Outlines of characters as SVG path data: from a font the document embeds, from the hub's own fonts where it embeds none.

An embedded font is a stranger's program for an outline: parts of glyphs and subroutines are counted, and whatever is wrong with the font
makes it no font at all, never a failure.
"""

from __future__ import annotations

import io
import logging
import struct
from typing import Any, NamedTuple, Protocol

from hub.signing.fonts import Face, FontSet
from hub.signing.ofd.faults import OfdTooComplex
from hub.signing.ofd.fonts import subset

STARTS = (b"\x00\x01\x00\x00", b"true", b"OTTO")
MAX_PARTS = 512  # of a composite glyph, nested ones counted; calls of subroutines likewise
# What fontTools is known to raise on a damaged table; it has no error of its own for most of them.
FONT_FAULTS = (
    struct.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RuntimeError,  # too deep, or a form of table fontTools does not know
    EOFError,
    OSError,
    MemoryError,
)


class Glyph(NamedTuple):
    """An outline in font units, y up, as SVG path data, and its advance; `em` units make the type size."""

    outline: str
    advance: float
    em: float


class Outlines(Protocol):
    """Where outlines come from."""

    def glyph(self, character: str, number: int | None) -> Glyph | None:
        """Return the outline of `character`, or of the glyph of that `number`; None when it is not there."""


class EmbeddedFont:
    """The outlines of one font file; one that cannot be read has none."""

    def __init__(self, content: bytes) -> None:
        self._held: dict[str | int, Glyph | None] = {}
        self._font: Any = None
        if content.startswith(STARTS):
            self._open(content)

    def glyph(self, character: str, number: int | None) -> Glyph | None:
        """Return the outline of `character`, or of the glyph of that `number`; None when it is not there."""
        key = character if number is None else number
        if key not in self._held:
            self._held[key] = self._read(character, number)
        return self._held[key]

    def _open(self, content: bytes) -> None:
        from fontTools.ttLib import TTFont, TTLibError

        logging.getLogger("fontTools").setLevel(logging.CRITICAL)  # a stranger's font must not fill the hub's log
        try:
            font = TTFont(io.BytesIO(content), lazy=True, recalcBBoxes=False)
            self._em = float(font["head"].unitsPerEm) or 1000.0
            self._glyphs = font.getGlyphSet()
            self._names = (font.getBestCmap() or {}) if "cmap" in font else {}
            self._font = font
        except (TTLibError, *FONT_FAULTS):
            self._font = None

    def _read(self, character: str, number: int | None) -> Glyph | None:
        from fontTools.ttLib import TTLibError

        if self._font is None:
            return None
        try:
            name = self._names.get(ord(character)) if number is None else self._font.getGlyphName(number)
            return None if name is None else self._drawn(name)
        except (TTLibError, OfdTooComplex, *FONT_FAULTS):
            return None

    def _drawn(self, name: str) -> Glyph:
        pen = _counting_pen(self._glyphs)
        glyph = self._glyphs[name]
        if "CFF " in self._font:
            _draw_counted(self._font["CFF "].cff.topDictIndex[0].CharStrings[name], pen)
        else:
            glyph.draw(pen)
        return Glyph(pen.getCommands(), float(glyph.width), self._em)


class HubFonts:
    """The outlines of the hub's own fonts, for a text whose font is only named."""

    def __init__(self, fonts: FontSet) -> None:
        self._fonts = fonts
        self._held: dict[str, Glyph | None] = {}

    def expect(self, characters: set[str]) -> None:
        """Read the outlines of `characters` together, which is much faster than one by one."""
        wanted = "".join(sorted(characters - self._held.keys()))
        for path, run in self._fonts.runs(wanted, Face.BODY):
            font = EmbeddedFont(subset(path, run))
            self._held |= {character: font.glyph(character, None) for character in run}

    def glyph(self, character: str, number: int | None = None) -> Glyph | None:
        """Return the outline of `character`; numbers of another font's glyphs mean nothing here."""
        if character not in self._held:
            self.expect({character})
        return self._held[character]


def _counting_pen(glyphs: Any) -> Any:
    """Return a pen that writes SVG path data and stops at a glyph of too many parts."""
    from fontTools.pens.svgPathPen import SVGPathPen

    class CountingPen(SVGPathPen):  # type: ignore[misc]
        parts = 0

        def addComponent(self, glyph_name: str, transformation: Any, **rest: Any) -> None:
            self.parts += 1
            if self.parts > MAX_PARTS:
                raise OfdTooComplex("glyph")
            super().addComponent(glyph_name, transformation, **rest)

    return CountingPen(glyphs)


def _draw_counted(outline: Any, pen: Any) -> None:
    """Draw a CFF outline, counting its calls of subroutines: a few bytes could ask for billions."""
    from fontTools.misc.psCharStrings import T2OutlineExtractor

    class CountingExtractor(T2OutlineExtractor):  # type: ignore[misc]
        calls = 0

        def execute(self, program: Any) -> None:
            self.calls += 1
            if self.calls > MAX_PARTS:
                raise OfdTooComplex("glyph")
            super().execute(program)

    private = outline.private
    subroutines = getattr(private, "Subrs", [])
    widths = private.nominalWidthX, private.defaultWidthX
    CountingExtractor(pen, subroutines, outline.globalSubrs, *widths, private).execute(outline)
