"""Regions, their hubs, and how far their ledgers have been followed here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from connectors.queries import contacts
from hub.regions.queries import LedgerKnown, RegionKind, ledgers_known
from hub.regions.queries import Region as RegionRecord
from schema.declare import HERE, PUBLIC, Attribute, Key, mapped, noun, resolved
from schema.nodes import Node, identified
from schema.provenance import Provenance, provenance
from schema.scalars import Long


@noun(zh="区域在某一编码体系中的代码。", en="A region's code in one scheme.")
class RegionCode:
    """A member of `codes`."""

    scheme: str = mapped(
        Key("scheme"), access=PUBLIC, zh="编码体系，如 GB2260。", en="The scheme, GB2260 for instance."
    )
    code: str = mapped(Key("code"), access=PUBLIC, zh="代码。", en="The code.")


@noun(zh="已知的一本账本。", en="A ledger of a region, as far as it is known here.")
class RegionLedger:
    """Read from a `LedgerKnown`."""

    name: str = mapped(Attribute("name"), access=PUBLIC, zh="账本名。", en="PUBLIC or EXCHANGE.")
    origin: str = mapped(Attribute("origin"), access=PUBLIC, zh="账本唯一名称。", en="The ledger's unique name.")
    applied_size: Long = mapped(
        Attribute("applied_size"), access=PUBLIC, zh="本处已核验并采用的条数。", en="Entries verified and applied here."
    )
    checked_at: datetime | None = mapped(
        Attribute("checked_at"), access=PUBLIC, zh="最近一次核对的时刻。", en="When it was last checked."
    )


@noun(zh="区域的枢纽。", en="The hub of a region.")
class RegionHub:
    """Read from the region's row."""

    url: str | None = mapped(RegionRecord.hub_url, access=PUBLIC, zh="枢纽地址。", en="The hub's address.")

    @resolved(
        access=PUBLIC,
        zh="最近一次联系是否成功；从未联系为 null。",
        en="Whether the last contact worked; null: none yet.",
    )
    def reachable(root: Any, info: strawberry.Info) -> bool | None:
        """Return whether the last run against this hub got an answer; this hub reaches itself."""
        context = info.context
        if root.code == context.region:
            return True
        return context.peers.shared(  # type: ignore[no-any-return]
            "reachable", root, lambda rows: contacts(context.session, [row.code for row in rows])
        )

    @resolved(access=PUBLIC, zh="该区域的账本。", en="The region's ledgers.")
    def ledgers(root: Any, info: strawberry.Info) -> list[RegionLedger]:
        """Return what is known of the region's ledgers, PUBLIC first."""

        def load(rows: list[Any]) -> list[list[LedgerKnown]]:
            known = ledgers_known(info.context.session, {row.code for row in rows}, home=info.context.region)
            return [known.get(row.code, []) for row in rows]

        return info.context.peers.shared("ledgers", root, load)  # type: ignore[no-any-return]


@noun(
    zh="区域：运行枢纽或由枢纽服务的新城、高新区、区。",
    en="A district that runs, or is served by, a hub.",
    record=RegionRecord,
)
class Region(Node):
    """Read from the region's row."""

    id: strawberry.ID = identified(RegionRecord, "region")
    code: str = mapped(RegionRecord.code, access=PUBLIC, zh="区域代码。", en="The region's own code.")
    name_zh: str = mapped(RegionRecord.name_zh, access=PUBLIC, zh="中文名称。", en="Name in Chinese.")
    name_en: str | None = mapped(RegionRecord.name_en, access=PUBLIC, zh="英文名称。", en="Name in English.")
    kind: RegionKind = mapped(RegionRecord.kind, access=PUBLIC, zh="类别。", en="What it is in law.")
    parent_name_zh: str | None = mapped(
        RegionRecord.parent_name_zh, access=PUBLIC, zh="所属上级名称。", en="Name of what it belongs to."
    )
    codes: list[RegionCode] = mapped(
        RegionRecord.codes, access=PUBLIC, zh="各编码体系中的官方代码。", en="Official codes per scheme."
    )
    hub: RegionHub = mapped(HERE, access=PUBLIC, zh="其枢纽。", en="Its hub.")
    provenance: Provenance = provenance("region")

    @resolved(access=PUBLIC, zh="是否本枢纽所在区域。", en="Whether it is this hub's own region.")
    def is_home(root: Any, info: strawberry.Info) -> bool:
        """Say whether it is this hub's own region."""
        return bool(root.code == info.context.region)
