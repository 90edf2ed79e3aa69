"""Turns the picture inside a seal into marks: a PNG or JPEG as an image, an OFD as the paths and images that showing it gives.

An imported seal looks as its organ's seal system drew it, not as this hub would draw the name. A picture of another type, or one that cannot
be read, gives no marks. Says nothing about the seal being valid.

Source: GB/T 38540-2020 (picture information: type, data, width and height in millimetres).
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from hub.signing.fonts import Contour, FontSet
from hub.signing.layout import JPEG_START, PNG_START, Colour, Image, Path
from hub.signing.ofd.faults import OfdMalformed
from hub.signing.ses_values import Picture

if TYPE_CHECKING:
    from lxml.etree import _Element

Matrix = tuple[float, float, float, float, float, float]
UNMOVED: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
TRANSFORM = re.compile(r"(\w+)\(([^)]*)\)")
HREF = "{http://www.w3.org/1999/xlink}href"
MAX_SVG_BYTES = 2 * 1024 * 1024
MAX_MARKS = 5_000
MAX_PIXELS = 16_000_000
HELD = 64
OPERATORS = {"M": "m", "L": "l", "C": "c", "Z": "h"}


@lru_cache(maxsize=HELD)
def picture_marks(picture: Picture, side_mm: float, fonts: FontSet) -> tuple[Path | Image, ...]:
    """Return the picture in the middle of a square of `side_mm` about (0, 0), y down, as large as it says unless it does not fit.

    Nothing where it is no PNG, JPEG or OFD, has no size, cannot be read, or is more than 5000 shapes.
    """
    if picture.width_mm <= 0 or picture.height_mm <= 0:
        return ()
    fit = min(1.0, side_mm / picture.width_mm, side_mm / picture.height_mm)
    width, height = picture.width_mm * fit, picture.height_mm * fit
    if _decodes(picture.content):
        return (Image(picture.content, -width / 2, -height / 2, width, height),)
    if picture.kind.strip().lower() != "ofd":
        return ()
    return _ofd_marks(picture.content, width, height, fonts)


def _decodes(content: bytes) -> bool:
    """Say whether a PNG or JPEG can be put into a file: whole, and not too large to hold."""
    from PIL import Image as Pillow

    if not content.startswith((PNG_START, JPEG_START)):
        return False
    try:
        with Pillow.open(io.BytesIO(content)) as image:
            if image.width * image.height > MAX_PIXELS:
                return False
            image.load()
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError):  # what Pillow raises for damaged images
        return False
    return True


def moved(marks: Iterable[Path | Image], x_mm: float, y_mm: float) -> tuple[Path | Image, ...]:
    """Return the marks with what was at (0, 0) at (x, y)."""
    return tuple(
        replace(mark, x_mm=mark.x_mm + x_mm, y_mm=mark.y_mm + y_mm)
        if isinstance(mark, Image)
        else replace(mark, outline=tuple((kind, _shifted(values, x_mm, y_mm)) for kind, values in mark.outline))
        for mark in marks
    )


def marks_content(marks: Iterable[Path | Image], scale: float) -> Iterator[str]:
    """Yield the PDF operators of the marks, `scale` units a millimetre, y up; images are called P0, P1 … in order."""
    images = 0
    for mark in marks:
        if isinstance(mark, Path):
            yield from _painted(mark, scale)
        else:
            size = f"{mark.width_mm * scale:.0f} 0 0 {mark.height_mm * scale:.0f}"
            corner = f"{mark.x_mm * scale:.0f} {-(mark.y_mm + mark.height_mm) * scale:.0f}"
            yield f"q {size} {corner} cm /P{images} Do Q"
            images += 1


def _painted(mark: Path, scale: float) -> Iterator[str]:
    for colour, operator in ((mark.fill, "rg"), (mark.stroke, "RG")):
        if colour is not None:
            yield f"{colour.red:.3g} {colour.green:.3g} {colour.blue:.3g} {operator}"
    yield f"{mark.width_mm * scale:.0f} w"
    for kind, values in mark.outline:
        turned = (f"{(-value if index % 2 else value) * scale:.0f}" for index, value in enumerate(values))
        yield " ".join([*turned, OPERATORS[kind]])
    rule = "*" if mark.even_odd and mark.fill else ""
    yield {(True, True): "B", (True, False): "f", (False, True): "S"}[
        mark.fill is not None, mark.stroke is not None
    ] + rule


def _shifted(values: tuple[float, ...], x: float, y: float) -> tuple[float, ...]:
    return tuple(value + (y if index % 2 else x) for index, value in enumerate(values))


def _ofd_marks(content: bytes, width: float, height: float, fonts: FontSet) -> tuple[Path | Image, ...]:
    from hub.signing.ofd.package import read_package
    from hub.signing.ofd.show import page_svg
    from hub.signing.ofd.xml import name_of, parsed

    try:
        root = parsed(page_svg(read_package(content), 0, fonts).encode(), "SVG", MAX_SVG_BYTES)
    except OfdMalformed:
        return ()
    x, y, w, h = (float(value) for value in root.get("viewBox", "").split())
    onto = (width / w, 0.0, 0.0, height / h, -width / 2 - x * width / w, -height / 2 - y * height / h)
    defined = {each.get("id", ""): each for part in root if name_of(part) == "defs" for each in part}
    marks: list[Path | Image] = []
    for mark in _marks(root, onto, defined):
        marks.append(mark)
        if len(marks) > MAX_MARKS:
            return ()
    return tuple(marks)


def _marks(parent: _Element, matrix: Matrix, defined: dict[str, _Element]) -> Iterator[Path | Image]:
    """Yield what stands below an element of our own SVG: groups, paths, and uses of what is defined."""
    from hub.signing.ofd.xml import name_of

    for element in parent:
        moved = _times(matrix, _transform(element.get("transform", "")))
        match name_of(element):
            case "g":
                yield from _marks(element, moved, defined)
            case "path":
                yield from _path(element, element.get("d", ""), moved)
            case "use":
                shape = defined.get(element.get(HREF, "").removeprefix("#"))
                if shape is not None and name_of(shape) == "path":
                    yield from _path(element, shape.get("d", ""), moved)
                elif shape is not None and _decodes(image := _image_of(shape)):
                    yield _image(image, moved)


def _path(painted: _Element, data: str, matrix: Matrix) -> Iterator[Path]:
    fill, stroke = _colour(painted.get("fill", "#000000")), _colour(painted.get("stroke", "none"))
    outline = _contour(data, matrix)
    if outline and (fill or stroke):
        line = float(painted.get("stroke-width", "1")) * abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) ** 0.5
        even_odd = painted.get("fill-rule") == "evenodd"
        yield Path(outline, fill=fill, stroke=stroke, width_mm=line, even_odd=even_odd)


def _contour(data: str, matrix: Matrix) -> Contour:
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.pens.transformPen import TransformPen
    from fontTools.svgLib.path import parse_path

    pen = DecomposingRecordingPen({})
    parse_path(data, TransformPen(pen, matrix))
    return tuple(_steps(pen.value))


def _steps(recorded: list[tuple[str, tuple[tuple[float, float], ...]]]) -> Iterator[tuple[str, tuple[float, ...]]]:
    at = (0.0, 0.0)
    for operator, points in recorded:
        if operator == "closePath":
            yield "Z", ()
        elif (
            operator == "qCurveTo"
        ):  # with one control point, as SVG has it; a cubic has its two at two thirds of the way
            (cx, cy), (x, y) = points
            yield (
                "C",
                (
                    *(at[0] + 2 / 3 * (cx - at[0]), at[1] + 2 / 3 * (cy - at[1])),
                    *(x + 2 / 3 * (cx - x), y + 2 / 3 * (cy - y)),
                    *(x, y),
                ),
            )
        elif operator in ("moveTo", "lineTo", "curveTo"):
            yield operator[0].upper(), tuple(value for point in points for value in point)
        at = points[-1] if points else at


def _image_of(shape: _Element) -> bytes:
    return base64.b64decode(shape.get(HREF, "").partition(",")[2])


def _image(content: bytes, matrix: Matrix) -> Image:
    """An image is a unit square; one that is turned is shown upright in its place."""
    a, b, c, d, e, f = matrix
    across, down = (e, e + a, e + c, e + a + c), (f, f + b, f + d, f + b + d)
    return Image(content, min(across), min(down), max(across) - min(across), max(down) - min(down))


def _transform(written: str) -> Matrix:
    found = UNMOVED
    for name, values in TRANSFORM.findall(written):
        numbers = [float(value) for value in values.split()]
        match name, numbers:
            case "translate", [x, y]:
                found = _times(found, (1.0, 0.0, 0.0, 1.0, x, y))
            case "scale", [x, y]:
                found = _times(found, (x, 0.0, 0.0, y, 0.0, 0.0))
            case "matrix", [a, b, c, d, e, f]:
                found = _times(found, (a, b, c, d, e, f))
    return found


def _times(outer: Matrix, inner: Matrix) -> Matrix:
    """Return the matrix that does `inner` first (a b c d e f, as SVG writes them)."""
    a, b, c, d, e, f = outer
    k, m, n, o, p, q = inner
    return (
        a * k + c * m,
        b * k + d * m,
        a * n + c * o,
        b * n + d * o,
        a * p + c * q + e,
        b * p + d * q + f,
    )


def _colour(written: str) -> Colour | None:
    if not written.startswith("#"):
        return None
    red, green, blue = bytes.fromhex(written[1:7])
    return Colour(red / 255, green / 255, blue / 255)
