"""Where a record comes from: its origin, its version, its entry and the checkpoint that covers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from hub.regions.provenance import Standing, standings
from hub.regions.queries import Region as RegionRecord
from hub.regions.queries import to_region
from schema.context import Context
from schema.declare import PUBLIC, Attribute, mapped, noun, resolved
from schema.ledger import Checkpoint

if TYPE_CHECKING:
    from schema.region import Region

ORIGIN = to_region(RegionRecord.origin)  # followed by the name of the column, which every replicated record has


@noun(
    zh="记录的出处：谁的权威、哪一版、账本中的位置。", en="Where a record comes from and where it stands in its ledger."
)
class Provenance:
    """Read from a `Standing`."""

    index: int | None = mapped(
        Attribute("index"),
        access=PUBLIC,
        zh="在来源账本中的序号，排定前为 null。",
        en="Entry index; null until sequenced.",
    )

    @resolved(access=PUBLIC, zh="权威来源区域。", en="The region that is the authority.")
    def origin(root: Standing, info: strawberry.Info) -> Annotated[Region, strawberry.lazy("schema.region")] | None:
        """Return the origin's region."""
        return info.context.peers.linked(ORIGIN, root.row)  # type: ignore[no-any-return]

    @resolved(access=PUBLIC, zh="版本号，从 1 起。", en="Version of the record, from 1.")
    def version(root: Standing) -> int:
        """Return the record's version."""
        return int(root.row.version)

    @resolved(
        access=PUBLIC, zh="覆盖此版的检查点；签出前为 null。", en="The checkpoint that covers it; null until signed."
    )
    def checkpoint(root: Standing) -> Checkpoint | None:
        """Return the newest checkpoint known, where it covers the entry."""
        return root.checkpoint  # type: ignore[return-value]


def provenance(kind: str) -> Any:
    """Declare the `provenance` field of replicated records of `kind`."""

    def standing(root: Any, info: strawberry.Info) -> Provenance:
        return standing_of(info.context, kind, root)  # type: ignore[return-value]

    return resolved(access=PUBLIC, zh="出处。", en="Where the record comes from.")(standing)


def standing_of(context: Context, kind: str, row: Any) -> Standing:
    """Return where a record of `kind` stands; looked up for all its peers at once."""
    standing: Standing = context.peers.shared(
        ("standing", kind), row, lambda rows: standings(context.session, kind, rows, home=context.region)
    )
    return standing
