"""Electronic seals (电子印章) and the register of their uses (用印台账). For the officers of this hub."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import strawberry

from hub.seals.links import AUTHORISATIONS, GRANTS, MOVES, USES, SealKind, SealOutline, SealSource, SealStatus
from hub.seals.links import Seal as SealRecord
from hub.seals.links import SealGrant as GrantRecord
from hub.seals.links import SealMove as MoveRecord
from hub.seals.links import SealUse as UseRecord
from hub.seals.links import StandingAuthorisation as AuthorisationRecord
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


@noun(zh="印章的样式。", en="What a seal looks like.")
class SealShape:
    """Read from the seal's row."""

    outline: SealOutline | None = mapped(SealRecord.outline, access=OFFICER, zh="外形。", en="Its outline.")
    diameter_mm: int = mapped(
        SealRecord.diameter_mm, access=OFFICER, zh="直径（毫米）；非圆形为宽度。", en="Diameter in mm, or width."
    )
    purpose_line_zh: str = mapped(
        SealRecord.purpose_line_zh, access=OFFICER, zh="印文中的用途，如“行政审批专用章”。", en="Its line of purpose."
    )


@noun(zh="印章状态的一次变动。", en="One change of a seal's status.", record=MoveRecord)
class SealMove:
    """Read from the move's row."""

    status: SealStatus = mapped(MoveRecord.status, access=OFFICER, zh="变为何种状态。", en="To which status.")
    since: datetime = mapped(MoveRecord.since, access=OFFICER, zh="自何时起。", en="Since when it holds.")
    by: str = mapped(MoveRecord.by, access=OFFICER, zh="人员代码，或状态数据源。", en="Officer, or the feed.")
    reason: str | None = mapped(MoveRecord.reason, access=OFFICER, zh="原因。", en="Why.")


@noun(zh="用印授权。", en="Leave for an officer to use a seal.", record=GrantRecord)
class SealGrant:
    """Read from the grant's row."""

    officer: str = mapped(GrantRecord.officer, access=OFFICER, zh="用印人代码。", en="Who may use it.")
    kinds: list[str] = mapped(GrantRecord.kinds, access=OFFICER, zh="文书种类。", en="On which kinds of document.")
    granted_by: str = mapped(GrantRecord.granted_by, access=OFFICER, zh="授权人代码。", en="Who granted it.")
    granted_at: datetime = mapped(GrantRecord.granted_at, access=OFFICER, zh="授权时刻。", en="When.")
    until: datetime = mapped(GrantRecord.until, access=OFFICER, zh="至何时止（不含）。", en="Until when, exclusive.")
    revoked_at: datetime | None = mapped(
        GrantRecord.revoked_at, access=OFFICER, zh="收回时刻。", en="When it was taken back."
    )


@noun(zh="签章队列的常备授权。", en="Leave for the signing queue.", record=AuthorisationRecord)
class SigningAuthorisation:
    """Read from the authorisation's row."""

    keeper: str = mapped(AuthorisationRecord.keeper, access=OFFICER, zh="保管人代码。", en="The keeper.")
    kinds: list[str] = mapped(
        AuthorisationRecord.kinds, access=OFFICER, zh="文书种类。", en="On which kinds of document."
    )
    daily_ceiling: int = mapped(
        AuthorisationRecord.daily_ceiling, access=OFFICER, zh="每日上限。", en="At most so many a civil day."
    )
    granted_at: datetime = mapped(AuthorisationRecord.granted_at, access=OFFICER, zh="授权时刻。", en="When.")
    until: datetime = mapped(
        AuthorisationRecord.until, access=OFFICER, zh="至何时止（不含）。", en="Until when, exclusive."
    )
    stopped_at: datetime | None = mapped(
        AuthorisationRecord.stopped_at, access=OFFICER, zh="停止时刻。", en="When it was stopped."
    )


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

    kind: SealKind | None = mapped(SealRecord.kind, access=OFFICER, zh="印章类别。", en="What it is for.")
    source: SealSource | None = mapped(
        SealRecord.source, access=OFFICER, zh="来源：导入，或本枢纽内置制章。", en="Imported, or made here."
    )
    shape: SealShape = mapped(HERE, access=OFFICER, zh="样式。", en="What it looks like.")
    structure_version: int | None = mapped(
        SealRecord.ses_version, access=OFFICER, zh="印章结构版本：1、4 或 5。", en="Version of its structure: 1, 4, 5."
    )
    es_id: str | None = mapped(
        SealRecord.es_id, access=OFFICER, zh="印章结构中的印章编码。", en="Its code in the structure (esID)."
    )
    maker_zh: str | None = mapped(
        SealRecord.maker_zh, access=OFFICER, zh="制章者证书的主体。", en="Whose certificate signed the structure."
    )
    key_elsewhere: bool | None = mapped(
        SealRecord.key_elsewhere, access=OFFICER, zh="密钥是否由持有人自持。", en="Whether its holder keeps the key."
    )
    moves: list[SealMove] = mapped(MOVES, access=OFFICER, zh="状态变动，从新到旧。", en="Moves, newest first.")
    grants: list[SealGrant] = mapped(GRANTS, access=OFFICER, zh="用印授权，从新到旧。", en="Grants, newest first.")
    authorisations: list[SigningAuthorisation] = mapped(
        AUTHORISATIONS, access=OFFICER, zh="签章队列的常备授权，从新到旧。", en="The queue's leave, newest first."
    )

    @resolved(access=OFFICER, zh="用印台账文件的地址（CSV）。", en="Where the register of uses is a file (CSV).")
    def register_url(root: Any, info: strawberry.Info) -> str:
        """Return the address; it takes `from` and `to`, and an officer's token."""
        return f"{info.context.public_url}/seals/{root.id}/register.csv"

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
