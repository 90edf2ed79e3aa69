"""An applicant's signature on both databases: asked, opened once, identified, signed, verified; and everything that must change nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.clock import FixedClock
from hub.errors import HubError
from hub.signatures.asking import take_back
from hub.signatures.faults import (
    RequestAlreadyOpened,
    RequestMoveRefused,
    SigningOvertaken,
)
from hub.signatures.queries import secret_digest
from hub.signatures.rules import RequestStatus, SignatureKind
from hub.signatures.signing import CERTIFIED, SIGNED, identify, sign
from hub.signatures.strokes import Drawing
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from hub.web.signing_table import table_of
from tests.signing_records import anchors_of
from tests.signing_room import SIGNER, STROKES, Room
from tests.web_hub import STANDING_AT, composed, open_ledgers


class PowerCut(BaseException):
    """The process ends here, as far as the hub can tell."""


@pytest.fixture
def room(database_url: str, tmp_path: Path, font_file: Path, clock: FixedClock) -> Iterator[Room]:
    """A hub that can be asked for signatures."""
    hub = composed(tmp_path / "hub", database_url, font_file, clock)
    open_ledgers(hub)
    yield Room(hub, table_of(hub), clock)
    hub.database.close()


@pytest.fixture
def small_room(sqlite_url: str, tmp_path: Path, font_file: Path, clock: FixedClock) -> Iterator[Room]:
    """The same on SQLite alone, for what no database decides."""
    hub = composed(tmp_path / "hub", sqlite_url, font_file, clock)
    open_ledgers(hub)
    yield Room(hub, table_of(hub), clock)
    hub.database.close()


@pytest.mark.parametrize(
    ("drawing", "kind"),
    [(STROKES, SignatureKind.DRAWN), (None, SignatureKind.CERTIFICATE)],
    ids=["drawn", "certificate"],
)
def test_a_signature_is_kept_told_to_the_ledger_and_verifies_with_its_kind(
    room: Room, drawing: Drawing | None, kind: SignatureKind
) -> None:
    made = sign(room.table, room.identified(), drawing)
    told = verify_document(made.record, anchors_of(room.hub), STANDING_AT)
    assert (made.kind, told.outcome, told.findings[0].code) == (kind, Outcome.PASSED, f"applicant_{kind.value}")
    assert room.counts() == (1, 1)
    assert room.request().status is RequestStatus.SIGNED


def test_a_code_opens_on_one_phone_only(room: Room) -> None:
    watch = room.ask()
    room.open(watch)
    with pytest.raises(RequestAlreadyOpened):
        room.open(watch)


def test_of_two_phones_that_open_a_code_at_once_one_wins(room: Room) -> None:
    watch, together = room.ask(), threading.Barrier(2)

    def opened(_number: int) -> str:
        together.wait()
        try:
            return room.open(watch).secret
        except RequestAlreadyOpened as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(opened, range(2)), key=len)
    assert told[0] == RequestAlreadyOpened.code
    assert room.request().phone_sha256 == secret_digest(told[1])


def test_a_signed_request_cannot_be_signed_again(small_room: Room) -> None:
    phone = small_room.identified()
    sign(small_room.table, phone, STROKES)
    with pytest.raises(RequestMoveRefused):
        sign(small_room.table, phone, None)
    assert small_room.counts() == (1, 1)


def test_what_changes_meanwhile_throws_the_signature_away(room: Room) -> None:
    watch = room.ask()
    phone = room.open(watch)
    identify(room.table, phone, SIGNER)

    def taken_back(step: str) -> None:
        if step == SIGNED:
            with room.hub.database.transaction() as session:
                take_back(session, watch, clock=room.clock)

    with pytest.raises(RequestMoveRefused):
        sign(room.with_table(reached=taken_back).table, phone, STROKES)
    assert room.counts() == (0, 0)


def test_two_signatures_at_once_leave_one(room: Room) -> None:
    phone = room.identified()

    def overtake(step: str) -> None:
        if step == SIGNED:
            sign(room.table, phone, None)

    with pytest.raises((SigningOvertaken, RequestMoveRefused)):
        sign(room.with_table(reached=overtake).table, phone, STROKES)
    assert room.counts() == (1, 1)


@pytest.mark.parametrize("step", [CERTIFIED, SIGNED])
def test_a_crash_between_the_steps_leaves_nothing_half_signed(room: Room, step: str) -> None:
    phone = room.identified()

    def crash(reached: str) -> None:
        if reached == step:
            raise PowerCut

    with pytest.raises(PowerCut):
        sign(room.with_table(reached=crash).table, phone, STROKES)
    assert (room.counts(), room.request().status) == ((0, 0), RequestStatus.IDENTIFIED)
    sign(room.table, phone, STROKES)
    assert room.counts() == (1, 1)


def test_without_a_time_stamp_nothing_is_signed(small_room: Room) -> None:
    phone = small_room.identified()

    def down(_digest: bytes) -> bytes:
        raise StampDown("时间戳服务没有答复。", "The time-stamp authority does not answer.")

    with pytest.raises(StampDown):
        sign(small_room.with_table(timestamp=down).table, phone, STROKES)
    assert small_room.counts() == (0, 0)


class StampDown(HubError):
    """No time stamp can be had just now.

    Cure: none in a test.
    """

    code = "signing_request.test_stamp_down"
