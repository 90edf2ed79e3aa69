"""The codes on documents are those other libraries draw, whatever their length."""

from __future__ import annotations

import random

import pytest
import segno
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from hub.signing.qr import BORDER, MASK, dark_runs

CHANCE = random.Random(18284)
LENGTHS = [1, 2, 13, 14, 15, 27, 42, 43, 47, 61, 63, 85, 107, 123, 153, 181, 212, 213]


def drawn(payload: str) -> list[bytes]:
    """The modules as runs make them."""
    side, runs = dark_runs(payload)
    rows = [bytearray(side) for _ in range(side)]
    for row, start, length in runs:
        rows[row][start : start + length] = b"\x01" * length
    return [bytes(row) for row in rows]


def by_the_library(payload: str) -> list[bytes]:
    code = segno.make(payload, error="m", mask=MASK, micro=False, boost_error=False)
    return [bytes(row) for row in code.matrix_iter(border=BORDER)]


def by_another_library(payload: str) -> list[bytes]:
    """What reportlab draws; segno puts an empty codeword before the padding, where the standard has none (7.4.10)."""
    version = (len(dark_sides(payload)) - 2 * BORDER - 17) // 4
    code = QRCode(version, QRErrorCorrectLevel.M)
    code.addData(payload)
    code.makeImpl(False, MASK)
    quiet = bytes(len(code.modules) + 2 * BORDER)
    edge = bytes(BORDER)
    inner = [edge + bytes(map(bool, row)) + edge for row in code.modules]
    return [*[quiet] * BORDER, *inner, *[quiet] * BORDER]


def dark_sides(payload: str) -> range:
    return range(dark_runs(payload)[0])


@pytest.mark.parametrize("length", LENGTHS)
def test_a_code_is_the_one_another_library_draws(length: int) -> None:
    payload = "".join(CHANCE.choices("abcdefghij/:.?=&%-_ABC0123456789", k=length - 1)) + "z"
    assert drawn(payload) == by_another_library(payload)


@pytest.mark.parametrize("length", [14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 300])
def test_a_full_code_is_the_one_segno_draws(length: int) -> None:
    payload = "".join(CHANCE.choices("abcdefghij/:.?=&%-_ABC0123456789", k=length - 1)) + "z"
    assert drawn(payload) == by_the_library(payload)


@pytest.mark.parametrize("payload", ["1234567", "HTTPS://HUB.EXAMPLE/", "https://枢纽.example/", "é"])
def test_payloads_that_have_a_mode_of_their_own_are_left_to_the_library(payload: str) -> None:
    assert drawn(payload) == by_the_library(payload)
