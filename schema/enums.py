"""The closed lists of the domain as GraphQL enums, each with its Chinese term; the values are the rooms' own."""

from __future__ import annotations

import enum
from typing import TypeVar

import strawberry

from connectors.queries import ConnectorState, Outcome
from hub.approvals.links import ApprovalAction, ApprovalKind, ApprovalStage
from hub.approvals.rules import Route
from hub.catalog.queries import CaseType, ItemLabel, Necessity, OfferMode
from hub.ledger.names import LedgerName, Withheld
from hub.licenses.rules import LicenseAct, LicenseStatus
from hub.opendata.queries import Openness
from hub.regions.queries import PlaceKind, RegionKind
from hub.seals.links import SealKind, SealOutline, SealSource, SealStatus
from hub.signing.verdict import Outcome as VerdictOutcome
from schema.declare import words

E = TypeVar("E", bound=type[enum.Enum])


def _listed(values: E, name: str, zh: str, en: str) -> E:
    strawberry.enum(values, name=name, description=words(zh, en))
    return values


@strawberry.enum(description=words("排序方向。", "Direction of an order."))
class Direction(enum.StrEnum):
    """Direction of an order."""

    ASC = "ASC"
    DESC = "DESC"


_listed(RegionKind, "RegionKind", "区域类别：新城、高新区、区。", "What a region is in law.")
_listed(PlaceKind, "PlaceKind", "服务场所类别：大厅、园区驿站、窗口。", "Where service is given.")
_listed(CaseType, "CaseType", "办件类型：即办件、承诺件。", "Decided at once, or within a promised limit.")
_listed(
    OfferMode,
    "OfferMode",
    "跨区通办方式：全程网办、异地代收代办、多地联办（国办发〔2020〕35号）。",
    "The modes of cross-region service.",
)
_listed(
    ItemLabel, "ItemLabel", "事项标签：不打烊、即来即办、不出园区。", "The labels the service centre's report counts."
)
_listed(Necessity, "Necessity", "材料必要性：必要、非必要、容缺后补。", "Whether a material must be there.")
_listed(Openness, "Openness", "开放属性：无条件、有条件、不予开放。", "How open a data set is.")
_listed(
    ApprovalKind,
    "ApprovalKind",
    "文书种类：受理通知书、补正告知书、不予受理、准予许可、不予许可、批复、撤销许可。",
    "Kinds of decision document.",
)
_listed(
    ApprovalStage,
    "ApprovalStage",
    "环节：审、核、准、待签章、已签章、已被更正代替、已被撤销、不予批准。",
    "Where an approval rests.",
)
_listed(
    ApprovalAction,
    "ApprovalAction",
    "办理动作：通过、退回、不同意；收回另有操作。",
    "What an officer may do with an approval.",
)
_listed(Route, "ApprovalRoute", "审批路径：三级、两级（程序性文书）、双核、即审即定。", "The routes of an approval.")
_listed(SealStatus, "SealStatus", "印章状态：已登记、启用、停用、注销。", "The life of a seal; expiry is computed.")
_listed(SealKind, "SealKind", "印章类别：机关印章、内部业务章、演示专用章。", "What a seal is for.")
_listed(SealSource, "SealSource", "印章来源：导入、内置制章。", "Where a seal's structure came from.")
_listed(SealOutline, "SealOutline", "印章外形：圆形、其他。", "The outline of a seal.")
_listed(LedgerName, "LedgerName", "枢纽的两本账：公开、交换。", "A hub's two ledgers.")
_listed(
    Withheld, "Withheld", "内容未给出的原因：无权、非收件方、已删除内容。", "Why an entry came without its content."
)
_listed(Outcome, "RunOutcome", "运行结果。", "How a run ended; RUNNING has not.")
_listed(ConnectorState, "ConnectorState", "连接当前状态。", "What a connector does now.")
_listed(
    LicenseStatus,
    "LicenseStatus",
    "证照状态：已颁发、暂扣、撤回、撤销、吊销、注销、失效、转出、已被新版本代替、其他。",
    "Where a license rests.",
)
_listed(
    LicenseAct, "LicenseAct", "对证照的处理；撤回、撤销、吊销、注销各不相同。", "What an authority does to a license."
)
_listed(VerdictOutcome, "VerdictOutcome", "核验结论：通过、未通过、无法确定。", "Passed, failed or cannot tell.")
