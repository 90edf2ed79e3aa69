"""Giving one of this hub's ledgers a new key, in another's place or beside it, and which keys sign a checkpoint of which size.

A rotation is an entry of the ledger it is about, under the old key. The new key signs from the next checkpoint on, beside the
old one; the old one ends `overlap` entries (OVERLAP, written into the entry) after the rotation's own place, which the
sequencer learns when it places it. So the checkpoint that covers the rotation always carries both lines, and a reader who
trusts only the old key finds the new one in a page that the old one vouches for. A key of a further algorithm is added by the same kind of
entry with nobody retiring: a key that stays vouches for it (`beside`), and a reader who does not know that form keeps to the keys it has.

Source: exchange.md section 2; C2SP signed-note (several lines under one note).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.errors import ValidationFailed
from hub.ledger.cupboard import Cupboard, decoded_key, encoded_key, first_key_name
from hub.ledger.keys import Verifier
from hub.ledger.names import BATCH, KEY_ROTATION, OVERLAP, LedgerName
from hub.ledger.queries import key_rows, ledger_named
from hub.ledger.records import Ledger, LedgerEntry, LedgerKey
from hub.ledger.tree import MAX_SIZE
from hub.ledger.writing import write_ledger_entry

if TYPE_CHECKING:
    from hub.signing.keys import KeyStore


@dataclass(frozen=True)
class Rotation:
    """What a rotation entry says: `voucher` signs for `succeeding`, and ends with it if `retires`; `to_size(index)` is then its last size."""

    origin: str
    voucher: Verifier
    retires: bool
    succeeding: Verifier
    from_size: int
    overlap: int

    def to_size(self, index: int) -> int:
        """Return the last size at which the retiring key counts, the rotation standing at `index`."""
        return index + 1 + self.overlap


def rotate_key(
    session: Session, *, name: LedgerName, keys: KeyStore, clock: Clock, algorithm: str | None = None
) -> LedgerEntry:
    """Return the rotation entry of a new key for this ledger, written in the caller's transaction.

    The new key signs from the next checkpoint on. It takes the place of the key of its `algorithm` (by default the oldest that stands);
    where the ledger has none of that algorithm, it is added beside the oldest. Raises LedgerMissing, and ValidationFailed while
    an earlier rotation is not yet sequenced.
    """
    ledger = ledger_named(session, name)
    rows = key_rows(session, ledger.id)
    standing = [row for row in rows if row.to_size is None]
    wanted = algorithm or standing[0].algorithm
    replaced = [row for row in standing if row.algorithm == wanted]
    if len(replaced) > 1:
        raise ValidationFailed("上一次换钥尚未入账，请稍后再试。", "The rotation before is not sequenced yet.")
    voucher = [*replaced, *standing][0]
    key_name = f"{first_key_name(ledger.origin)}-{len(rows) + 1}"
    new = Cupboard(keys).new_ledger_key(key_name, wanted)
    from_size = ledger.size + 1
    session.add(
        LedgerKey(
            ledger_id=ledger.id,
            key_name=new.name,
            algorithm=new.algorithm,
            public_key=new.raw_public,
            from_size=from_size,
        )
    )
    content = {
        "ledger_origin": ledger.origin,
        ("retiring" if replaced else "beside"): _spelled(voucher.algorithm, voucher.public_key),
        "succeeding": _spelled(new.algorithm, new.raw_public),
        "from_size": from_size,
        "overlap": OVERLAP,
    }
    record_id = Verifier(ledger.origin, new.algorithm, new.raw_public).key_id.hex()
    return write_ledger_entry(session, ledger, kind=KEY_ROTATION, record_id=record_id, body=content, clock=clock)


def parse_rotation(body: Mapping[str, Any]) -> Rotation:
    """Return what a rotation entry says. Raises ValidationFailed for any other form, or an overlap shorter than BATCH."""
    try:
        origin, from_size, overlap = body["ledger_origin"], body["from_size"], body["overlap"]
        retires = "beside" not in body
        voucher, succeeding = (
            _read(origin, body["retiring" if retires else "beside"]),
            _read(origin, body["succeeding"]),
        )
    except (KeyError, TypeError) as error:
        raise ValidationFailed("换钥条目不完整。", "The key rotation is not whole.") from error
    if type(from_size) is not int or type(overlap) is not int:
        raise ValidationFailed("换钥条目格式不对。", "The key rotation has the wrong form.")
    if not 0 <= from_size <= MAX_SIZE or not BATCH <= overlap <= MAX_SIZE >> 1:
        raise ValidationFailed("换钥条目的范围不对。", "The key rotation has a wrong range.")
    if not retires and "retiring" in body:
        raise ValidationFailed("换钥条目格式不对。", "The key rotation has the wrong form.")
    return Rotation(origin, voucher, retires, succeeding, from_size, overlap)


def retire(rows: Sequence[LedgerKey], rotation: Rotation, index: int) -> None:
    """Set the end of the retiring key's time, now that its rotation stands at `index`; nothing when none retires."""
    for row in rows:
        if rotation.retires and row.public_key == rotation.voucher.public_key and row.to_size is None:
            row.to_size = rotation.to_size(index)


def signing_at(rows: Sequence[LedgerKey], size: int) -> list[LedgerKey]:
    """Return the keys that sign a checkpoint of this size, oldest first."""
    return [row for row in rows if row.from_size <= size and (row.to_size is None or size <= row.to_size)]


def adopt_recovered(session: Session, ledger: Ledger, rotation: Rotation, *, index: int, cupboard: Cupboard) -> None:
    """Make the keys of a ledger what a rotation entry taken back from partners says they are.

    A successor that the key store does not hold is written down all the same, so that it is plain which key is missing.
    """
    rows = key_rows(session, ledger.id)
    if not any(row.public_key == rotation.succeeding.public_key for row in rows):
        held = [
            key for key in cupboard.ledger_keys_of(ledger.origin) if key.raw_public == rotation.succeeding.public_key
        ]
        session.add(
            LedgerKey(
                ledger_id=ledger.id,
                key_name=held[0].name if held else f"{first_key_name(ledger.origin)}-{len(rows) + 1}",
                algorithm=rotation.succeeding.algorithm,
                public_key=rotation.succeeding.public_key,
                from_size=rotation.from_size,
            )
        )
    retire(rows, rotation, index)


def _spelled(algorithm: str, raw: bytes) -> dict[str, str]:
    return {"algorithm": algorithm, "public_key": encoded_key(algorithm, raw)}


def _read(origin: str, key: Mapping[str, Any]) -> Verifier:
    return Verifier(origin, key["algorithm"], decoded_key(key["algorithm"], key["public_key"]))
