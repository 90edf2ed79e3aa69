"""One description of a laid-out document, in millimetres, from which every file format is made: PDF and OFD.

Holds positions and plain marks, nothing of any format. The origin is the page's top left corner, x to the right, y down (as in OFD,
GB/T 33190 section 7.3); sizes of type are in points (1 pt = 25.4/72 mm).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from hub.errors import HubError
from hub.signing.fonts import Contour, Face

A4_MM = (210.0, 297.0)
MM_PER_POINT = 25.4 / 72
HELD_NUMBERS = 16_384
PNG_START, JPEG_START = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


class ImageRefused(HubError):
    """The image is neither PNG nor JPEG; nothing else is put into a document, because readers of OFD and PDF show only these alike.

    Cure: convert the image to PNG or JPEG.
    """

    code = "layout.image_refused"

    def __init__(self) -> None:
        super().__init__("文书中的图像只能是 PNG 或 JPEG。", "Images in documents must be PNG or JPEG.")


def thousandths(*values: float) -> str:
    """Return numbers to a thousandth, separated by blanks, without exponents or needless zeros: as OFD and PDF both write lengths."""
    return " ".join([_written(round(1000 * value)) for value in values])


@lru_cache(maxsize=HELD_NUMBERS)
def _written(count: int) -> str:
    """Return so many thousandths in decimals; a document's lengths come again and again, and formatting them is half of writing it."""
    whole, rest = divmod(abs(count), 1000)
    decimals = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{'-' if count < 0 else ''}{whole}{decimals}"


def image_format(content: bytes) -> str:
    """Return "PNG" or "JPEG" by the first bytes of `content`; raise ImageRefused."""
    for start, name in ((PNG_START, "PNG"), (JPEG_START, "JPEG")):
        if content.startswith(start):
            return name
    raise ImageRefused


@dataclass(frozen=True)
class Colour:
    """Red, green and blue, each from 0 to 1."""

    red: float
    green: float
    blue: float


BLACK = Colour(0, 0, 0)
OFFICIAL_RED = Colour(0.84, 0.05, 0.05)
PALE_RED = Colour(0.965, 0.87, 0.87)
GREY = Colour(0.35, 0.35, 0.35)


@dataclass(frozen=True)
class Text:
    """One run of text on a baseline; `spacing_mm` is added after each character, `angle` (degrees, anticlockwise) turns about the start.

    `tag` names the face element this text shows, for the index of GB/T 36905 in an OFD; an element may have several texts.
    """

    text: str
    x_mm: float
    baseline_mm: float
    size_pt: float
    face: Face = Face.BODY
    colour: Colour = BLACK
    spacing_mm: float = 0.0
    angle: float = 0.0
    tag: str | None = None


@dataclass(frozen=True)
class Rule:
    """A straight line."""

    x1_mm: float
    y1_mm: float
    x2_mm: float
    y2_mm: float
    width_mm: float
    colour: Colour = BLACK


@dataclass(frozen=True)
class Code:
    """A QR code of `payload` in a square of `size_mm`, quiet zone included, top left corner at (x, y)."""

    payload: str
    x_mm: float
    y_mm: float
    size_mm: float


@dataclass(frozen=True)
class Path:
    """An outline in millimetres of the page: filled, drawn, or both; lines are `width_mm` wide.

    With `even_odd` what lies within an even number of its contours stays unfilled.
    """

    outline: Contour
    fill: Colour | None = None
    stroke: Colour | None = None
    width_mm: float = 0.25
    even_odd: bool = False


@dataclass(frozen=True)
class Image:
    """A PNG or JPEG stretched over a box whose top left corner is (x, y)."""

    content: bytes
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float


Mark = Text | Rule | Code | Path | Image


@dataclass(frozen=True)
class Page:
    """The marks of a page, in painting order."""

    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class SealPlace:
    """Where the seal's centre goes: page counted from 0, millimetres from the page's top left."""

    page: int
    x_mm: float
    y_mm: float


@dataclass(frozen=True)
class Layout:
    """A whole document: its pages, where its seal goes, and what its properties say."""

    pages: tuple[Page, ...]
    seal: SealPlace
    title: str
    author: str
    subject: str
    width_mm: float = A4_MM[0]
    height_mm: float = A4_MM[1]
