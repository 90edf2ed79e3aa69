"""Tables of the ledgers this hub writes, the ledgers it follows, and what it vouches for as a witness.

An entry's `header`, `content` and `salt` are the exact bytes that were hashed; nothing here is ever re-serialised.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Bytes, Code, Hash, Json, LongCode, Prose, Record

# Sizes others tell us may be anything up to 2^63-1 before they are checked against a tree.
Size = Annotated[int, mapped_column(BigInteger)]


class Ledger(Record):
    """A ledger of this hub: one row per name and epoch; the row without `closed_at` is the one being written."""

    __tablename__ = "ledgers"
    __table_args__ = (UniqueConstraint("name", "epoch"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Code]  # PUBLIC or EXCHANGE
    epoch: Mapped[int]
    origin: Mapped[LongCode] = mapped_column(unique=True)
    hash: Mapped[Code]  # SHA-256 or SM3, chosen at genesis
    size: Mapped[int] = mapped_column(default=0)  # sequenced entries
    # How many signed entries earlier epochs lost: versions here begin above it, so that they supersede what readers hold.
    version_base: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    stopped_code: Mapped[Code | None]  # why the sequencer signs nothing: an error's code; None when it may
    stopped_by: Mapped[Code | None]  # the witness (region code) whose note stopped it
    stopped_at: Mapped[datetime | None]


class LedgerEntry(Record):
    """One version of one record; `index` is NULL until the sequencer has placed it."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("ledger_id", "index"),
        UniqueConstraint("ledger_id", "kind", "record_id", "version"),
        Index(
            "ix_ledger_entries_unsequenced",
            "ledger_id",
            "id",
            sqlite_where=text('"index" IS NULL'),
            postgresql_where=text('"index" IS NULL'),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledgers.id"))
    index: Mapped[int | None]
    kind: Mapped[Code]
    record_id: Mapped[LongCode]
    version: Mapped[int]
    header: Mapped[Bytes]
    content: Mapped[Bytes | None]  # None once erased, or when only the header could be recovered
    salt: Mapped[Bytes | None]  # 16 bytes in the exchange ledger
    addressees: Mapped[Json]  # region codes, sorted; [] for the public ledger
    added_at: Mapped[datetime]
    sequenced_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class LedgerTile(Record):
    """A tile of the tree (C2SP tlog-tiles): up to 256 hashes of 32 bytes; it only ever grows."""

    __tablename__ = "ledger_tiles"

    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledgers.id"), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    hashes: Mapped[Bytes]


class LedgerCheckpoint(Record):
    """A signed checkpoint, kept as the exact note that was signed."""

    __tablename__ = "ledger_checkpoints"

    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledgers.id"), primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True)
    root: Mapped[Hash]
    note: Mapped[Prose]
    signed_at: Mapped[datetime]


class LedgerKey(Record):
    """A key that signs checkpoints of `ledger_id` of sizes `from_size` to `to_size` (both included; None: without end)."""

    __tablename__ = "ledger_keys"
    __table_args__ = (UniqueConstraint("ledger_id", "key_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledgers.id"))
    key_name: Mapped[LongCode]  # the name in the key store, purpose LEDGER
    algorithm: Mapped[Code]
    public_key: Mapped[Bytes]  # raw
    from_size: Mapped[int]
    to_size: Mapped[int | None]


class Cosignature(Record):
    """What a witness said of one of this hub's own ledgers; the newest per witness."""

    __tablename__ = "ledger_cosignatures"

    origin: Mapped[LongCode] = mapped_column(primary_key=True)
    witness: Mapped[Code] = mapped_column(primary_key=True)  # region code
    size: Mapped[Size]
    note: Mapped[Prose]
    at: Mapped[datetime]


class FollowedLedger(Record):
    """A partner's ledger as far as this hub has verified and applied it."""

    __tablename__ = "followed_ledgers"

    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[Code]
    name: Mapped[Code]
    origin: Mapped[LongCode] = mapped_column(unique=True)
    hash: Mapped[Code]
    applied_size: Mapped[int] = mapped_column(default=0)
    range: Mapped[Bytes]  # the compact range of the applied entries
    note: Mapped[Prose | None]  # the newest verified checkpoint
    note_size: Mapped[Size] = mapped_column(default=0)
    note_root: Mapped[Hash | None]
    checked_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    stopped_code: Mapped[
        Code | None
    ]  # set when a fork or a broken feed was seen; nothing is applied until a person clears it
    stopped_at: Mapped[datetime | None]


class FollowedKey(Record):
    """A key of a followed ledger or of a partner as witness, trusted from a person's confirmation or a rotation under the old key."""

    __tablename__ = "followed_keys"
    __table_args__ = (UniqueConstraint("origin", "use", "key_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[Code]
    origin: Mapped[LongCode]  # the ledger's origin; for a witness `witness/<region>`
    use: Mapped[Code]  # LEDGER or WITNESS
    algorithm: Mapped[Code]
    public_key: Mapped[Bytes]
    key_id: Mapped[Code]  # hex, 8 characters
    from_size: Mapped[Size] = mapped_column(default=0)
    to_size: Mapped[Size | None]
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[Code]


class FollowedEntry(Record):
    """An entry of a followed ledger: the header always, the content where this hub was given it."""

    __tablename__ = "followed_entries"
    __table_args__ = (
        Index("ix_followed_entries_record", "ledger_id", "kind", "record_id", "version"),
        Index(
            "ix_followed_entries_not_understood",
            "ledger_id",
            "index",
            sqlite_where=text("understood = 0"),
            postgresql_where=text("NOT understood"),
        ),
    )

    ledger_id: Mapped[int] = mapped_column(ForeignKey("followed_ledgers.id"), primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    header: Mapped[Bytes]
    content: Mapped[Bytes | None]
    salt: Mapped[Bytes | None]
    withheld: Mapped[Code | None]  # NOT_PERMITTED, NOT_ADDRESSED, ERASED
    kind: Mapped[Code | None]
    record_id: Mapped[LongCode | None]
    version: Mapped[int | None]
    understood: Mapped[bool] = mapped_column(default=True)
    applied_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]  # when this hub dropped the content at its origin's word


class FollowedTile(Record):
    """A tile of a followed tree as far as it was applied, so that any smaller root can be made again."""

    __tablename__ = "followed_tiles"

    ledger_id: Mapped[int] = mapped_column(ForeignKey("followed_ledgers.id"), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    hashes: Mapped[Bytes]


class PendingNote(Record):
    """A note of a followed origin that another hub holds and that is larger than what was applied here; checked when reached."""

    __tablename__ = "followed_pending_notes"

    ledger_id: Mapped[int] = mapped_column(ForeignKey("followed_ledgers.id"), primary_key=True)
    told_by: Mapped[Code] = mapped_column(primary_key=True)  # region code
    size: Mapped[Size]
    root: Mapped[Hash]
    note: Mapped[Prose]
    told_at: Mapped[datetime]


class Evidence(Record):
    """Two things a partner signed that cannot both be true, or a page that did not verify; kept for people to read."""

    __tablename__ = "ledger_evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[LongCode]
    code: Mapped[Code]
    ours: Mapped[Prose | None]
    theirs: Mapped[Prose | None]
    told_by: Mapped[Code]
    found_at: Mapped[datetime]


class WitnessNote(Record):
    """The newest note of an origin that this hub has verified as consistent, with this hub's cosignature line.

    Written and committed before it is served; `size` never shrinks.
    """

    __tablename__ = "witness_notes"

    origin: Mapped[LongCode] = mapped_column(primary_key=True)
    size: Mapped[Size]
    root: Mapped[Hash]
    note: Mapped[Prose]
    at: Mapped[datetime]
