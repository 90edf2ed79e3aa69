"""Service items (政务服务事项, GB/T 39554) with materials, steps, fees, guide and labels."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry

from hub.catalog.queries import (
    LABELS,
    MATERIALS,
    REGION_OF_ITEM,
    CaseType,
    ItemLabel,
    Labelled,
    Necessity,
)
from hub.catalog.queries import Material as MaterialRecord
from hub.catalog.queries import ServiceItem as ItemRecord
from hub.licenses.queries import to_license_type
from schema import urls
from schema.declare import HERE, PUBLIC, Key, mapped, noun, resolved
from schema.license_type import LicenseType
from schema.nodes import Node, identified
from schema.provenance import Provenance, provenance
from schema.region import Region

REPLACED_BY = to_license_type(MaterialRecord.replaced_by)


@noun(zh="办理时限，以工作日计。", en="A time limit in working days.")
class WorkingDays:
    """Read from the number itself."""

    working_days: int = mapped(HERE, access=PUBLIC, zh="工作日数；0 为当场办结。", en="Working days; 0 is at once.")


@noun(zh="申请材料。", en="A material an item asks for.", record=MaterialRecord)
class Material:
    """Read from the material's row."""

    material_id: strawberry.ID = mapped(
        MaterialRecord.material_id, access=PUBLIC, zh="材料标识，事项内唯一。", en="Its id, unique within the item."
    )
    name_zh: str = mapped(MaterialRecord.name_zh, access=PUBLIC, zh="材料名称。", en="Its name, in Chinese.")
    necessity: Necessity = mapped(
        MaterialRecord.necessity, access=PUBLIC, zh="必要性。", en="Whether it must be there."
    )
    form: str = mapped(
        MaterialRecord.form, access=PUBLIC, zh="形式：纸质、电子或均可。", en="PAPER, ELECTRONIC or BOTH."
    )
    copies: int = mapped(MaterialRecord.copies, access=PUBLIC, zh="份数。", en="How many copies.")
    source: str = mapped(
        MaterialRecord.source, access=PUBLIC, zh="来源：申请人自备或政府核发。", en="APPLICANT or GOVERNMENT."
    )
    replaced_by: LicenseType | None = mapped(
        REPLACED_BY,
        access=PUBLIC,
        zh="可替代此材料的电子证照（免证办）。",
        en="The license type that makes it needless.",
    )


@noun(zh="办理步骤。", en="A step of handling.")
class ItemStep:
    """A member of `steps`."""

    order: int = mapped(Key("order"), access=PUBLIC, zh="次序。", en="Its place in the order.")
    name_zh: str = mapped(Key("name_zh"), access=PUBLIC, zh="步骤名称。", en="Its name, in Chinese.")
    role: str = mapped(Key("role"), access=PUBLIC, zh="承办角色。", en="Who does it.")
    days: int = mapped(Key("days"), access=PUBLIC, zh="工作日数。", en="Working days it takes.")


@noun(zh="收费项目。", en="A fee.")
class Fee:
    """A member of `fees`."""

    name_zh: str = mapped(Key("name_zh"), access=PUBLIC, zh="收费名称。", en="Its name, in Chinese.")
    amount: str = mapped(
        Key("amount"), access=PUBLIC, zh="金额（人民币元，十进制文本）。", en="Yuan, as a decimal string."
    )
    unit_zh: str | None = mapped(Key("unit_zh"), access=PUBLIC, zh="计费单位。", en="Per what.")
    basis_zh: str | None = mapped(Key("basis_zh"), access=PUBLIC, zh="收费依据。", en="Its legal basis.")


@noun(zh="设定依据。", en="A legal basis.")
class LegalBasis:
    """A member of `legal_basis`."""

    law_zh: str = mapped(Key("law_zh"), access=PUBLIC, zh="法律法规名称。", en="The law.")
    article: str | None = mapped(Key("article"), access=PUBLIC, zh="条款。", en="The article.")


@noun(zh="办理结果。", en="What the applicant gets.")
class ItemResult:
    """The object in `result`."""

    type: str = mapped(Key("type"), access=PUBLIC, zh="结果类型。", en="LICENSE, APPROVAL, DOCUMENT or NONE.")
    name_zh: str | None = mapped(Key("name_zh"), access=PUBLIC, zh="结果名称。", en="Its name, in Chinese.")


@noun(zh="实施机构。", en="The body that implements an item.")
class ImplementingBody:
    """Read from the item's row."""

    name_zh: str = mapped(ItemRecord.body_name_zh, access=PUBLIC, zh="机构名称。", en="Its name, in Chinese.")
    uscc: str = mapped(
        ItemRecord.body_uscc, access=PUBLIC, zh="统一社会信用代码。", en="Its unified social credit code."
    )


@noun(zh="办事指南（一图一表、视频、VR）。", en="The guide to an item: chart, table, video, VR.")
class Guide:
    """Read from the item's row."""

    @resolved(access=PUBLIC, zh="指南网页。", en="The guide's page.")
    def url(root: Any, info: strawberry.Info) -> str:
        """Return the page on the hub that is the item's authority."""
        return urls.item_page(_authority(root, info), root.implementation_code)

    @resolved(access=PUBLIC, zh="流程图（一图）。", en="The flow chart, where there is one.")
    def chart_url(root: Any, info: strawberry.Info) -> str | None:
        """Return the chart's address."""
        return urls.item_chart(_authority(root, info), root.implementation_code) if root.guide.get("chart") else None

    @resolved(access=PUBLIC, zh="视频指南。", en="The video guide, where there is one.")
    def video_url(root: Any, info: strawberry.Info) -> str | None:
        """Return the video's address."""
        return urls.within(_authority(root, info), root.guide.get("video_url"))

    @resolved(access=PUBLIC, zh="720° VR 指南。", en="The VR guide, where there is one.")
    def vr_url(root: Any, info: strawberry.Info) -> str | None:
        """Return the VR guide's address."""
        return urls.within(_authority(root, info), root.guide.get("vr_url"))


