"""What the embedded fonts can show: which characters, how wide, in which outline.

A character no font has is named with its code point at drafting (hub.approvals refuses it then), because a document that prints a box
instead of a person's name is worse than none. Fonts are TrueType files under an open licence, handed in as paths; nothing is bundled.
"""

from __future__ import annotations

import io
import mmap
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from hub.errors import HubError

MAX_FONTS_HELD = 4
FULL_WIDTH = 1000.0


class Face(StrEnum):
    """The two voices of a document: running text, and titles (小标宋 by custom, here a bolder weight of the same family)."""

    BODY = "body"
    HEADING = "heading"


class FontMissing(HubError):
    """The font file named in the settings is not there.

    Cure: install the front-end packages (they carry the fonts), or point the setting at a TrueType font with Chinese characters.
    """

    code = "font.missing"

    def __init__(self) -> None:
        super().__init__("找不到配置的中文字体文件。", "The configured Chinese font file is not there.")


class CharactersMissing(HubError):
    """The text has characters that no configured font can show; `characters` lists them as `U+XXXX 字`.

    Cure: use another character, or configure a font for rare characters (`rare`).
    """

    code = "font.characters_missing"

    def __init__(self, characters: list[str]) -> None:
        listed = "、".join(characters)
        super().__init__(
            f"字体中没有这些字，无法排版：{listed}。", f"No font has these characters: {', '.join(characters)}."
        )
        self.characters = tuple(characters)


@dataclass(frozen=True)
class FontSet:
    """The font files of a document. `heading` falls back to `body`; `rare` is asked for characters the others lack."""

    body: Path
    rare: Path | None = None
    heading: Path | None = None

    def candidates(self, face: Face) -> tuple[Path, ...]:
        """Return the files to ask for a character, first choice first."""
        first = self.heading if face is Face.HEADING else None
        return tuple(path for path in (first, self.body, self.rare) if path is not None)

    def runs(self, text: str, face: Face) -> Iterator[tuple[Path, str]]:
        """Yield `text` cut where the font changes; a character no font has goes to the first choice."""
        candidates = self.candidates(face)
        tables = [advances(path) for path in candidates]
        if text and all(map(tables[0].__contains__, map(ord, text))):
            yield candidates[0], text  # nearly always: one font has it all
            return
        start, held = 0, None
        for index, character in enumerate(text):
            wanted = next(
                (path for path, table in zip(candidates, tables, strict=True) if ord(character) in table), candidates[0]
            )
            if held is not None and wanted != held:
                yield held, text[start:index]
                start = index
            held = wanted
        if held is not None:
            yield held, text[start:]

    def width(self, text: str, face: Face) -> float:
        """Return the width of `text` in ems, without extra spacing."""
        tables = [advances(path) for path in self.candidates(face)]
        first = [tables[0].get(ord(character)) for character in text]
        if None not in first:
            return sum(first) / FULL_WIDTH  # type: ignore[arg-type]  # nearly always: one font has it all
        return sum(_advance(ord(character), tables) for character in text) / FULL_WIDTH


def _advance(code: int, tables: list[dict[int, float]]) -> float:
    return next((table[code] for table in tables if code in table), FULL_WIDTH)


def missing_characters(text: str, fonts: FontSet) -> list[str]:
    """Return the characters of `text` that no font has, each once, in order, as `U+XXXX 字`; line ends are no characters.

    Control and unassigned characters are missing too and are shown by code point alone.
    """
    known = [advances(path) for path in fonts.candidates(Face.BODY)]
    absent = dict.fromkeys(
        character for character in text if character != "\n" and not any(ord(character) in table for table in known)
    )
    return [_named(character) for character in absent]


def _named(character: str) -> str:
    visible = unicodedata.category(character)[0] not in "CZ"
    return f"U+{ord(character):04X} {character}" if visible else f"U+{ord(character):04X}"


@lru_cache(maxsize=MAX_FONTS_HELD)
def registered(path: Path) -> str:
    """Return the name under which reportlab knows the font at `path`, loading it once (0.1 s); raise FontMissing."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    if not path.is_file():
        raise FontMissing
    name = f"hub-{path}"
    font = TTFont(name, str(path))
    with path.open("rb") as file:  # mapped rather than held: all hubs of a machine share its 15 MB
        font.face._ttf_data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    registerFont(font)
    return name


@lru_cache(maxsize=MAX_FONTS_HELD)
def advances(path: Path) -> dict[int, float]:
    """Return code point -> advance width in thousandths of an em of the font at `path`; raise FontMissing.

    Shares the tables the renderer loads anyway: a process of the hub holds each font once.
    """
    widths: dict[int, float] = loaded_face(path).charWidths
    return widths


def loaded_face(path: Path) -> Any:
    """Return the tables of the font at `path` as the renderer holds them: every reader of fonts shares these. Raises FontMissing."""
    from reportlab.pdfbase.pdfmetrics import getFont

    return getFont(registered(path)).face


Contour = tuple[tuple[str, tuple[float, ...]], ...]


def outlines(path: Path, characters: str) -> dict[str, Contour]:
    """Return the outline of each of `characters` in ems, y up, as ("M"|"L"|"C"|"Z", coordinates); curves are cubic.

    They are read from a subset (a few milliseconds): fontTools on the whole font would leave 30 MB behind.
    """
    from fontTools.ttLib import TTFont

    from hub.signing.ofd.fonts import glyph_numbers, subset

    numbers = glyph_numbers(path, characters)
    with TTFont(io.BytesIO(subset(path, characters))) as font:
        em, glyphs = font["head"].unitsPerEm, font.getGlyphSet()
        drawn = {each: _recorded(glyphs, font.getGlyphName(numbers[ord(each)])) for each in set(characters)}
    return {
        character: tuple((kind, tuple(value / em for value in values)) for kind, values in contour)
        for character, contour in drawn.items()
    }


def _recorded(glyphs: Any, name: str) -> list[tuple[str, tuple[float, ...]]]:
    from fontTools.pens.basePen import BasePen

    drawn: list[tuple[str, tuple[float, ...]]] = []

    class Recorder(BasePen):  # type: ignore[misc]
        def _moveTo(self, point: tuple[float, float]) -> None:
            drawn.append(("M", point))

        def _lineTo(self, point: tuple[float, float]) -> None:
            drawn.append(("L", point))

        def _curveToOne(self, *points: tuple[float, float]) -> None:
            drawn.append(("C", tuple(value for point in points for value in point)))

        def _closePath(self) -> None:
            drawn.append(("Z", ()))

    glyphs[name].draw(Recorder(glyphs))
    return drawn
