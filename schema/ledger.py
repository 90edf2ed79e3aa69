"""Checkpoints, entries and proofs of this hub's ledgers. Headers and contents are the exact bytes, as text."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from schema.declare import PUBLIC, Attribute, mapped, noun, resolved
from schema.scalars import Long


@noun(zh="见证方的共签。", en="A witness's cosignature.")
class Cosignature:
    """Read from a pair (witness, at)."""

    witness: str = mapped(Attribute("witness"), access=PUBLIC, zh="见证方区域代码。", en="Region of the witness.")
    at: datetime = mapped(Attribute("at"), access=PUBLIC, zh="共签时刻。", en="When it cosigned.")


@noun(zh="已签名的检查点（C2SP tlog-checkpoint）。", en="A signed checkpoint (C2SP tlog-checkpoint).")
class Checkpoint:
    """Read from anything with origin, size, root and note."""

    origin: str = mapped(Attribute("origin"), access=PUBLIC, zh="账本唯一名称。", en="The ledger's unique name.")
    size: Long = mapped(Attribute("size"), access=PUBLIC, zh="条数。", en="How many entries it covers.")
    note: str = mapped(Attribute("note"), access=PUBLIC, zh="签名文本原文。", en="The signed note, exactly.")

    @resolved(access=PUBLIC, zh="树根，base64。", en="The root hash, base64.")
    def root(root: Any) -> str:
        """Return the root hash."""
        return base64.b64encode(root.root).decode()

    @resolved(
        access=PUBLIC, zh="见证方的共签（仅本枢纽的账本）。", en="Witnesses' cosignatures, of this hub's ledgers."
    )
    def cosignatures(root: Any) -> list[Cosignature]:
        """Return the cosignatures known here."""
        return list(getattr(root, "cosignatures", ()))
