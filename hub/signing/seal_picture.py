"""Makes the picture of an e-seal: a document of one page, as large as the seal, in OFD form, out of the same outlines as everywhere else.

Type `ofd` is what real seals carry (GB/T 38540-2020 picture information; sizes in whole millimetres). Vectors only: crisp at any size.
"""

from __future__ import annotations

from hub.signing.fonts import FontSet
from hub.signing.layout import Layout, Page, SealPlace
from hub.signing.ofd.write import render_ofd
from hub.signing.seal_drawing import SealDrawing, seal_marks
from hub.signing.ses_values import Picture

PICTURE_TYPE = "ofd"


def seal_picture(drawing: SealDrawing, fonts: FontSet, name_zh: str) -> Picture:
    """Return the picture of the seal called `name_zh`; about 20 KB, made in a few milliseconds, equal arguments give equal bytes."""
    side = round(drawing.diameter_mm)
    middle = side / 2
    layout = Layout(
        pages=(Page(seal_marks(drawing, middle, middle)),),
        seal=SealPlace(0, middle, middle),
        title=name_zh,
        author="",
        subject="",
        width_mm=side,
        height_mm=side,
    )
    return Picture(PICTURE_TYPE, render_ofd(layout, fonts, deflated=True), side, side)
