"""Signed notes and checkpoints.

Voices that are not ours: the example of golang.org/x/mod/sumdb/note (Go, BSD-3-Clause), the C2SP signed-note example, a checkpoint
served in May 2026 by the public test log arche2025h1 with its witnesses' lines, and the `openssl` command.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import ValidationFailed
from hub.ledger.faults import NoteBadSignature, NoteMalformed, NoteUnknownKey
from hub.ledger.keys import CHECKS, Verifier
from hub.ledger.note import (
    NOTE_MAX_BYTES,
    NOTE_MAX_LINES,
    Checkpoint,
    SignatureLine,
    SignedNote,
    open_checkpoint,
    sign_checkpoint,
)
from hub.signing.key_files import FileKey
from hub.signing.keys import ED25519

ORIGIN = "tongban/xixian-fengdong/public/1"
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PETER_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_NOTE = (
    PETER_TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ARCHE = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
ARCHE_NOTE = (Path(__file__).parents[1] / "samples" / "c2sp-arche2025h1-checkpoint.txt").read_text(encoding="utf-8")


def key(number: int) -> FileKey:
    return FileKey("test", ED25519, Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


def trusted(number: int, name: str = ORIGIN) -> Verifier:
    return Verifier(name, ED25519, key(number).raw_public)


def verifier(vkey: str) -> Verifier:
    """Return the key of a verifier key as signed-note writes it: name+ID+type and key."""
    name, _, material = vkey.split("+", 2)
    return Verifier(name, "Ed25519", base64.b64decode(material)[1:])


CHECKPOINT = Checkpoint(ORIGIN, 20_852_163, bytes(range(32)))
NOTE = sign_checkpoint(CHECKPOINT, [key(1)])
STRANGER = "— example.org/w AAAAAAECAwQ=\n"


def test_the_go_example_key_has_the_id_go_prints() -> None:
    assert verifier(PETER).key_id.hex() == "c74f20a3"


def test_the_c2sp_example_key_has_the_id_the_page_prints() -> None:
    assert verifier("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").key_id.hex() == "530d903a"


def test_a_witness_key_has_another_id_for_its_cosignatures() -> None:
    assert verifier(REMORA).cosigner_key_id.hex() == "da77ade7" != verifier(REMORA).key_id.hex()


def test_the_go_example_note_is_signed_here_byte_for_byte() -> None:
    peter = Ed25519PrivateKey.from_private_bytes(PETER_SEED)
    line = SignatureLine("PeterNeumann", verifier(PETER).key_id, peter.sign(PETER_TEXT.encode()))
    assert SignedNote(PETER_TEXT, (line,)).to_text() == PETER_NOTE


def test_the_go_example_note_reads_back_and_its_signature_holds() -> None:
    note = SignedNote.parse(PETER_NOTE)
    assert note.to_text() == PETER_NOTE
    assert CHECKS["Ed25519"](verifier(PETER).public_key, note.text.encode(), note.lines[0].signature)


def test_a_note_that_is_no_checkpoint_is_not_opened_as_one() -> None:
    with pytest.raises(NoteMalformed):
        open_checkpoint(PETER_NOTE, [verifier(PETER)])


def test_a_checkpoint_of_a_public_log_opens_under_its_key() -> None:
    assert open_checkpoint(ARCHE_NOTE, [verifier(ARCHE)]).size == 1_432_088_532


def test_a_checkpoint_signed_here_opens() -> None:
    assert open_checkpoint(NOTE, [trusted(1)]) == CHECKPOINT


def test_a_checkpoint_opens_from_the_bytes_that_came_over_the_network() -> None:
    assert open_checkpoint(NOTE.encode(), [trusted(1)]) == CHECKPOINT


def test_lines_by_strangers_are_ignored_beside_a_good_one() -> None:
    assert open_checkpoint(NOTE + STRANGER, [trusted(1)]) == CHECKPOINT


def test_both_keys_of_a_rotation_open_the_same_note() -> None:
    note = sign_checkpoint(CHECKPOINT, [key(1), key(2)])
    assert [open_checkpoint(note, [trusted(number)]) for number in (1, 2)] == [CHECKPOINT] * 2


def test_a_note_signed_by_nobody_trusted_is_refused() -> None:
    with pytest.raises(NoteUnknownKey):
        open_checkpoint(NOTE, [trusted(2)])


def test_a_trusted_partner_cannot_sign_in_anothers_name() -> None:
    partner = "tongban/xian-hightech/public/1"
    line = SignatureLine(partner, trusted(3, partner).key_id, key(3).sign(CHECKPOINT.to_text().encode()))
    forged = SignedNote(CHECKPOINT.to_text(), (line,)).to_text()
    with pytest.raises(NoteUnknownKey):
        open_checkpoint(forged, [trusted(1), trusted(3, partner)])


def test_a_bad_line_by_a_trusted_key_refuses_a_note_that_also_has_a_good_one() -> None:
    old, new = trusted(1), trusted(2)
    note = NOTE + SignatureLine(ORIGIN, new.key_id, bytes(64)).to_text()
    with pytest.raises(NoteBadSignature):
        open_checkpoint(note, [old, new])


def test_a_bad_second_line_by_the_same_key_refuses_the_note() -> None:
    note = NOTE + SignatureLine(ORIGIN, trusted(1).key_id, b"short").to_text()
    with pytest.raises(NoteBadSignature):
        open_checkpoint(note, [trusted(1)])


@settings(deadline=None)
@given(st.integers(0, len(CHECKPOINT.to_text()) - 1), st.characters(min_codepoint=33, max_codepoint=126))
def test_no_character_of_a_signed_checkpoint_can_be_changed(position: int, character: str) -> None:
    changed = NOTE[:position] + character + NOTE[position + 1 :]
    if changed != NOTE:
        with pytest.raises((NoteMalformed, NoteUnknownKey, NoteBadSignature)):
            open_checkpoint(changed, [trusted(1)])


def test_an_algorithm_nobody_can_check_here_counts_as_unknown() -> None:
    sm2, only = Verifier(ORIGIN, "SM2", b"\x04" + bytes(64)), {"Ed25519": CHECKS["Ed25519"]}
    note = SignedNote.parse(NOTE).with_line(SignatureLine(ORIGIN, sm2.key_id, bytes(64)))
    assert open_checkpoint(note.to_text(), [sm2, trusted(1)], checks=only) == CHECKPOINT


def test_a_line_nobody_can_check_here_opens_nothing_alone() -> None:
    with pytest.raises(NoteUnknownKey):
        open_checkpoint(NOTE, [trusted(1)], checks={})


def test_the_line_types_of_sm2_are_the_documented_ones() -> None:
    sm2 = Verifier("a", "SM2", b"\x04" + bytes(range(64)))
    # printf 'a\n\377tongban/sm2-sm3/v1\004...' | sha256sum, and the same for the cosignature's
    assert (sm2.key_id.hex(), sm2.cosigner_key_id.hex()) == ("ce90e8b1", "07e79b3d")


def test_extension_lines_are_signed_and_left_aside() -> None:
    text = CHECKPOINT.to_text() + "an extension\n"
    line = SignatureLine(ORIGIN, trusted(1).key_id, key(1).sign(text.encode()))
    assert open_checkpoint(SignedNote(text, (line,)).to_text(), [trusted(1)]) == CHECKPOINT


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "\n\n" + STRANGER,
        "text\n" + STRANGER,
        "text\n\n",
        "text\n\n" + STRANGER.rstrip("\n"),
        "text\n\n" + STRANGER + "\n",
        "text\n\n" + STRANGER.replace("—", "-"),
        "text\n\n— name\n",
        "text\n\n—  AAAAAAECAwQ=\n",
        "text\n\n— a+b AAAAAAECAwQ=\n",
        "text\n\n— a\u00a0b AAAAAAECAwQ=\n",
        "text\n\n— name AAAAAAECAwR=\n",
        "text\n\n— name AAAAAAECAwQ\n",
        "text\n\n— name AAAA AAECAwQ=\n",
        "text\n\n— name AAAAAA==\n",
        "te\rxt\n\n" + STRANGER,
        "te\x00xt\n\n" + STRANGER,
        "te\ud800xt\n\n" + STRANGER,
        b"te\xffxt\n\n\xe2\x80\x94 name AAAAAAECAwQ=\n",
        "text\n\n" + STRANGER * (NOTE_MAX_LINES + 1),
        "x" * NOTE_MAX_BYTES + "\n\n" + STRANGER,
    ],
)
def test_a_note_that_is_not_exactly_of_the_form_is_refused(note: str | bytes) -> None:
    with pytest.raises(NoteMalformed):
        SignedNote.parse(note)


def test_a_note_may_hold_empty_lines_and_chinese() -> None:
    assert SignedNote.parse("第一行\n\n\n第三行\n\n" + STRANGER).text == "第一行\n\n\n第三行\n"


@pytest.mark.parametrize(
    "text",
    [
        "origin\n1\n",
        "origin\n1\n" + "A" * 43 + "=",
        "\n1\n" + "A" * 43 + "=\n",
        "origin\n01\n" + "A" * 43 + "=\n",
        "origin\n-1\n" + "A" * 43 + "=\n",
        "origin\n٣\n" + "A" * 43 + "=\n",
        "origin\n9223372036854775808\n" + "A" * 43 + "=\n",
        "origin\n1\n" + "A" * 42 + "==\n",
        "origin\n1\n" + "A" * 43 + "=\n\nextension\n",
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteMalformed):
        Checkpoint.parse(text)


def test_the_specifications_example_checkpoint_reads_back() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert Checkpoint.parse(text).to_text() == text


@pytest.mark.parametrize(
    ("name", "algorithm", "public_key"),
    [
        ("", "Ed25519", bytes(32)),
        ("a b", "Ed25519", bytes(32)),
        ("a+b", "Ed25519", bytes(32)),
        ("a", "Ed25519", bytes(31)),
        ("a", "RSA", bytes(32)),
    ],
)
def test_a_key_without_its_form_cannot_be_trusted(name: str, algorithm: str, public_key: bytes) -> None:
    with pytest.raises(ValidationFailed):
        Verifier(name, algorithm, public_key)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is not installed")
def test_openssl_verifies_the_line_of_a_checkpoint_signed_here(tmp_path: Path) -> None:
    note = SignedNote.parse(NOTE)
    public = Ed25519PublicKey.from_public_bytes(key(1).raw_public)
    files = {
        "key.pem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "text": note.text.encode(),
        "signature": note.lines[0].signature,
    }
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    command = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile signature"
    run = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Signature Verified Successfully" in run.stdout + run.stderr
