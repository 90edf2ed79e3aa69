"""The font that documents are drawn with, as tests find it: the one `make` fetches, never a substitute."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT_FONT = ROOT / "hub/web/static/vendor/document/NotoSerifSC-Regular.ttf"


class FontAbsent(Exception):
    """The document font has not been fetched. Cure: run `make front`."""


def document_font() -> Path:
    """Return the path of the TTF (Noto Serif SC Regular, glyf outlines, OFL); raises FontAbsent before `make front`."""
    if not DOCUMENT_FONT.exists():
        raise FontAbsent(f"{DOCUMENT_FONT.relative_to(ROOT)} is absent: run `make front`")
    return DOCUMENT_FONT
