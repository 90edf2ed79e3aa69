"""Checkpoints, entries and proofs of this hub's ledgers. Headers and contents are the exact bytes, as text."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.ledger.feed import FeedEntry, FeedPage
from hub.ledger.names import LedgerName, Withheld
from hub.ledger.reading import InclusionProof as Proof
from hub.ledger.reading import LedgerView
from schema.declare import PUBLIC, Attribute, mapped, noun, resolved
from schema.scalars import Long


@dataclass(frozen=True)
class Cosigned:
    """That a witness cosigned."""

    witness: str
    at: datetime


@dataclass(frozen=True)
class SignedTree:
    """A checkpoint with what witnesses said of it."""

    origin: str
    size: int
    root: bytes
    note: str
    cosignatures: tuple[Cosigned, ...]


@noun(zh="见证方的联署。", en="A witness's cosignature.")
class Cosignature:
    """Read from a `Cosigned`."""

    witness: str = mapped(Attribute("witness"), access=PUBLIC, zh="见证方区域代码。", en="Region of the witness.")
    at: datetime = mapped(Attribute("at"), access=PUBLIC, zh="联署时刻。", en="When it cosigned.")


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
        access=PUBLIC, zh="见证方的联署（仅本枢纽的账本）。", en="Witnesses' cosignatures, of this hub's ledgers."
    )
    def cosignatures(root: Any) -> list[Cosignature]:
        """Return the cosignatures known here."""
        return list(getattr(root, "cosignatures", ()))


@noun(zh="本枢纽的一本账。", en="One of this hub's ledgers.", record=LedgerView)
class Ledger:
    """Read from a `LedgerView`."""

    name: LedgerName = mapped(Attribute("name"), access=PUBLIC, zh="账本名。", en="Its name.")
    origin: str = mapped(Attribute("origin"), access=PUBLIC, zh="账本唯一名称。", en="Its unique name.")
    hash: str = mapped(
        Attribute("hash"), access=PUBLIC, zh="杂凑算法：SM3 或 SHA-256。", en="Its hash: SM3 or SHA-256."
    )
    size: Long = mapped(Attribute("size"), access=PUBLIC, zh="已签条数。", en="Signed entries.")

    @resolved(access=PUBLIC, zh="树根，base64。", en="The root hash, base64.")
    def root(root: LedgerView) -> str:
        """Return the root hash."""
        return base64.b64encode(root.root).decode()

    @resolved(access=PUBLIC, zh="最新检查点；首次签出前为 null。", en="Newest checkpoint; null before the first.")
    def checkpoint(root: LedgerView) -> Checkpoint | None:
        """Return the newest checkpoint with its cosignatures."""
        if root.checkpoint_note is None:
            return None
        cosigned = tuple(Cosigned(witness, at) for witness, at in root.cosignatures)
        return SignedTree(root.origin, root.size, root.root, root.checkpoint_note, cosigned)  # type: ignore[return-value]


@noun(zh="账本的一条。", en="An entry of a ledger.")
class LedgerEntry:
    """Read from a `FeedEntry`."""

    index: Long = mapped(Attribute("index"), access=PUBLIC, zh="序号，从 0 起。", en="Its index, from 0.")
    header: str = mapped(Attribute("header"), access=PUBLIC, zh="条目头原文。", en="The header, exactly as hashed.")
    content: str | None = mapped(
        Attribute("content"), access=PUBLIC, zh="内容原文（JSON）。", en="The content, exactly."
    )
    salt: str | None = mapped(Attribute("salt"), access=PUBLIC, zh="盐，base64。", en="The salt, base64.")

    @resolved(access=PUBLIC, zh="内容未给出的原因。", en="Why the content is null.")
    def withheld(root: FeedEntry) -> Withheld | None:
        """Return why the content is not there."""
        return None if root.withheld is None else Withheld(root.withheld)


@noun(zh="账本的一页变更。", en="A page of a ledger.", record=FeedPage)
class LedgerChanges:
    """Read from a `FeedPage`."""

    entries: list[LedgerEntry] = mapped(
        Attribute("entries"), access=PUBLIC, zh="各条，按序号。", en="Entries, in order."
    )

    @resolved(access=PUBLIC, zh="本页所依的检查点。", en="The checkpoint this page leads to.")
    def checkpoint(root: FeedPage) -> Checkpoint:
        """Return the checkpoint."""
        return SignedTree(root.origin, root.size, root.root, root.checkpoint_note, ())  # type: ignore[return-value]

    @resolved(access=PUBLIC, zh="从本页末到检查点的一致性证明，base64。", en="Consistency proof from its end, base64.")
    def consistency(root: FeedPage) -> list[str]:
        """Return the proof's hashes."""
        return [base64.b64encode(part).decode() for part in root.consistency]


@noun(zh="包含证明（RFC 9162）。", en="Proof that an entry lies in the signed tree (RFC 9162).")
class InclusionProof:
    """Read from `hub.ledger.reading.InclusionProof`."""

    origin: str = mapped(Attribute("origin"), access=PUBLIC, zh="账本唯一名称。", en="The ledger's unique name.")
    index: Long = mapped(Attribute("index"), access=PUBLIC, zh="序号。", en="Index of the entry.")

    @resolved(access=PUBLIC, zh="条目头原文。", en="The header, exactly as hashed.")
    def header(root: Proof) -> str:
        """Return the header."""
        return root.header.decode()

    @resolved(access=PUBLIC, zh="从叶到根的杂凑，base64。", en="Hashes from the leaf to the root, base64.")
    def hashes(root: Proof) -> list[str]:
        """Return the proof's hashes."""
        return [base64.b64encode(part).decode() for part in root.hashes]

    @resolved(access=PUBLIC, zh="证明所依的检查点。", en="The checkpoint it leads to.")
    def checkpoint(root: Proof) -> Checkpoint:
        """Return the checkpoint; its root is in the note's third line."""
        tree = base64.b64decode(root.checkpoint_note.split("\n")[2])
        return SignedTree(root.origin, root.size, tree, root.checkpoint_note, ())  # type: ignore[return-value]
