"""How many OFD files a core seals and verifies a second, beside the least that is wanted."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.table import LEAST, Line, core_rate
from hub.signing.fonts import FontSet
from hub.signing.gbt9704 import lay_out
from hub.signing.ofd.signing import OfdSealing, seal_ofd
from hub.signing.ofd.write import render_ofd
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from tests.fonts import document_font
from tests.seal_desk import NOW, SealDesk, found_seal_desk
from tests.signing_desk import decision

SEALED_LEAST = {False: 300.0, True: 100.0}
VERIFIED_LEAST = 400.0


def measure() -> Iterator[Line]:
    """Yield sealing and verifying with the font named and embedded."""
    with tempfile.TemporaryDirectory() as folder:
        desk, fonts = found_seal_desk(Path(folder)), FontSet(document_font())
        layout = lay_out(decision(paragraphs=1), fonts)
        for embed, how in ((False, "font named"), (True, "subset embedded")):
            yield from _rates(desk, partial(render_ofd, layout, fonts, embed=embed), how, SEALED_LEAST[embed])


def _rates(desk: SealDesk, render: Callable[[], bytes], how: str, least: float) -> Iterator[Line]:
    act, anchors = desk.act(), desk.anchors()
    sealed = seal_ofd(render(), act)

    def seal(act: OfdSealing) -> int:
        seal_ofd(render(), act)
        return 1

    def verify() -> int:
        return int(verify_document(sealed, anchors, NOW).outcome is Outcome.PASSED)

    for said, one in (("", replace(act, timestamp=None)), (", stamped by the hub's own authority", act)):
        yield Line(
            f"OFD rendered and sealed ({how}{said})", "a core's second", core_rate(partial(seal, one)), least, LEAST
        )
    yield Line(f"OFD verified with its time stamp ({how})", "a core's second", core_rate(verify), VERIFIED_LEAST, LEAST)
