"""What the tests of witnesses share: a witness, and what it says of a ledger."""

from __future__ import annotations

from collections.abc import Callable

from hub.ledger.note import Checkpoint, sign_checkpoint
from hub.signing.keys import Purpose
from tests.ledger_house import House

WITNESS = "xian-hightech"
Told = list[tuple[str, str | None]]


def telling(house: House, *told: tuple[str, str | None]) -> Callable[[str], Told]:
    """Witnesses that tell this of the public ledger and hold nothing of the other."""
    public = house.origin()
    return lambda origin: list(told) if origin == public else [(witness, "") for witness, _ in told]


def signed(house: House, size: int, root: bytes = bytes(32)) -> str:
    """A checkpoint of the public ledger of that size and root, signed by its key."""
    key = house.keys.open(Purpose.LEDGER, house.origin().replace("/", "."))
    return sign_checkpoint(Checkpoint(house.origin(), size, root), [key])
