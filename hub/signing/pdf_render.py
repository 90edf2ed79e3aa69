"""Makes a PDF of a layout: the same layout and fonts give the same bytes, always.

The queue commits the digest of the rendering before it seals (design: one intent, one file), so nothing here may read the clock, draw a
random number or depend on what was rendered before. Fonts are embedded as subsets (ISO 32000-1 section 9.9) with their text extractable.
"""

from __future__ import annotations

import io
import threading
from typing import Any

from hub.signing.fonts import Face, FontSet, registered
from hub.signing.layout import MM_PER_POINT, Code, Colour, Image, Layout, Mark, Path, Rule, Text, image_format
from hub.signing.qr import dark_runs

PRODUCER = "Tongban"
FILL_AND_STROKE = 2  # ISO 32000-1 table 106: without a font for headings, the outline is thickened
EMBOLDEN_EM = 0.028
# reportlab keeps fonts and their subsets in module state; two renderings at once would mix them.
_RENDERING = threading.Lock()


def render_pdf(layout: Layout, fonts: FontSet) -> bytes:
    """Return the PDF of `layout`; equal arguments give equal bytes. Holds a lock: one rendering at a time in a process."""
    from reportlab import rl_config
    from reportlab.pdfgen.canvas import Canvas

    output = io.BytesIO()
    with _RENDERING:
        rl_config.useA85 = 0  # as text, streams would be a quarter larger and slower to write
        canvas = Canvas(
            output,
            pagesize=(layout.width_mm / MM_PER_POINT, layout.height_mm / MM_PER_POINT),
            invariant=1,
            pageCompression=1,
            lang="zh-CN",
        )
        canvas.setTitle(layout.title)
        canvas.setAuthor(layout.author)
        canvas.setSubject(layout.subject)
        canvas.setCreator(PRODUCER)
        for page in layout.pages:
            for mark in page.marks:
                _draw(mark, canvas, fonts, layout.height_mm)
            canvas.showPage()
        canvas.save()
    return output.getvalue()


def _draw(mark: Mark, canvas: Any, fonts: FontSet, height_mm: float) -> None:
    """Put one mark on the canvas; y is turned round, because a PDF counts from the bottom."""
    match mark:
        case Rule():
            _draw_rule(mark, canvas, height_mm)
        case Text():
            _draw_text(mark, canvas, fonts, height_mm)
        case Code():
            _draw_code(mark, canvas, height_mm)
        case Path():
            _draw_path(mark, canvas, height_mm)
        case Image():
            _draw_image(mark, canvas, height_mm)


def _draw_rule(mark: Rule, canvas: Any, height_mm: float) -> None:
    canvas.setStrokeColorRGB(*_rgb(mark.colour))
    canvas.setLineWidth(_pt(mark.width_mm))
    canvas.line(_pt(mark.x1_mm), _pt(height_mm - mark.y1_mm), _pt(mark.x2_mm), _pt(height_mm - mark.y2_mm))


def _draw_text(mark: Text, canvas: Any, fonts: FontSet, height_mm: float) -> None:
    canvas.saveState()
    canvas.translate(_pt(mark.x_mm), _pt(height_mm - mark.baseline_mm))
    if mark.angle:
        canvas.rotate(mark.angle)
    canvas.setFillColorRGB(*_rgb(mark.colour))
    line = canvas.beginText(0, 0)
    line.setCharSpace(_pt(mark.spacing_mm))
    if mark.face is Face.HEADING and fonts.heading is None:
        canvas.setStrokeColorRGB(*_rgb(mark.colour))
        canvas.setLineWidth(EMBOLDEN_EM * mark.size_pt)
        line.setTextRenderMode(FILL_AND_STROKE)
    for path, run in fonts.runs(mark.text, mark.face):
        line.setFont(registered(path), mark.size_pt)
        line.textOut(run)
    canvas.drawText(line)
    canvas.restoreState()


def _draw_code(mark: Code, canvas: Any, height_mm: float) -> None:
    """Draw the code as one path of rectangles, a run of dark modules each: crisp at any size, no image."""
    modules, runs = dark_runs(mark.payload)
    module = _pt(mark.size_mm) / modules
    left, top = _pt(mark.x_mm), _pt(height_mm - mark.y_mm)
    canvas.saveState()
    canvas.setFillColorRGB(0, 0, 0)
    canvas.transform(module, 0, 0, -module, left, top)  # whole modules from here on, counted down as in the code
    canvas.addLiteral("\n".join([*(f"{start} {row} {length} 1 re" for row, start, length in runs), "f"]))
    canvas.restoreState()


def _draw_path(mark: Path, canvas: Any, height_mm: float) -> None:
    path = canvas.beginPath()
    draw = {"M": path.moveTo, "L": path.lineTo, "C": path.curveTo, "Z": path.close}
    for kind, values in mark.outline:
        draw[kind](*(_pt(height_mm - value if index % 2 else value) for index, value in enumerate(values)))
    if mark.fill is not None:
        canvas.setFillColorRGB(*_rgb(mark.fill))
    if mark.stroke is not None:
        canvas.setStrokeColorRGB(*_rgb(mark.stroke))
        canvas.setLineWidth(_pt(mark.width_mm))
    canvas.drawPath(path, stroke=int(mark.stroke is not None), fill=int(mark.fill is not None))


def _draw_image(mark: Image, canvas: Any, height_mm: float) -> None:
    from reportlab.lib.utils import ImageReader

    image_format(mark.content)
    canvas.drawImage(
        ImageReader(io.BytesIO(mark.content)),
        _pt(mark.x_mm),
        _pt(height_mm - mark.y_mm - mark.height_mm),
        _pt(mark.width_mm),
        _pt(mark.height_mm),
        mask="auto",
    )


def _pt(mm: float) -> float:
    return mm / MM_PER_POINT


def _rgb(colour: Colour) -> tuple[float, float, float]:
    return colour.red, colour.green, colour.blue
