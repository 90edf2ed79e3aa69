"""What this hub holds of a partner's ledger, given back to that partner alone: its neighbours return a ledger that was lost.

Nothing here is verified again; the owner checks every entry against the notes it signed itself.

Source: exchange.md section 2, last paragraph.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.errors import NotFound, NotPermitted
from hub.ledger.feed import bounded, within_bytes
from hub.ledger.feed_lines import FeedEntry, FeedPage, encoded
from hub.ledger.hashes import HashName
from hub.ledger.records import FollowedEntry, FollowedLedger
from hub.ledger.tree import empty_root


def held_entries(session: Session, *, origin: str, owner: str | None, after: int, first: int) -> FeedPage:
    """Return up to `first` entries held of `origin` after the first `after`, with the newest note verified here.

    `size` and `root` are the note's; the page carries no proof, for the note may be larger than what is held. `owner` is the
    region code of the caller. Raises NotFound, NotPermitted for anybody but the origin's own hub, ValidationFailed.
    """
    bounded(after, first)
    followed = session.scalar(select(FollowedLedger).where(FollowedLedger.origin == origin))
    if followed is None:
        raise NotFound("本枢纽没有跟读这个账本。", "This hub does not follow that ledger.")
    if owner != followed.region:
        raise NotPermitted("只有账本的所属地区可以取回这些条目。", "Only the ledger's own region may take these back.")
    here = (FollowedEntry.ledger_id == followed.id, FollowedEntry.index >= after)
    length = func.length(FollowedEntry.header) + func.coalesce(func.length(FollowedEntry.content), 0)
    lengths = session.scalars(
        select(length).where(*here, FollowedEntry.index < after + first).order_by(FollowedEntry.index)
    ).all()
    columns = (
        FollowedEntry.index.label("place"),  # a row has an `index` of its own
        FollowedEntry.header,
        FollowedEntry.content,
        FollowedEntry.salt,
        FollowedEntry.withheld,
    )
    rows = session.execute(
        select(*columns).where(*here, FollowedEntry.index < after + within_bytes(lengths)).order_by(FollowedEntry.index)
    )
    entries = [
        FeedEntry(
            row.place,
            row.header.decode(),
            None if row.content is None else row.content.decode(),
            encoded(row.salt),
            row.withheld,
        )
        for row in rows
    ]
    root = followed.note_root or empty_root(HashName(followed.hash))
    return FeedPage(origin, followed.note or "", followed.note_size, root, [], entries)
