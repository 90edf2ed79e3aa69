"""Writes the graphic units of a page (GB/T 33190 chapters 8 to 11): one mark of a layout becomes one or a few objects in schema order.

A unit is clipped to its Boundary, so boundaries are generous; coordinates within are from the boundary's corner, in millimetres, rounded to
a thousandth. Every text states its advances (DeltaX): a reader that puts another font in its place moves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path as File

from hub.signing.fonts import FULL_WIDTH, Face, FontSet, advances
from hub.signing.layout import MM_PER_POINT, Code, Colour, Image, Layout, Mark, Path, Rule, Text, thousandths
from hub.signing.qr import dark_runs

HELD_MARKS = 512  # frames, labels and captions stand in every license of a batch
EMBOLDEN_EM = 0.028  # as the PDF does: without a font for headings, the outline is thickened
ABOVE_EM, BELOW_EM, BESIDE_EM = 1.1, 0.5, 0.25
BASIC_PLANE_END = "\uffff"
FORBIDDEN = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]
)  # XML 1.0 cannot hold them, even as references
FORBIDDEN |= dict.fromkeys(range(0xD800, 0xE000))
EVEN_ODD = ' Rule="Even-Odd"'
OPERATORS = {"M": "M", "L": "L", "C": "B", "Z": "C"}


@dataclass
class Drawing:
    """What a document's pages gather while they are written: ids, the characters of each font, images, and the tagged objects."""

    fonts: FontSet
    last_id: int = 0
    font_ids: dict[File, int] = field(default_factory=dict)
    characters: dict[File, set[str]] = field(default_factory=dict)
    images: dict[bytes, int] = field(default_factory=dict)
    tags: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def fresh_id(self) -> int:
        """Return the next id; ids are unique over the document."""
        self.last_id += 1
        return self.last_id

    def font_id(self, font: File, characters: str) -> int:
        """Return the resource id of `font`, remembering that `characters` are shown in it."""
        if font not in self.font_ids:
            self.font_ids[font], self.characters[font] = self.fresh_id(), set()
        self.characters[font].update(characters)
        return self.font_ids[font]

    def image_id(self, content: bytes) -> int:
        """Return the resource id of the image; equal images are stored once."""
        if content not in self.images:
            self.images[content] = self.fresh_id()
        return self.images[content]


def page_content(marks: tuple[Mark, ...], page_id: int, drawing: Drawing, layout: Layout) -> bytes:
    """Return the Content.xml of one page; what it uses is noted in `drawing`."""
    layer = drawing.fresh_id()
    objects = "".join(part for mark in marks for part in _objects(mark, page_id, drawing, layout))
    body = f'<ofd:Content><ofd:Layer ID="{layer}" Type="Body">{objects}</ofd:Layer></ofd:Content>'
    return document("Page", f"<ofd:Area><ofd:PhysicalBox>{page_box(layout)}</ofd:PhysicalBox></ofd:Area>{body}")


def document(root: str, body: str, attributes: str = "") -> bytes:
    """Return an XML file whose root element has that name, the standard's namespace and prefix."""
    spaced = f" {attributes}" if attributes else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ofd:{root} xmlns:ofd="http://www.ofdspec.org/2016"{spaced}>'
        f"{body}</ofd:{root}>"
    ).encode()


def page_box(layout: Layout) -> str:
    """Return the page as a box: its corner, width and height."""
    return thousandths(0, 0, layout.width_mm, layout.height_mm)


def escaped(text: str) -> str:
    """Return `text` for XML content or a quoted attribute; characters XML cannot hold are left out."""
    text = text.translate(FORBIDDEN).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("\n", "&#10;").replace("\r", "&#13;")


def _objects(mark: Mark, page_id: int, drawing: Drawing, layout: Layout) -> Iterator[str]:
    match mark:
        case Text():
            yield from _text(mark, page_id, drawing, layout)
        case Rule():
            yield _rule(mark, drawing)
        case Code():
            yield _code(mark, drawing)
        case Path():
            yield _path(mark, drawing)
        case Image():
            yield _image(mark, drawing)


