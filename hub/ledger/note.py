"""Signed notes: a few lines of text, and lines under them by everyone who vouches for it. A checkpoint is such a note.

A note is believed only for a key the caller trusts. Lines by unknown keys or of unknown kinds are ignored, so keys can rotate
and witnesses can join; a bad line by a trusted key refuses the whole note. Trust in a key is decided elsewhere.

Source: C2SP signed-note (format), tlog-checkpoint (note text), tlog-cosignature (cosignature/v1).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, NoReturn, Self

from hub.errors import ValidationFailed
from hub.ledger.faults import NoteBadSignature, NoteMalformed, NoteUnknownKey
from hub.ledger.hashes import HASH_BYTES
from hub.ledger.keys import CHECKS, KEY_ID_BYTES, Check, Signer, Verifier, is_key_name
from hub.ledger.tree import MAX_SIZE

NOTE_MAX_BYTES: Final = 128 * 1024
"""The longest note read; sixteen lines of the largest known signature type fit."""
NOTE_MAX_LINES: Final = 64
"""The most signature lines read; signed-note asks for at least sixteen."""

_TIME_BYTES: Final = 8
_LAST_SECOND: Final = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line under a note: who, with which key (bytes, 4), and the signature without that ID."""

    name: str
    key_id: bytes
    signature: bytes

    def to_text(self) -> str:
        """Return the line as it stands in a note, with its final newline."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text ending in a newline, and the lines under it. That it parses says nothing about who signed it."""

    text: str
    lines: tuple[SignatureLine, ...]

    @classmethod
    def parse(cls, note: str | bytes) -> Self:
        """Read a note. Raises NoteMalformed unless it is exactly what signed-note describes, within the bounds."""
        body, blank, signatures = _characters(note).rpartition("\n\n")
        lines = signatures.split("\n")
        if not blank or not body or lines.pop() != "" or not 1 <= len(lines) <= NOTE_MAX_LINES:
            _malformed()
        return cls(body + "\n", tuple(_parse_line(line) for line in lines))

    def with_line(self, line: SignatureLine) -> Self:
        """Return the note with one more line at its end."""
        return replace(self, lines=(*self.lines, line))

    def signed_by(self, name: str) -> Self:
        """Return the note with the lines under `name` alone; what else stood under it is not passed on."""
        return replace(self, lines=tuple(line for line in self.lines if line.name == name))

    def to_text(self) -> str:
        """Return the note as it is served."""
        return f"{self.text}\n{''.join(line.to_text() for line in self.lines)}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A ledger at one size: its origin, the number of its entries, and the root over them (bytes, 32)."""

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """Return the note text: three lines, each ending in a newline."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a note's text; extension lines are allowed and left aside. Raises NoteMalformed."""
        lines = text.split("\n")
        if lines.pop() != "" or len(lines) < 3 or not all(lines) or not _SIZE.fullmatch(lines[1]):
            _malformed()
        checkpoint = cls(lines[0], int(lines[1]), _base64(lines[2]))
        if checkpoint.size > MAX_SIZE or len(checkpoint.root) != HASH_BYTES:
            _malformed()
        return checkpoint


def sign_checkpoint(checkpoint: Checkpoint, signers: Iterable[Signer]) -> str:
    """Return the checkpoint as a note with one line for each signer, all under the origin's name.

    Raises ValidationFailed if the origin cannot be the name of a key. Whether the checkpoint may be signed at all (never a
    fork, never before a durable commit) is the caller's to know.
    """
    text = checkpoint.to_text()
    lines = [
        SignatureLine(checkpoint.origin, _verifier(checkpoint.origin, signer).key_id, signer.sign(text.encode()))
        for signer in signers
    ]
    return SignedNote(text, tuple(lines)).to_text()


def open_checkpoint(
    note_text: str | bytes, verifiers: Iterable[Verifier], *, checks: Mapping[str, Check] = CHECKS
) -> Checkpoint:
    """Return the checkpoint once a trusted key of its own origin has signed it and no trusted key's line is bad.

    `verifiers` may belong to many origins; only a key named as the checkpoint's first line can speak for it, so no trusted
    partner can sign in another's name. The caller still compares the origin with the one it asked for.
    Raises NoteMalformed, NoteUnknownKey, NoteBadSignature.
    """
    note = SignedNote.parse(note_text)
    checkpoint = Checkpoint.parse(note.text)
    if not any(line.name == checkpoint.origin for line in _good_lines(note, verifiers, checks, cosignature=False)):
        _unknown_key()
    return checkpoint


