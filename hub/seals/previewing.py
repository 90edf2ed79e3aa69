"""Shows a document as it would look with its seal, before anybody seals it: marked 预览 on every page, signed by nobody.

A preview is for the keeper's eye and is never stored or published. Opens no key.
"""

from __future__ import annotations

from dataclasses import replace

from hub.signing.fonts import Face, FontSet
from hub.signing.layout import MM_PER_POINT, OFFICIAL_RED, Layout, Page, Text
from hub.signing.pdf_impressions import print_seal
from hub.signing.pdf_render import render_pdf
from hub.signing.placing import across_edges, impression_at
from hub.signing.seal_drawing import SealShape, draw_seal

NOTICE = "预览 · 尚未签章，不具效力 · PREVIEW, NOT SEALED"
NOTICE_PT, NOTICE_BASELINE_MM = 12.0, 16.0


def preview_layout(layout: Layout, fonts: FontSet) -> Layout:
    """Return the layout with the notice in red above the text of every page."""
    mark = Text(NOTICE, 0.0, NOTICE_BASELINE_MM, NOTICE_PT, face=Face.HEADING, colour=OFFICIAL_RED)
    width = fonts.width(NOTICE, Face.HEADING) * NOTICE_PT * MM_PER_POINT
    notice = replace(mark, x_mm=(layout.width_mm - width) / 2)
    return replace(layout, pages=tuple(Page((*page.marks, notice)) for page in layout.pages))


def preview_pdf(layout: Layout, shape: SealShape, fonts: FontSet, *, across: bool) -> bytes:
    """Return the PDF of `preview_layout` with the seal drawn where it would go, and across the edges where `across` asks for it."""
    strips = across_edges(layout, shape.diameter_mm) if across else ()
    impressions = [impression_at(layout.seal, shape.diameter_mm), *strips]
    return print_seal(render_pdf(preview_layout(layout, fonts), fonts), draw_seal(shape, fonts), impressions)
