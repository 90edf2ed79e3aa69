"""Seals with their structure: made here and saying so, imported from the competent system, moved by its status feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import select

from hub.clock import FixedClock
from hub.database import Database
from hub.seals.custody import activate
from hub.seals.faults import (
    FeedMalformed,
    OrganSealNotMadeHere,
    SealKeyElsewhere,
    SealKeyMismatch,
    SealKnownAlready,
    SealStructureRefused,
)
from hub.seals.importing import Filing, import_seal
from hub.seals.making import NATURE, NewSeal, Workshop, make_own_seal
from hub.seals.permits import permit_by_hand
from hub.seals.queries import moves_of, seal_by_id, structure_of
from hub.seals.records import Seal
from hub.seals.rules import SealKind, SealStatus
from hub.seals.status_feed import Outcome, RowOutcome, apply_status, read_feed
from hub.signing.anchors import Anchors
from hub.signing.authority import certify_seal, found_authority
from hub.signing.keys import SM2, Purpose
from hub.signing.ofd.package import read_package
from hub.signing.ofd.show import page_count
from hub.signing.ses_judging import judge_seal
from hub.signing.ses_making import SealWanted, make_seal
from hub.signing.ses_structures import parse_seal
from hub.signing.ses_values import ParsedSeal, Picture
from hub.signing.verdict import Outcome as Verdict
from hub.signing.verify_signature import Asked
from tests.approval_desk import KEEPER, OWNER, REGION, Room, open_room
from tests.seal_desk import DRAWING

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FILING = Filing(REGION, OWNER, "6101990000000001")
ORGANS_KEY = "organ"


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Room:
    return open_room(database, clock, tmp_path, font_file, algorithm=SM2)


@pytest.fixture
def structure(room: Room) -> bytes:
    """The structure of an organ's seal, as the competent system would issue it."""
    return issued(room)


def issued(room: Room, **changes: object) -> bytes:
    chain = room.keys.certificates(Purpose.SEAL, ORGANS_KEY) or certify_seal(
        room.keys, ORGANS_KEY, OWNER.name_zh, room.clock.now(), algorithm=SM2
    )
    wanted = SealWanted(
        es_id="61019900000001",
        name_zh=f"{OWNER.name_zh}行政审批专用章",
        kind=3,
        certificates=(chain[0],),
        created_at=room.clock.now(),
        valid_from=room.clock.now() - timedelta(hours=1),
        valid_until=room.clock.now() + timedelta(days=365),
        picture=Picture("SVG", DRAWING, 42, 42),
    )
    return make_seal(
        replace(wanted, **changes),  # type: ignore[arg-type]
        maker=room.keys.open(Purpose.SEAL_MAKER, "built-in"),
        maker_certificate=room.keys.certificates(Purpose.SEAL_MAKER, "built-in")[0],
    )


def anchors(room: Room) -> Anchors:
    return Anchors((x509.load_der_x509_certificate(found_authority(room.keys, room.clock.now(), SM2)),))


def imported(room: Room, structure: bytes, filing: Filing = FILING, *, trusted: Anchors | None = None) -> Seal:
    with room.database.transaction() as session:
        return import_seal(
            session,
            structure,
            filing,
            by=KEEPER,
            keys=room.keys,
            anchors=trusted or anchors(room),
            clock=room.clock,
        )


def own(room: Room) -> ParsedSeal:
    with room.database.reading() as session:
        return parse_seal(structure_of(session, room.seal_id) or b"")


def fed(room: Room, *rows: dict[str, str]) -> list[RowOutcome]:
    with room.database.transaction() as session:
        return apply_status(session, rows, source="competent-seal-system", clock=room.clock)


def row(status: str, since: str, reason: str = "变更名称") -> dict[str, str]:
    return {"filing_number": FILING.filing_number, "status": status, "since": since, "reason": reason}


@ONE_DATABASE
def test_a_seal_made_here_verifies_with_the_demonstrations_root(room: Room) -> None:
    judged = judge_seal(own(room), Asked(anchors(room), room.clock.now()))
    assert [found.code for found in judged.findings if found.outcome is not Verdict.PASSED] == []


@ONE_DATABASE
def test_a_demonstration_seal_says_so_in_its_name_and_in_an_extension(room: Room) -> None:
    seal = own(room)
    assert seal.name.endswith("（演示专用）")
    assert [("演示专用" in each.value.decode()) for each in seal.extensions if each.oid == NATURE] == [True]


