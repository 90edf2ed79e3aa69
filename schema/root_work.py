"""Roots of the query type about the work of this hub: approvals and seals for its officers, connectors for its operators."""

from __future__ import annotations

from typing import Annotated

import strawberry

from connectors import queries as links
from hub.approvals import queries as approvals
from hub.approvals.links import Approval as ApprovalRecord
from hub.seals import queries as seals
from hub.seals.links import Seal as SealRecord
from schema.approval import Approval
from schema.connector import Connector, Run
from schema.declare import OFFICER, OPERATOR, resolved, words
from schema.filters import ApprovalFilterInput, wanted_by
from schema.keyset import Listing, Sort
from schema.pages import After, Before, Connection, First, Last, Page, window
from schema.seal import Seal

APPROVALS_BY_DUE_DAY = Sort("DUE_ON", ApprovalRecord.due_on, ApprovalRecord.id)
SEALS_BY_NAME = Sort("NAME", SealRecord.name_zh, SealRecord.id)
RUNS_BY_START = Sort("STARTED_AT", links.Run.started_at, links.Run.id, descending=True)


@strawberry.type
class WorkRoots:
    """What those who work here may ask."""

    @resolved(access=OFFICER, zh="本区域的审批文书，按办结期限。", en="This region's decision documents, by due day.")
    def approvals(
        self,
        info: strawberry.Info,
        filter: Annotated[
            ApprovalFilterInput | None, strawberry.argument(description=words("筛选条件。", "Which documents."))
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Approval] | None:
        """Return a page of approvals."""
        asked = filter or ApprovalFilterInput()
        stage, kind, case = wanted_by(asked.stage), wanted_by(asked.kind), wanted_by(asked.case_number)
        absent = wanted_by(asked.case_number, "is_null")
        rows = approvals.approvals(region=info.context.region, stage=stage, kind=kind, case_number=case)
        if absent is not None:
            number = ApprovalRecord.case_number
            rows = rows.where(number.is_(None) if absent else number.is_not(None))
        facts = {"stage": stage, "kind": kind, "case": case, "absent": absent}
        listing = Listing("approvals", rows, APPROVALS_BY_DUE_DAY, facts)
        return Page(info.context, listing, window(first, after, last, before))  # type: ignore[return-value]

    @resolved(access=OFFICER, zh="本区域的电子印章，按名称。", en="This region's seals, by name.")
    def seals(
        self,
        info: strawberry.Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Seal] | None:
        """Return a page of seals."""
        listing = Listing("seals", seals.seals(region=info.context.region), SEALS_BY_NAME)
        return Page(info.context, listing, window(first, after, last, before))  # type: ignore[return-value]

    @resolved(access=OPERATOR, zh="全部连接，按名称。", en="Every connector, by name.")
    def connectors(self, info: strawberry.Info) -> list[Connector] | None:
        """Return the connectors."""
        found = links.connectors(info.context.session)
        info.context.peers.together(found)
        return found  # type: ignore[return-value]

    @resolved(access=OPERATOR, zh="一个连接的各次运行，从新到旧。", en="The runs of a connector, newest first.")
    def runs(
        self,
        info: strawberry.Info,
        connector: Annotated[str, strawberry.argument(description=words("连接名称。", "The connector's name."))],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Run] | None:
        """Return a page of runs; raises ConnectorUnknown."""
        found = links.connector_named(info.context.session, connector)
        listing = Listing("runs", links.runs(found), RUNS_BY_START, {"connector": connector})
        return Page(info.context, listing, window(first, after, last, before))  # type: ignore[return-value]
