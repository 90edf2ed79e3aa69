"""Reads a seal's picture that came as SVG, and keeps of it only plain shapes: no script, style, link, image or reference survives.

The shapes are written anew from checked values; nothing of the stranger's file is copied unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hub.signing.ofd.faults import OfdTooComplex, XmlMalformed, XmlTooDeep
from hub.signing.ofd.values import Box, number
from hub.signing.ofd.xml import name_of, parsed

if TYPE_CHECKING:
    from lxml.etree import _Element

GEOMETRY = {
    "g": (),
    "path": ("d",),
    "circle": ("cx", "cy", "r"),
    "ellipse": ("cx", "cy", "rx", "ry"),
    "rect": ("x", "y", "width", "height", "rx", "ry"),
    "line": ("x1", "y1", "x2", "y2"),
    "polyline": ("points",),
    "polygon": ("points",),
}
PAINT = (
    *("fill", "stroke", "stroke-width", "fill-rule", "opacity", "fill-opacity", "stroke-opacity", "transform"),
    *("stroke-linejoin", "stroke-linecap"),
)
PLAIN = re.compile(r"[\w\s.,()#%+-]*\Z", re.ASCII)
REFERS = re.compile(r"url|data|javascript", re.IGNORECASE)
LENGTH = re.compile(r"\s*([0-9.]+)\s*(?:px|mm|pt|cm|in)?\s*\Z")
MAX_SHAPES, MAX_DEPTH = 5000, 32


def plain_shapes(content: bytes) -> tuple[Box, str]:
    """Return the box the shapes are drawn in, and the shapes as SVG elements; raise OfdMalformed or its kin."""
    root = parsed(content, "SVG")
    if name_of(root) != "svg":
        raise XmlMalformed("SVG")
    return _view(root), "".join(_shapes(root, [0], 0))


def _view(root: _Element) -> Box:
    values = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    found = (
        Box(*(number(value) for value in values))
        if len(values) == 4
        else Box(0, 0, _length(root.get("width")), _length(root.get("height")))
    )
    if found.width <= 0 or found.height <= 0:
        raise XmlMalformed("SVG")
    return found


def _length(written: str | None) -> float:
    found = LENGTH.match(written or "")
    return number(found.group(1)) if found else 0.0


def _shapes(element: _Element, count: list[int], depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise XmlTooDeep("SVG")
    for each in element:
        name = name_of(each)
        if name not in GEOMETRY:
            continue
        count[0] += 1
        if count[0] > MAX_SHAPES:
            raise OfdTooComplex("SVG")
        attributes = "".join(
            f' {key}="{value}"'
            for key in (*GEOMETRY[name], *PAINT)
            if (value := each.get(key)) and PLAIN.match(value) and not REFERS.search(value)
        )
        yield f"<{name}{attributes}>{''.join(_shapes(each, count, depth + 1))}</{name}>"
