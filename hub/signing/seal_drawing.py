"""Draws a round seal as outlines: ring, the owner's name along it, a five-pointed star, the purpose line below; never an emblem.

A demonstration's seal says 演示专用 in its ring. The drawing is vectors (no font, no image), so it stays crisp and small, and it is neutral:
`pdf_content` makes it a PDF appearance, `seal_marks` paths of a layout, `hub.signing.seal_picture` the picture of an e-seal. Shapes follow
国务院关于国家行政机关和企业事业单位社会团体印章管理的规定 (国发〔1999〕25号): round, star in the middle, name from left to right around the ring.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from hub.signing.fonts import CharactersMissing, Contour, Face, FontSet, missing_characters, outlines
from hub.signing.layout import MM_PER_POINT, Colour, Image, Path
from hub.signing.seal_own_picture import marks_content, moved, picture_marks
from hub.signing.ses_values import Picture

DEMONSTRATION_ZH = "演示专用"
INK = "Ink"  # the graphics state in which the appearance is drawn; who embeds it defines it
RED = Colour(0.85, 0.06, 0.08)
# Proportions of the diameter, taken from the usual 42 mm seal.
RING_WIDTH, STAR_RADIUS, STAR_RISE = 0.028, 0.165, 0.02
NAME_HEIGHT, NAME_WIDTH, NAME_INSET, NAME_SWEEP = 0.128, 0.098, 0.052, math.radians(252)
NAME_PITCH_MAX = math.radians(25)
LINE_HEIGHT, LINE_WIDTH, LINE_BELOW, LINE_MAX = 0.095, 0.083, 0.305, 0.66
MARK_HEIGHT, MARK_SWEEP = 0.068, math.radians(46)
CENTRE_EM = 0.38  # the middle of a Chinese character above its baseline
THICKEN = 0.003  # of the diameter: text fonts are too thin for a seal, so outlines are drawn as well as filled
UNITS_PER_POINT = 25  # whole numbers of 0.014 mm: half the size of decimals
HELD_DRAWINGS = 64


@dataclass(frozen=True)
class SealShape:
    """What a seal looks like; `diameter_mm` is that of the outer edge of the ring.

    `ring_zh` stands in the lower ring instead of 演示专用, for a seal that says it is for internal business. `picture` is the one inside an
    imported seal, which is shown instead wherever it can be.
    """

    owner_zh: str
    purpose_line_zh: str
    diameter_mm: float
    demonstration: bool
    ring_zh: str = ""
    picture: Picture | None = field(default=None, repr=False)

    @property
    def lower_ring_zh(self) -> str:
        """What the lower ring says; a demonstration always says so."""
        return DEMONSTRATION_ZH if self.demonstration else self.ring_zh


@dataclass(frozen=True)
class SealDrawing:
    """The outlines of a seal in millimetres, centre at (0, 0), y up: filled contours, and a circle (radius, width) for the ring.

    `own` is the seal's own picture where it has one, y down; it goes before the outlines.
    """

    diameter_mm: float
    ring: tuple[float, float]
    fills: tuple[Contour, ...]
    own: tuple[Path | Image, ...] = ()

    @property
    def images(self) -> tuple[bytes, ...]:
        """The images `pdf_content` uses, in order, under the names P0, P1 …; PNG or JPEG."""
        return tuple(mark.content for mark in self.own if isinstance(mark, Image))

    @cached_property
    def appearance(self) -> bytes:
        """The operators of `pdf_content`, deflated (FlateDecode); made once, because a queue seals with the same drawing all day."""
        return zlib.compress(pdf_content(self))


@dataclass(frozen=True)
class Glyph:
    """A character to draw: centre in millimetres, turned anticlockwise by `turn` radians, in a box of (width, height)."""

    character: str
    centre: tuple[float, float]
    turn: float
    size: tuple[float, float]

    def placed(self, contour: Contour) -> Contour:
        """Return `contour` (in ems) where this glyph stands."""
        return tuple(
            (kind, tuple(value for pair in zip(values[::2], values[1::2], strict=True) for value in self._point(*pair)))
            for kind, values in contour
        )

    def _point(self, x: float, y: float) -> tuple[float, float]:
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        x, y = (x - 0.5) * self.size[0], (y - CENTRE_EM) * self.size[1]
        return self.centre[0] + x * cos - y * sin, self.centre[1] + x * sin + y * cos


@lru_cache(maxsize=HELD_DRAWINGS)
def draw_seal(shape: SealShape, fonts: FontSet) -> SealDrawing:
    """Return the drawing of `shape`; raise CharactersMissing when a font lacks a character of it."""
    if absent := missing_characters(shape.owner_zh + shape.purpose_line_zh + shape.lower_ring_zh, fonts):
        raise CharactersMissing(absent)
    d = shape.diameter_mm
    glyphs = [*_name(shape), *_line(shape), *_lower_ring(shape)]
    drawn: dict[str, Contour] = {}
    for path, characters in fonts.runs("".join(glyph.character for glyph in glyphs), Face.HEADING):
        drawn |= outlines(path, characters)
    fills = [_star(STAR_RADIUS * d, STAR_RISE * d), *(glyph.placed(drawn[glyph.character]) for glyph in glyphs)]
    own = () if shape.picture is None else picture_marks(shape.picture, d, fonts)
    return SealDrawing(d, ((d - RING_WIDTH * d) / 2, RING_WIDTH * d), tuple(fills), own)


def _star(radius: float, rise: float) -> Contour:
    inner = radius * math.sin(math.radians(18)) / math.sin(math.radians(54))
    points = [
        (
            (radius if k % 2 == 0 else inner) * math.sin(k * math.pi / 5),
            (radius if k % 2 == 0 else inner) * math.cos(k * math.pi / 5) + rise,
        )
        for k in range(10)
    ]
    return (("M", points[0]), *(("L", point) for point in points[1:]), ("Z", ()))


def _name(shape: SealShape) -> Iterator[Glyph]:
    """The owner's name, clockwise from lower left to lower right, heads outward, characters taller than wide."""
    d, count = shape.diameter_mm, len(shape.owner_zh)
    pitch = min(NAME_PITCH_MAX, NAME_SWEEP / max(1, count - 1))
    radius = d / 2 - (RING_WIDTH + NAME_INSET) * d - NAME_HEIGHT * d / 2 + NAME_INSET * d / 2
    width = min(NAME_WIDTH * d, pitch * radius * 0.92)
    for index, character in enumerate(shape.owner_zh):
        turn = (index - (count - 1) / 2) * pitch
        centre = (radius * math.sin(turn), radius * math.cos(turn))
        yield Glyph(character, centre, -turn, (width, NAME_HEIGHT * d))


