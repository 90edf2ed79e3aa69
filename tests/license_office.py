"""An office of licenses as tests need it: open ledgers, two license types of the catalog, officers, partners with grants, one vault."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from hub.access.actors import Actor
from hub.access.enrolment import enrol_partner, grant
from hub.access.grants import LICENSE_KINDS, Reach
from hub.access.records import ActorKind, Role
from hub.clock import FixedClock
from hub.database import Database
from hub.ledger.names import LedgerName
from hub.ledger.records import LedgerEntry
from hub.ledger.writing import open_ledger
from hub.licenses.contents import Holder, Issuer, NewLicense
from hub.licenses.life import Ground, LicenseAct, Office, act, issue
from hub.licenses.records import License
from hub.licenses.vault import derive_vault
from hub.projections import publish
from hub.signing.key_files import FileKeyStore
from seeds.license_types import license_types

REGION = "xixian-fengdong"
SAFETY, IDENTITY, VEHICLE = "11100000000013338W011", "11100000000013127D001", "11100000000013127D903"
ISSUER = Issuer("沣东新城行政审批局（演示）", "11610100MB0000000J")
FIRM = Holder("示例企业（演示）", "91350100M000100Y43", "001")
CITIZEN = Holder("张示例", "11010519491231002X", "111")
APPROVER = Actor(ActorKind.OFFICER, "approver", "经办人", REGION, frozenset({Role.APPROVER}))
KEEPER = Actor(ActorKind.OFFICER, "keeper", "保管人", REGION, frozenset({Role.SEAL_KEEPER}))
OPERATOR = Actor(ActorKind.OPERATOR, "operator", "管理员")
PUBLIC = Actor(ActorKind.PUBLIC, "public", "公众")
GROUND = Ground(reason="依法办理（演示）")
NEW = NewLicense(
    type_code=SAFETY,
    number="演示-2026-0001",
    issuer=ISSUER,
    holders=(FIRM,),
    valid_from=date(2026, 11, 24),
    valid_until=date(2029, 11, 23),
    face=(("KZ_SCOPE", "演示"), ("KZ_XM", "张示例")),
)
CARD = replace(
    NEW,
    type_code=IDENTITY,
    number=CITIZEN.code,
    holders=(CITIZEN,),
    face=(("KZ_XM", "张示例"), ("KZ_XB", "女"), ("KZ_CSRQ", "1949-12-31"), ("KZ_ZZ", "秦都区演示街道1号")),
)
_keys = itertools.count(1)


def fresh_key() -> str:
    """Return an idempotency key no other request of this run has."""
    return f"key-{next(_keys)}"


@dataclass(frozen=True)
class Bureau:
    """The office with its database."""

    database: Database
    office: Office
    clock: FixedClock
    keys: FileKeyStore

    def issue(self, wanted: NewLicense = NEW, *, actor: Actor = APPROVER, key: str | None = None) -> License:
        """Issue and commit."""
        with self.database.transaction() as session:
            return issue(session, wanted, office=self.office, actor=actor, key=key or fresh_key())

    def act(
        self,
        license: License,
        deed: LicenseAct,
        ground: Ground = GROUND,
        *,
        actor: Actor = APPROVER,
        key: str | None = None,
    ) -> License:
        """Act and commit."""
        with self.database.transaction() as session:
            return act(
                session, deed, license.identifier, ground, office=self.office, actor=actor, key=key or fresh_key()
            )

    def partner(self, code: str = "qindu-system", **reach: Any) -> Actor:
        """Return a partner system with one grant for every kind of license record, over the safety type unless told otherwise."""
        terms = {"license_types": [SAFETY], "holder_code_types": ["001"], "fields": [], "issuers": []} | reach
        kinds = terms.pop("kinds", LICENSE_KINDS)
        purpose = terms.pop("purpose", "跨区域通办核验")
        with self.database.transaction() as session:
            partner = enrol_partner(
                session, code=code, region="xianyang-qindu", name_zh="秦都业务系统", clock=self.clock
            )
            until = self.clock.now() + timedelta(days=30)
            grant(
                session,
                partner=partner,
                purpose=purpose,
                kinds=kinds,
                until=until,
                granted_by="operator",
                clock=self.clock,
                reach=Reach(**terms),
            )
        return Actor(ActorKind.PARTNER, code, "秦都业务系统", "xianyang-qindu")

    def entries(self, kind: str) -> list[LedgerEntry]:
        """Return the ledger's entries of the kind, oldest first."""
        with self.database.reading() as session:
            return list(session.scalars(select(LedgerEntry).where(LedgerEntry.kind == kind).order_by(LedgerEntry.id)))

    def count(self, record: Any) -> int:
        """Return how many rows of a table there are."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(record)) or 0


def open_bureau(database: Database, clock: FixedClock, folder: Path) -> Bureau:
    """Return a hub that can issue licenses of three types."""
    keys = FileKeyStore(folder / "keys", b"passphrase of the tests")
    with database.transaction() as session:
        for name in LedgerName:
            open_ledger(session, region=REGION, name=name, hash_name="SM3", keys=keys, clock=clock)
        for content in license_types():
            if content["code"] in (SAFETY, IDENTITY, VEHICLE):
                publish(
                    session,
                    region=REGION,
                    kind="license_type",
                    record_id=content["code"],
                    content=content,
                    clock=clock,
                )
    office = Office(region=REGION, vault=derive_vault(b"secret of the tests" * 2), clock=clock, demonstration=True)
    return Bureau(database, office, clock, keys)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Yield the statements the writer's engine runs meanwhile."""
    seen: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)
