"""The measures of GB/T 9704-2012 in millimetres from the page's top left, and the two sums made with them all the time."""

from __future__ import annotations

from hub.signing.fonts import Face, FontSet
from hub.signing.layout import A4_MM, BLACK, MM_PER_POINT, Colour, Text

AREA_TOP, AREA_LEFT, AREA_WIDTH, AREA_HEIGHT = 37.0, 28.0, 156.0, 225.0  # 5.2.1
AREA_RIGHT, AREA_BOTTOM = AREA_LEFT + AREA_WIDTH, AREA_TOP + AREA_HEIGHT
LINES, CHARACTERS = 22, 28  # 5.2.3
CHARACTER = AREA_WIDTH / CHARACTERS
BODY_PT = CHARACTER / MM_PER_POINT  # 15.8 pt: size three (16 pt) so that 28 characters fill the line
LINE_PITCH = (AREA_HEIGHT - CHARACTER) / (LINES - 1)
ASCENT_EM = 0.88  # where a Chinese character's box ends above the baseline


def em_mm(size_pt: float) -> float:
    """Return the width of one full character of `size_pt`, in millimetres."""
    return size_pt * MM_PER_POINT


def baseline(top: float) -> float:
    """Return the baseline of a line of running text whose characters begin at `top`."""
    return top + ASCENT_EM * CHARACTER


def centred(
    text: str,
    fonts: FontSet,
    baseline_mm: float,
    size_pt: float,
    *,
    face: Face = Face.BODY,
    colour: Colour = BLACK,
    about_mm: float = A4_MM[0] / 2,
) -> Text:
    """Return `text` centred about `about_mm`, by default about the middle of the page."""
    width = fonts.width(text, face) * em_mm(size_pt)
    return Text(text, about_mm - width / 2, baseline_mm, size_pt, face=face, colour=colour)