@noun(zh="政务服务事项。", en="A service item as one region implements it.", record=ItemRecord)
class ServiceItem(Node):
    """Read from the item's row."""

    id: strawberry.ID = identified(ItemRecord, "service_item")
    implementation_code: str = mapped(
        ItemRecord.implementation_code, access=PUBLIC, zh="实施编码，31 位。", en="Implementation code, 31 characters."
    )
    base_code: str = mapped(ItemRecord.base_code, access=PUBLIC, zh="基本编码，12 位。", en="Base code, 12 characters.")
    handling_code: str = mapped(
        ItemRecord.handling_code, access=PUBLIC, zh="业务办理项编码，33 位。", en="Handling code, 33 characters."
    )
    name_zh: str = mapped(ItemRecord.name_zh, access=PUBLIC, zh="中文名称。", en="Name in Chinese.")
    name_en: str | None = mapped(ItemRecord.name_en, access=PUBLIC, zh="英文名称。", en="Name in English.")
    item_type: str = mapped(
        ItemRecord.item_type, access=PUBLIC, zh="事项类型代码，01 行政许可至 20 公共服务。", en="Type, 01 to 20."
    )
    case_type: CaseType = mapped(ItemRecord.case_type, access=PUBLIC, zh="办件类型。", en="Case type.")
    exercise_level: int = mapped(ItemRecord.exercise_level, access=PUBLIC, zh="行使层级代码。", en="Level of exercise.")
    service_objects: list[str] = mapped(
        ItemRecord.service_objects, access=PUBLIC, zh="服务对象。", en="Whom it serves."
    )
    channels: list[str] = mapped(ItemRecord.channels, access=PUBLIC, zh="办理渠道。", en="Channels.")
    implementing_body: ImplementingBody = mapped(
        HERE, access=PUBLIC, zh="实施机构。", en="The body that implements it."
    )
    legal_limit: WorkingDays | None = mapped(
        ItemRecord.legal_limit_days, access=PUBLIC, zh="法定时限；未规定为 null。", en="Legal limit; null: none set."
    )
    promised_limit: WorkingDays = mapped(
        ItemRecord.promised_limit_days, access=PUBLIC, zh="承诺时限。", en="Promised limit."
    )
    site_visits: int = mapped(ItemRecord.site_visits, access=PUBLIC, zh="到现场次数。", en="Visits needed.")
    legal_basis: list[LegalBasis] = mapped(ItemRecord.legal_basis, access=PUBLIC, zh="设定依据。", en="Legal bases.")
    conditions_zh: str | None = mapped(ItemRecord.conditions_zh, access=PUBLIC, zh="受理条件。", en="Conditions.")
    result: ItemResult = mapped(ItemRecord.result, access=PUBLIC, zh="办理结果。", en="What the applicant gets.")
    materials: list[Material] = mapped(MATERIALS, access=PUBLIC, zh="申请材料，按次序。", en="Materials, in order.")
    steps: list[ItemStep] = mapped(ItemRecord.steps, access=PUBLIC, zh="办理步骤，按次序。", en="Steps, in order.")
    fees: list[Fee] = mapped(ItemRecord.fees, access=PUBLIC, zh="收费项目。", en="Fees.")
    route: str = mapped(ItemRecord.route, access=PUBLIC, zh="审批路径。", en="Route of approval.")
    guide: Guide = mapped(HERE, access=PUBLIC, zh="办事指南。", en="The guide.")
    item_version: int = mapped(ItemRecord.item_version, access=PUBLIC, zh="事项版本号。", en="Version of the item.")
    valid_from: date = mapped(ItemRecord.valid_from, access=PUBLIC, zh="生效日期。", en="First day.")
    valid_until: date | None = mapped(
        ItemRecord.valid_to, access=PUBLIC, zh="失效日期（含）；null 为长期。", en="Last day, included; null: no end."
    )
    demonstration_fields: list[str] = mapped(
        ItemRecord.demonstration_fields, access=PUBLIC, zh="演示编造的字段。", en="Fields whose values are made up."
    )
    region: Region | None = mapped(REGION_OF_ITEM, access=PUBLIC, zh="实施区域。", en="The region that implements it.")
    provenance: Provenance = provenance("service_item")

    @resolved(access=PUBLIC, zh="标签：不打烊、即来即办、不出园区。", en="Labels.")
    def labels(root: Any, info: strawberry.Info) -> list[ItemLabel]:
        """Return the item's labels."""
        rows: list[Labelled] = info.context.peers.linked(LABELS, root)
        return [row.label for row in rows]


def _authority(row: Any, info: strawberry.Info) -> str:
    """Return the address of the hub that is the item's authority; this hub's own where it is not known."""
    context = info.context
    if row.region == context.region:
        return str(context.public_url)
    region = context.peers.linked(REGION_OF_ITEM, row)
    return (region.hub_url if region is not None else None) or str(context.public_url)
