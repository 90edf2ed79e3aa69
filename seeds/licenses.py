"""The demonstration's licenses, issued by the same verbs officers use: a few in each district, in several statuses.

Holders are the example firm of GB 32100 and the two numbers GB 11643 prints as its samples; nobody else's. A neighbour's hub is first told
the pooled license types, from the entries of the home hub's ledger, as its reader would apply them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.ledger.records import LedgerEntry
from hub.licenses.acting import Office
from hub.licenses.contents import Holder, Issuer, NewLicense
from hub.licenses.life import Ground, LicenseAct, act, issue
from hub.licenses.publishing import LICENSE_TYPE
from hub.licenses.records import LicenseType
from hub.licenses.status_lists import publish_status_lists
from hub.projections import project
from hub.signing.canonical import parse_canonical
from hub.web.compose import Hub
from seeds.license_types import code_of
from seeds.officers import officer_actor
from seeds.places import HOME, bodies

FIRM: Final = Holder("示例企业（演示）", "91350100M000100Y43", "001")  # the example of GB 32100
WOMAN: Final = Holder("示例甲（演示）", "11010519491231002X", "111")  # the two samples of GB 11643
MAN: Final = Holder("示例乙（演示）", "440524188001010014", "111")
CONTRACT_SERIAL: Final = "20261124000000000001"
FROM, UNTIL = date(2026, 11, 24), date(2029, 11, 23)


@dataclass(frozen=True)
class Example:
    """One license of the demonstration; `deed` is what happened to it since."""

    kind: str
    holders: tuple[Holder, ...]
    face: Mapping[str, str]
    until: date | None = UNTIL
    deed: LicenseAct | None = None
    reason: str = ""


EXAMPLES: tuple[Example, ...] = (
    Example("SM", (FIRM,), {"KZ_SCOPE": "演示：主要负责人（A 类）", "KZ_GZDW": "示例企业（演示）"}),
    Example(
        "FB",
        (FIRM,),
        {
            "KZ_JYCS": "演示路 1 号（演示地址）",
            "KZ_ZTYT": "餐饮服务经营者",
            "KZ_JYXM": "热食类食品制售；冷食类食品制售；自制饮品制售（演示）",
            "KZ_FDDBR": "示例甲（演示）",
            "KZ_FZRQ": "2026-11-24",
        },
    ),
    Example(
        "PH", (FIRM,), {"KZ_DWDZ": "演示路 1 号（演示地址）", "KZ_XKXM": "宾馆（演示）"}, deed=LicenseAct.SUSPEND,
        reason="卫生检测不合格，限期整改（演示）",
    ),
    Example(
        "RT", (FIRM,), {"KZ_JYFW": "道路普通货物运输（演示）", "KZ_DZ": "演示路 1 号（演示地址）"},
        deed=LicenseAct.CANCEL, reason="企业申请终止经营（演示）",
    ),
    Example("TE", (WOMAN,), {"KZ_ZGZL": "初级中学教师资格（演示）", "KZ_RJXK": "语文", "KZ_CSRQ": "1949-12-31"}, until=None),
    Example("DR", (MAN,), {"KZ_ZYLB": "临床（演示）", "KZ_ZYFW": "内科专业（演示）"}, until=None),
)  # fmt: skip


@dataclass(frozen=True)
class _Told:
    """One entry of the home ledger, as a reader applies it."""

    region: str
    record_id: str
    version: int
    index: int | None
    content: Mapping[str, Any]


def plant_at_neighbours(hubs: Mapping[str, Hub]) -> None:
    """Tell every neighbour of the home hub the license types, and issue the examples there; repeating changes nothing."""
    for region, hub in hubs.items():
        if region != HOME:
            _share_types(hubs[HOME], hub)
            plant_licenses(hub)


def _share_types(home: Hub, other: Hub) -> None:
    """Apply the license types that stand sequenced in the home hub's ledger."""
    with home.database.reading() as session:
        entries = session.scalars(
            select(LedgerEntry)
            .where(LedgerEntry.kind == LICENSE_TYPE.kind, LedgerEntry.index.is_not(None))
            .order_by(LedgerEntry.index)
        )
        told = [
            _Told(HOME, entry.record_id, entry.version, entry.index, parse_canonical(entry.content))
            for entry in entries
            if entry.content is not None
        ]
    with other.database.transaction() as session:
        project(session, LICENSE_TYPE.kind, told, other.clock)


def plant_licenses(hub: Hub) -> None:
    """Issue the examples where their types are known, and publish the status list; repeating changes nothing."""
    region, clock, office = hub.settings.region, hub.clock, hub.office
    for number, example in enumerate(EXAMPLES, 1):
        with hub.database.transaction() as session:
            if _known(session, code_of()[example.kind]):
                _plant(session, number, example, office=office)
    with hub.database.transaction() as session:
        publish_status_lists(session, region=region, clock=clock)


def _plant(session: Session, number: int, example: Example, *, office: Office) -> None:
    actor = officer_actor(office.region, "approver-1")
    body = bodies(office.region)["approval"]
    wanted = NewLicense(
        type_code=code_of()[example.kind],
        number=f"演示-2026-{9000 + number}",
        issuer=Issuer(body["name_zh"], body["uscc"]),
        holders=example.holders,
        valid_from=FROM,
        valid_until=example.until,
        face=tuple(example.face.items()),
        serial=CONTRACT_SERIAL if number == 1 else f"20261124{number:012d}",
    )
    license = issue(session, wanted, office=office, actor=actor, key=f"planted-license-{number}")
    if example.deed is not None:
        ground = Ground(reason=example.reason)
        key = f"planted-license-{number}-{example.deed.value}"
        act(session, example.deed, license.identifier, ground, office=office, actor=actor, key=key)


def _known(session: Session, code: str) -> bool:
    return session.scalar(select(LicenseType.id).where(LicenseType.code == code)) is not None
