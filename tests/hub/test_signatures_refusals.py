"""What an applicant's signature is refused for, what is kept of it, and what is swept away."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.access.actors import PUBLIC_ACTOR, Actor
from hub.access.records import ActorKind
from hub.clock import FixedClock
from hub.errors import NotPermitted
from hub.filestore import StoredFileLost
from hub.ledger.records import LedgerEntry
from hub.signatures.asking import fresh_id, hand_over_of
from hub.signatures.faults import (
    ProviderUnknown,
    PurposeRefused,
    RequestExpired,
    RequestMissing,
    RequestMoveRefused,
    SignerAttemptsSpent,
    SignerDiffers,
)
from hub.signatures.opening import decline
from hub.signatures.providers import provider_named
from hub.signatures.records import SigningRequest
from hub.signatures.rules import LASTING, MAX_ATTEMPTS, RequestStatus
from hub.signatures.signers import signer_of
from hub.signatures.signing import Phone, identify, sign
from hub.signatures.sweeping import sweep
from hub.web.signing_table import table_of
from tests.signing_room import FILES, SIGNER, STROKES, Room
from tests.web_hub import STANDING_AT, composed, open_ledgers

OTHER = signer_of("李四", "111", "11010519491231002X")


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


def test_another_person_is_refused_and_the_fifth_try_closes_the_request(small_room: Room) -> None:
    phone = small_room.open(small_room.ask())
    for _ in range(MAX_ATTEMPTS - 1):
        with pytest.raises(SignerDiffers):
            identify(small_room.table, phone, OTHER)
    with pytest.raises(SignerAttemptsSpent):
        identify(small_room.table, phone, OTHER)
    assert small_room.request().status is RequestStatus.CLOSED
    with pytest.raises((SignerAttemptsSpent, RequestMoveRefused)):
        identify(small_room.table, phone, SIGNER)


def test_nobody_signs_without_an_identity_check(small_room: Room) -> None:
    phone = small_room.open(small_room.ask())
    with pytest.raises(RequestMoveRefused):
        sign(small_room.table, phone, STROKES)


@pytest.mark.parametrize("act", ["open", "identify", "sign", "decline"])
def test_after_fifteen_minutes_nothing_can_be_done(small_room: Room, act: str) -> None:
    watch = small_room.ask()
    phone = Phone("", hand_over_of(watch)) if act == "open" else small_room.open(watch)
    if act == "sign":
        identify(small_room.table, phone, SIGNER)
    small_room.clock.advance(LASTING)
    acts: dict[str, Callable[[], object]] = {
        "open": lambda: small_room.open(watch),
        "identify": lambda: identify(small_room.table, phone, SIGNER),
        "sign": lambda: sign(small_room.table, phone, STROKES),
        "decline": lambda: _declined(small_room, phone),
    }
    with pytest.raises(RequestExpired):
        acts[act]()
    assert small_room.counts() == (0, 0)


def test_a_signer_may_decline_and_then_nothing_can_be_signed(small_room: Room) -> None:
    phone = small_room.identified()
    _declined(small_room, phone)
    with pytest.raises(RequestMoveRefused):
        sign(small_room.table, phone, STROKES)


def test_a_phone_cannot_act_on_the_request_of_another_code(small_room: Room) -> None:
    first, second = small_room.ask(), small_room.ask()
    phone, elsewhere = small_room.open(first), small_room.open(second)
    with pytest.raises(RequestMissing):
        identify(small_room.table, Phone(phone.secret, elsewhere.hand_over), SIGNER)


def test_a_file_altered_on_the_shelf_is_not_signed(small_room: Room, tmp_path: Path) -> None:
    phone = small_room.identified()
    stored = next(each for each in (tmp_path / "hub/files/signatures").rglob("*") if each.is_file())
    stored.write_bytes(stored.read_bytes() + b" ")
    with pytest.raises(StoredFileLost):
        sign(small_room.table, phone, STROKES)
    assert small_room.counts() == (0, 0)


@pytest.mark.parametrize("kind", [ActorKind.PUBLIC, ActorKind.OPERATOR])
def test_only_officers_and_partner_systems_ask_for_signatures(small_room: Room, kind: ActorKind) -> None:
    actor = PUBLIC_ACTOR if kind is ActorKind.PUBLIC else Actor(kind, "x", "x")
    with pytest.raises(NotPermitted):
        small_room.ask(actor=actor)


@pytest.mark.parametrize("purpose", ["", "   ", "长" * 201, "a\x00b"])
def test_a_request_says_in_one_sentence_what_is_signed_for(small_room: Room, purpose: str) -> None:
    with pytest.raises(PurposeRefused):
        small_room.ask(purpose=purpose)


def test_no_secret_and_no_number_is_kept_in_the_database(small_room: Room) -> None:
    watch = small_room.ask()
    phone = small_room.open(watch)
    identify(small_room.table, phone, SIGNER)
    sign(small_room.table, phone, STROKES)
    small_room.hub.database.close()
    source = Path(small_room.hub.database.engine.url.database or "")
    written = b"".join(each.read_bytes() for each in source.parent.glob(f"{source.name}*"))
    for secret in (watch, phone.secret, phone.hand_over, SIGNER.code, "张三丰"):
        assert secret.encode() not in written


def test_the_ledger_is_told_digests_and_no_names(small_room: Room) -> None:
    made = sign(small_room.table, small_room.identified(), STROKES)
    with small_room.hub.database.reading() as session:
        content = session.scalars(select(LedgerEntry.content).where(LedgerEntry.kind == "signature")).one()
    assert content is not None
    told = content.decode()
    assert made.record_sha256 in told
    assert "张" not in told
    assert "申请表" not in told


def test_files_of_a_request_that_led_to_nothing_are_removed(room: Room, tmp_path: Path) -> None:
    room.ask()
    kept = room.identified()
    sign(room.table, kept, STROKES)
    room.clock.advance(LASTING)
    assert sweep(room.hub.database, room.table.shelf, clock=room.clock) == 1
    stored = [each for each in (tmp_path / "hub/files/signatures").rglob("*") if each.is_file()]
    assert len(stored) == len(FILES)
    assert sweep(room.hub.database, room.table.shelf, clock=room.clock) == 0


def test_files_that_a_crash_left_without_a_request_are_removed(small_room: Room, tmp_path: Path) -> None:
    small_room.table.shelf.of(fresh_id()).put(b"%PDF-1.7 orphan")
    shelf, clock = small_room.table.shelf, FixedClock(STANDING_AT + timedelta(days=36500))
    assert sweep(small_room.hub.database, shelf, clock=clock) == 1
    assert not [each for each in (tmp_path / "hub/files/signatures").rglob("*") if each.is_file()]


def test_the_demonstration_provider_is_refused_in_earnest(small_room: Room) -> None:
    with pytest.raises(ProviderUnknown):
        provider_named("demonstration", small_room.hub.file_keys, small_room.clock, demonstration=False)
    with pytest.raises(ProviderUnknown):
        provider_named("nobody", small_room.hub.file_keys, small_room.clock, demonstration=True)


def test_the_record_names_exactly_the_files_that_were_asked_for(small_room: Room) -> None:
    made = sign(small_room.table, small_room.identified(), None)
    manifest = json.loads(made.record)["manifest"]
    assert [(each["name"], each["size_bytes"]) for each in manifest["files"]] == [
        (name, len(content)) for name, content in FILES
    ]


def _declined(room: Room, phone: Phone) -> SigningRequest:
    with room.hub.database.transaction() as session:
        return decline(session, phone.secret, phone.hand_over, clock=room.clock)
