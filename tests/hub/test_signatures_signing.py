"""An applicant's signature on both databases: asked, opened once, identified, signed, verified; and everything that must change nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hub.access.actors import PUBLIC_ACTOR, Actor
from hub.access.records import ActorKind
from hub.clock import FixedClock
from hub.errors import HubError, NotPermitted
from hub.filestore import StoredFileLost
from hub.ledger.records import LedgerEntry
from hub.signatures.asking import Wanted, ask, fresh_id, hand_over_of, take_back
from hub.signatures.faults import (
    ProviderUnknown,
    PurposeRefused,
    RequestAlreadyOpened,
    RequestExpired,
    RequestMissing,
    RequestMoveRefused,
    SignerAttemptsSpent,
    SignerDiffers,
    SigningOvertaken,
)
from hub.signatures.materials import materials_of
from hub.signatures.opening import decline, open_on_phone
from hub.signatures.providers import provider_named
from hub.signatures.queries import secret_digest
from hub.signatures.records import ApplicantSignature, SigningRequest
from hub.signatures.rules import LASTING, MAX_ATTEMPTS, RequestStatus, SignatureKind
from hub.signatures.signers import Signer, signer_of
from hub.signatures.signing import CERTIFIED, SIGNED, Phone, SigningTable, identify, sign
from hub.signatures.strokes import Drawing, drawing_of
from hub.signatures.sweeping import sweep
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from hub.web.compose import Hub
from hub.web.signing_table import table_of
from seeds.officers import officer_actor
from seeds.places import HOME
from tests.signing_records import anchors_of
from tests.web_hub import STANDING_AT, composed, open_ledgers

OFFICER = officer_actor(HOME, "examiner-1")
SIGNER = signer_of("张三丰", "111", "11010519491231002X")
OTHER = signer_of("李四", "111", "11010519491231002X")
FILES = (("申请表.pdf", b"%PDF-1.7\nform"), ("照片.png", b"\x89PNG\r\n\x1a\nphoto"))
STROKES = drawing_of("[[[100, 200], [400, 100], [700, 300]]]")
PURPOSE = "确认申请材料真实有效"


class PowerCut(BaseException):
    """The process ends here, as far as the hub can tell."""


@dataclass(frozen=True)
class Room:
    """A hub with open ledgers, and what signing needs of it."""

    hub: Hub
    table: SigningTable
    clock: FixedClock

    def ask(self, *, actor: Actor = OFFICER, signer: Signer = SIGNER, purpose: str = PURPOSE) -> str:
        """Ask for a signature; return the secret of the page that watches."""
        request_id, materials = fresh_id(), materials_of(FILES)
        for each in materials:
            self.table.shelf.of(request_id).put(each.content)
        wanted = Wanted(signer.shown(self.table.index_key), purpose, materials)
        with self.hub.database.transaction() as session:
            return ask(session, request_id, wanted, actor=actor, region=HOME, clock=self.clock)

    def open(self, watch: str) -> Phone:
        """Open the code of a watching page on a phone."""
        code = hand_over_of(watch)
        with self.hub.database.transaction() as session:
            return Phone(open_on_phone(session, code, clock=self.clock), code)

    def identified(self) -> Phone:
        """Return a phone whose signer may sign."""
        phone = self.open(self.ask())
        identify(self.table, phone, SIGNER)
        return phone

    def request(self) -> SigningRequest:
        """Return the one request there is."""
        with self.hub.database.reading() as session:
            return session.scalars(select(SigningRequest)).one()

    def counts(self) -> tuple[int, int]:
        """Return how many signatures and how many ledger entries about signatures there are."""
        with self.hub.database.reading() as session:
            kept = session.scalar(select(func.count()).select_from(ApplicantSignature)) or 0
            told = session.scalar(select(func.count(LedgerEntry.id)).where(LedgerEntry.kind == "signature")) or 0
        return kept, told

    def with_table(self, **changes: Any) -> Room:
        """Return this room with another signing table."""
        return replace(self, table=replace(self.table, **changes))


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