def _line(shape: SealShape) -> Iterator[Glyph]:
    d, count = shape.diameter_mm, len(shape.purpose_line_zh)
    width = min(LINE_WIDTH, LINE_MAX / max(1, count)) * d
    for index, character in enumerate(shape.purpose_line_zh):
        centre = ((index - (count - 1) / 2) * width, -LINE_BELOW * d)
        yield Glyph(character, centre, 0.0, (width * 0.96, LINE_HEIGHT * d))


def _lower_ring(shape: SealShape) -> Iterator[Glyph]:
    """What the seal is for, such as 演示专用, along the bottom of the ring, heads inward, so that it reads upright."""
    d, words = shape.diameter_mm, shape.lower_ring_zh
    radius = d / 2 - RING_WIDTH * d - MARK_HEIGHT * d * 0.72
    count = len(words)
    for index, character in enumerate(words):
        turn = (index - (count - 1) / 2) * MARK_SWEEP / max(1, count - 1)
        centre = (radius * math.sin(turn), -radius * math.cos(turn))
        yield Glyph(character, centre, turn, (MARK_HEIGHT * d, MARK_HEIGHT * d))


def seal_marks(drawing: SealDrawing, x_mm: float, y_mm: float) -> tuple[Path | Image, ...]:
    """Return the drawing as marks of a layout, its centre at (x, y) of the page; they cover what was painted before them."""
    if drawing.own:
        return moved(drawing.own, x_mm, y_mm)
    radius, width = drawing.ring
    line = THICKEN * drawing.diameter_mm
    outlines = (_moved(contour, x_mm, y_mm) for contour in drawing.fills)
    ring = Path(_moved(_ring(radius), x_mm, y_mm), stroke=RED, width_mm=width)
    return ring, *(Path(outline, fill=RED, stroke=RED, width_mm=line) for outline in outlines)


def _moved(contour: Contour, x: float, y: float) -> Contour:
    """Return the contour about (x, y) of a page, where y counts down."""
    return tuple(
        (kind, tuple(y - value if index % 2 else x + value for index, value in enumerate(values)))
        for kind, values in contour
    )


def pdf_content(drawing: SealDrawing) -> bytes:
    """Return PDF operators that draw the seal in a square of its diameter, lower left corner at (0, 0), in points."""
    scale, half = UNITS_PER_POINT / MM_PER_POINT, drawing.diameter_mm / 2 / MM_PER_POINT
    operators = {"M": "m", "L": "l", "C": "c", "Z": "h"}
    red = f"{RED.red:g} {RED.green:g} {RED.blue:g}"
    lines = [
        f"/{INK} gs {red} rg {red} RG",
        f"{1 / UNITS_PER_POINT:g} 0 0 {1 / UNITS_PER_POINT:g} {half:.2f} {half:.2f} cm",
    ]
    if drawing.own:
        return "\n".join([*lines, *marks_content(drawing.own, scale)]).encode("ascii")
    radius, width = (value * scale for value in drawing.ring)
    lines.append(f"{width:.0f} w {_circle(radius)} S")
    lines.append(f"1 j {THICKEN * drawing.diameter_mm * scale:.0f} w")
    for contour in drawing.fills:
        lines.extend(
            " ".join([*(f"{value * scale:.0f}" for value in values), operators[kind]]) for kind, values in contour
        )
        lines.append("B")
    return "\n".join(lines).encode("ascii")


def _circle(radius: float) -> str:
    operators = {"M": "m", "C": "c", "Z": "h"}
    return " ".join(
        " ".join([*(f"{value:.0f}" for value in values), operators[kind]]) for kind, values in _ring(radius)
    )


def _ring(radius: float) -> Contour:
    """A circle as four cubic curves; the constant makes the error less than a thousandth of the radius."""
    k, r = radius * 0.5523, radius
    quarters = [(r, k, k, r, 0, r), (-k, r, -r, k, -r, 0), (-r, -k, -k, -r, 0, -r), (k, -r, r, -k, r, 0)]
    return (("M", (r, 0)), *(("C", quarter) for quarter in quarters), ("Z", ()))
