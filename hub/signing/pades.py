"""Seals a PDF: PAdES B-T (ETSI EN 319 142-1), with the seal's drawing as the signature's appearance.

pyHanko writes the field, the appearance and the byte range as an incremental update; the CMS is ours (`signed_data`), so that the key may
live anywhere. The signature certifies the document and permits no change (DocMDP P=1). The file it makes is canonical: lower-case
hexadecimal, zero padding, and the mark `/Tongban` within the signed bytes, which tells the verifier to insist on that form.
"""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.signing.keys import Key
from hub.signing.layout import MM_PER_POINT, SealPlace
from hub.signing.seal_drawing import INK, SealDrawing
from hub.signing.signed_data import DIGEST, detached

FIELD = "Seal1"
MARK = "Tongban"
TOKEN_AND_SHELL_BYTES = 6144  # room for a time-stamp token with its certificates, and the CMS around everything
_loading = threading.Lock()


@dataclass(frozen=True)
class SealingAct:
    """Who seals, with what, when: `chain` is DER, the seal's certificate first; `signed_at` is aware; `timestamp` maps the SHA-256 of
    the signature value to a token (DER), as `TimeStampClient.token` does."""

    key: Key
    chain: Sequence[bytes]
    drawing: SealDrawing
    place: SealPlace
    signed_at: datetime
    timestamp: Callable[[bytes], bytes]
    reason: str


def seal_pdf(pdf: bytes, act: SealingAct) -> bytes:
    """Return `pdf` sealed, time-stamped and closed to changes; `pdf` is a prefix of the result.

    Raises what the key and the time stamp raise; nothing is kept then, and the call may be repeated.
    """
    prepared, output = _prepared(pdf, act)
    signed = detached(prepared.document_digest, key=act.key, chain=act.chain)
    token = act.timestamp(hashlib.new(DIGEST, signed.signature).digest())
    prepared.fill_with_cms(output, signed.encoded(token))
    return bytes(output.getbuffer())


def _prepared(pdf: bytes, act: SealingAct) -> tuple[Any, io.BytesIO]:
    """Write everything but the signature value; return pyHanko's bookkeeping (digest and gap) and the file so far."""
    _load_pyhanko()
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import BuildProps, SignatureObject

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    field = SigFieldSpec(
        FIELD, on_page=act.place.page, box=_box(writer, act), readable_field_name="电子印章 Electronic seal"
    )
    steps = PdfCMSEmbedder(new_field_spec=field).write_cms(field_name=FIELD, writer=writer)
    _put_appearance(writer, next(steps).get_object(), act.drawing)
    signature = SignatureObject(
        timestamp=act.signed_at,
        subfilter=SigSeedSubFilter.PADES,
        reason=act.reason,
        app_build_props=BuildProps(name=MARK),
        bytes_reserved=2 * (TOKEN_AND_SHELL_BYTES + sum(map(len, act.chain))),
    )
    closed = SigMDPSetup(md_algorithm=DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    steps.send(SigObjSetup(sig_placeholder=signature, mdp_setup=closed))
    prepared, output = steps.send(SigIOSetup(md_algorithm=DIGEST))
    return prepared, output


def _load_pyhanko() -> None:
    """Import pyHanko, one thread at a time: its modules import one another in circles, and two threads would meet halfway, for good."""
    with _loading:
        import pyhanko.sign.signers.cms_embedder  # noqa: F401  what it needs comes with it


def _box(writer: Any, act: SealingAct) -> tuple[int, int, int, int]:
    """Return the seal's square on its page in points from the lower left, as PDF wants it."""
    page, _ = writer.find_page_for_modification(act.place.page)
    height = float(page.get_object()["/MediaBox"][3])
    side = round(act.drawing.diameter_mm / MM_PER_POINT)
    left = round(act.place.x_mm / MM_PER_POINT - side / 2)
    lower = round(height - act.place.y_mm / MM_PER_POINT - side / 2)
    return left, lower, left + side, lower + side


def _put_appearance(writer: Any, widget: Any, drawing: SealDrawing) -> None:
    """Let the drawing be what the signature looks like; it multiplies with the page, so that text under the seal stays legible."""
    from pyhanko.pdf_utils import generic

    make: Any = generic  # pyHanko's object constructors carry no types
    name = make.pdf_name
    side = make.FloatObject(round(drawing.diameter_mm / MM_PER_POINT, 2))
    states = make.DictionaryObject({name(f"/{INK}"): make.DictionaryObject({name("/BM"): name("/Multiply")})})
    form = make.StreamObject(
        {
            name("/Type"): name("/XObject"),
            name("/Subtype"): name("/Form"),
            name("/BBox"): make.ArrayObject([make.NumberObject(0), make.NumberObject(0), side, side]),
            name("/Resources"): make.DictionaryObject({name("/ExtGState"): states}),
            name("/Group"): make.DictionaryObject({name("/S"): name("/Transparency")}),
            name("/Filter"): name("/FlateDecode"),
        },
        encoded_data=drawing.appearance,
    )
    widget["/AP"] = make.DictionaryObject({name("/N"): writer.add_object(form)})
