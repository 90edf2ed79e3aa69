"""Embeds PNG and JPEG images in a PDF (ISO 32000-1 section 8.9): a JPEG as it is, anything else as samples, transparency as a soft mask."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import Any

from hub.signing.layout import image_format
from hub.signing.pdf_objects import PdfObjects, stream

COMPONENTS = {"L": "/DeviceGray", "RGB": "/DeviceRGB"}
BITS = "/BitsPerComponent 8"


@dataclass(frozen=True)
class Samples:
    """An image as a PDF holds it: `encoded` by `filter`, in a colour space, with its transparency as samples of their own."""

    encoded: bytes
    filter: str
    width: int
    height: int
    space: str
    mask: Samples | None = None

    @property
    def entries(self) -> str:
        """What its dictionary says, but for the mask."""
        size = f"/Width {self.width} /Height {self.height}"
        return f"/Filter {self.filter} /Type /XObject /Subtype /Image {size} /ColorSpace {self.space} {BITS}"


def samples_of(content: bytes) -> Samples:
    """Return the image ready to be embedded; raises ImageRefused."""
    from PIL import Image

    form = image_format(content)
    picture = Image.open(io.BytesIO(content))
    if form == "JPEG" and picture.mode in COMPONENTS:
        return Samples(content, "/DCTDecode", picture.width, picture.height, COMPONENTS[picture.mode])
    mask = None
    if "A" in picture.getbands() or "transparency" in picture.info:
        mask = _deflated(picture.convert("RGBA").getchannel("A"))
    return _deflated(picture if picture.mode == "L" else picture.convert("RGB"), mask)


def embed_image(objects: PdfObjects, content: bytes) -> int:
    """Add the image and return its number; raises ImageRefused."""
    image = samples_of(content)
    mask = ""
    if image.mask is not None:
        mask = f" /SMask {objects.add(stream(image.mask.encoded, image.mask.entries))} 0 R"
    return objects.add(stream(image.encoded, image.entries + mask))


def _deflated(picture: Any, mask: Samples | None = None) -> Samples:
    encoded = zlib.compress(picture.tobytes())
    return Samples(encoded, "/FlateDecode", picture.width, picture.height, COMPONENTS[picture.mode], mask)
