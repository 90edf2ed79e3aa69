"""What the demonstration's documents say: one of each kind of approval that needs no sealed document before it, and one in joint handling.

Everything says 演示; firms and bodies are invented, laws and their articles are real. Corrections and withdrawals follow a sealed document, so
they are not planted: an officer makes them once the signing queue has sealed what is planted here.

Source: 行政许可法 arts 32, 38; 城市道路管理条例 art. 31 and 道路交通安全法 art. 32 (roads are occupied with the consent of the police);
食品安全法 art. 33; 药品管理法 art. 51; 建筑法 art. 8 (a planning permit comes first).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from hub.approvals.particulars import Particulars, Remedies
from hub.approvals.rules import APPROVE, CHECK, EXAMINE, ApprovalKind, Route, Step
from hub.approvals.texts import Addressee, DocumentText, Paragraph
from hub.workdays import add_working_days

FIRM = Addressee("示例企业（演示）", "91350100M000100Y43", "001")  # the code is the example of GB 32100
JOINT = "JOINT_ROAD"
JOINT_ZH = "占用道路联办（演示）"
CORRECTION_WORKING_DAYS = 15
STANDARD_PASSES = ("examiner-1", "checker-1", "approver-1")
TWO_STAGE_PASSES = ("examiner-1", "approver-1")
JOINT_PASSES = ("examiner-1", "checker-1", "checker-2", "approver-1")
NUMBER_WORDS: Mapping[ApprovalKind, str] = {
    ApprovalKind.ACCEPTANCE_NOTICE: "受理",
    ApprovalKind.CORRECTION_NOTICE: "补正",
    ApprovalKind.NOT_ACCEPTED: "不受理",
    ApprovalKind.DENIAL: "不准",
    ApprovalKind.WITHDRAWAL: "撤销",
}
"""What stands instead of 审批 in the numbers of these kinds."""

REMEDIES: Mapping[str, Remedies] = {
    "xixian-fengdong": Remedies("西咸新区管理委员会（演示）", "西安铁路运输法院（演示）"),
    "xian-hightech": Remedies("西安市人民政府（演示）", "西安铁路运输法院（演示）"),
    "xianyang-hightech": Remedies("咸阳市人民政府（演示）", "咸阳市秦都区人民法院（演示）"),
    "xianyang-qindu": Remedies("咸阳市秦都区人民政府（演示）", "咸阳市秦都区人民法院（演示）"),
    "xianyang-weicheng": Remedies("咸阳市渭城区人民政府（演示）", "咸阳市渭城区人民法院（演示）"),
}
"""Where the demonstration's refusals send their addressee, by region."""


@dataclass(frozen=True)
class Example:
    """A document to plant: its kind, what it says, and who passes it in which order."""

    kind: ApprovalKind
    text: DocumentText
    passes: tuple[str, ...] = STANDARD_PASSES
    route: Route | None = Route.STANDARD
    named_route: str | None = None


def examples(today: date) -> Iterator[Example]:
    """Yield the documents of every hub, as of the civil day `today`."""
    yield Example(ApprovalKind.REPLY, _REPLY)
    yield Example(ApprovalKind.GRANT, _GRANT)
    yield Example(ApprovalKind.ACCEPTANCE_NOTICE, _ACCEPTANCE, TWO_STAGE_PASSES, Route.TWO_STAGE)
    yield Example(ApprovalKind.CORRECTION_NOTICE, _correction(today), TWO_STAGE_PASSES, Route.TWO_STAGE)
    yield Example(ApprovalKind.NOT_ACCEPTED, _NOT_ACCEPTED)
    yield Example(ApprovalKind.DENIAL, _DENIAL)


def joint_example() -> Example:
    """Return the document that the home hub takes through joint handling."""
    return Example(ApprovalKind.GRANT, _ROAD, JOINT_PASSES, None, JOINT)


def joint_steps(police: str) -> tuple[Step, ...]:
    """Return the route of joint handling: `police` is the department that checks besides the issuer's own."""
    return Step(EXAMINE), Step(CHECK), Step(CHECK, department=police), Step(APPROVE)


def _text(title: str, *paragraphs: tuple[str | None, str], particulars: Particulars = Particulars()) -> DocumentText:
    return DocumentText(title, FIRM, tuple(Paragraph(*each) for each in paragraphs), particulars)


def _correction(today: date) -> DocumentText:
    by = add_working_days(today, CORRECTION_WORKING_DAYS).day
    gaps = (
        "食品经营场所平面布局图未标明面积比例，请重新提交。（演示）",
        "从业人员健康证明已过有效期，请提交有效的健康证明。（演示）",
        "食品安全管理制度缺少食品召回的内容，请补充。（演示）",
    )
    return _text(
        "关于示例企业（演示）食品经营许可申请材料补正的告知",
        (None, "你单位提出的食品经营许可申请（演示）收悉。经审查，申请材料不齐全，不符合法定形式。"),
        particulars=Particulars(gaps=gaps, correct_by=by),
    )


_REPLY = _text(
    "关于示例企业（演示）申请设置临时户外宣传设施的批复",
    (None, "你单位报来的《关于设置临时户外宣传设施的请示》（演示）收悉。经研究，现批复如下："),
    (None, "一、原则同意你单位在申请书所列位置设置临时户外宣传设施，设置期限为三十日，期满自行拆除并恢复原状。"),
    (None, "二、你单位应当对设施的安全负责，遇大风、暴雨等天气及时检查，发现隐患立即处置。"),
)
_GRANT = _text(
    "关于准予示例企业（演示）公共场所卫生许可的决定",
    (None, "你单位提出的公共场所卫生许可申请（演示）收悉。经审查，申请材料齐全，符合法定条件、标准。"),
)
_ACCEPTANCE = _text(
    "关于受理示例企业（演示）公共场所卫生许可申请的通知",
    (None, "你单位提出的公共场所卫生许可申请（演示）收悉。申请事项属于本机关职权范围，申请材料齐全，符合法定形式。"),
)
_NOT_ACCEPTED = _text(
    "关于不予受理示例企业（演示）药品批发经营许可申请的决定",
    (None, "你单位提出的药品经营许可（批发）申请（演示）收悉。"),
    particulars=Particulars(
        reasons="依照《中华人民共和国药品管理法》第五十一条，从事药品批发活动由省级人民政府药品监督管理部门批准，申请事项不属于本机关职权范围，请向陕西省药品监督管理局申请。（演示）"
    ),
)
_DENIAL = _text(
    "关于不予示例企业（演示）建筑工程施工许可的决定",
    (None, "你单位提出的建筑工程施工许可申请（演示）收悉。经审查，不符合法定条件。"),
    particulars=Particulars(
        reasons="该工程依法应当取得建设工程规划许可证而尚未取得，不符合《中华人民共和国建筑法》第八条规定的条件。（演示）"
    ),
)
_ROAD = _text(
    "关于准予示例企业（演示）临时占用城市道路的决定",
    (None, "你单位提出的临时占用城市道路申请（演示）收悉。经审查并征得公安机关交通管理部门同意，符合法定条件、标准。"),
    (None, "占用位置、面积和期限以申请书所附平面图为准，期满清理现场，恢复原状。"),
)
