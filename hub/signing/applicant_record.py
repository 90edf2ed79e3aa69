"""The document a signature of an applicant is kept in: `tongban-signature/1`, JSON in its one canonical form (RFC 8785).

`manifest` says what was signed: the digests of exactly the files, what for, who signed and how that was checked. `signature` is base64 of
SignedData (SM2, GB/T 35275) over the manifest's canonical bytes, with the one-time certificate and an RFC 3161 time stamp inside.
`drawing` holds the strokes of a drawn signature; the manifest has their digest. Must not decide who may sign, or whether it holds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hub.errors import HubError
from hub.signing.canonical import JsonMalformed, canonical, parse

FORMAT: Final = "tongban-signature/1"
MAX_RECORD_BYTES: Final = 512 * 1024
DRAWN, CERTIFICATE = "drawn", "certificate"
KINDS: Final = frozenset({DRAWN, CERTIFICATE})
MEMBERS: Final = frozenset({"format", "manifest", "drawing", "signature"})
TEXTS: Final = ("id", "kind", "purpose", "region", "asked_by", "signed_at")
SIGNER: Final = ("name", "code_type", "code", "index")
IDENTITY: Final = ("provider", "provider_zh", "provider_en", "reference", "level", "at")
DIGESTS: Final = ("sha256", "sm3")
MAX_FILES: Final = 64


class SignatureRecordMalformed(HubError):
    """The bytes are no signature record of this format; a verdict reports it as a finding, and nothing is raised to callers of it.

    Cure: obtain the record again from where it was signed.
    """

    code = "signature_record.malformed"

    def __init__(self, fact: str) -> None:
        super().__init__(f"电子签名记录无法读取（{fact}）。", f"The signature record cannot be read ({fact}).")
        self.fact = fact


@dataclass(frozen=True)
class SignatureRecord:
    """A record taken apart; nothing in it has been verified yet. `is_canonical` says whether its bytes are the one form."""

    manifest: Mapping[str, Any]
    drawing: Mapping[str, Any] | None
    signature: bytes
    is_canonical: bool

    @property
    def kind(self) -> str:
        """Return "drawn" or "certificate", as the manifest says."""
        return str(self.manifest["kind"])

    @property
    def files(self) -> Sequence[Mapping[str, Any]]:
        """Return the files as the manifest lists them: name, media_type, size_bytes, sha256, sm3."""
        files: Sequence[Mapping[str, Any]] = self.manifest["files"]
        return files

    @property
    def signed_bytes(self) -> bytes:
        """Return what the signature is over."""
        return canonical(self.manifest)


def sm3_hex(value: object) -> str:
    """Return the SM3 of the canonical bytes of a JSON value, in hex."""
    return hashlib.new("sm3", canonical(value)).hexdigest()


def written(manifest: Mapping[str, Any], drawing: Mapping[str, Any] | None, signature: bytes) -> bytes:
    """Return the record with `signature` (SignedData, DER) as its canonical bytes."""
    return canonical(
        {
            "format": FORMAT,
            "manifest": dict(manifest),
            "drawing": None if drawing is None else dict(drawing),
            "signature": base64.b64encode(signature).decode("ascii"),
        }
    )


def looks_like_signature_record(data: bytes) -> bool:
    """Say whether `data` claims to be a record of this family."""
    return data.lstrip()[:1] == b"{" and b'"tongban-signature/' in data[:MAX_RECORD_BYTES]


def read(data: bytes) -> SignatureRecord:
    """Return the record in `data`, of at most 512 KiB; raises SignatureRecordMalformed with what is wrong."""
    try:
        told = parse(data, max_bytes=MAX_RECORD_BYTES)
    except JsonMalformed as malformed:
        raise SignatureRecordMalformed("JSON") from malformed
    if told.get("format") != FORMAT or set(told) != MEMBERS:
        raise SignatureRecordMalformed("format")
    signature = _decoded(told["signature"])
    manifest, drawing = told["manifest"], told["drawing"]
    _require_manifest(manifest)
    if not _is_drawing(drawing, manifest):
        raise SignatureRecordMalformed("drawing")
    return SignatureRecord(manifest, drawing, signature, is_canonical=canonical(told) == data)


def _decoded(text: object) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except binascii.Error:
        raw = b""
    if not raw or base64.b64encode(raw).decode("ascii") != text:
        raise SignatureRecordMalformed("signature")
    return raw


def _require_manifest(manifest: object) -> None:
    if not isinstance(manifest, dict) or not _all_text(manifest, TEXTS) or manifest["kind"] not in KINDS:
        raise SignatureRecordMalformed("manifest")
    identity = manifest.get("identity")
    if not _all_text(manifest.get("signer"), SIGNER) or not _all_text(identity, IDENTITY):
        raise SignatureRecordMalformed("signer")
    if not isinstance(identity, dict) or not isinstance(identity.get("demonstration"), bool):
        raise SignatureRecordMalformed("identity")
    files = manifest.get("files")
    if not isinstance(files, list) or not 1 <= len(files) <= MAX_FILES or not all(map(_is_file, files)):
        raise SignatureRecordMalformed("files")


def _is_file(file: object) -> bool:
    return (
        isinstance(file, dict)
        and _all_text(file, ("name", "media_type", *DIGESTS))
        and type(file.get("size_bytes")) is int
    )


def _is_drawing(drawing: object, manifest: Mapping[str, Any]) -> bool:
    if manifest["kind"] == CERTIFICATE:
        return drawing is None and manifest.get("drawing_sm3") is None
    return (
        isinstance(drawing, dict)
        and set(drawing) == {"width", "height", "path"}
        and isinstance(drawing["path"], str)
        and all(type(drawing[each]) is int for each in ("width", "height"))
        and isinstance(manifest.get("drawing_sm3"), str)
    )


def _all_text(value: object, names: Sequence[str]) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in names)