def _text(mark: Text, page_id: int, drawing: Drawing, layout: Layout) -> Iterator[str]:
    """Yield a TextObject for each stretch of one font."""
    for font, run, place, shown in _written(mark, drawing.fonts, page_box(layout)):
        identifier = drawing.fresh_id()
        if mark.tag:
            drawing.tags.setdefault(mark.tag, []).append((page_id, identifier))
        font_id = drawing.font_id(font, run)
        yield f'<ofd:TextObject ID="{identifier}" {place} Font="{font_id}" {shown}</ofd:TextObject>'


@lru_cache(maxsize=HELD_MARKS)
def _written(mark: Text, fonts: FontSet, whole_page: str) -> tuple[tuple[File, str, str, str], ...]:
    """Return font, characters, place and the rest of each stretch: what of a text is the same in every document that has it."""
    size = mark.size_pt * MM_PER_POINT
    along = 0.0
    written: list[tuple[File, str, str, str]] = []
    for font, run in _stretches(mark, fonts):
        widths, scale = advances(font), size / FULL_WIDTH
        steps = [widths.get(ord(character), FULL_WIDTH) * scale + mark.spacing_mm for character in run]
        offsets = list(accumulate(steps, initial=along))
        shown = (
            f'Size="{thousandths(size)}"{_boldness(mark, fonts, size)}>{_ink("Fill", mark.colour)}'
            f"{_ink('Stroke', mark.colour) if _thickened(mark, fonts) else ''}{_text_code(mark, run, offsets, size)}"
        )
        written.append((font, run, _text_place(mark, offsets, size, whole_page), shown))
        along = offsets[-1]
    return tuple(written)


def _stretches(mark: Text, fonts: FontSet) -> Iterator[tuple[File, str]]:
    """Yield stretches of one font; characters beyond the basic plane stand alone, because readers count them as one or as two."""
    for font, run in fonts.runs(mark.text, mark.face):
        if max(run) <= BASIC_PLANE_END:
            yield font, run
        else:
            yield from ((font, character) for character in run)


def _thickened(mark: Text, fonts: FontSet) -> bool:
    return mark.face is Face.HEADING and fonts.heading is None


def _boldness(mark: Text, fonts: FontSet, size: float) -> str:
    return f' Stroke="true" LineWidth="{thousandths(EMBOLDEN_EM * size)}"' if _thickened(mark, fonts) else ""


def _text_place(mark: Text, offsets: list[float], size: float, whole_page: str) -> str:
    """A level text has a box of its own; a turned one the whole page, moved and turned by its CTM."""
    if not mark.angle:
        left, top = mark.x_mm + offsets[0] - BESIDE_EM * size, mark.baseline_mm - ABOVE_EM * size
        width = offsets[-1] - offsets[0] + 2 * BESIDE_EM * size
        return f'Boundary="{thousandths(left, top, width, (ABOVE_EM + BELOW_EM) * size)}"'
    turn = math.radians(mark.angle)
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = " ".join(f"{value:.6f}" for value in (cos, -sin, sin, cos))
    return f'Boundary="{whole_page}" CTM="{matrix} {thousandths(mark.x_mm, mark.baseline_mm)}"'


def _text_code(mark: Text, run: str, offsets: list[float], size: float) -> str:
    """The advances are differences of rounded places, so that rounding does not add up along the line."""
    x, y = (offsets[0], 0.0) if mark.angle else (BESIDE_EM * size, ABOVE_EM * size)
    places = [round(1000 * offset) for offset in offsets[:-1]]
    deltas = thousandths(*[(after - before) / 1000 for before, after in pairwise(places)])
    spread = f' DeltaX="{deltas}"' if deltas else ""
    return f'<ofd:TextCode X="{thousandths(x)}" Y="{thousandths(y)}"{spread}>{escaped(run)}</ofd:TextCode>'


