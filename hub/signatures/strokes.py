"""A signature drawn with a finger: strokes in, one bounded SVG path out.

Where the pen went is kept; when and how hard is not: rhythm and pressure are biometric data (个人信息保护法 art. 28), which nobody
here needs. The path is made of whole numbers in a field of 1000 × 400, so that it has one spelling and one digest. No database here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.signatures.faults import StrokesRefused

WIDTH, HEIGHT = 1000, 400
MAX_STROKES = 200
MAX_POINTS = 4000
MAX_TEXT_CHARACTERS = 64 * 1024
LEAST_INK = 150
"""How far the pen must have gone in all, in units of the field: a dot or a tap is no name."""

Point = tuple[int, int]


@dataclass(frozen=True)
class Drawing:
    """Strokes that passed the checks: each at least one point within the field."""

    strokes: tuple[tuple[Point, ...], ...]

    @property
    def path(self) -> str:
        """Return the drawing as the `d` of an SVG path: absolute, whole numbers, one spelling."""
        return " ".join(_stroke_path(stroke) for stroke in self.strokes)

    def to_json(self) -> dict[str, Any]:
        """Return what a signature record holds of the drawing."""
        return {"width": WIDTH, "height": HEIGHT, "path": self.path}


def drawing_of(text: str) -> Drawing:
    """Return the drawing in `text`: JSON `[[[x, y], …], …]`, whole numbers, x 0 to 1000, y 0 to 400, both ends included.

    Raises StrokesRefused for anything else, for more than 200 strokes or 4000 points, and for too little ink.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        raise _too_much()
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise _malformed() from None
    strokes = tuple(_stroke(each) for each in _listed(told))
    if len(strokes) > MAX_STROKES or sum(map(len, strokes)) > MAX_POINTS:
        raise _too_much()
    if sum(map(_length, strokes)) < LEAST_INK:
        raise StrokesRefused("签名为空或笔画太少，请重新书写。", "The field is empty or nearly so; write your name.")
    return Drawing(strokes)


def _listed(value: object) -> list[object]:
    if not isinstance(value, list):
        raise _malformed()
    return value


def _stroke(value: object) -> tuple[Point, ...]:
    points = tuple(_point(each) for each in _listed(value))
    if not points:
        raise _malformed()
    return points


def _point(value: object) -> Point:
    match value:
        case [int(x), int(y)] if not isinstance(x, bool) and not isinstance(y, bool):
            if 0 <= x <= WIDTH and 0 <= y <= HEIGHT:
                return x, y
    raise _malformed()


def _length(stroke: Sequence[Point]) -> float:
    return sum(math.dist(one, other) for one, other in zip(stroke, stroke[1:], strict=False))


def _stroke_path(stroke: Sequence[Point]) -> str:
    first, *rest = stroke
    lines = "".join(f"L{x} {y}" for x, y in rest or [first])
    return f"M{first[0]} {first[1]}{lines}"


def _malformed() -> StrokesRefused:
    return StrokesRefused("签名笔迹无法读取，请重新书写。", "The drawing cannot be read; please draw it again.")


def _too_much() -> StrokesRefused:
    return StrokesRefused("签名笔迹过于复杂，请重新书写。", "The drawing is too complex; please draw it again.")
