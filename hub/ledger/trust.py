"""Which keys speak for a followed ledger or a witness: those a person confirmed, and those a rotation under them named.

Trust never arises from a feed alone: a new key counts only if the old one signed a checkpoint over the entry that names it.

Source: exchange.md section 2 (first trust needs a person; rotation under the old key).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.errors import ValidationFailed
from hub.ledger.cupboard import witness_name
from hub.ledger.faults import NoteBadSignature, NoteUnknownKey
from hub.ledger.keys import Verifier
from hub.ledger.note import open_checkpoint
from hub.ledger.records import FollowedKey
from hub.ledger.rotation import Rotation

LEDGER_USE: Final = "LEDGER"
WITNESS_USE: Final = "WITNESS"
BY_ROTATION: Final = "rotation"
"""Who confirmed a key that a verified rotation entry named."""


def confirm_key(
    session: Session,
    *,
    region: str,
    origin: str,
    algorithm: str,
    public_key: bytes,
    confirmed_by: str,
    clock: Clock,
    from_size: int = 0,
    use: str = LEDGER_USE,
) -> FollowedKey:
    """Return the key as trusted from now on; confirming it again changes nothing. Raises ValidationFailed."""
    if not confirmed_by.strip():
        raise ValidationFailed("首次信任密钥须由人确认。", "A person must confirm a key before it is trusted.")
    verifier = Verifier(origin, algorithm, public_key)
    key_id = (verifier.cosigner_key_id if use == WITNESS_USE else verifier.key_id).hex()
    known = session.scalar(
        select(FollowedKey).where(FollowedKey.origin == origin, FollowedKey.use == use, FollowedKey.key_id == key_id)
    )
    if known is not None:
        return known
    key = FollowedKey(
        region=region,
        origin=origin,
        use=use,
        algorithm=algorithm,
        public_key=public_key,
        key_id=key_id,
        from_size=from_size,
        confirmed_at=clock.now(),
        confirmed_by=confirmed_by,
    )
    session.add(key)
    session.flush()
    return key


def trust_witness(
    session: Session, *, region: str, key: tuple[str, bytes], confirmed_by: str, clock: Clock
) -> FollowedKey:
    """Return the witness key (algorithm, bare public key) of a partner as confirmed by a person. Raises ValidationFailed."""
    return confirm_key(
        session,
        region=region,
        origin=witness_name(region),
        algorithm=key[0],
        public_key=key[1],
        confirmed_by=confirmed_by,
        clock=clock,
        use=WITNESS_USE,
    )


def trusted_keys(session: Session, origin: str, use: str = LEDGER_USE) -> list[FollowedKey]:
    """Return every key ever trusted for an origin, expired ones too, oldest first. One statement."""
    return list(
        session.scalars(
            select(FollowedKey)
            .where(FollowedKey.origin == origin, FollowedKey.use == use)
            .order_by(FollowedKey.from_size, FollowedKey.id)
        )
    )


def followed_keys(session: Session) -> list[FollowedKey]:
    """Return the keys trusted now for every followed ledger, by origin. One statement."""
    current = (FollowedKey.use == LEDGER_USE, FollowedKey.to_size.is_(None))
    return list(session.scalars(select(FollowedKey).where(*current).order_by(FollowedKey.origin, FollowedKey.id)))


def trusted_key_ids(session: Session, origin: str) -> list[str]:
    """Return the IDs (hex) of the keys trusted for an origin: what `feed_page` takes as `signed_by`."""
    return [key.key_id for key in trusted_keys(session, origin)]


def verifiers_at(keys: Sequence[FollowedKey], size: int) -> list[Verifier]:
    """Return the keys that may sign a checkpoint of this size; an expired key is none of them."""
    return [
        Verifier(key.origin, key.algorithm, key.public_key)
        for key in keys
        if key.from_size <= size and (key.to_size is None or size <= key.to_size)
    ]


def learn_rotation(
    session: Session, keys: list[FollowedKey], rotation: Rotation, *, note: str, index: int, clock: Clock
) -> bool:
    """Trust the succeeding key from its size on and end the retiring one, if the key the entry names vouches for it in `note`.

    `keys` is brought up to date. Returns False, and changes nothing, if that key is not trusted or has not signed.
    """
    vouching = [key for key in keys if key.public_key == rotation.voucher.public_key]
    if not vouching or not _signed(note, rotation.voucher):
        return False
    for key in vouching:
        if rotation.retires and key.to_size is None:
            key.to_size = rotation.to_size(index)
    successor = confirm_key(
        session,
        region=vouching[0].region,
        origin=rotation.origin,
        algorithm=rotation.succeeding.algorithm,
        public_key=rotation.succeeding.public_key,
        confirmed_by=BY_ROTATION,
        clock=clock,
        from_size=rotation.from_size,
    )
    if successor not in keys:
        keys.append(successor)
    return True


def _signed(note: str, verifier: Verifier) -> bool:
    try:
        open_checkpoint(note, [verifier])
    except (NoteUnknownKey, NoteBadSignature):
        return False
    return True
