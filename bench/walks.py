"""Every bit of a small file turned over, one at a time, for each format the verifier reads: not one may pass, and nothing may be raised.

Raises BitUnnoticed at the first that passes. The short form looks at every `STRIDE`th bit, `--full` at all of them.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.table import LEAST, Line, full
from hub.clock import FixedClock
from hub.migrations import upgrade
from hub.signatures.strokes import drawing_of
from hub.signing.anchors import Anchors
from hub.signing.keys import Purpose
from hub.signing.layout import Layout, Page, SealPlace, Text
from hub.signing.ofd.package import read_package
from hub.signing.pades import SealingAct, seal_pdf
from hub.signing.pdf_render import render_pdf
from hub.signing.seal_drawing import SealShape, draw_seal
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from hub.web.signing_table import table_of
from tests.fonts import document_font
from tests.seal_desk import NOW, found_seal_desk, with_entries
from tests.signing_desk import SIGNED, found_desk
from tests.signing_records import anchors_of, record_of
from tests.web_hub import STANDING_AT, composed, open_ledgers

BITS, STRIDE = 8, 211  # a prime, so that the bits looked at stand everywhere in a byte
LEAST_RATE = 400.0
VALUE = "Doc_0/Signs/Sign_0/SignedValue.dat"
STROKES = "[[[100, 200], [400, 100], [700, 300]]]"


class BitUnnoticed(Exception):
    """A bit was turned over and the verdict was still passed, or the file did not pass untouched; the argument says where."""


@dataclass(frozen=True)
class Walk:
    """A file to walk over: its bytes, who is trusted, as of when; `around` puts a part of a file into the rest of it."""

    name: str
    content: bytes
    anchors: Anchors
    at: datetime
    around: Callable[[bytes], bytes] = bytes


def measure() -> Iterator[Line]:
    """Yield one line per format: bits a second, and how many."""
    with tempfile.TemporaryDirectory() as folder:
        for walk in (*_ofd(Path(folder) / "ofd"), _pdf(Path(folder) / "pdf"), _record(Path(folder) / "record")):
            yield _walked(walk)


def _walked(walk: Walk) -> Line:
    if _outcome(walk, walk.content) is not Outcome.PASSED:
        raise BitUnnoticed(f"{walk.name}: untouched")
    bits = range(0, len(walk.content) * BITS, 1 if full() else STRIDE)
    counted = dict.fromkeys(Outcome, 0)
    began = time.process_time()
    for bit in bits:
        changed = bytearray(walk.content)
        changed[bit // BITS] ^= 1 << bit % BITS
        outcome = _outcome(walk, bytes(changed))
        if outcome is Outcome.PASSED:
            raise BitUnnoticed(f"{walk.name}: bit {bit}")
        counted[outcome] += 1
    spent = time.process_time() - began
    told = f"{walk.name}: {len(bits):,} bits turned over, none passed, {counted[Outcome.CANNOT_TELL]:,} cannot tell"
    return Line(told, "a core's second", len(bits) / spent, LEAST_RATE, LEAST)


def _outcome(walk: Walk, content: bytes) -> Outcome:
    return verify_document(walk.around(content), walk.anchors, walk.at).outcome


def _ofd(folder: Path) -> Iterator[Walk]:
    """Yield a sealed OFD, the seal alone, and the signature value within a container that is whole."""
    desk = found_seal_desk(folder)
    sealed, anchors = desk.sealed(), desk.anchors()
    yield Walk("OFD", sealed, anchors, NOW)
    yield Walk("e-seal", desk.seal(), anchors, NOW)
    value = read_package(sealed).entries[VALUE]
    yield Walk("e-seal signature in its OFD", value, anchors, NOW, lambda each: with_entries(sealed, {VALUE: each}))


def _pdf(folder: Path) -> Walk:
    desk = found_desk(folder, document_font())
    layout = Layout((Page((Text("批复", 30, 40, 16),)),), SealPlace(0, 100, 100), "批复", "", "")
    act = SealingAct(
        key=desk.store.open(Purpose.SEAL, "bureau"),
        chain=desk.seal_chain,
        drawing=draw_seal(SealShape("演示", "专用章", 42.0, demonstration=True), desk.fonts),
        place=layout.seal,
        signed_at=SIGNED,
        timestamp=desk.client().token,
        reason="批复",
    )
    return Walk("PDF", seal_pdf(render_pdf(layout, desk.fonts), act), desk.anchors, SIGNED)


def _record(folder: Path) -> Walk:
    """Return an applicant's signature as a hub records it."""
    folder.mkdir()
    url = f"sqlite:///{folder}/hub.db"
    upgrade(url)
    hub = composed(folder / "hub", url, document_font(), FixedClock(STANDING_AT))
    open_ledgers(hub)
    record, anchors = record_of(table_of(hub), drawing_of(STROKES)), anchors_of(hub)
    hub.database.close()
    return Walk("signature record", record, anchors, STANDING_AT)
