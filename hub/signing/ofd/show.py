"""Shows a page of an OFD as pure SVG 1.1: shapes, images as data of PNG or JPEG, and characters as outlines; nothing else survives.

No script, style, external reference or font of the file reaches the reader's browser. Seals are drawn where their signatures put them,
from the picture inside the seal; being shown says nothing about being valid. Everything is bounded, and a malformed file raises
OfdMalformed or its kin.
"""

from __future__ import annotations

from hub.signing.fonts import FontSet
from hub.signing.ofd.faults import OfdMalformed
from hub.signing.ofd.package import Package, read_package
from hub.signing.ofd.read import Block, Document, open_document, page_view
from hub.signing.ofd.stamps import Stamp, stamps
from hub.signing.ofd.svg_canvas import SvgCanvas, attribute, decimals
from hub.signing.ofd.svg_picture import plain_shapes
from hub.signing.ofd.svg_units import UnitDrawer
from hub.signing.ofd.values import Box

SEAL_OPACITY, PHOTO_OPACITY = 0.9, 0.7  # text under the seal must stay legible; a JPEG has no transparency of its own
EMPTY = "stroke='#b00' stroke-width='0.3' stroke-dasharray='1 1' fill='none'"


def page_count(package: Package) -> int:
    """Return how many pages the document has; raise OfdMalformed or its kin."""
    return len(open_document(package).pages)


def page_svg(package: Package, page: int, fonts: FontSet | None = None) -> str:
    """Return the page (from 0) as an SVG document of at most 16 MiB, in millimetres, seals included.

    `fonts` draws text whose font is not embedded; without them such text becomes SVG text in whatever serif the viewer has. Raises
    OfdPageMissing, OfdTooComplex, OfdMalformed and its kin.
    """
    document = open_document(package)
    view = page_view(document, page)
    canvas = SvgCanvas(fonts)
    drawer = UnitDrawer(document, canvas)
    area = view.area
    canvas.put(f'<rect {_rectangle(area)} fill="#ffffff"/>')
    _draw_blocks(view.blocks, drawer, canvas)
    for stamp in stamps(package, document.pages[page].id):
        _draw_stamp(stamp, canvas)
    return canvas.document(area)


def _draw_blocks(blocks: tuple[Block, ...], drawer: UnitDrawer, canvas: SvgCanvas) -> None:
    for block in blocks:
        if block.origin is not None:
            canvas.put(f'<g transform="translate({decimals(block.origin.x, block.origin.y)})">')
        drawer.draw(block.units)
        if block.origin is not None:
            canvas.put("</g>")


def _draw_stamp(stamp: Stamp, canvas: SvgCanvas) -> None:
    """Put the picture over the stamp's box; a picture that cannot be shown leaves the box, dashed."""
    clipped = ""
    if stamp.clip is not None:
        identifier = canvas.fresh_id("c")
        canvas.define(f'<clipPath id="{identifier}"><rect {_rectangle(stamp.clip)}/></clipPath>')
        clipped = f' clip-path="url(#{identifier})"'
    canvas.put(f'<g transform="translate({decimals(stamp.box.x, stamp.box.y)})"><g{clipped}>')
    mark = canvas.mark()
    try:
        shown = _draw_picture(stamp, canvas)
    except OfdMalformed:
        canvas.back_to(mark)
        shown = False
    if not shown:
        canvas.put(f"<rect {_rectangle(Box(0, 0, stamp.box.width, stamp.box.height))} {EMPTY}/>")
    canvas.put("</g></g>")


def _draw_picture(stamp: Stamp, canvas: SvgCanvas) -> bool:
    """Draw the seal's picture in a box of the stamp's size with its corner at the origin; say whether there was one to draw."""
    if stamp.picture is None or stamp.box.width <= 0 or stamp.box.height <= 0:
        return False
    kind, content = stamp.picture.kind.strip().lower(), stamp.picture.content
    if kind == "ofd":
        return _draw_nested(stamp, read_package(content), canvas)
    if kind == "svg":
        box, shapes = plain_shapes(content)
        canvas.put(f"{_fitted(stamp.box, box)}{shapes}</g>")
        return True
    image = canvas.image(content)
    if image is None:
        return False
    opacity = PHOTO_OPACITY if kind in ("jpg", "jpeg") else SEAL_OPACITY
    scale = attribute("transform", f"scale({decimals(stamp.box.width, stamp.box.height)})")
    canvas.put(f'<use xlink:href="#{image}" opacity="{opacity}" {scale}/>')
    return True


def _draw_nested(stamp: Stamp, package: Package, canvas: SvgCanvas) -> bool:
    """A seal's picture may be an OFD of one page; seals within it are not drawn."""
    document: Document = open_document(package)
    view = page_view(document, 0)
    canvas.put(_fitted(stamp.box, view.area))
    _draw_blocks(view.blocks, UnitDrawer(document, canvas), canvas)
    canvas.put("</g>")
    return True


def _fitted(onto: Box, area: Box) -> str:
    """Open a group in which `area` covers a box of the size of `onto` with its corner at the origin."""
    scale = f"scale({decimals(onto.width / area.width, onto.height / area.height)})"
    return f'<g opacity="{SEAL_OPACITY}" transform="{scale} translate({decimals(-area.x, -area.y)})">'


def _rectangle(box: Box) -> str:
    return f'x="{decimals(box.x)}" y="{decimals(box.y)}" width="{decimals(box.width)}" height="{decimals(box.height)}"'
