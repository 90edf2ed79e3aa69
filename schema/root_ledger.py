"""Roots of the query type about this hub's ledgers. The public ledger is anyone's; the exchange ledger asks the policy."""

from __future__ import annotations

from typing import Annotated

import strawberry

from hub.access.contents import contents_for
from hub.access.policy import Act, may
from hub.ledger import feed, reading
from hub.ledger.names import LedgerName
from schema.context import Context
from schema.declare import PUBLIC, resolved, words
from schema.ledger import InclusionProof, Ledger, LedgerChanges
from schema.nodes import identity, no_such_record
from schema.root_node import PUBLIC_KINDS


@strawberry.type
class LedgerRoots:
    """What may be asked about this hub's ledgers."""

    @resolved(access=PUBLIC, zh="本枢纽的账本。", en="This hub's ledgers.")
    def ledgers(self, info: strawberry.Info) -> list[Ledger] | None:
        """Return the ledgers being written, PUBLIC first."""
        return reading.ledgers(info.context.session)  # type: ignore[return-value]

    @resolved(access=PUBLIC, zh="账本中自某条之后的变更。", en="Entries of a ledger after those the reader holds.")
    def changes(
        self,
        info: strawberry.Info,
        ledger: Annotated[LedgerName, strawberry.argument(description=words("哪一本账。", "Which ledger."))],
        after: Annotated[int, strawberry.argument(description=words("已持有的条数。", "How many entries are held."))],
        first: Annotated[int, strawberry.argument(description=words("最多几条，1 到 1024。", "At most, 1 to 1024."))],
    ) -> LedgerChanges | None:
        """Return every header in order; what this caller may not read is named as withheld."""
        context: Context = info.context
        if ledger is LedgerName.EXCHANGE:
            may(context.actor, Act.READ_EXCHANGE)
        given = contents_for(context.session, context.actor, at=context.clock.now())
        return feed.feed_page(  # type: ignore[return-value]
            context.session,
            name=ledger,
            after=after,
            first=first,
            reader=given.addressee,
            granted=given.kinds,
            whole=given.every,
        )

    @resolved(access=PUBLIC, zh="记录最新已入账版本的包含证明。", en="Proof of a record's latest sequenced version.")
    def inclusion_proof(
        self,
        info: strawberry.Info,
        id: Annotated[strawberry.ID, strawberry.argument(description=words("记录标识。", "The record's id."))],
    ) -> InclusionProof | None:
        """Return the proof; raises NotFound for a record of another hub, LedgerNotSequenced while it has no place."""
        asked = identity(id)
        if asked.kind not in PUBLIC_KINDS:
            may(info.context.actor, Act.READ_EXCHANGE)
        if asked.origin != info.context.region:
            raise no_such_record("id")
        return reading.inclusion_proof(  # type: ignore[return-value]
            info.context.session, kind=asked.kind, record_id=asked.record_id
        )
