"""Signs a PDF: PAdES B-T (ETSI EN 319 142-1), as an original with the organ's seal on it, or as a rendition in the hub's own name.

pyHanko writes the field, the appearance and the byte range as an incremental update; the CMS is ours (`signed_data`), so that the key may
live anywhere. The signature certifies the document and permits no change (DocMDP P=1). The file it makes is canonical: lower-case
hexadecimal, zero padding, and the mark `/Tongban` within the signed bytes, which tells the verifier to insist on that form.

A rendition (阅览件) shows the seal as print on the page, and its signature has no appearance: nothing there is the organ's signature.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.signing.keys import Key
from hub.signing.layout import MM_PER_POINT, SealPlace
from hub.signing.pdf_impressions import print_impressions, seal_form, writer_on
from hub.signing.placing import Impression
from hub.signing.seal_drawing import SealDrawing
from hub.signing.signed_data import DIGEST, attributes_to_sign, detached, detached_from

FIELD, RENDITION_FIELD = "Seal1", "Rendition1"
FIELD_TEXTS = {FIELD: "电子印章 Electronic seal", RENDITION_FIELD: "阅览件签名 Signature of the rendition"}
MARK = "Tongban"
TOKEN_AND_SHELL_BYTES = 6144  # room for a time-stamp token with its certificates, and the CMS around everything
INVISIBLE = (0, 0, 0, 0)


@dataclass(frozen=True)
class SealingAct:
    """Who seals, with what, when: `chain` is DER, the seal's certificate first; `signed_at` is aware; `timestamp` maps the SHA-256 of
    the signature value to a token (DER), as `TimeStampClient.token` does. `strips` are those of a cross-page seal, if there is one."""

    key: Key
    chain: Sequence[bytes]
    drawing: SealDrawing
    place: SealPlace
    signed_at: datetime
    timestamp: Callable[[bytes], bytes]
    reason: str
    strips: Sequence[Impression] = ()


@dataclass(frozen=True)
class RenditionAct:
    """How the hub signs a rendition: with its own key and chain; `impressions` are where the page shows the drawing of the seal, as print."""

    key: Key
    chain: Sequence[bytes]
    drawing: SealDrawing
    impressions: Sequence[Impression]
    signed_at: datetime
    timestamp: Callable[[bytes], bytes]
    reason: str


@dataclass(frozen=True)
class DeviceAct:
    """Who seals with a key that is elsewhere: as `SealingAct`, with the key's algorithm in place of the key."""

    algorithm: str
    chain: Sequence[bytes]
    drawing: SealDrawing
    place: SealPlace
    signed_at: datetime
    reason: str
    strips: Sequence[Impression] = ()


@dataclass(frozen=True)
class PreparedPdf:
    """A PDF that waits for its signature: the whole file with a gap, where the gap lies, and what is to be signed (before hashing)."""

    content: bytes
    gap: tuple[int, int]
    to_sign: bytes


def prepare_pdf(pdf: bytes, act: DeviceAct) -> PreparedPdf:
    """Return `pdf` with everything but the signature; raises KeyAlgorithmUnsupported."""
    writer = writer_on(pdf)
    print_impressions(writer, act.drawing, act.strips)
    prepared, output = _prepared(writer, act, FIELD, _box(writer, act), page=act.place.page)
    digest = prepared.document_digest
    return PreparedPdf(
        content=bytes(output.getbuffer()),
        gap=(prepared.reserved_region_start, prepared.reserved_region_end),
        to_sign=attributes_to_sign(digest, algorithm=act.algorithm, certificate=act.chain[0]),
    )


def complete_pdf(
    prepared: PreparedPdf,
    signature: bytes,
    *,
    algorithm: str,
    chain: Sequence[bytes],
    timestamp: Callable[[bytes], bytes],
) -> bytes:
    """Return the sealed PDF, in the form `seal_pdf` writes; the signature (DER for P-256) is not checked here. Raises what the stamp raises."""
    from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest

    token = timestamp(hashlib.new(DIGEST, signature).digest())
    cms = detached_from(prepared.to_sign, signature, algorithm=algorithm, chain=chain, token=token)
    output = io.BytesIO(prepared.content)
    PreparedByteRangeDigest(b"", *prepared.gap).fill_with_cms(output, cms)
    return output.getvalue()


def seal_pdf(pdf: bytes, act: SealingAct) -> bytes:
    """Return `pdf` sealed, time-stamped and closed to changes; `pdf` is a prefix of the result.

    Raises what the key and the time stamp raise; nothing is kept then, and the call may be repeated.
    """
    writer = writer_on(pdf)
    print_impressions(writer, act.drawing, act.strips)
    return _signed(writer, act, FIELD, _box(writer, act), page=act.place.page)


def sign_rendition(pdf: bytes, act: RenditionAct) -> bytes:
    """Return `pdf` with the seal printed on it, signed by the hub, time-stamped and closed to changes; raises as `seal_pdf`."""
    writer = writer_on(pdf)
    print_impressions(writer, act.drawing, act.impressions)
    return _signed(writer, act, RENDITION_FIELD, INVISIBLE, page=0)


def _signed(
    writer: Any, act: SealingAct | RenditionAct, field: str, box: tuple[int, int, int, int], *, page: int
) -> bytes:
    prepared, output = _prepared(writer, act, field, box, page=page)
    signed = detached(prepared.document_digest, key=act.key, chain=act.chain)
    token = act.timestamp(hashlib.new(DIGEST, signed.signature).digest())
    prepared.fill_with_cms(output, signed.encoded(token))
    return bytes(output.getbuffer())


def _prepared(
    writer: Any, act: SealingAct | RenditionAct | DeviceAct, field: str, box: tuple[int, int, int, int], *, page: int
) -> tuple[Any, io.BytesIO]:
    """Write everything but the signature value; return pyHanko's bookkeeping (digest and gap) and the file so far."""
    from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import BuildProps, SignatureObject

    spec = SigFieldSpec(field, on_page=page, box=box, readable_field_name=FIELD_TEXTS[field])
    steps = PdfCMSEmbedder(new_field_spec=spec).write_cms(field_name=field, writer=writer)
    widget = next(steps).get_object()
    if not isinstance(act, RenditionAct):
        _put_appearance(writer, widget, act.drawing)
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


def _box(writer: Any, act: SealingAct | DeviceAct) -> tuple[int, int, int, int]:
    """Return the seal's square on its page in points from the lower left, as PDF wants it."""
    page, _ = writer.find_page_for_modification(act.place.page)
    height = float(page.get_object()["/MediaBox"][3])
    side = round(act.drawing.diameter_mm / MM_PER_POINT)
    left = round(act.place.x_mm / MM_PER_POINT - side / 2)
    lower = round(height - act.place.y_mm / MM_PER_POINT - side / 2)
    return left, lower, left + side, lower + side


def _put_appearance(writer: Any, widget: Any, drawing: SealDrawing) -> None:
    """Let the drawing be what the signature looks like."""
    from pyhanko.pdf_utils import generic

    make: Any = generic  # pyHanko's object constructors carry no types
    name = make.pdf_name
    widget["/AP"] = make.DictionaryObject({name("/N"): seal_form(writer, drawing)})
