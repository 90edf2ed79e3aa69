"""Ledgers over HTTP: checkpoints, tiles, entry bundles, NDJSON feeds, and what this hub vouches for as a witness.

Tiles are immutable and cacheable for ever, checkpoints never cached (C2SP tlog-tiles). The exchange ledger answers partners.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from hub.access.contents import contents_for
from hub.access.policy import Act, Level, may
from hub.errors import NotFound, ValidationFailed
from hub.ledger import feed, holding, reading
from hub.ledger.names import LedgerName
from hub.ledger.proof_file import written as proof_document
from hub.ledger.tiles import parse_tile_path
from hub.licenses.document import LICENSE
from hub.licenses.document import written as license_document
from hub.web.authentication import answers, this_actor, this_hub

ledgers = Blueprint("ledgers", __name__)

IMMUTABLE = "public, max-age=31536000, immutable"
PRIVATE_IMMUTABLE = "private, max-age=31536000, immutable"
PAGE_SIZE = 500
MAX_KEYS = 16


def _ledger(name: str) -> LedgerName:
    """Return the ledger of a path, asking the policy for the exchange ledger."""
    try:
        ledger = LedgerName(name.upper())
    except ValueError:
        raise NotFound("没有这个账本。", "There is no such ledger.") from None
    if ledger is LedgerName.EXCHANGE:
        may(this_actor(), Act.READ_EXCHANGE)
    return ledger


@ledgers.get("/ledger/<name>/checkpoint")
@answers(Level.PUBLIC)
def checkpoint(name: str) -> Response:
    """Answer the newest signed checkpoint as the exact note that was signed."""
    ledger = _ledger(name)
    with this_hub().database.reading() as session:
        note = reading.checkpoint_note(session, ledger)
    if note is None:
        raise NotFound("账本尚无检查点。", "The ledger has no checkpoint yet.")
    return Response(note, mimetype="text/plain", headers={"Cache-Control": "no-cache"})


@ledgers.get("/ledger/<name>/tile/<path:path>")
@answers(Level.PUBLIC)
def tile(name: str, path: str) -> Response:
    """Answer a tile of hashes, or a bundle of headers (`tile/entries/N[.p/W]`)."""
    ledger = _ledger(name)
    wanted = parse_tile_path(f"tile/{path}")
    with this_hub().database.reading() as session:
        if wanted.level is None:
            content = reading.entry_bundle(session, ledger, wanted.index, wanted.width)
        else:
            content = reading.tile(session, ledger, wanted.level, wanted.index, width=wanted.width)
    caching = IMMUTABLE if ledger is LedgerName.PUBLIC else PRIVATE_IMMUTABLE
    return Response(content, mimetype="application/octet-stream", headers={"Cache-Control": caching})


@ledgers.get("/ledger/<name>/feed")
@answers(Level.PUBLIC)
def changes(name: str) -> Response:
    """Answer entries after `after` as NDJSON, every header in order, with the proof to the checkpoint in the last line.

    `signed_by` (repeated) names the keys the reader trusts, so that it is shown a checkpoint it can check across a rotation.
    """
    ledger = _ledger(name)
    after, first = _whole("after", 0), _whole("first", PAGE_SIZE)
    hub = this_hub()
    with hub.database.reading() as session:
        given = contents_for(session, this_actor(), at=hub.clock.now())
        page = feed.feed_page(
            session,
            name=ledger,
            after=after,
            first=first,
            reader=given.addressee,
            granted=given.kinds,
            signed_by=request.args.getlist("signed_by")[:MAX_KEYS],
            whole=given.every,
        )
    body = b"".join(feed.to_ndjson(page))
    return Response(body, mimetype="application/x-ndjson", headers={"Cache-Control": "no-cache"})


@ledgers.get("/ledger/<name>/proof")
@answers(Level.PUBLIC)
def proof(name: str) -> Response:
    """Answer the proof that a record (`kind`, `id`; its newest version, or `version`) lies in the signed tree, to be verified offline.

    The content comes with it where this reader is given it by the feed; of a license that makes it a license document.
    """
    ledger, hub = _ledger(name), this_hub()
    kind, version = request.args.get("kind", ""), _whole("version", 0)
    with hub.database.reading() as session:
        found = reading.inclusion_proof(
            session, kind=kind, record_id=request.args.get("id", ""), version=version or None, ledger=ledger
        )
        given = contents_for(session, this_actor(), at=hub.clock.now())
        entry = feed.feed_page(
            session,
            name=ledger,
            after=found.index,
            first=1,
            reader=given.addressee,
            granted=given.kinds,
            whole=given.every,
        ).entries[0]
    return Response(
        _proof_document(kind, found, entry), mimetype="application/json", headers={"Cache-Control": "no-store"}
    )


def _proof_document(kind: str, found: reading.InclusionProof, entry: feed.FeedEntry) -> bytes:
    if kind == LICENSE and entry.content is not None and entry.salt is not None:
        return license_document(found, entry.content, entry.salt)
    return proof_document(found, entry.content, entry.salt)


@ledgers.get("/witness/<path:origin>/checkpoint")
@answers(Level.PUBLIC)
def witnessed(origin: str) -> Response:
    """Answer the newest note of `origin` that this hub has verified and cosigned."""
    with this_hub().database.reading() as session:
        note = reading.witness_note(session, origin)
    if note is None:
        raise NotFound("本枢纽未见证该账本。", "This hub does not witness that ledger.")
    return Response(note, mimetype="text/plain", headers={"Cache-Control": "no-cache"})


@ledgers.get("/witness/<path:origin>/entries")
@answers(Level.PARTNER)
def held(origin: str) -> Response:
    """Answer what this hub holds of a partner's ledger, to that partner alone, so that it can take its tail back."""
    after, first = _whole("after", 0), _whole("first", PAGE_SIZE)
    with this_hub().database.reading() as session:
        page = holding.held_entries(session, origin=origin, owner=this_actor().region, after=after, first=first)
    return Response(
        b"".join(feed.to_ndjson(page)), mimetype="application/x-ndjson", headers={"Cache-Control": "no-store"}
    )


def _whole(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise ValidationFailed(
            f"参数 {name} 须为非负整数。", f"The parameter {name} must be a whole number.", path=name
        )
    return int(text)
