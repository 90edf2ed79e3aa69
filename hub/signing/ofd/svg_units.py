"""Draws graphic units as SVG elements: paths, images, texts as outlines, composite units by their own units, nested to a bound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from hub.signing.ofd.faults import XmlTooDeep
from hub.signing.ofd.glyphs import EmbeddedFont, Glyph
from hub.signing.ofd.read import Document, FontResource
from hub.signing.ofd.svg_canvas import SvgCanvas, decimals
from hub.signing.ofd.units import (
    Brush,
    CompositeUnit,
    ImageUnit,
    PathUnit,
    Place,
    Run,
    TextUnit,
    Unit,
    UnitReader,
)
from hub.signing.ofd.values import IDENTITY, Ink, Step
from hub.signing.ofd.xml import child

MAX_COMPOSITES = 8
BOLD_EM = 0.028
ROUNDING = 0.995  # places are written to a thousandth of a millimetre
OPERATORS = {"S": "M", "M": "M", "L": "L", "Q": "Q", "B": "C", "A": "A", "C": "Z"}
JOINS = {"Round": "round", "Bevel": "bevel"}
CAPS = {"Round": "round", "Square": "square"}
HOLLOW = Glyph("M80 -100H920V820H80ZM130 -50V770H870V-50Z", 1000, 1000)  # a character no font has is seen to be missing
NO_FONT = FontResource("", None, bold=False)
Placed = tuple[str, float, float, int]


class UnitDrawer:
    """Draws the units of one document on a canvas."""

    def __init__(self, document: Document, canvas: SvgCanvas) -> None:
        self._document = document
        self._canvas = canvas
        self._reader = UnitReader(document.resources.draw_parameters)
        self._composites: dict[str, str] = {}

    def draw(self, units: Iterable[Unit], depth: int = 0) -> None:
        """Draw `units` in order; raise XmlTooDeep when composite units are nested deeper than eight."""
        if depth > MAX_COMPOSITES:
            raise XmlTooDeep("CompositeObject")
        units = tuple(units)
        self._expect(units)
        for unit in units:
            self._canvas.put(_group(unit.place))
            match unit:
                case TextUnit():
                    self._text(unit)
                case PathUnit():
                    self._canvas.put(f'<path d="{_path(unit.steps)}"{_paint(unit.brush, unit.brush.width)}/>')
                case ImageUnit():
                    self._image(unit)
                case CompositeUnit():
                    self._composite(unit, depth)
            self._canvas.put("</g>")

    def _expect(self, units: tuple[Unit, ...]) -> None:
        """Have the hub's fonts read at once what texts without an embedded font will ask for."""
        if self._canvas.hub_fonts is not None:
            texts = [unit for unit in units if isinstance(unit, TextUnit) and self._font(unit).entry is None]
            wanted = {character for unit in texts for run in unit.runs for character in run.text if character > " "}
            self._canvas.hub_fonts.expect(wanted)

    def _font(self, unit: TextUnit) -> FontResource:
        return self._document.resources.fonts.get(unit.font, NO_FONT)

    def _text(self, unit: TextUnit) -> None:
        font = self._font(unit)
        embedded = self._canvas.font(self._document.package.entries[font.entry]) if font.entry else None
        bold = (unit.bold or font.bold) and embedded is None and unit.brush.stroke is None
        at = 0
        for run in unit.runs:
            glyphs = [
                self._glyph(character, unit.glyphs.get(at + index), embedded)
                for index, character in enumerate(run.text)
            ]
            at += len(run.text)
            if any(glyph is None for glyph in glyphs):
                self._plain(unit, run)
            else:
                self._outlined(
                    unit, run, [glyph for glyph in glyphs if glyph], bold=bold, embedded=embedded is not None
                )

    def _glyph(self, character: str, number: int | None, embedded: EmbeddedFont | None) -> Glyph | None:
        """The embedded font's outline, else the hub's; None only when there are no fonts of the hub to ask."""
        if embedded is not None and (glyph := embedded.glyph(character, number)) is not None:
            return glyph
        if character <= " " or character == "\u3000":
            return Glyph("", 500 if character <= " " else 1000, 1000)
        if self._canvas.hub_fonts is None:
            return None
        return self._canvas.hub_fonts.glyph(character) or HOLLOW

    def _outlined(self, unit: TextUnit, run: Run, glyphs: list[Glyph], *, bold: bool, embedded: bool) -> None:
        """Each character as its outline, turned upright: font units count upwards."""
        for (_, x, y, index), glyph in zip(_places(unit, run, glyphs), glyphs, strict=True):
            if not glyph.outline:
                continue
            scale = unit.size / glyph.em
            narrow = 1.0 if embedded else _narrowing(run, index, glyph.advance * scale * unit.stretch)
            stroke = BOLD_EM * glyph.em if bold else unit.brush.width / scale if scale else 0.0
            paint = _paint(_emboldened(unit.brush) if bold else unit.brush, stroke)
            moved = f"matrix({decimals(scale * unit.stretch * narrow)} 0 0 {decimals(-scale)} {decimals(x, y)})"
            self._canvas.put(f'<use xlink:href="#{self._canvas.glyph(glyph)}" transform="{moved}"{paint}/>')

    def _plain(self, unit: TextUnit, run: Run) -> None:
        """Without outlines: SVG text, each character at its place."""
        paint = _paint(unit.brush, unit.brush.width)
        places = list(_places(unit, run, []))
        xs, ys = " ".join(decimals(x) for _, x, _, _ in places), " ".join(decimals(y) for _, _, y, _ in places)
        size = decimals(unit.size)
        self._canvas.put(
            f'<text x="{xs}" y="{ys}" font-size="{size}" font-family="serif"{paint}>{_shown(run.text)}</text>'
        )

    def _image(self, unit: ImageUnit) -> None:
        entry = self._document.resources.media.get(unit.resource)
        image = self._canvas.image(self._document.package.entries[entry]) if entry else None
        if image is None:
            return
        whole = unit.place.matrix == IDENTITY  # without a matrix the image fills its box
        scale = f' transform="scale({decimals(unit.place.box.width, unit.place.box.height)})"' if whole else ""
        self._canvas.put(f'<use xlink:href="#{image}"{scale}/>')

    def _composite(self, unit: CompositeUnit, depth: int) -> None:
        """Read and drawn once, and copied after that: composites of composites multiply fast, up to the picture's bound."""
        if unit.resource in self._composites:
            self._canvas.put(self._composites[unit.resource])
            return
        mark = self._canvas.mark()
        element = self._document.resources.composites.get(unit.resource)
        content = None if element is None else child(element, "Content")
        if content is not None:
            self.draw(self._reader.units(content), depth + 1)
        self._composites[unit.resource] = self._canvas.since(mark)


