"""The two ledgers of a hub, the kinds that ledgers themselves write, and the limits their readers and writers share.

Nothing here reads or writes; origins and their epochs are in `hub.ledger.origin`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from hub.ledger.origin import Origin, Readers


class LedgerName(StrEnum):
    """Which of a hub's two ledgers: PUBLIC for anyone, EXCHANGE for partners."""

    PUBLIC = "PUBLIC"
    EXCHANGE = "EXCHANGE"

    @property
    def readers(self) -> Readers:
        """Return who may read it, as its origin says."""
        return Readers(self.value.lower())


class Withheld(StrEnum):
    """Why an entry was delivered without its content."""

    NOT_PERMITTED = "NOT_PERMITTED"
    NOT_ADDRESSED = "NOT_ADDRESSED"
    ERASED = "ERASED"  # erased, or lost at the origin and not yet taken back


GENESIS: Final = "genesis"
KEY_ROTATION: Final = "key_rotation"
ERASURE: Final = "erasure"
ERASURE_CONFIRMED: Final = "erasure_confirmed"
GRANT: Final = "grant"
LOST: Final = "lost"
"""The kind under which a recovered exchange entry stands whose content no partner held; never written into a header."""

LEDGER_KINDS: Final = frozenset({GENESIS, KEY_ROTATION, ERASURE, ERASURE_CONFIRMED})
"""Kinds the ledgers write and apply themselves; they are never handed to a projector."""
PARTNER_KINDS: Final = frozenset({GENESIS, KEY_ROTATION, ERASURE, ERASURE_CONFIRMED, GRANT})
"""Kinds of the exchange ledger whose content every partner is given (exchange.md section 1)."""

BATCH: Final = 1024
"""The most entries sequenced under one checkpoint, and the most on one page of a feed."""
OVERLAP: Final = 1024
"""For how many entries after its rotation a retiring key still signs beside its successor; never fewer than BATCH, so that
the checkpoint which covers the rotation carries both lines."""
RECORD_ID_MAX: Final = 160
"""The longest record id this hub writes or projects, in characters."""
VERSION_MAX: Final = 2**31 - 1
"""The largest version this hub projects."""


def ledger_name(origin: Origin) -> LedgerName:
    """Return which ledger an origin is."""
    return LedgerName(origin.readers.value.upper())
