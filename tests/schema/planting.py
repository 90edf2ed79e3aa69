"""A small real hub for tests of the schema: records published and projected by the rooms themselves, in either database.

Home is xixian-fengdong; what partners publish comes in by the same road as in a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import strawberry

from hub.access.actors import PUBLIC_ACTOR, Actor
from hub.access.records import ActorKind, Role
from hub.clock import Clock
from hub.database import Database
from hub.ledger.names import LedgerName
from hub.ledger.sequencer import Sequencer
from hub.ledger.writing import open_ledger
from hub.projections import project, publish
from hub.signing.key_files import FileKeyStore
from schema.build import build
from schema.context import Context
from schema.cursors import Cursors
from schema.execution import execute

HOME = "xixian-fengdong"
QINDU = "xianyang-qindu"
WEICHENG = "xianyang-weicheng"
CONTRACT = Path(__file__).parent.parent / "samples" / "contract"
CURSOR_KEY = bytes(range(32))
SCHEMA: strawberry.Schema = build()

OFFICER = Actor(ActorKind.OFFICER, "officer-1", "张三", HOME, frozenset({Role.EXAMINER}))
OPERATOR = Actor(ActorKind.OPERATOR, "operator-1", "运维", HOME)
PARTNER = Actor(ActorKind.PARTNER, QINDU, "秦都区", QINDU)


@dataclass(frozen=True)
class Heard:
    """What a partner's ledger says of one record, verified."""

    region: str
    record_id: str
    content: Mapping[str, Any] | None
    version: int = 1
    index: int | None = 5


@dataclass
class Hub:
    """A hub under test."""

    database: Database
    clock: Clock
    keys: FileKeyStore
    context: dict[str, Any] = field(default_factory=dict)

    def open(self) -> None:
        """Open both ledgers."""
        with self.database.transaction() as session:
            for name in (LedgerName.PUBLIC, LedgerName.EXCHANGE):
                open_ledger(session, region=HOME, name=name, hash_name="SHA-256", keys=self.keys, clock=self.clock)

    def sequence(self) -> int:
        """Place and sign what is waiting."""
        return Sequencer(self.database, self.keys, self.clock, lambda _: ()).step()

    def plant(self, kind: str, *contents: Mapping[str, Any], origin: str = HOME, version: int = 1) -> None:
        """Publish contents of one kind here, or hear them from a partner."""
        with self.database.transaction() as session:
            for content in contents:
                record_id = identity(kind, content)
                if origin == HOME:
                    publish(session, region=HOME, kind=kind, record_id=record_id, content=content, clock=self.clock)
                else:
                    heard = Heard(origin, record_id, content, version)
                    assert project(session, kind, [heard], self.clock)[0] in ("created", "updated")

    def asked(self, actor: Actor = PUBLIC_ACTOR, **changes: Any) -> Context:
        """Return the context of one request."""
        given: dict[str, Any] = {
            "database": self.database,
            "clock": self.clock,
            "cursors": Cursors(CURSOR_KEY),
            "region": HOME,
            "public_url": "https://fengdong.example",
            "request_id": "req-1",
            "actor": actor,
        }
        return Context(**(given | self.context | changes))

    def ask(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        actor: Actor = PUBLIC_ACTOR,
        operation: str | None = None,
        **changes: Any,
    ) -> dict[str, Any]:
        """Return the body of the answer."""
        return execute(SCHEMA, document, self.asked(actor, **changes), variables=variables, operation_name=operation)[1]

    def data(self, document: str, variables: Mapping[str, Any] | None = None, **asked: Any) -> dict[str, Any]:
        """Return the data of an answer that has no errors."""
        body = self.ask(document, variables, **asked)
        assert "errors" not in body, body["errors"]
        found: dict[str, Any] = body["data"]
        return found


def identity(kind: str, content: Mapping[str, Any]) -> str:
    """Return the record id of a content."""
    if kind == "service_item":
        return str(content["implementation_code"])
    if kind == "cross_region_offer":
        return f"{content['item']}-{content['accepting_region']}"
    return str(content["code"])


def region(code: str, name_zh: str, hub_url: str | None = None) -> dict[str, Any]:
    """Return the content of a region."""
    return {
        "code": code,
        "name_zh": name_zh,
        "name_en": None,
        "kind": "DISTRICT",
        "parent_name_zh": None,
        "codes": [{"scheme": "GB2260", "code": "610402"}],
        "hub_url": hub_url,
    }


