"""Puts the drawing of a seal on the pages of a PDF: as the appearance of a signature, or printed as part of the page.

Printed impressions are a picture and no signature: a rendition and a preview show where the seal stands, and say in words what they are. The
drawing is embedded once however many pages show it, and multiplies with the page, so that text under the seal stays legible.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from typing import Any

from hub.signing.layout import MM_PER_POINT
from hub.signing.pdf_images import Samples, samples_of
from hub.signing.placing import Impression
from hub.signing.seal_drawing import INK, SealDrawing

PRINTED = "TongbanSeal"  # the drawing's name among a page's resources
_loading = threading.Lock()


def print_seal(pdf: bytes, drawing: SealDrawing, impressions: Sequence[Impression]) -> bytes:
    """Return `pdf` with the drawing printed at `impressions`, unsigned; `pdf` is a prefix of the result."""
    writer = writer_on(pdf)
    print_impressions(writer, drawing, impressions)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def writer_on(pdf: bytes) -> Any:
    """Return pyHanko's writer of an incremental update to `pdf`."""
    load_pyhanko()
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    return IncrementalPdfFileWriter(io.BytesIO(pdf))


def load_pyhanko() -> None:
    """Import pyHanko, one thread at a time: its modules import one another in circles, and two threads would meet halfway, for good."""
    with _loading:
        import pyhanko.sign.signers.cms_embedder  # noqa: F401  what it needs comes with it


def print_impressions(writer: Any, drawing: SealDrawing, impressions: Sequence[Impression]) -> None:
    """Add the drawing to the pages named in `impressions`, above what they show already."""
    if not impressions:
        return
    form = seal_form(writer, drawing)
    make, name = _objects()
    for number in sorted({impression.page for impression in impressions}):
        page, _ = writer.find_page_for_modification(number)
        height = float(page.get_object()["/MediaBox"][3])
        shown = b"\n".join(_shown(impression, height) for impression in impressions if impression.page == number)
        content = writer.add_object(make.StreamObject(stream_data=shown))
        resources = make.DictionaryObject({name("/XObject"): make.DictionaryObject({name(f"/{PRINTED}"): form})})
        writer.add_stream_to_page(number, content, resources)


def seal_form(writer: Any, drawing: SealDrawing) -> Any:
    """Add the drawing to the file as a form of its own and return the reference (ISO 32000-1 section 8.10)."""
    make, name = _objects()
    side = make.FloatObject(round(drawing.diameter_mm / MM_PER_POINT, 2))
    states = make.DictionaryObject({name(f"/{INK}"): make.DictionaryObject({name("/BM"): name("/Multiply")})})
    images = make.DictionaryObject(
        {name(f"/P{number}"): _image(writer, content) for number, content in enumerate(drawing.images)}
    )
    resources = {name("/ExtGState"): states} | ({name("/XObject"): images} if images else {})
    form = make.StreamObject(
        {
            name("/Type"): name("/XObject"),
            name("/Subtype"): name("/Form"),
            name("/BBox"): make.ArrayObject([make.NumberObject(0), make.NumberObject(0), side, side]),
            name("/Resources"): make.DictionaryObject(resources),
            name("/Group"): make.DictionaryObject({name("/S"): name("/Transparency")}),
            name("/Filter"): name("/FlateDecode"),
        },
        encoded_data=drawing.appearance,
    )
    return writer.add_object(form)


def _image(writer: Any, content: bytes) -> Any:
    """Add the picture of a seal that is a PNG or JPEG, with its transparency, and return the reference."""
    image = samples_of(content)
    return _samples(writer, image, None if image.mask is None else _samples(writer, image.mask, None))


def _samples(writer: Any, image: Samples, mask: Any) -> Any:
    make, name = _objects()
    entries = {
        name("/Type"): name("/XObject"),
        name("/Subtype"): name("/Image"),
        name("/Width"): make.NumberObject(image.width),
        name("/Height"): make.NumberObject(image.height),
        name("/ColorSpace"): name(image.space),
        name("/BitsPerComponent"): make.NumberObject(8),
        name("/Filter"): name(image.filter),
    }
    if mask is not None:
        entries[name("/SMask")] = mask
    return writer.add_object(make.StreamObject(entries, encoded_data=image.encoded))


def _objects() -> tuple[Any, Any]:
    from pyhanko.pdf_utils import generic

    make: Any = generic  # pyHanko's object constructors carry no types
    return make, make.pdf_name


def _shown(impression: Impression, page_height_pt: float) -> bytes:
    """Return the operators that show one impression, cut to its strip; a PDF counts from the page's lower left corner."""
    left = impression.x_mm / MM_PER_POINT
    lower = page_height_pt - (impression.y_mm + impression.side_mm) / MM_PER_POINT
    first, last = impression.strip or (0.0, impression.side_mm)
    first, last, side = (value / MM_PER_POINT for value in (first, last, impression.side_mm))
    cut = f"{left + first:.2f} {lower:.2f} {last - first:.2f} {side:.2f} re W n"
    return f"q {cut} 1 0 0 1 {left:.2f} {lower:.2f} cm /{PRINTED} Do Q".encode("ascii")
