"""The basic values of GB/T 33190 chapter 7 as anybody writes them: boxes, arrays of numbers with run lengths, matrices, colours, paths.

Lenient in form and strict in amount: what is no finite number is refused, and a run length never makes more values than can be used.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hub.signing.ofd.faults import OfdTooComplex, XmlMalformed

LARGEST = 1e7  # no document is ten kilometres wide
MAX_STEPS = 200_000
OPAQUE = 255
Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
STEP = re.compile(r"[A-Za-z]|[-+.\d][-+.\deE]*")
ARGUMENTS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
Step = tuple[str, tuple[float, ...]]


class Box(NamedTuple):
    """A rectangle in millimetres: top left corner, width and height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Ink:
    """A colour: red, green and blue from 0 to 255, and opacity from 0 to 1."""

    red: int
    green: int
    blue: int
    opacity: float = 1.0


BLACK = Ink(0, 0, 0)


def number(written: str | None, default: float = 0.0) -> float:
    """Return the number written, `default` when there is none; raise XmlMalformed for anything else or beyond reason."""
    if written is None or not written.strip():
        return default
    try:
        value = float(written)
    except ValueError as error:
        raise XmlMalformed(written[:40]) from error
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise XmlMalformed(written[:40])
    return value


def box(written: str | None) -> Box | None:
    """Return the box written as "x y w h", None when it is not four numbers."""
    values = (written or "").split()
    return Box(*(number(value) for value in values)) if len(values) == 4 else None


def matrix(written: str | None) -> Matrix:
    """Return the matrix written as six numbers, the identity when it is not."""
    values = (written or "").split()
    if len(values) != 6:
        return IDENTITY
    a, b, c, d, e, f = (number(value) for value in values)
    return (a, b, c, d, e, f)


def advances(written: str | None, most: int) -> tuple[float, ...] | None:
    """Return the advances of an array in which `g n v` stands for n times v, never more than `most`; None when nothing is written."""
    tokens = iter((written or "").split())
    values: list[float] = []
    for token in tokens:
        if token == "g":  # noqa: S105  the standard's mark for a run
            count, value = number(next(tokens, None)), number(next(tokens, None))
            values.extend([value] * max(0, min(int(count), most - len(values))))
        else:
            values.append(number(token))
        if len(values) >= most:
            break
    return tuple(values[:most]) or None


def ink(written: str | None, alpha: str | None) -> Ink | None:
    """Return the colour of one (grey), three (RGB) or four (CMYK) values, decimal or `#` hexadecimal; None when it is none of these."""
    values = [_level(each) for each in (written or "").split()]
    opacity = min(1.0, max(0.0, number(alpha, OPAQUE) / OPAQUE))
    if len(values) == 1:
        return Ink(values[0], values[0], values[0], opacity)
    if len(values) == 3:
        return Ink(values[0], values[1], values[2], opacity)
    if len(values) == 4:
        rest = 255 - values[3]
        red, green, blue = ((255 - value) * rest // 255 for value in values[:3])
        return Ink(red, green, blue, opacity)
    return None


def _level(written: str) -> int:
    if written.startswith("#"):
        try:
            return min(255, int(written[1:], 16))
        except ValueError as error:
            raise XmlMalformed(written[:40]) from error
    return min(255, max(0, round(number(written))))


def steps(written: str) -> Iterator[Step]:
    """Yield the steps of abbreviated path data (9.1): operator and its numbers; what is incomplete at the end is left out.

    Raises XmlMalformed for an unknown operator, OfdTooComplex beyond 200,000 steps.
    """
    tokens = STEP.findall(written)
    at, count = 0, 0
    while at < len(tokens):
        operator = tokens[at]
        wanted = ARGUMENTS.get(operator)
        if wanted is None:
            raise XmlMalformed(operator[:40])
        values = tokens[at + 1 : at + 1 + wanted]
        if len(values) < wanted:
            return
        yield operator, tuple(number(value) for value in values)
        at += 1 + wanted
        count += 1
        if count > MAX_STEPS:
            raise OfdTooComplex
