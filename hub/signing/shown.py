"""How text out of a file of unknown origin is shown to people: without characters that hide, turn round or break what stands beside them.

A signer's or a seal's name is written by others, and a page that repeats it must not be made to say something else (Unicode TR 36). Must
not be used where names are compared.
"""

from __future__ import annotations

import unicodedata
from typing import Final

MOST: Final = 600
REPLACEMENT, ELLIPSIS = "\N{REPLACEMENT CHARACTER}", "…"
UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def shown(text: str, most: int = MOST) -> str:
    """Return `text` with a replacement character for each control, format or unassigned character, cut to `most` characters."""
    kept = text if len(text) <= most else text[: most - 1] + ELLIPSIS
    if kept.isprintable():
        return kept
    return "".join(REPLACEMENT if unicodedata.category(each) in UNSEEN else each for each in kept)
