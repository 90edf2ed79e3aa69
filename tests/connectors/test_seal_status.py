"""The competent seal system's status file as a connector: a mapping, GB18030, a wrong row that costs nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from connectors.adapters.files import FileAdapter
from connectors.configuring import configure
from connectors.records import Outcome
from connectors.registry import carry_snapshot
from connectors.run import Ended
from hub.clock import FixedClock
from hub.database import Database
from hub.filestore import FileStore
from hub.seals.importing import Filing, import_seal
from hub.seals.queries import moves_of, seal_by_id
from hub.seals.rules import SealStatus
from hub.signing.anchors import Anchors
from hub.signing.authority import certify_seal, found_authority
from hub.signing.keys import SM2, Purpose
from hub.signing.ses_making import SealWanted, make_seal
from hub.signing.ses_values import Picture
from tests.approval_desk import KEEPER, OWNER, REGION, Room, open_room
from tests.connectors.workshop import Workshop
from tests.seal_desk import DRAWING

FILED, UNKNOWN = "6101990000000001", "6101990000000002"
MAPPING: dict[str, Any] = {
    "target": "seal_status",
    "remote_id": ["备案编号", "自何时起"],
    "fields": {"filing_number": "备案编号", "status": "状态", "since": "自何时起", "reason": "原因"},
}
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HEADING = "备案编号,状态,自何时起,原因\n"
GOOD = f"{FILED},启用,2026-11-26,制作完成\n{FILED},停用,2026-11-27T08:00:00+08:00,名称变更𠮷\n"
WRONG = f"{UNKNOWN},启用,2026-11-26,\n"


@dataclass(frozen=True)
class Feed:
    """A hub with an organ's seal, and the connector that reads what the competent system says of it."""

    shop: Workshop
    seal_id: str
    folder: Path

    def run(self, text: str, *, dry_run: bool = False) -> Ended:
        """Write the file in GB18030 and run the connector."""
        (self.folder / "seals.csv").write_bytes(text.encode("gb18030"))
        return self.shop.run("seal-status", dry_run=dry_run)

    def status(self) -> SealStatus:
        """Return the seal's status."""
        with self.shop.database.reading() as session:
            return seal_by_id(session, self.seal_id).status


@pytest.fixture
def feed(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path) -> Feed:
    room = open_room(database, clock, tmp_path, font_file, algorithm=SM2)
    seal_id = imported(room)
    clock.advance(timedelta(days=5))
    folder = tmp_path / "import"
    folder.mkdir()
    adapter = lambda claim: FileAdapter(folder, claim.source, encoding=claim.settings["encoding"])  # noqa: E731
    files = FileStore(tmp_path / "open")
    carrier = partial(carry_snapshot, region=REGION, folder=folder, files=files, adapter=adapter)
    with database.transaction() as session:
        configure(
            session,
            "seal-status",
            adapter="csv",
            source="seals.csv",
            settings={"encoding": "gb18030", "mapping": MAPPING},
            schedule={"every_seconds": 3600},
            clock=clock,
        )
    return Feed(Workshop(database, clock, folder, extra={"csv": carrier}), seal_id, folder)


def imported(room: Room) -> str:
    [certificate, *_] = certify_seal(room.keys, "organ", OWNER.name_zh, room.clock.now(), algorithm=SM2)
    wanted = SealWanted(
        es_id="61019900000001",
        name_zh=f"{OWNER.name_zh}行政审批专用章",
        kind=3,
        certificates=(certificate,),
        created_at=room.clock.now(),
        valid_from=room.clock.now() - timedelta(hours=1),
        valid_until=room.clock.now() + timedelta(days=365),
        picture=Picture("SVG", DRAWING, 42, 42),
    )
    maker, made_by = (
        room.keys.open(Purpose.SEAL_MAKER, "built-in"),
        room.keys.certificates(Purpose.SEAL_MAKER, "built-in"),
    )
    root = x509.load_der_x509_certificate(found_authority(room.keys, room.clock.now(), SM2))
    with room.database.transaction() as session:
        return import_seal(
            session,
            make_seal(wanted, maker=maker, maker_certificate=made_by[0]),
            Filing(REGION, OWNER, FILED),
            by=KEEPER,
            keys=room.keys,
            anchors=Anchors((root,)),
            clock=room.clock,
        ).id


def test_one_wrong_row_is_refused_and_the_others_move_the_seal(feed: Feed) -> None:
    ended = feed.run(HEADING + WRONG + GOOD)
    assert ended.outcome is Outcome.FINISHED_WITH_REJECTS
    assert feed.shop.counts(ended) == {"seen": 3, "updated": 2, "rejected": 1}
    [reject] = feed.shop.rejects(ended)
    assert (reject.remote_id, reject.code) == (f"{UNKNOWN}/2026-11-26", "row.word_not_taken")
    assert "seal.missing" in reject.reason_en
    assert feed.status() is SealStatus.SUSPENDED


@ONE_DATABASE
def test_each_move_keeps_the_connector_as_its_source_and_the_reason_as_written(feed: Feed) -> None:
    feed.run(HEADING + GOOD)
    with feed.shop.database.reading() as session:
        newest = moves_of(session, feed.seal_id)[0]
    assert (newest.by, newest.reason) == ("seal-status", "名称变更𠮷")


@ONE_DATABASE
def test_the_same_file_again_changes_nothing_and_a_shorter_one_takes_nothing_away(feed: Feed) -> None:
    feed.run(HEADING + GOOD)
    assert feed.shop.counts(feed.run(HEADING + GOOD)) == {"seen": 2, "unchanged": 2}
    feed.run(HEADING)
    assert feed.status() is SealStatus.SUSPENDED


@ONE_DATABASE
def test_a_status_word_nobody_agreed_on_is_refused_with_its_column(feed: Feed) -> None:
    ended = feed.run(f"{HEADING}{FILED},遗失,2026-11-26,\n")
    assert [(reject.code, reject.field) for reject in feed.shop.rejects(ended)] == [("row.unfit", "状态")]


@ONE_DATABASE
def test_a_rehearsal_of_the_status_file_moves_no_seal(feed: Feed) -> None:
    ended = feed.run(HEADING + GOOD, dry_run=True)
    assert feed.shop.counts(ended) == {"seen": 2, "updated": 2}
    assert feed.status() is SealStatus.REGISTERED
