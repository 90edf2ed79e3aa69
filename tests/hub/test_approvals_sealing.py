"""Sealing one approved document by hand: who may, what is published, what is never published twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from sqlalchemy import select

from hub.approvals.queries import (
    approval_by_id,
    approval_of_file,
    published_file,
    sealed_by_verify_id,
    sealing_intents,
)
from hub.approvals.records import Approval, ApprovalFile
from hub.approvals.rendering import contents_of, decision_document
from hub.approvals.rules import ApprovalStage
from hub.approvals.sealing import COMMITTED, INTENDED, SIGNED, STORED, Sealed, seal
from hub.clock import FixedClock
from hub.database import Database
from hub.ledger.records import LedgerEntry
from hub.seals.queries import seal_by_id, shape_of, structure_of
from hub.seals.records import SealUse
from hub.seals.sealing import Format, Renderings, render_files
from hub.signing.anchors import Anchors
from hub.signing.authority import found_authority
from hub.signing.gbt9704 import lay_out
from hub.signing.keys import P256, SM2
from hub.signing.verdict import Outcome
from hub.signing.verify import verify_document
from tests.approval_desk import (
    KEEPER,
    Room,
    fresh_key,
    open_room,
)

BOTH = pytest.mark.parametrize(
    ("algorithm", "original"), [(SM2, "OFD"), (P256, "PDF")], ids=["national", "international"]
)


@pytest.fixture
def algorithm() -> str:
    """That of the seal's key; tests of both profiles name both."""
    return P256


@pytest.fixture
def room(database: Database, clock: FixedClock, tmp_path: Path, font_file: Path, algorithm: str) -> Room:
    opened = open_room(database, clock, tmp_path, font_file, algorithm=algorithm)
    opened.grant()
    return opened


def _files(room: Room, approval_id: str) -> list[ApprovalFile]:
    with room.database.reading() as session:
        return approval_by_id(session, approval_id).files


def _anchors(room: Room) -> Anchors:
    roots = [found_authority(room.keys, room.clock.now(), each) for each in (P256, SM2)]
    return Anchors(tuple(x509.load_der_x509_certificate(root) for root in roots))


def _told(room: Room, approval_id: str) -> dict[str, Any]:
    """Return the newest body the exchange ledger holds of the approval."""
    with room.database.reading() as session:
        newest = session.scalars(
            select(LedgerEntry.content)
            .where(LedgerEntry.kind == "approval", LedgerEntry.record_id == approval_id)
            .order_by(LedgerEntry.version.desc())
        ).first()
    body: dict[str, Any] = json.loads(newest or b"{}")["body"]
    return body


def _rendered(room: Room, approval: Approval, original: str) -> Renderings:
    """Return what anybody can render again: the same bytes."""
    with room.database.reading() as session:
        shape = shape_of(seal_by_id(session, room.seal_id), structure_of(session, room.seal_id))
    layout = lay_out(decision_document(approval, public_url="https://hub.example"), room.fonts)
    wanted: Format = "OFD" if original == "OFD" else "PDF"
    return render_files(layout, wanted, shape, room.fonts, contents=contents_of(approval))


def _pdf_text(content: bytes) -> str:
    from pypdfium2 import PdfDocument

    with PdfDocument(content) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def _seal(room: Room, approval_id: str, *, key: str | None = None, **changes: object) -> Sealed:
    desk = room.desk_with(**changes)
    return seal(desk, approval_id, seal_id=room.seal_id, actor=KEEPER, key=key or fresh_key())


@BOTH
def test_a_sealed_approval_has_one_use_and_one_file_of_each_format(room: Room, algorithm: str, original: str) -> None:
    approval = room.approved()
    done = _seal(room, approval.id)
    files = _files(room, approval.id)
    assert (room.stage(approval), room.uses()) == (ApprovalStage.SEALED, 1)
    assert {file.format: file.original for file in files} == {"OFD": original == "OFD", "PDF": original == "PDF"}
    assert [file.sha256 for file in files if file.original] == [done.sha256]


