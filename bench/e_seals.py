"""How many OFD files are sealed and verified a second, beside the least that is wanted; and every bit of a small one turned over.

The walk of the bits raises when a single one goes unnoticed: `make test` looks at a sample of them, this at all.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.table import Line, rate
from hub.signing.fonts import FontSet
from hub.signing.gbt9704 import lay_out
from hub.signing.ofd.package import read_package
from hub.signing.ofd.signing import OfdSealing, seal_ofd
from hub.signing.ofd.write import render_ofd
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from tests.fonts import document_font
from tests.seal_desk import NOW, SealDesk, found_seal_desk, with_entries
from tests.signing_desk import decision

LEAST = "the least that is wanted"
SEALED_LEAST = {False: 300.0, True: 100.0}
VERIFIED_LEAST = 400.0
BITS = 8
VALUE = "Doc_0/Signs/Sign_0/SignedValue.dat"


class BitUnnoticed(Exception):
    """A bit was turned over and the verdict was still passed; the argument says where."""


def measure() -> Iterator[Line]:
    """Yield sealing and verifying with the font named and embedded, then the walk over all bits."""
    with tempfile.TemporaryDirectory() as folder:
        desk, fonts = found_seal_desk(Path(folder)), FontSet(document_font())
        layout = lay_out(decision(paragraphs=1), fonts)
        for embed, how in ((False, "font named"), (True, "subset embedded")):
            yield from _rates(desk, partial(render_ofd, layout, fonts, embed=embed), how, SEALED_LEAST[embed])
        yield _walk(desk)


def _rates(desk: SealDesk, render: Callable[[], bytes], how: str, least: float) -> Iterator[Line]:
    act, anchors = desk.act(), desk.anchors()
    sealed = seal_ofd(render(), act)

    def seal(act: OfdSealing) -> int:
        seal_ofd(render(), act)
        return 1

    def verify() -> int:
        return int(verify_document(sealed, anchors, NOW).outcome is Outcome.PASSED)

    for said, one in (("", replace(act, timestamp=None)), (", stamped by the hub's own authority", act)):
        yield Line(f"OFD rendered and sealed ({how}{said})", "files/s", rate(partial(seal, one)), least, LEAST)
    yield Line(f"OFD verified with its time stamp ({how})", "files/s", rate(verify), VERIFIED_LEAST, LEAST)


def _walk(desk: SealDesk) -> Line:
    """Turn over every bit of a seal, of a sealed file, and of its signature value packed anew."""
    sealed, seal, anchors = desk.sealed(), desk.seal(), desk.anchors()
    walked, began = 0, time.perf_counter()
    parts: tuple[tuple[str, bytes, Callable[[bytes], bytes]], ...] = (
        ("seal", seal, bytes),
        ("file", sealed, bytes),
        (VALUE, read_package(sealed).entries[VALUE], lambda value: with_entries(sealed, {VALUE: value})),
    )
    for name, content, packed in parts:
        for bit in range(len(content) * BITS):
            changed = bytearray(content)
            changed[bit // BITS] ^= 1 << bit % BITS
            if verify_document(packed(bytes(changed)), anchors, NOW).outcome is Outcome.PASSED:
                raise BitUnnoticed(f"{name}: bit {bit}")
            walked += 1
    spent = time.perf_counter() - began
    return Line("bits of an OFD turned over, all noticed", "bits/s", walked / spent, VERIFIED_LEAST, LEAST)