def _places(unit: TextUnit, run: Run, glyphs: list[Glyph]) -> Iterator[Placed]:
    """Yield every character with its place and index: by the advances given, the last of which goes on, or by the font's own."""
    x, y = run.x, run.y
    for index, character in enumerate(run.text):
        yield character, x, y, index
        if run.across is None and run.down is None:
            x += unit.stretch * unit.size * (glyphs[index].advance / glyphs[index].em if glyphs else 1.0)
        x += _step(run.across, index)
        y += _step(run.down, index)


def _narrowing(run: Run, index: int, natural: float) -> float:
    """A font in another's place is squeezed where its character is wider than the advance to the next."""
    room = _step(run.across, index) if index < len(run.text) - 1 else 0.0
    return room / natural if 0.4 * natural < room < ROUNDING * natural else 1.0


def _step(advances: tuple[float, ...] | None, index: int) -> float:
    return advances[min(index, len(advances) - 1)] if advances else 0.0


def _group(place: Place) -> str:
    moves = f"translate({decimals(place.box.x, place.box.y)})" if place.box[:2] != (0, 0) else ""
    turned = f"matrix({decimals(*place.matrix)})" if place.matrix != IDENTITY else ""
    both = f' transform="{" ".join(each for each in (moves, turned) if each)}"' if moves or turned else ""
    return f"<g{both}{_opacity('opacity', place.opacity)}>"


def _path(steps: Iterable[Step]) -> str:
    return "".join(f"{OPERATORS[operator]}{decimals(*_arguments(operator, values))}" for operator, values in steps)


def _arguments(operator: str, values: tuple[float, ...]) -> tuple[float, ...]:
    """The flags of an arc are 0 or 1 in SVG, whatever was written."""
    if operator != "A":
        return values
    across, down, turn, large, sweep, x, y = values
    return across, down, turn, float(large != 0), float(sweep != 0), x, y


def _paint(brush: Brush, width: float) -> str:
    """Return the attributes that ink a shape; `width` is the line's in the shape's own units."""
    fill = (
        f' fill="{_colour(brush.fill)}"{_opacity("fill-opacity", brush.fill.opacity)}' if brush.fill else ' fill="none"'
    )
    rule = ' fill-rule="evenodd"' if brush.even_odd and brush.fill else ""
    return f"{fill}{rule}{_line(brush, width)}"


def _line(brush: Brush, width: float) -> str:
    if brush.stroke is None:
        return ""
    parts = [f' stroke="{_colour(brush.stroke)}" stroke-width="{decimals(width)}"']
    parts.append(_opacity("stroke-opacity", brush.stroke.opacity))
    if brush.dash and any(brush.dash):
        parts.append(f' stroke-dasharray="{decimals(*brush.dash)}"')
    if brush.join in JOINS:
        parts.append(f' stroke-linejoin="{JOINS[brush.join]}"')
    if brush.cap in CAPS:
        parts.append(f' stroke-linecap="{CAPS[brush.cap]}"')
    return "".join(parts)


def _emboldened(brush: Brush) -> Brush:
    return Brush(brush.fill, brush.fill, brush.width)


def _opacity(name: str, value: float) -> str:
    return f' {name}="{decimals(value)}"' if value < 1 else ""


def _colour(ink: Ink) -> str:
    return f"#{ink.red:02x}{ink.green:02x}{ink.blue:02x}"


def _shown(text: str) -> str:
    return escape("".join(character if character.isprintable() else " " for character in text))