@BOTH
def test_both_files_pass_on_the_demonstrations_roots(room: Room, algorithm: str, original: str) -> None:
    approval = room.approved()
    _seal(room, approval.id)
    for file in _files(room, approval.id):
        verdict = verify_document(room.desk.files.read(file.sha256), _anchors(room), room.clock.now())
        assert (file.format, verdict.outcome) == (file.format, Outcome.PASSED)


@BOTH
def test_the_rendition_says_which_file_is_the_original(room: Room, algorithm: str, original: str) -> None:
    approval = room.approved()
    _seal(room, approval.id)
    (rendition,) = (file for file in _files(room, approval.id) if not file.original)
    content = room.desk.files.read(rendition.sha256)
    notice = f"阅览件，以 {original} 原件为准"
    shown = content if rendition.format == "OFD" else _pdf_text(content).encode()
    assert notice.encode() in shown


@BOTH
def test_the_original_does_not_call_itself_a_rendition(room: Room, algorithm: str, original: str) -> None:
    content = room.desk.files.read(_seal(room, room.approved().id).sha256)
    shown = content if original == "OFD" else _pdf_text(content).encode()
    assert "阅览件".encode() not in shown


@BOTH
def test_the_ledger_is_told_both_digests_of_both_files(room: Room, algorithm: str, original: str) -> None:
    approval = room.approved()
    _seal(room, approval.id)
    told = _told(room, approval.id)["files"]
    expected = {(file.format, file.original, "SHA-256", file.sha256) for file in _files(room, approval.id)} | {
        (file.format, file.original, "SM3", file.sm3) for file in _files(room, approval.id)
    }
    digests = {(f["format"], f["original"], d["algorithm"], d["value"]) for f in told for d in f["digests"]}
    assert digests == expected


@BOTH
def test_the_intent_holds_the_digests_of_both_renderings(room: Room, algorithm: str, original: str) -> None:
    approval = room.approved()
    done = _seal(room, approval.id)
    made = _rendered(room, approval, original)
    with room.database.reading() as session:
        intent = sealing_intents(session, [approval.id])[approval.id]
        use = session.get_one(SealUse, done.use_id)
        assert (intent.rendering_sha256, intent.rendition_sha256) == (made.original_sha256, made.rendition_sha256)
        assert use.document_sha256 == made.original_sha256


def test_the_steps_are_reached_in_their_order(room: Room) -> None:
    steps: list[str] = []
    _seal(room, room.approved().id, reached=steps.append)
    assert steps == [INTENDED, SIGNED, STORED, COMMITTED]


def test_the_published_pdf_begins_with_the_rendering_that_was_intended(room: Room) -> None:
    approval = room.approved()
    done = _seal(room, approval.id)
    assert room.desk.files.read(done.sha256).startswith(_rendered(room, approval, "PDF").pdf)


def test_only_a_published_file_is_found_by_its_digest(room: Room) -> None:
    orphan = room.desk.files.put(b"an orphan")
    done = _seal(room, room.approved().id)
    with room.database.reading() as session:
        assert published_file(session, orphan) is None
        found = published_file(session, done.sha256)
        assert found is not None and found.size_bytes == len(room.desk.files.read(done.sha256))


def test_a_verification_code_names_the_sealed_document(room: Room) -> None:
    approval = room.approved()
    done = _seal(room, approval.id)
    with room.database.reading() as session:
        found = sealed_by_verify_id(session, approval.verify_id)
        assert found is not None and done.sha256 in [file.sha256 for file in found.files]


def test_a_file_leads_back_to_its_approval(room: Room) -> None:
    approval = room.approved()
    done = _seal(room, approval.id)
    with room.database.reading() as session:
        found = approval_of_file(session, done.sha256)
        assert found is not None and found.id == approval.id
