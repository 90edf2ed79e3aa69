"""The graphic units of a page (GB/T 33190 chapters 8 to 13) as plain values, read from anybody's XML.

Nothing is drawn here. Composite units are left as references; whoever draws bounds their nesting. Gradients are read as their first colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from hub.signing.ofd.faults import OfdTooComplex, XmlTooDeep
from hub.signing.ofd.values import BLACK, Box, Ink, Matrix, Step, advances, box, ink, matrix, number, steps
from hub.signing.ofd.xml import child, children, name_of

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_UNITS = 50_000
MAX_CHARACTERS = 500_000
MAX_BLOCKS = 32
MAX_INHERITED = 8
MAX_STOPS = 64  # of a gradient
LINE_WIDTH = 0.353  # millimetres, the standard's default
NO_BOX = Box(0, 0, 0, 0)


@dataclass(frozen=True)
class Place:
    """Where a unit is: its boundary's corner is its origin, `matrix` comes first, `opacity` is from 0 to 1."""

    box: Box
    matrix: Matrix
    opacity: float


@dataclass(frozen=True)
class Brush:
    """How a unit is inked; None leaves that part out. `width` in millimetres, `dash` as an SVG array."""

    fill: Ink | None
    stroke: Ink | None
    width: float
    dash: tuple[float, ...] = ()
    even_odd: bool = False
    cap: str = "Butt"
    join: str = "Miter"


@dataclass(frozen=True)
class Run:
    """A stretch of characters: where the first stands, and the advances to the next, None where the font decides."""

    text: str
    x: float
    y: float
    across: tuple[float, ...] | None
    down: tuple[float, ...] | None


@dataclass(frozen=True)
class TextUnit:
    """A text: `glyphs` gives glyph numbers of the embedded font by character position over all runs (CGTransform)."""

    id: str
    place: Place
    brush: Brush
    font: str
    size: float
    stretch: float
    bold: bool
    runs: tuple[Run, ...]
    glyphs: Mapping[int, int]


@dataclass(frozen=True)
class PathUnit:
    """A path."""

    place: Place
    brush: Brush
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class ImageUnit:
    """An image, the unit square mapped by the matrix; `resource` is the id of a MultiMedia."""

    place: Place
    resource: str


@dataclass(frozen=True)
class CompositeUnit:
    """A reference to a composite graphic unit among the resources."""

    place: Place
    resource: str


Unit = TextUnit | PathUnit | ImageUnit | CompositeUnit


