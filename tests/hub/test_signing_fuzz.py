"""Damage of any kind: no flipped bit and no cut ever passes, and none upsets the verifier. Seeds are fixed, so a failure repeats."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from tests.signing_desk import SIGNED, SigningDesk, flipped, found_desk, gap

FLIPS, CUTS = 400, 120
NEXT_DAY = SIGNED + timedelta(days=1)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> SigningDesk:
    return found_desk(tmp_path_factory.mktemp("fuzz"), font_file)


@pytest.fixture(scope="module")
def sealed(desk: SigningDesk) -> bytes:
    return desk.sealed()


def survivors(desk: SigningDesk, damaged: list[bytes]) -> list[int]:
    """Return which of the damaged files did not fail; judging must not raise."""
    anchors = desk.anchors
    return [
        n for n, each in enumerate(damaged) if verify_document(each, anchors, NEXT_DAY).outcome is not Outcome.FAILED
    ]


def test_no_flipped_bit_of_the_signed_bytes_survives(desk: SigningDesk, sealed: bytes) -> None:
    dice = random.Random(20261125)
    start, end = gap(sealed)
    outside = [*range(start), *range(end, len(sealed))]
    assert survivors(desk, [flipped(sealed, dice.choice(outside), dice.randrange(8)) for _ in range(FLIPS)]) == []


def test_no_flipped_bit_of_the_signature_survives(desk: SigningDesk, sealed: bytes) -> None:
    dice = random.Random(19980321)
    start, end = gap(sealed)
    written = start + 1 + len(sealed[start + 1 : end - 1].rstrip(b"0"))
    places = [dice.randrange(start, written) for _ in range(FLIPS)]
    assert survivors(desk, [flipped(sealed, place, dice.randrange(8)) for place in places]) == []


def test_no_flipped_bit_of_the_padding_survives(desk: SigningDesk, sealed: bytes) -> None:
    dice = random.Random(7)
    start, end = gap(sealed)
    written = start + 1 + len(sealed[start + 1 : end - 1].rstrip(b"0"))
    places = [dice.randrange(written + 2, end) for _ in range(FLIPS // 4)]
    assert survivors(desk, [flipped(sealed, place, dice.randrange(8)) for place in places]) == []


def test_no_other_hexadecimal_digit_in_the_signature_survives(desk: SigningDesk, sealed: bytes) -> None:
    dice = random.Random(4)
    start, end = gap(sealed)
    written = start + 1 + len(sealed[start + 1 : end - 1].rstrip(b"0"))
    damaged = []
    for _ in range(FLIPS):
        place = dice.randrange(start + 1, written)
        other = dice.choice(b"0123456789ABCDEF".replace(sealed[place : place + 1], b""))
        damaged.append(sealed[:place] + bytes([other]) + sealed[place + 1 :])
    assert survivors(desk, damaged) == []


def test_no_truncated_file_passes(desk: SigningDesk, sealed: bytes) -> None:
    dice = random.Random(11)
    cuts = [0, 1, 4, len(sealed) - 1, *(dice.randrange(len(sealed)) for _ in range(CUTS))]
    outcomes = {verify_document(sealed[:cut], desk.anchors, NEXT_DAY).outcome for cut in cuts}
    assert Outcome.PASSED not in outcomes


def test_random_bytes_in_the_gap_never_pass(desk: SigningDesk, sealed: bytes) -> None:
    dice = random.Random(3)
    start, end = gap(sealed)
    size = (end - start - 2) // 2
    damaged = [
        sealed[: start + 1] + dice.randbytes(size).hex().upper().encode() + sealed[end - 1 :] for _ in range(CUTS)
    ]
    assert survivors(desk, damaged) == []
