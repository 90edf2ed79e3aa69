"""Embeds PNG and JPEG images in a PDF (ISO 32000-1 section 8.9): a JPEG as it is, anything else as samples, transparency as a soft mask."""

from __future__ import annotations

import io
from typing import Any

from hub.signing.layout import image_format
from hub.signing.pdf_objects import PdfObjects, stream

COMPONENTS = {"L": "/DeviceGray", "RGB": "/DeviceRGB"}
BITS = "/BitsPerComponent 8"


def embed_image(objects: PdfObjects, content: bytes) -> int:
    """Add the image and return its number; raises ImageRefused."""
    from PIL import Image

    form = image_format(content)
    picture = Image.open(io.BytesIO(content))
    if form == "JPEG" and picture.mode in COMPONENTS:
        return objects.add(stream(content, f"/Filter /DCTDecode {_entries(picture)}"))
    mask = ""
    if "A" in picture.getbands() or "transparency" in picture.info:
        alpha = picture.convert("RGBA").getchannel("A")
        mask = f" /SMask {objects.add_stream(alpha.tobytes(), _entries(alpha))} 0 R"
    plain = picture if picture.mode == "L" else picture.convert("RGB")
    return objects.add_stream(plain.tobytes(), _entries(plain) + mask)


def _entries(picture: Any) -> str:
    size = f"/Width {picture.width} /Height {picture.height}"
    return f"/Type /XObject /Subtype /Image {size} /ColorSpace {COMPONENTS[picture.mode]} {BITS}"
