"""Makes a PDF of a layout: the same layout and fonts give the same bytes, always.

The queue commits the digest of the rendering before it seals (design: one intent, one file), so nothing here may read the clock, draw a
random number or depend on what was rendered before. Written here and not by a library, whose canvas takes five times as long.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path as File

from hub.signing.fonts import Face, FontSet
from hub.signing.layout import MM_PER_POINT, Code, Colour, Image, Layout, Mark, Path, Rule, Text, thousandths
from hub.signing.pdf_fonts import PdfFont
from hub.signing.pdf_images import embed_image
from hub.signing.pdf_objects import PdfObjects, dictionary, text_string
from hub.signing.qr import dark_runs

PRODUCER = "Tongban"
FILL_AND_STROKE = 2  # ISO 32000-1 table 106: without a font for headings, the outline is thickened
EMBOLDEN_EM = 0.028
OPERATORS = {"M": "m", "L": "l", "C": "c", "Z": "h"}
HELD_COLOURS = 64
HELD_MARKS = 512


@dataclass
class _Canvas:
    """What the pages of one file share: fonts and images, by what they are, with the names under which pages use them."""

    fonts: FontSet
    height_mm: float
    objects: PdfObjects = field(default_factory=PdfObjects)
    embedded: dict[File, PdfFont] = field(default_factory=dict)
    names: dict[File, str] = field(default_factory=dict)
    images: dict[bytes, int] = field(default_factory=dict)

    def y(self, mm: float) -> float:
        """Return millimetres from the top as points from the bottom."""
        return (self.height_mm - mm) / MM_PER_POINT


def render_pdf(layout: Layout, fonts: FontSet) -> bytes:
    """Return the PDF of `layout`; equal arguments give equal bytes. Raises FontMissing, ImageRefused."""
    canvas = _Canvas(fonts, layout.height_mm)
    for number, (path, characters) in enumerate(_characters(layout, fonts).items(), 1):
        canvas.embedded[path], canvas.names[path] = PdfFont(path, characters), f"/F{number}"
    objects = canvas.objects
    tree = objects.reserve()
    contents = [objects.add_stream(_page(page.marks, canvas)) for page in layout.pages]
    resources = _resources(canvas)  # each page has its own, so that what is added to one page is not on all
    box = f"[0 0 {thousandths(layout.width_mm / MM_PER_POINT)} {thousandths(layout.height_mm / MM_PER_POINT)}]"
    pages = [
        objects.add(
            f"<< /Type /Page /Parent {tree} 0 R /MediaBox {box} /Resources {resources} /Contents {content} 0 R >>"
        )
        for content in contents
    ]
    kids = " ".join(f"{page} 0 R" for page in pages)
    objects.put(tree, f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>")
    root = objects.add(f"<< /Type /Catalog /Pages {tree} 0 R /Lang (zh-CN) >>")
    return objects.written(root, objects.add(_information(layout)))


def _characters(layout: Layout, fonts: FontSet) -> dict[File, str]:
    """Return the fonts in order of their first use, with the characters that are shown in each."""
    used: dict[File, set[str]] = {}
    for page in layout.pages:
        for mark in page.marks:
            if isinstance(mark, Text):
                for path, run in fonts.runs(mark.text, mark.face):
                    used.setdefault(path, set()).update(run)
    return {path: "".join(sorted(characters)) for path, characters in used.items()}


def _resources(canvas: _Canvas) -> str:
    fonts = {canvas.names[path][1:]: f"{font.embed(canvas.objects)} 0 R" for path, font in canvas.embedded.items()}
    entries = {"Font": dictionary(fonts)} if fonts else {}
    if canvas.images:
        entries["XObject"] = dictionary({f"I{number}": f"{number} 0 R" for number in canvas.images.values()})
    return dictionary(entries)


def _information(layout: Layout) -> str:
    described = {"Title": layout.title, "Author": layout.author, "Subject": layout.subject}
    described |= {"Creator": PRODUCER, "Producer": PRODUCER}
    return dictionary({key: text_string(text) for key, text in described.items() if text})


def _page(marks: Iterable[Mark], canvas: _Canvas) -> bytes:
    return "\n".join([part for mark in marks for part in _drawn(mark, canvas)]).encode("ascii")


def _drawn(mark: Mark, canvas: _Canvas) -> Iterator[str]:
    """Yield the operators of one mark; y is turned round, because a PDF counts from the bottom."""
    match mark:
        case Rule():
            yield _rule(mark, canvas.height_mm)
        case Text():
            yield from _text(mark, canvas)
        case Code():
            yield _code(mark, canvas)
        case Path():
            yield _path(mark, canvas)
        case Image():
            yield _image(mark, canvas)


@lru_cache(maxsize=HELD_MARKS)
def _rule(mark: Rule, height_mm: float) -> str:
    ends = (
        thousandths(mark.x1_mm / MM_PER_POINT, (height_mm - mark.y1_mm) / MM_PER_POINT),
        thousandths(mark.x2_mm / MM_PER_POINT, (height_mm - mark.y2_mm) / MM_PER_POINT),
    )
    return f"{_colour(mark.colour)} RG {thousandths(mark.width_mm / MM_PER_POINT)} w {ends[0]} m {ends[1]} l S"


def _text(mark: Text, canvas: _Canvas) -> Iterator[str]:
    fonts, colour = canvas.fonts, _colour(mark.colour)
    bold = mark.face is Face.HEADING and fonts.heading is None
    if bold:
        yield f"q {colour} RG {thousandths(EMBOLDEN_EM * mark.size_pt)} w"
    yield f"BT {colour} rg {FILL_AND_STROKE if bold else 0} Tr {thousandths(mark.spacing_mm / MM_PER_POINT)} Tc"
    yield f"{_turned(mark.angle)} {thousandths(mark.x_mm / MM_PER_POINT, canvas.y(mark.baseline_mm))} Tm"
    for path, run in fonts.runs(mark.text, mark.face):
        yield f"{canvas.names[path]} {thousandths(mark.size_pt)} Tf {canvas.embedded[path].shown(run)} Tj"
    yield "ET Q" if bold else "ET"


def _turned(angle: float) -> str:
    if not angle:
        return "1 0 0 1"
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return f"{cos:.6f} {sin:.6f} {-sin:.6f} {cos:.6f}"


def _code(mark: Code, canvas: _Canvas) -> str:
    """Draw the code as one path of rectangles, a run of dark modules each: crisp at any size, no image."""
    modules, runs = dark_runs(mark.payload)
    module = mark.size_mm / MM_PER_POINT / modules
    place = thousandths(mark.x_mm / MM_PER_POINT, canvas.y(mark.y_mm))
    squares = "\n".join([f"{start} {row} {length} 1 re" for row, start, length in runs])
    # whole modules from here on, counted down as in the code
    return f"q 0 g {module:.6f} 0 0 {-module:.6f} {place} cm\n{squares}\nf Q"


def _path(mark: Path, canvas: _Canvas) -> str:
    steps = [
        f"{thousandths(*(canvas.y(value) if index % 2 else value / MM_PER_POINT for index, value in enumerate(values)))} "
        f"{OPERATORS[kind]}"
        for kind, values in mark.outline
    ]
    inks = [f"{_colour(mark.fill)} rg"] if mark.fill else []
    inks += [f"{_colour(mark.stroke)} RG {thousandths(mark.width_mm / MM_PER_POINT)} w"] if mark.stroke else []
    paint = {(True, True): "B", (True, False): "f", (False, True): "S", (False, False): "n"}
    rule = "*" if mark.even_odd and mark.fill else ""
    return "\n".join([*inks, *steps, f"{paint[mark.fill is not None, mark.stroke is not None]}{rule}"])


def _image(mark: Image, canvas: _Canvas) -> str:
    if mark.content not in canvas.images:
        canvas.images[mark.content] = embed_image(canvas.objects, mark.content)
    size = mark.width_mm / MM_PER_POINT, mark.height_mm / MM_PER_POINT
    place = thousandths(mark.x_mm / MM_PER_POINT, canvas.y(mark.y_mm + mark.height_mm))
    return f"q {thousandths(size[0])} 0 0 {thousandths(size[1])} {place} cm /I{canvas.images[mark.content]} Do Q"


@lru_cache(maxsize=HELD_COLOURS)
def _colour(colour: Colour) -> str:
    return thousandths(colour.red, colour.green, colour.blue)
