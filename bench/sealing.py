"""How many rendered decisions are sealed a second, visibly and with a time stamp, beside pyHanko as shipped on the same file."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.table import Line, core_rate, paired
from hub.signing.gbt9704 import lay_out
from hub.signing.keys import Purpose
from hub.signing.pades import SealingAct, seal_pdf
from hub.signing.pdf_render import render_pdf
from hub.signing.seal_drawing import SealShape, draw_seal
from tests.fonts import document_font
from tests.signing_desk import ISSUER, SIGNED, SigningDesk, decision, found_desk


def measure() -> Iterator[Line]:
    """Yield one line: sealing a rendered two-page decision."""
    with tempfile.TemporaryDirectory() as folder:
        desk = found_desk(Path(folder), document_font())
        layout = lay_out(decision(paragraphs=6), desk.fonts)
        pdf = render_pdf(layout, desk.fonts)
        key = desk.store.open(Purpose.SEAL, "bureau")
        drawing = draw_seal(SealShape(ISSUER, "行政审批专用章", 42.0, demonstration=True), desk.fonts)
        act = SealingAct(
            key=key,
            chain=desk.seal_chain,
            drawing=drawing,
            place=layout.seal,
            signed_at=SIGNED,
            timestamp=desk.client().token,
            reason="行政审批",
        )

        def ours() -> int:
            seal_pdf(pdf, act)
            return 1

        shipped = _as_shipped(desk, pdf)
        mine, theirs = paired(ours, shipped, measured=core_rate)
        yield Line(
            "decisions sealed (visible, time-stamped)",
            "a core's second",
            mine,
            theirs,
            "pyHanko as shipped, invisible, no stamp",
        )


def _as_shipped(desk: SigningDesk, pdf: bytes) -> Callable[[], int]:
    """Return pyHanko's own road: its signer with the same key and chain, a new writer for each file."""
    from asn1crypto import keys, x509
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    chain = [x509.Certificate.load(der) for der in desk.seal_chain]
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(chain[1:])
    signer = SimpleSigner(
        signing_cert=chain[0], signing_key=keys.PrivateKeyInfo.load(_private(desk)), cert_registry=store
    )
    metadata = PdfSignatureMetadata(field_name="Seal", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")

    def sign() -> int:
        PdfSigner(metadata, signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))
        return 1

    return sign


def _private(desk: SigningDesk) -> bytes:
    """Return the desk's seal key as PKCS#8, for the peer, which wants it in memory."""
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    path = next((desk.folder / "keys").rglob("bureau.key"))
    key = load_pem_private_key(path.read_bytes(), b"seal/bureau/a passphrase for tests")
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
