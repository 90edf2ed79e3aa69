"""SM2 signatures a second beside `openssl speed sm2` on the same machine: what it costs to sign through Python."""

from __future__ import annotations

import shutil
import statistics
import subprocess
from collections.abc import Iterator

from bench.table import Line, core_rate
from hub.signing.sm2 import Sm2PrivateKey, message_digest, verify_digest

ROUNDS, SECONDS = 5, 1
THAN = "openssl speed sm2 (its user time)"
MESSAGE = b"what is signed"


def measure() -> Iterator[Line]:
    """Yield signing and verifying, medians over rounds taken in turn; nothing where the program is not installed."""
    program = shutil.which("openssl")
    if program is None:
        return
    key = Sm2PrivateKey.generate()
    digest = message_digest(key.public_point, MESSAGE)
    signature = key.sign_digest(digest)

    def sign() -> int:
        key.sign_digest(digest)
        return 1

    def verify() -> int:
        return int(verify_digest(key.public_point, digest, signature))

    rounds = [(core_rate(sign, SECONDS), core_rate(verify, SECONDS), *_speed(program)) for _ in range(ROUNDS)]
    signed, verified, signed_there, verified_there = (statistics.median(column) for column in zip(*rounds, strict=True))
    yield Line("SM2 signed", "a core's second", signed, signed_there, THAN)
    yield Line("SM2 verified", "a core's second", verified, verified_there, THAN)


def _speed(program: str) -> tuple[float, float]:
    """Return how many signatures and how many verifications a second the program says it does."""
    said = subprocess.run(
        [program, "speed", "-seconds", str(SECONDS), "sm2"], capture_output=True, check=True, text=True
    )
    signed, verified = said.stdout.split()[-2:]
    return float(signed), float(verified)