class UnitReader:
    """Reads the units below an element in painting order; counts over its whole life, so that one page cannot ask for everything."""

    def __init__(self, draw_parameters: Mapping[str, _Element]) -> None:
        self._parameters = draw_parameters
        self._units = 0
        self._characters = 0

    def units(self, block: _Element, inherited: str | None = None, depth: int = 0) -> Iterator[Unit]:
        """Yield the units of a layer or block and of the blocks in it; raise OfdTooComplex beyond 50,000 units or 500,000 characters."""
        if depth > MAX_BLOCKS:
            raise XmlTooDeep("PageBlock")
        parameters = block.get("DrawParam", inherited)
        for element in block:
            if (name := name_of(element)) in ("PageBlock", "Layer"):
                yield from self.units(element, parameters, depth + 1)
            elif name.endswith("Object"):
                self._units += 1
                if self._units > MAX_UNITS:
                    raise OfdTooComplex
                if element.get("Visible", "true") != "false":
                    yield from self._unit(name, element, parameters)

    def _unit(self, name: str, element: _Element, inherited: str | None) -> Iterator[Unit]:
        place = Place(
            box(element.get("Boundary")) or NO_BOX,
            matrix(element.get("CTM")),
            min(1.0, max(0.0, number(element.get("Alpha"), 255) / 255)),
        )
        if name == "TextObject":
            yield self._text(element, place, inherited)
        elif name == "PathObject":
            written = child(element, "AbbreviatedData")
            drawn = tuple(steps("" if written is None else written.text or ""))
            yield PathUnit(place, self._brush(element, inherited, fills=False, strokes=True), drawn)
        elif name == "ImageObject":
            yield ImageUnit(place, element.get("ResourceID", ""))
        elif name == "CompositeObject":
            yield CompositeUnit(place, element.get("ResourceID", ""))

    def _text(self, element: _Element, place: Place, inherited: str | None) -> TextUnit:
        runs: list[Run] = []
        x = y = 0.0
        for code in children(element, "TextCode"):
            text = (code.text or "").strip("\r\n\t")
            self._characters += len(text)
            if self._characters > MAX_CHARACTERS:
                raise OfdTooComplex
            x, y = number(code.get("X"), x), number(code.get("Y"), y)
            across, down = (advances(code.get(name), len(text)) for name in ("DeltaX", "DeltaY"))
            runs.append(Run(text, x, y, across, down))
        return TextUnit(
            id=element.get("ID", ""),
            place=place,
            brush=self._brush(element, inherited, fills=True, strokes=False),
            font=element.get("Font", ""),
            size=number(element.get("Size"), 1.0),
            stretch=number(element.get("HScale"), 1.0),
            bold=number(element.get("Weight"), 400) >= 600,
            runs=tuple(runs),
            glyphs=_glyph_numbers(element),
        )

    def _brush(self, element: _Element, inherited: str | None, *, fills: bool, strokes: bool) -> Brush:
        """What the unit does not say its drawing parameters say, then the layer's, then the standard."""
        chain = [element, *self._chain(element.get("DrawParam", inherited))]
        fill = _truth(element.get("Fill"), default=fills)
        stroke = _truth(element.get("Stroke"), default=strokes)
        dash = _first(chain, "DashPattern") or ""
        return Brush(
            fill=_colour(chain, "FillColor", BLACK if fills else None) if fill else None,
            stroke=_colour(chain, "StrokeColor", BLACK) if stroke else None,
            width=number(_first(chain, "LineWidth"), LINE_WIDTH),
            dash=tuple(abs(number(each)) for each in dash.split()[:16]),
            even_odd=element.get("Rule") == "Even-Odd",
            cap=_first(chain, "Cap") or "Butt",
            join=_first(chain, "Join") or "Miter",
        )

    def _chain(self, identifier: str | None) -> Iterator[_Element]:
        for _ in range(MAX_INHERITED):
            found = self._parameters.get(identifier or "")
            if found is None:
                return
            yield found
            identifier = found.get("Relative")


def _first(chain: list[_Element], attribute: str) -> str | None:
    return next((each.get(attribute) for each in chain if each.get(attribute)), None)


def _truth(written: str | None, *, default: bool) -> bool:
    return default if written is None else written.strip().lower() in ("true", "1")


def _colour(chain: list[_Element], name: str, default: Ink | None) -> Ink | None:
    for each in chain:
        if (found := child(each, name)) is not None:
            return _ink(found) or default
    return default


def _ink(element: _Element) -> Ink | None:
    """A plain colour, or the first colour of a gradient."""
    if element.get("Value"):
        return ink(element.get("Value"), element.get("Alpha"))
    inner = next(
        (each for each in islice(element.iter(), MAX_STOPS) if name_of(each) == "Color" and each.get("Value")), None
    )
    return None if inner is None else ink(inner.get("Value"), element.get("Alpha"))


def _glyph_numbers(element: _Element) -> dict[int, int]:
    """Return glyph numbers by character position, from the CGTransforms that give a glyph for each character."""
    found: dict[int, int] = {}
    for each in children(element, "CGTransform"):
        start = int(number(each.get("CodePosition")))
        written = child(each, "Glyphs")
        for index, glyph in enumerate("" if written is None else (written.text or "").split()[:MAX_CHARACTERS]):
            found[start + index] = int(number(glyph))
    return found
