"""A proof that an entry lies in a signed ledger, as a JSON document a stranger verifies offline: `tongban-ledger-proof/1`.

It holds the header, the path to the root and the checkpoint's note; with `content` (and `salt`, in an exchange ledger) also what the header
answers for. The verifier is told which keys to trust (`Anchors.ledger_keys`) and reads nothing else. It proves what was written, not that
nothing was written since. Nothing is raised on what is in the file: anything malformed is a finding.

Source: RFC 9162 2.1.3.2 (inclusion); C2SP tlog-checkpoint, signed-note; docs/decisions/0009-what-a-proof-document-is.md.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hub.errors import HubError, ValidationFailed
from hub.ledger.entry import ExchangeHeader, PublicHeader, content_matches, parse_header
from hub.ledger.faults import EntryMalformed, LedgerDoesNotVerify, NoteBadSignature, NoteMalformed, NoteUnknownKey
from hub.ledger.hashes import HASH_BYTES, parse_tagged
from hub.ledger.keys import Verifier
from hub.ledger.note import Checkpoint, SignedNote, open_checkpoint
from hub.ledger.origin import Origin, parse_origin
from hub.ledger.tree import leaf_hash, verify_inclusion
from hub.signing.anchors import LedgerAnchor
from hub.signing.canonical import JsonMalformed, canonical, parse
from hub.signing.verdict import Finding, Outcome, SignatureReport, finding
from hub.signing.verify_signature import Asked

if TYPE_CHECKING:
    from hub.ledger.reading import InclusionProof

FORMAT: Final = "tongban-ledger-proof/1"
MAX_PROOF_BYTES: Final = 8 * 1024 * 1024
"""The longest document read: a content of one MiB may take six times as much as a JSON string."""
MAX_HASHES: Final = 64
MEMBERS: Final = frozenset({"origin", "index", "header", "hashes", "checkpoint"})
CONTENT: Final = frozenset({"content", "salt"})

FAILED, CANNOT_TELL, PASSED = Outcome.FAILED, Outcome.CANNOT_TELL, Outcome.PASSED
Header = PublicHeader | ExchangeHeader


class ProofMalformed(HubError):
    """The bytes are no proof document of this format; a verdict reports it as a finding, and nothing is raised to callers of it.

    Cure: obtain the proof again from the hub that keeps the ledger.
    """

    code = "ledger_proof.malformed"

    def __init__(self, fact: str) -> None:
        super().__init__(f"账本证明无法读取（{fact}）。", f"The ledger proof cannot be read ({fact}).")
        self.fact = fact


@dataclass(frozen=True)
class LedgerProof:
    """A proof taken apart; nothing in it has been verified yet. `content` and `salt` are None where the document has none."""

    origin: Origin
    index: int
    header: bytes
    hashes: tuple[bytes, ...]
    note: str
    checkpoint: Checkpoint
    content: bytes | None
    salt: bytes | None


def members_of(proof: InclusionProof) -> dict[str, Any]:
    """Return the members every proof document holds."""
    return {
        "origin": proof.origin,
        "index": proof.index,
        "header": proof.header.decode(),
        "hashes": [_text(part) for part in proof.hashes],
        "checkpoint": proof.checkpoint_note,
    }


def written(proof: InclusionProof, content: str | None, salt: str | None) -> bytes:
    """Return the document as canonical bytes; `content` is the entry's, exactly, and `salt` base64 as feeds carry it."""
    given = {"content": content, "salt": salt}
    return canonical(
        {"format": FORMAT, **members_of(proof), **{key: text for key, text in given.items() if text is not None}}
    )


def looks_like_ledger_proof(data: bytes) -> bool:
    """Say whether `data` claims to be a document of this family."""
    return data.lstrip()[:1] == b"{" and b'"tongban-ledger-proof/' in data[:MAX_PROOF_BYTES]


def verify_ledger_proof(data: bytes, asked: Asked) -> tuple[list[Finding], list[SignatureReport]]:
    """Return every finding about the proof; there are no signatures of persons or seals in it to report."""
    try:
        proof = _read(data)
    except ProofMalformed as malformed:
        return [finding("ledger_proof_format", FAILED, fact=malformed.fact)], []
    findings, header = proof_findings(proof, asked)
    if header is not None and all(found.outcome is PASSED for found in findings):
        findings = [_proved(proof, header), *findings]
    if proof.content is None:
        findings.append(finding("ledger_proof_without_content", PASSED))
    return findings, []


