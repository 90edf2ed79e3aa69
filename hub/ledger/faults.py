"""What the ledger refuses, and why: proofs that do not hold, notes and entries that cannot be read, a hash not available here."""

from __future__ import annotations

from hub.errors import HubError


class LedgerDoesNotVerify(HubError):
    """What was received does not lie on the tree that the checkpoint signs; nothing was applied.

    Cure: keep both notes as evidence and ask the ledger's operator; do not apply anything more from it until it is explained.
    """

    code = "ledger.does_not_verify"


class HashUnavailable(HubError):
    """This machine's cryptographic library does not offer the hash the ledger was founded on.

    Cure: install OpenSSL 3 with SM3, or found the ledger on SHA-256.
    """

    code = "ledger.hash_unavailable"


class EntryMalformed(HubError):
    """The bytes are no ledger entry: not canonical, a member missing or of the wrong form, or too large.

    Cure: the ledger's operator must publish a corrected version of the record; entries are never rewritten.
    """

    code = "ledger.entry_malformed"


class NoteMalformed(HubError):
    """The text is not a signed note, or its body is not a checkpoint.

    Cure: fetch the checkpoint again; check that nothing on the way changed line ends or encoding.
    """

    code = "note.malformed"


class NoteUnknownKey(HubError):
    """No line of the note was signed by a key this hub trusts for that origin.

    Cure: compare the partner's published fingerprint and confirm its key, or follow its key rotation.
    """

    code = "note.unknown_key"


class NoteBadSignature(HubError):
    """A line of the note names a trusted key, but the signature is not that key's over this text.

    Cure: treat the note as altered; keep it as evidence and fetch the checkpoint again from the origin.
    """

    code = "note.bad_signature"