def license_type(code: str = "11100000000013338W011", name_zh: str = "营业执照") -> dict[str, Any]:
    """Return the content of a license type."""
    return {
        "code": code,
        "name_zh": name_zh,
        "name_en": None,
        "defining_authority": {"name_zh": "国家市场监督管理总局", "uscc": "11100000MB0143028R"},
        "holder_kind": "LEGAL_PERSON",
        "face_elements": [{"key": "CZZT", "name_zh": "持证主体", "type": "string", "required": True}],
        "code_is_demonstration": True,
    }


def item_code(number: int) -> str:
    """Return a distinct implementation code of 31 characters."""
    return f"11610100MB0000000J{number:013d}"


def service_item(number: int, name_zh: str, at: str = HOME, **changes: Any) -> dict[str, Any]:
    """Return the content of a service item with two materials."""
    code = item_code(number)
    return {
        "implementation_code": code,
        "base_code": "000172149001",
        "handling_code": f"{code}01",
        "region": at,
        "name_zh": name_zh,
        "name_en": None,
        "item_type": "01",
        "case_type": "PROMISED",
        "exercise_level": 4,
        "service_objects": ["LEGAL_PERSON"],
        "implementing_body": {"name_zh": "行政审批局（演示）", "uscc": "11610100MB0000000J"},
        "legal_limit_days": 20,
        "promised_limit_days": 5,
        "site_visits": 0,
        "labels": [],
        "legal_basis": [{"law_zh": "食品安全法", "article": "第三十五条"}],
        "conditions_zh": None,
        "channels": ["WINDOW", "ONLINE"],
        "result": {"type": "LICENSE", "name_zh": "食品经营许可证"},
        "materials": [material("m1", "申请书"), material("m2", "营业执照复印件", "11100000000013338W011")],
        "steps": [{"order": 1, "name_zh": "受理", "role": "ACCEPT", "days": 1}],
        "fees": [],
        "route": "STANDARD",
        "guide": {"chart": True, "video_url": None, "vr_url": None},
        "valid_from": "2026-01-01",
        "valid_to": None,
        "item_version": 1,
        "state": "IN_USE",
        "group": "food",
        "demonstration_fields": [],
    } | changes


def material(key: str, name_zh: str, replaced_by: str | None = None) -> dict[str, Any]:
    """Return a material of an item."""
    return {
        "id": key,
        "name_zh": name_zh,
        "necessity": "REQUIRED",
        "form": "BOTH",
        "copies": 1,
        "source": "APPLICANT",
        "replaced_by": replaced_by,
    }


def offer(number: int, accepting: str, handling: str, **changes: Any) -> dict[str, Any]:
    """Return the content of a cross-region offer."""
    return {
        "item": item_code(number),
        "accepting_region": accepting,
        "handling_region": handling,
        "mode": "FULLY_ONLINE",
        "joint_id": None,
        "valid_from": "2026-01-01",
        "valid_to": None,
    } | changes


def bundle(code: str, steps: Iterable[tuple[int, Iterable[int]]]) -> dict[str, Any]:
    """Return the content of a bundle; a step is (item, items before it)."""
    told = [{"item": item_code(item), "after": [item_code(before) for before in after]} for item, after in steps]
    return {"code": code, "region": HOME, "name_zh": f"一件事 {code}", "name_en": None, "steps": told}


def dataset(code: str = "fengdong-2023", **changes: Any) -> dict[str, Any]:
    """Return the content of a data set with two indicators."""
    return {
        "code": code,
        "title_zh": "沣东新城政务服务年度指标",
        "title_en": None,
        "abstract_zh": None,
        "region": HOME,
        "openness": "UNCONDITIONAL",
        "update_frequency": "ANNUAL",
        "reuse_terms": {"name_zh": "署名 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        "source": {"title_zh": "2023 年度报告", "publisher_zh": "政务服务中心"},
        "release": 1,
        "released_on": "2026-11-24",
        "fields": [{"key": "value", "name_zh": "值", "type": "decimal"}],
        "rows": 2,
        "distributions": [
            {
                "format": "CSV",
                "name": "indicators.csv",
                "bytes": 2**33,
                "digests": [{"algorithm": "SHA-256", "value": "00" * 32}],
            }
        ],
        "indicators": [indicator("seal_uses", "220000"), indicator("licenses_issued", "72.6")],
    } | changes


def indicator(code: str, value: str) -> dict[str, Any]:
    """Return an indicator of a data set."""
    point = {
        "period": "2023",
        "value": value,
        "qualifier": "rounded",
        "as_printed": "22万户",
        "period_note": None,
        "yoy_percent": "40.0",
    }
    return {"code": code, "chapter": "approvals", "name_zh": "用印次数", "unit": "次", "points": [point]}