@ONE_DATABASE
def test_the_picture_of_a_seal_made_here_is_an_ofd_of_one_page_42_mm_wide(room: Room) -> None:
    picture = own(room).picture
    assert (picture.kind, picture.width_mm, picture.height_mm) == ("ofd", 42, 42)
    assert page_count(read_package(picture.content)) == 1


@ONE_DATABASE
@pytest.mark.parametrize("version", [4, 5])
def test_the_built_in_maker_makes_the_version_it_is_told(room: Room, version: int) -> None:
    wanted = NewSeal(REGION, OWNER, SealKind.INTERNAL_BUSINESS, "档案专用章")
    with room.database.transaction() as session:
        workshop = Workshop(room.keys, room.fonts, SM2, version)
        made = make_own_seal(session, wanted, by=KEEPER, workshop=workshop, clock=room.clock)
        parsed = parse_seal(structure_of(session, made.id) or b"")
    assert (made.ses_version, parsed.version, parsed.name[-6:]) == (version, version, "（内部业务）")


@ONE_DATABASE
def test_organs_seals_are_not_made_here(room: Room) -> None:
    with room.database.transaction() as session, pytest.raises(OrganSealNotMadeHere):
        make_own_seal(
            session,
            NewSeal(REGION, OWNER, SealKind.ORGAN),
            by=KEEPER,
            workshop=Workshop(room.keys, room.fonts, SM2, 4),
            clock=room.clock,
        )


def test_an_imported_seal_keeps_its_structure_byte_for_byte(room: Room, structure: bytes) -> None:
    seal = imported(room, structure)
    with room.database.reading() as session:
        assert structure_of(session, seal.id) == structure
        kept = seal_by_id(session, seal.id)
        assert (kept.es_id, kept.ses_version, kept.status) == ("61019900000001", 4, SealStatus.REGISTERED)
        assert (kept.purpose_line_zh, kept.demonstration) == ("行政审批专用章", False)


@ONE_DATABASE
def test_importing_the_same_seal_again_returns_the_same_seal(room: Room, structure: bytes) -> None:
    assert imported(room, structure).id == imported(room, structure).id


@ONE_DATABASE
def test_another_structure_under_a_known_filing_number_is_refused(room: Room, structure: bytes) -> None:
    imported(room, structure)
    with pytest.raises(SealKnownAlready):
        imported(room, issued(room, es_id="61019900000002"))


@ONE_DATABASE
def test_a_seal_of_an_unknown_maker_is_refused_with_its_finding(room: Room, structure: bytes, tmp_path: Path) -> None:
    other = open_room_keys(tmp_path / "elsewhere")
    with pytest.raises(SealStructureRefused) as refused:
        imported(room, structure, trusted=other)
    assert refused.value.findings == ("SEAL_MAKER_CERT_CHAIN",)


def open_room_keys(folder: Path) -> Anchors:
    from hub.signing.key_files import FileKeyStore
    from tests.conftest import STANDING_AT

    root = found_authority(FileKeyStore(folder, b"other"), STANDING_AT, SM2)
    return Anchors((x509.load_der_x509_certificate(root),))


@ONE_DATABASE
def test_an_expired_seal_is_refused_with_its_finding(room: Room) -> None:
    expired = issued(room, valid_until=room.clock.now() - timedelta(minutes=1))
    with pytest.raises(SealStructureRefused) as refused:
        imported(room, expired)
    assert refused.value.findings == ("SEAL_EXPIRED",)


@ONE_DATABASE
def test_an_altered_seal_is_refused_with_its_finding(room: Room, structure: bytes) -> None:
    with pytest.raises(SealStructureRefused) as refused:
        imported(room, structure.replace("专用章".encode(), "专用印".encode(), 1))
    assert "SEAL_SIGNATURE" in refused.value.findings


@ONE_DATABASE
@pytest.mark.parametrize("garbage", [b"", b"\x30\x80", b"no seal at all", b"\x30\x03\x02\x01\x01"])
def test_bytes_that_are_no_seal_are_refused_as_such(room: Room, garbage: bytes) -> None:
    with pytest.raises(SealStructureRefused) as refused:
        imported(room, garbage)
    assert refused.value.findings == ("SEAL_FORMAT",)


