"""Refuses, when a license is issued, what its files could not show: a character that no embedded font has is named with its code point.

Asked before anything is written, so that nobody learns of it days later from a file that cannot be made. No database here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub.licenses.contents import Content, Holder
from hub.licenses.faults import LicenseCharacterWithoutGlyph
from hub.signing.fonts import FontSet, missing_characters

LINE_END = "U+000A"


def require_glyphs(content: Content, holders: Sequence[Holder], issuer_zh: str, fonts: FontSet) -> None:
    """Return when every character of a license can be shown; raises LicenseCharacterWithoutGlyph with the path of the first that cannot.

    Line ends are refused where the face has one line: number, names, issuer.
    """
    for path, shown, one_line in _shown(content, holders, issuer_zh):
        absent = missing_characters(shown, fonts)
        if one_line and "\n" in shown:
            absent = [LINE_END, *absent]
        if absent:
            raise LicenseCharacterWithoutGlyph(absent, path)


def _shown(content: Content, holders: Sequence[Holder], issuer_zh: str) -> Iterator[tuple[str, str, bool]]:
    """Yield (path, text, whether it is one line) of everything on the face that was typed for this license."""
    yield "number", content.number, True
    yield "issuer", issuer_zh, True
    for index, holder in enumerate(holders):
        yield f"holders.{index}.name", holder.name, True
    for key, value in content.face:
        yield f"faceElements.{key}", value, False
