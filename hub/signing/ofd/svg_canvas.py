"""Gathers the elements of one SVG document: outlines and images are defined once and used by reference, and the size is bounded.

Everything written here is made from checked numbers and escaped text; no markup of a stranger's file passes through.
"""

from __future__ import annotations

import base64
from hashlib import sha256

from hub.signing.fonts import FontSet
from hub.signing.layout import JPEG_START, PNG_START
from hub.signing.ofd.faults import OfdTooComplex
from hub.signing.ofd.glyphs import EmbeddedFont, Glyph, HubFonts
from hub.signing.ofd.values import Box

MAX_OUTPUT = 16 * 1024 * 1024
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
    'width="{w}mm" height="{h}mm" viewBox="{x} {y} {w} {h}">'
)


class SvgCanvas:
    """One document being drawn: `put` adds what is seen, `define` what is referred to."""

    def __init__(self, fonts: FontSet | None) -> None:
        self.hub_fonts = HubFonts(fonts) if fonts is not None else None
        self._body: list[str] = []
        self._definitions: list[str] = []
        self._size = 0
        self._ids = 0
        self._images: dict[bytes, str | None] = {}
        self._glyphs: dict[Glyph, str] = {}
        self._fonts: dict[bytes, EmbeddedFont] = {}

    def put(self, markup: str) -> None:
        """Add to the picture; raise OfdTooComplex beyond 16 MiB."""
        self._count(markup)
        self._body.append(markup)

    def define(self, markup: str) -> None:
        """Add a definition; raise OfdTooComplex beyond 16 MiB."""
        self._count(markup)
        self._definitions.append(markup)

    def mark(self) -> int:
        """Return a point that `back_to` can return to."""
        return len(self._body)

    def since(self, mark: int) -> str:
        """Return what was put since `mark`."""
        return "".join(self._body[mark:])

    def back_to(self, mark: int) -> None:
        """Forget what was put since `mark`."""
        del self._body[mark:]

    def fresh_id(self, letter: str) -> str:
        """Return an id no other element has."""
        self._ids += 1
        return f"{letter}{self._ids}"

    def glyph(self, glyph: Glyph) -> str:
        """Return the id of the outline, defined once however often it is used."""
        if glyph not in self._glyphs:
            self._glyphs[glyph] = self.fresh_id("g")
            self.define(f'<path id="{self._glyphs[glyph]}" d="{glyph.outline}"/>')
        return self._glyphs[glyph]

    def font(self, content: bytes) -> EmbeddedFont:
        """Return the outlines of an embedded font, opened once."""
        key = sha256(content).digest()
        if key not in self._fonts:
            self._fonts[key] = EmbeddedFont(content)
        return self._fonts[key]

    def image(self, content: bytes) -> str | None:
        """Return the id of the image as a unit square, None when it is neither PNG nor JPEG."""
        key = sha256(content).digest()
        if key not in self._images:
            self._images[key] = self._defined_image(content)
        return self._images[key]

    def document(self, area: Box) -> str:
        """Return the whole SVG document showing `area` in millimetres."""
        x, y, w, h = (decimals(value) for value in area)
        head = SVG.format(x=x, y=y, w=w, h=h)
        definitions = f"<defs>{''.join(self._definitions)}</defs>" if self._definitions else ""
        return f"{head}{definitions}{''.join(self._body)}</svg>"

    def _defined_image(self, content: bytes) -> str | None:
        kind = "png" if content.startswith(PNG_START) else "jpeg" if content.startswith(JPEG_START) else None
        if kind is None:
            return None
        identifier = self.fresh_id("i")
        encoded = base64.b64encode(content).decode("ascii")
        self.define(
            f'<image id="{identifier}" width="1" height="1" preserveAspectRatio="none" '
            f'xlink:href="data:image/{kind};base64,{encoded}"/>'
        )
        return identifier

    def _count(self, markup: str) -> None:
        self._size += len(markup)
        if self._size > MAX_OUTPUT:
            raise OfdTooComplex


def decimals(*values: float) -> str:
    """Return numbers separated by blanks, to a millionth, without exponents."""
    return " ".join(
        [str(int(value)) if value == int(value) else f"{value:.6f}".rstrip("0").rstrip(".") for value in values]
    )


def attribute(name: str, value: str) -> str:
    """Return an attribute whose value needs no escaping."""
    return f'{name}="{value}"'