def proof_findings(proof: LedgerProof, asked: Asked) -> tuple[list[Finding], Header | None]:
    """Return what is to be said of tree, checkpoint and content, and the header, None where it cannot be read."""
    trust = _trust(proof, asked.anchors.ledger_keys)
    try:
        header = parse_header(proof.header, proof.origin).value
    except (EntryMalformed, LedgerDoesNotVerify):
        return [*trust, finding("ledger_proof_format", FAILED, fact="header")], None
    if header is None:
        return [*trust, finding("ledger_proof_newer", CANNOT_TELL)], None
    return [*trust, *_place(proof, header), *_content(proof, header)], header


def proof_in(told: Mapping[str, Any], content: bytes | None, salt: bytes | None) -> LedgerProof:
    """Return the proof whose members are `told`; raises ProofMalformed with what is wrong."""
    if set(told) != MEMBERS or not all(isinstance(told[name], str) for name in ("origin", "header", "checkpoint")):
        raise ProofMalformed("members")
    hashes = told["hashes"]
    if type(told["index"]) is not int or not isinstance(hashes, list) or len(hashes) > MAX_HASHES:
        raise ProofMalformed("members")
    path = tuple(decoded(text) for text in hashes)
    if any(len(part) != HASH_BYTES for part in path):
        raise ProofMalformed("hashes")
    try:
        origin = parse_origin(told["origin"])
        checkpoint = Checkpoint.parse(SignedNote.parse(told["checkpoint"]).text)
    except (ValidationFailed, NoteMalformed) as malformed:
        raise ProofMalformed("checkpoint") from malformed
    return LedgerProof(
        origin, told["index"], told["header"].encode(), path, told["checkpoint"], checkpoint, content, salt
    )


def decoded(text: object) -> bytes:
    """Return the bytes of a base64 text in its one spelling; raises ProofMalformed for anything else."""
    try:
        raw = base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        raw = None
    if raw is None or _text(raw) != text:
        raise ProofMalformed("base64")
    return raw


def _read(data: bytes) -> LedgerProof:
    try:
        told = parse(data, max_bytes=MAX_PROOF_BYTES)
    except JsonMalformed as malformed:
        raise ProofMalformed("JSON") from malformed
    if told.pop("format", None) != FORMAT:
        raise ProofMalformed("format")
    given = {name: told.pop(name) for name in CONTENT if name in told}
    content, salt = given.get("content"), given.get("salt")
    if "content" in given and not isinstance(content, str) or "content" not in given and given:
        raise ProofMalformed("content")
    return proof_in(told, None if content is None else content.encode(), None if "salt" not in given else decoded(salt))


def _trust(proof: LedgerProof, anchors: tuple[LedgerAnchor, ...]) -> list[Finding]:
    """Say whether a trusted key of the ledger signed the checkpoint."""
    if proof.checkpoint.origin != str(proof.origin):
        return [finding("ledger_proof_elsewhere", FAILED, origin=proof.origin)]
    mine = _verifiers(proof.origin, anchors)
    if not mine:
        return [finding("trust.no_ledger_keys", CANNOT_TELL, origin=proof.origin)]
    try:
        open_checkpoint(proof.note, mine)
    except NoteUnknownKey:
        return [finding("ledger_key_unknown", CANNOT_TELL, origin=proof.origin)]
    except NoteBadSignature:
        return [finding("ledger_checkpoint_signature", FAILED)]
    return []


def _verifiers(origin: Origin, anchors: tuple[LedgerAnchor, ...]) -> list[Verifier]:
    from hub.ledger.cupboard import recognised_key  # brings the tables along, which most verdicts need not wait for

    named = [anchor.public_key for anchor in anchors if anchor.origin == str(origin)]
    found = []
    for text in named:
        try:
            found.append(Verifier(str(origin), *recognised_key(text)))
        except ValidationFailed:
            continue  # a key of a kind this program does not know speaks for nobody
    return found


def _place(proof: LedgerProof, header: Header) -> list[Finding]:
    name, _ = parse_tagged(header.digest)
    try:
        verify_inclusion(
            name,
            proof.hashes,
            leaf=leaf_hash(name, proof.header),
            index=proof.index,
            size=proof.checkpoint.size,
            root=proof.checkpoint.root,
        )
    except LedgerDoesNotVerify:
        return [finding("ledger_proof_not_in_tree", FAILED)]
    return []


def _content(proof: LedgerProof, header: Header) -> list[Finding]:
    if proof.content is None or content_matches(header, proof.content, proof.salt):
        return []
    return [finding("ledger_content_mismatch", FAILED)]


def _proved(proof: LedgerProof, header: Header) -> Finding:
    facts = {"origin": proof.origin, "index": proof.index, "size": proof.checkpoint.size}
    if isinstance(header, ExchangeHeader):
        return finding("ledger_entry_proved", PASSED, **facts)
    version = header.version
    return finding("ledger_record_proved", PASSED, kind=version.kind, id=version.id, version=version.version, **facts)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