def cosign(note: SignedNote, name: str, signer: Signer, *, at: datetime) -> SignatureLine:
    """Return a witness's line: as of `at` (aware, kept to the second), this is the largest consistent tree it has seen.

    The witness must have stored the note first and must have checked it against the one before. Raises NoteMalformed if the
    note is no checkpoint, ValidationFailed if `name` cannot be the name of a key or `at` lies before 1970.
    """
    Checkpoint.parse(note.text)
    verifier = _verifier(name, signer)
    second = int(at.timestamp())
    if second < 0:
        raise ValidationFailed("见证时间早于 1970 年。", "The time of a cosignature cannot lie before 1970.")
    signature = signer.sign(_cosigned(note.text, second))
    return SignatureLine(name, verifier.cosigner_key_id, second.to_bytes(_TIME_BYTES, "big") + signature)


def verify_cosignature(note_text: str | bytes, verifier: Verifier, *, checks: Mapping[str, Check] = CHECKS) -> datetime:
    """Return when (UTC) the witness vouched for this checkpoint; the newest time if it did so more than once.

    Raises NoteMalformed, NoteUnknownKey if there is no line of its key, NoteBadSignature if any of them is bad.
    """
    note = SignedNote.parse(note_text)
    Checkpoint.parse(note.text)
    seconds = [_second(line) for line in _good_lines(note, [verifier], checks, cosignature=True)]
    if not seconds:
        _unknown_key()
    if max(seconds) > _LAST_SECOND:  # signed, and yet no date
        _malformed()
    return datetime.fromtimestamp(max(seconds), UTC)


def _good_lines(
    note: SignedNote, verifiers: Iterable[Verifier], checks: Mapping[str, Check], *, cosignature: bool
) -> list[SignatureLine]:
    """Return the lines made by trusted keys, all of which hold; an algorithm without a check counts as unknown."""
    trusted: dict[tuple[str, bytes], list[Verifier]] = {}
    for verifier in verifiers:
        if verifier.algorithm in checks:
            key_id = verifier.cosigner_key_id if cosignature else verifier.key_id
            trusted.setdefault((verifier.name, key_id), []).append(verifier)
    good = [line for line in note.lines if (line.name, line.key_id) in trusted]
    for line in good:
        message, signature = _what_was_signed(note.text, line, cosignature=cosignature)
        # Two keys can share an ID by accident (four bytes); the line is good if it is one of theirs.
        keys = trusted[line.name, line.key_id]
        if not any(checks[key.algorithm](key.public_key, message, signature) for key in keys):
            raise NoteBadSignature("检查点的签名不成立。", "A signature on the checkpoint does not hold.")
    return good


def _what_was_signed(text: str, line: SignatureLine, *, cosignature: bool) -> tuple[bytes, bytes]:
    """Return the message and the bare signature over it; a cosignature carries its time before the signature."""
    if not cosignature:
        return text.encode(), line.signature
    return _cosigned(text, _second(line)), line.signature[_TIME_BYTES:]


def _cosigned(text: str, second: int) -> bytes:
    return f"cosignature/v1\ntime {second}\n{text}".encode()


def _second(line: SignatureLine) -> int:
    return int.from_bytes(line.signature[:_TIME_BYTES], "big")


def _verifier(name: str, signer: Signer) -> Verifier:
    return Verifier(name, signer.algorithm, signer.raw_public)


def _characters(note: str | bytes) -> str:
    """Return the note as text: UTF-8, within bounds, and without control characters other than the newline."""
    if len(note) > NOTE_MAX_BYTES:
        _malformed()
    try:
        raw = note.encode() if isinstance(note, str) else note
        text = raw.decode()
    except UnicodeError as error:
        raise NoteMalformed("检查点不是 UTF-8 文本。", "The note is not UTF-8 text.") from error
    if len(raw) > NOTE_MAX_BYTES or any(character < " " and character != "\n" for character in text):
        _malformed()
    return text


def _parse_line(line: str) -> SignatureLine:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    blob = _base64(encoded)
    if dash != "—" or not is_key_name(name) or len(blob) <= KEY_ID_BYTES:
        _malformed()
    return SignatureLine(name, blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])


def _base64(encoded: str) -> bytes:
    """Decode strictly: RFC 4648 section 4, padded, and spelled in the one way that encodes to itself (its section 3.5)."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        _malformed()
    if base64.b64encode(raw).decode() != encoded:
        _malformed()
    return raw


def _malformed() -> NoReturn:
    raise NoteMalformed("不是有效的签名检查点。", "This is not a well-formed signed checkpoint.")


def _unknown_key() -> NoReturn:
    raise NoteUnknownKey("检查点没有所信任密钥的签名。", "No key trusted for this origin has signed the checkpoint.")