@ONE_DATABASE
def test_a_seal_whose_key_is_elsewhere_is_used_through_a_device_only(room: Room, structure: bytes) -> None:
    seal = imported(room, structure)
    with room.database.transaction() as session:
        activate(session, seal.id, by=KEEPER, clock=room.clock)
        with pytest.raises(SealKeyElsewhere):
            permit_by_hand(session, seal.id, kind="GRANT", region=REGION, actor=KEEPER, clock=room.clock)


@ONE_DATABASE
def test_a_key_the_seal_does_not_list_is_refused(room: Room, structure: bytes) -> None:
    with room.database.reading() as session:
        other = seal_by_id(session, room.seal_id).key_name
    with pytest.raises(SealKeyMismatch):
        imported(room, structure, replace(FILING, key_name=other))


@ONE_DATABASE
def test_a_seal_with_its_key_here_is_usable_here(room: Room, structure: bytes) -> None:
    seal = imported(room, structure, replace(FILING, key_name=ORGANS_KEY))
    assert (seal.key_name, seal.key_elsewhere) == (ORGANS_KEY, False)


def test_the_feed_moves_a_seal_and_the_move_is_written_down(room: Room, structure: bytes) -> None:
    seal = imported(room, structure)
    room.clock.advance(timedelta(days=3))
    outcomes = fed(room, row("启用", "2026-11-26"), row("停用", "2026-11-27T08:00:00+08:00"))
    assert [each.outcome for each in outcomes] == [Outcome.MOVED, Outcome.MOVED]
    with room.database.reading() as session:
        assert seal_by_id(session, seal.id).status is SealStatus.SUSPENDED
        newest = moves_of(session, seal.id)[0]
        assert (newest.by, newest.reason) == ("competent-seal-system", "变更名称")
        assert newest.since.isoformat() == "2026-11-27T00:00:00+00:00"


@ONE_DATABASE
def test_the_feed_may_come_again_in_any_order(room: Room, structure: bytes) -> None:
    imported(room, structure)
    room.clock.advance(timedelta(days=3))
    rows = row("CANCELLED", "2026-11-27"), row("ACTIVE", "2026-11-26"), row("CANCELLED", "2026-11-27")
    assert [each.outcome for each in fed(room, *rows)] == [Outcome.MOVED, Outcome.OUTDATED, Outcome.UNCHANGED]


@ONE_DATABASE
def test_a_status_that_begins_later_waits_for_a_later_run(room: Room, structure: bytes) -> None:
    imported(room, structure)
    assert [each.outcome for each in fed(room, row("CANCELLED", "2027-01-01"))] == [Outcome.NOT_YET]


@ONE_DATABASE
def test_a_bad_row_stops_no_other(room: Room, structure: bytes) -> None:
    imported(room, structure)
    room.clock.advance(timedelta(days=1))
    unknown = {**row("ACTIVE", "2026-11-25"), "filing_number": "0"}
    wrong = row("LOST", "2026-11-25"), row("ACTIVE", "yesterday"), row("SUSPENDED", "2026-11-26")
    outcomes = fed(room, unknown, *wrong, row("ACTIVE", "2026-11-26"))
    codes = ["seal.missing", "seal.feed_malformed", "seal.feed_malformed", "seal.move_refused", None]
    assert [each.code for each in outcomes] == codes


@ONE_DATABASE
def test_the_feed_says_nothing_of_seals_made_here(room: Room) -> None:
    with room.database.transaction() as session:
        session.get_one(Seal, room.seal_id).filing_number = FILING.filing_number
    assert [each.code for each in fed(room, row("CANCELLED", "2026-11-24"))] == ["seal.missing"]
    with room.database.reading() as session:
        assert session.scalars(select(Seal.status)).all() == [SealStatus.ACTIVE]


def test_a_feed_is_read_from_json_and_from_csv_with_either_names() -> None:
    as_json = '[{"filing_number": "1", "status": "停用", "since": "2026-11-01"}]'.encode()
    as_csv = "\ufeff备案编号,状态,自何时起,原因\r\n1,停用,2026-11-01,遗失\r\n".encode()
    assert read_feed(as_json)[0]["status"] == "停用" and read_feed(as_csv)[0]["备案编号"] == "1"


@pytest.mark.parametrize("garbage", [b"\xff\xfe", b"[1, 2]", b"[{", b"[" * 100_000])
def test_a_feed_of_another_form_is_refused(garbage: bytes) -> None:
    with pytest.raises(FeedMalformed):
        read_feed(garbage)
