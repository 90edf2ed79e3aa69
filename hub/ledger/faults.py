"""What the ledger refuses, and why: proofs that do not hold, notes and entries that cannot be read, a hash not available here."""

from __future__ import annotations

from typing import ClassVar

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


class LedgerMissing(HubError):
    """This hub has opened no ledger of that name yet.

    Cure: run `python -m hub` once so that the ledgers are opened, or check the name.
    """

    code = "ledger.missing"


class LedgerNotSequenced(HubError):
    """The record is written, but its entry has no place in the signed tree yet, so nothing can be proven of it.

    Cure: ask again in a second; if it lasts, read why the sequencer stopped.
    """

    code = "ledger.not_sequenced"


class AfterBeyondEnd(HubError):
    """The reader says it holds more entries than the ledger has.

    Cure: read the checkpoint; a reader that verified a larger one keeps it as evidence that the ledger lost its end.
    """

    code = "ledger.after_beyond_end"


class FeedMalformed(HubError):
    """The lines are not a page of a ledger's feed: cut short, too many, or of another form.

    Cure: fetch the page again; check that nothing on the way changed or shortened it.
    """

    code = "ledger.feed_malformed"


class OriginChanged(HubError):
    """The partner now serves a ledger of another origin; a person must confirm it before it is followed.

    Cure: read what its genesis entry says of the ledger before, ask the partner, and confirm the new origin and its key.
    """

    code = "ledger.origin_changed"


class LedgerStopped(HubError):
    """Nothing more is applied from this origin, because two of its notes cannot both be true; a person must clear it.

    Cure: read the evidence, settle it with the partner, then clear the stop.
    """

    code = "ledger.stopped"


class Disputed(HubError):
    """Two signed things, or a note and a page, cannot both be true; `ours` and `theirs` are kept as evidence.

    Cure: show both notes to the ledger's operator; nothing was applied or signed.
    """

    code = "ledger.disputed"
    stops: ClassVar[bool] = False  # whether the ledger stays stopped until a person clears it

    def __init__(
        self, message_zh: str, message_en: str, *, origin: str, ours: str | None, theirs: str | None, told_by: str
    ) -> None:
        super().__init__(message_zh, message_en)
        self.origin = origin
        self.ours = ours
        self.theirs = theirs
        self.told_by = told_by  # region code of whoever showed `theirs`


class PageRefused(Disputed, LedgerDoesNotVerify):
    """A page of a partner's ledger does not lie on the tree its checkpoint signs; nothing of it was applied.

    Cure: as for ledger.does_not_verify; both notes are kept as evidence.
    """

    code = LedgerDoesNotVerify.code


class SmallerTree(PageRefused):
    """The partner showed a checkpoint with fewer entries than one this hub has verified already.

    Cure: the partner probably serves an old backup; it should take its entries back from those who follow it.
    """

    code = "ledger.smaller_tree"


class LedgerForked(PageRefused):
    """Two checkpoints signed by one origin do not lie on one tree.

    Cure: keep the evidence, ask the origin's operator; nothing is applied or signed until a person clears it.
    """

    code = "ledger.forked"
    stops = True


class LedgerBehindWitness(Disputed):
    """A witness holds a larger tree of this hub's own ledger than this hub does: signing on would fork it.

    Cure: run `python -m hub ledger recover`, which takes the missing tail back from partners, or open a new epoch.
    """

    code = "ledger.behind_witness"
    stops = True


class AwaitingWitnesses(HubError):
    """Fewer than half of the witnesses have answered since the sequencer started; until they do it signs nothing.

    Cure: check the connection to the partners named in the message; it goes on by itself once they answer.
    """

    code = "ledger.awaiting_witnesses"


class RecoveryIncomplete(HubError):
    """The partners together do not hold every entry up to the largest checkpoint this hub has signed; nothing was taken back.

    Cure: wait for more partners and recover again, or open a new epoch that names the old last checkpoint.
    """

    code = "ledger.recovery_incomplete"
