"""What witnesses vouch for, and when. The outside voice is a checkpoint served in May 2026 by the public test log arche2025h1."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.errors import ValidationFailed
from hub.ledger.faults import NoteBadSignature, NoteMalformed, NoteUnknownKey
from hub.ledger.keys import Verifier
from hub.ledger.note import (
    Checkpoint,
    SignatureLine,
    SignedNote,
    cosign,
    open_checkpoint,
    sign_checkpoint,
    verify_cosignature,
)
from hub.signing.key_files import FileKey
from hub.signing.keys import ED25519

ORIGIN = "tongban/xixian-fengdong/public/1"
WITNESS = "tongban/xian-hightech/witness"
AT = datetime(2026, 7, 1, 8, 30, 15, 999_999, tzinfo=UTC)
REMORA = Verifier("remora.n621.de", ED25519, base64.b64decode("BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")[1:])
ARCHE_NOTE = (Path(__file__).parents[1] / "samples" / "c2sp-arche2025h1-checkpoint.txt").read_text(encoding="utf-8")


def key(number: int) -> FileKey:
    return FileKey("test", ED25519, Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


def trusted(number: int, name: str = ORIGIN) -> Verifier:
    return Verifier(name, ED25519, key(number).raw_public)


CHECKPOINT = Checkpoint(ORIGIN, 20_852_163, bytes(range(32)))
NOTE = sign_checkpoint(CHECKPOINT, [key(1)])


def test_a_cosignature_by_a_public_witness_holds() -> None:
    assert verify_cosignature(ARCHE_NOTE, REMORA) == datetime(2026, 5, 23, 21, 50, 24, tzinfo=UTC)


def test_a_changed_size_breaks_the_public_witness_line() -> None:
    with pytest.raises(NoteBadSignature):
        verify_cosignature(ARCHE_NOTE.replace("1432088532", "1432088531"), REMORA)


def cosigned(at: datetime = AT) -> str:
    note = SignedNote.parse(NOTE)
    return note.with_line(cosign(note, WITNESS, key(7), at=at)).to_text()


def test_a_cosignature_tells_its_time_to_the_second_in_utc() -> None:
    local = AT.astimezone(timezone(timedelta(hours=8)))
    assert verify_cosignature(cosigned(local), trusted(7, WITNESS)) == AT.replace(microsecond=0)


def test_a_cosigned_checkpoint_still_opens() -> None:
    assert open_checkpoint(cosigned(), [trusted(1)]) == CHECKPOINT


def test_a_cosignature_with_its_time_moved_does_not_hold() -> None:
    note = SignedNote.parse(cosigned())
    late = SignatureLine(WITNESS, note.lines[1].key_id, bytes(8) + note.lines[1].signature[8:])
    with pytest.raises(NoteBadSignature):
        verify_cosignature(SignedNote(note.text, (late,)).to_text(), trusted(7, WITNESS))


def test_a_cosignature_is_no_signature_of_the_ledger() -> None:
    note = SignedNote.parse(NOTE)
    lone = SignedNote(note.text, (cosign(note, ORIGIN, key(1), at=AT),)).to_text()
    with pytest.raises(NoteUnknownKey):
        open_checkpoint(lone, [trusted(1)])


def test_a_note_without_the_witness_line_has_no_time() -> None:
    with pytest.raises(NoteUnknownKey):
        verify_cosignature(NOTE, trusted(7, WITNESS))


def test_a_cosignature_signed_for_a_year_beyond_dates_is_malformed() -> None:
    text = CHECKPOINT.to_text()
    signature = key(7).sign(f"cosignature/v1\ntime {2**63 - 1}\n{text}".encode())
    line = SignatureLine(WITNESS, trusted(7, WITNESS).cosigner_key_id, (2**63 - 1).to_bytes(8, "big") + signature)
    with pytest.raises(NoteMalformed):
        verify_cosignature(SignedNote(text, (line,)).to_text(), trusted(7, WITNESS))


def test_only_a_checkpoint_can_be_cosigned() -> None:
    with pytest.raises(NoteMalformed):
        cosign(SignedNote("text\n", ()), WITNESS, key(7), at=AT)


def test_a_time_before_the_epoch_cannot_be_cosigned() -> None:
    with pytest.raises(ValidationFailed):
        cosigned(datetime(1969, 12, 31, tzinfo=UTC))