def _rule(mark: Rule, drawing: Drawing) -> str:
    return f'<ofd:PathObject ID="{drawing.fresh_id()}" {_line(mark)}</ofd:PathObject>'


@lru_cache(maxsize=HELD_MARKS)
def _line(mark: Rule) -> str:
    """Return all of a rule but its id."""
    half = mark.width_mm / 2
    left, top = min(mark.x1_mm, mark.x2_mm) - half, min(mark.y1_mm, mark.y2_mm) - half
    width, height = abs(mark.x2_mm - mark.x1_mm) + mark.width_mm, abs(mark.y2_mm - mark.y1_mm) + mark.width_mm
    ends = thousandths(mark.x1_mm - left, mark.y1_mm - top), thousandths(mark.x2_mm - left, mark.y2_mm - top)
    return (
        f'Boundary="{thousandths(left, top, width, height)}" LineWidth="{thousandths(mark.width_mm)}">'
        f"{_ink('Stroke', mark.colour)}<ofd:AbbreviatedData>M {ends[0]} L {ends[1]}</ofd:AbbreviatedData>"
    )


def _code(mark: Code, drawing: Drawing) -> str:
    """One path of rectangles in whole modules, scaled by the CTM."""
    modules, runs = dark_runs(mark.payload)
    scale = f"{mark.size_mm / modules:.6f}"
    squares = " ".join(
        f"M {start} {row} L {start + length} {row} L {start + length} {row + 1} L {start} {row + 1} C"
        for row, start, length in runs
    )
    return (
        f'<ofd:PathObject ID="{drawing.fresh_id()}" Boundary="{thousandths(mark.x_mm, mark.y_mm, mark.size_mm, mark.size_mm)}" '
        f'CTM="{scale} 0 0 {scale} 0 0" Stroke="false" Fill="true">{_ink("Fill", Colour(0, 0, 0))}'
        f"<ofd:AbbreviatedData>{squares}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _path(mark: Path, drawing: Drawing) -> str:
    across = [value for _, values in mark.outline for value in values[::2]] or [0.0]
    down = [value for _, values in mark.outline for value in values[1::2]] or [0.0]
    around = mark.width_mm if mark.stroke else 0.0
    left, top = min(across) - around, min(down) - around
    box = thousandths(left, top, max(across) - left + around, max(down) - top + around)
    steps = " ".join(
        f"{OPERATORS[kind]} {thousandths(*_moved(values, left, top))}".strip() for kind, values in mark.outline
    )
    inks = (_ink("Stroke", mark.stroke) if mark.stroke else "") + (_ink("Fill", mark.fill) if mark.fill else "")
    stroked, filled = ("true" if colour else "false" for colour in (mark.stroke, mark.fill))
    drawn = f'Stroke="{stroked}" Fill="{filled}"{EVEN_ODD if mark.even_odd and mark.fill else ""}'
    return (
        f'<ofd:PathObject ID="{drawing.fresh_id()}" Boundary="{box}" LineWidth="{thousandths(mark.width_mm)}" {drawn}>{inks}'
        f"<ofd:AbbreviatedData>{steps}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _moved(values: tuple[float, ...], left: float, top: float) -> Iterator[float]:
    return (value - (top if index % 2 else left) for index, value in enumerate(values))


def _image(mark: Image, drawing: Drawing) -> str:
    box = thousandths(mark.x_mm, mark.y_mm, mark.width_mm, mark.height_mm)
    matrix = f"{thousandths(mark.width_mm)} 0 0 {thousandths(mark.height_mm)} 0 0"
    resource = drawing.image_id(mark.content)
    return f'<ofd:ImageObject ID="{drawing.fresh_id()}" Boundary="{box}" CTM="{matrix}" ResourceID="{resource}"/>'


def _ink(kind: str, colour: Colour) -> str:
    values = " ".join(str(round(255 * value)) for value in (colour.red, colour.green, colour.blue))
    return f'<ofd:{kind}Color Value="{values}"/>'
