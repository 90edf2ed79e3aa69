"""A single-use address under which a reader takes an annotated copy of a license: good for fifteen minutes, for one download.

Only the SHA-256 of an address is kept. Whoever follows it acts as the reader who asked for it, for the purpose he stated; the copy is made
then, so a grant that ended meanwhile ends the address too. Functions receive the session; the caller commits.

Source: GB/T 36906-2018 (download address: one-time, with expiry).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.clock import Clock
from hub.errors import NotFound
from hub.licenses.reading import Asking
from hub.licenses.sharing_records import CopyAddress
from hub.seals.sealing import OFD, PDF, Format

LASTING = timedelta(minutes=15)
COPY_DAYS = 30
"""How long a copy says that it may be used, today not counted."""
MAX_CODE = 64


class AddressSpent(NotFound):
    """The address of a copy was used, has expired, or was never given out; which of them is not told.

    Cure: ask for the license again; it comes with a new address.
    """

    code = "license.address_spent"

    def __init__(self) -> None:
        super().__init__("下载地址无效、已使用或已过期。", "The address is not valid, was used, or has expired.")


@dataclass(frozen=True)
class Address:
    """What is handed out: the secret part of the address, and until when (exclusive) it holds."""

    code: str
    expires_at: datetime


@dataclass(frozen=True)
class Order:
    """What a followed address stands for."""

    identifier: str
    form: Format
    asking: Asking


def hand_over(session: Session, identifier: str, *, form: Format, asking: Asking, clock: Clock) -> Address:
    """Return a new address for a copy of the license in that format. Reads nothing: what the reader may have is asked when he comes."""
    code, until = secrets.token_urlsafe(24), clock.now() + LASTING
    actor = asking.actor
    session.add(
        CopyAddress(
            digest=_digest(code),
            identifier=identifier,
            format=form,
            reader_kind=actor.kind,
            reader=actor.code,
            reader_zh=actor.name,
            region=actor.region,
            purpose=asking.purpose,
            expires_at=until,
            used_at=None,
        )
    )
    session.flush()
    return Address(code, until)


def take_up(session: Session, code: str, *, request_id: str, clock: Clock) -> Order:
    """Return what the address stands for, and use it up; raises AddressSpent. Two at once: one gets it."""
    digest = _digest(code[:MAX_CODE])
    took = session.execute(
        update(CopyAddress)
        .where(CopyAddress.digest == digest, CopyAddress.used_at.is_(None), CopyAddress.expires_at > clock.now())
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if took.rowcount != 1:  # type: ignore[attr-defined]
        raise AddressSpent
    kept = session.scalars(select(CopyAddress).where(CopyAddress.digest == digest)).one()
    reader = Actor(kept.reader_kind, kept.reader, kept.reader_zh, kept.region)
    form: Format = OFD if kept.format == OFD else PDF
    return Order(kept.identifier, form, Asking(actor=reader, purpose=kept.purpose, request_id=request_id))


def forget_old_addresses(session: Session, *, clock: Clock) -> int:
    """Drop the addresses that expired a day ago or more; return how many. For a scheduled run."""
    old = delete(CopyAddress).where(CopyAddress.expires_at <= clock.now() - timedelta(days=1))
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
