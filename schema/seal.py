"""Electronic seals (电子印章) and the register of their uses (用印台账). For the officers of this hub."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import strawberry

from hub.seals.links import USES, SealStatus
from hub.seals.links import Seal as SealRecord
from hub.seals.links import SealUse as UseRecord
from schema.declare import HERE, OFFICER, mapped, noun, resolved
from schema.keyset import Sort
from schema.nested import Inner, NestedPage
from schema.nodes import Node, NodeId, own_id
from schema.pages import After, Before, Connection, First, Last, window

USES_OF_SEAL = Inner("uses", USES, Sort("USED_AT", UseRecord.used_at, UseRecord.id))


@noun(zh="印章的所有者。", en="The organ whose seal it is.")
class SealOwner:
    """Read from the seal's row."""

    name_zh: str = mapped(SealRecord.owner_zh, access=OFFICER, zh="名称。", en="Its name, in Chinese.")
    uscc: str = mapped(
        SealRecord.owner_uscc, access=OFFICER, zh="统一社会信用代码。", en="Its unified social credit code."
    )


@noun(zh="一次用印。", en="One use of a seal.", record=UseRecord)
class SealUse:
    """Read from the use's row."""

    document: str = mapped(UseRecord.document, access=OFFICER, zh="文书引用。", en="Reference of the document.")
    document_kind: str = mapped(UseRecord.document_kind, access=OFFICER, zh="文书种类。", en="Kind of document.")
    document_sha256: str = mapped(
        UseRecord.document_sha256, access=OFFICER, zh="用印前文书的 SHA-256。", en="SHA-256 before sealing."
    )
    case_number: str | None = mapped(UseRecord.case_number, access=OFFICER, zh="办件编号。", en="Number of the case.")
    used_by: str = mapped(UseRecord.used_by, access=OFFICER, zh="用印人代码，或 queue。", en="Officer, or `queue`.")
    used_at: datetime = mapped(UseRecord.used_at, access=OFFICER, zh="用印时刻。", en="When.")


@noun(zh="电子印章。", en="An electronic seal.", record=SealRecord)
class Seal(Node):
    """Read from the seal's row."""

    id: strawberry.ID = own_id(NodeId("seal_status", SealRecord.region, SealRecord.id), access=OFFICER)
    name_zh: str = mapped(SealRecord.name_zh, access=OFFICER, zh="印章名称。", en="Name, in Chinese.")
    owner: SealOwner = mapped(HERE, access=OFFICER, zh="所有者。", en="Whose it is.")
    status: SealStatus = mapped(SealRecord.status, access=OFFICER, zh="状态。", en="Status.")
    valid_from: date = mapped(SealRecord.valid_from, access=OFFICER, zh="生效日期。", en="First day.")
    valid_until: date = mapped(SealRecord.valid_to, access=OFFICER, zh="失效日期（含）。", en="Last day, included.")
    filing_number: str | None = mapped(SealRecord.filing_number, access=OFFICER, zh="备案编号。", en="Filing number.")
    certificate_sha256: str = mapped(
        SealRecord.certificate_sha256, access=OFFICER, zh="证书的 SHA-256。", en="SHA-256 of its certificate."
    )
    demonstration: bool = mapped(
        SealRecord.demonstration, access=OFFICER, zh="是否演示专用。", en="Whether for demonstration."
    )

    @resolved(access=OFFICER, zh="用印台账，按时刻。", en="Register of uses, by time.")
    def uses(
        root: Any,
        info: strawberry.Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SealUse]:
        """Return a page of the seal's uses."""
        wanted = window(first, after, last, before)
        return NestedPage(info.context, USES_OF_SEAL, root, wanted)  # type: ignore[return-value]
