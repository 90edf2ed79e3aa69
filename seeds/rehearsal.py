"""The demonstration's seals and first approvals, made by the same verbs officers use."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from hub.approvals.decisions import Draft, act, draft
from hub.approvals.numbering import register_issuer
from hub.approvals.records import Approval
from hub.approvals.rules import ApprovalAction, ApprovalKind, Route
from hub.approvals.texts import Addressee, DocumentText, Paragraph
from hub.licenses.intents import KIND as LICENSE
from hub.seals.custody import activate
from hub.seals.making import NewSeal, Owner, Workshop, make_own_seal
from hub.seals.permits import authorise_queue, grant_use
from hub.seals.rules import SealStatus
from hub.signing.keys import P256, SM2
from hub.web.compose import Hub
from seeds.officers import officer_actor
from seeds.places import bodies

KINDS = (*(kind.value for kind in ApprovalKind), LICENSE)
TERM = timedelta(days=365)
DAILY_CEILING = 2_000
NUMBER_TEMPLATES = {
    "xixian-fengdong": "沣东审批（演示）〔{year}〕{serial}号",
    "xian-hightech": "西高新审批（演示）〔{year}〕{serial}号",
    "xianyang-hightech": "咸高新审批（演示）〔{year}〕{serial}号",
    "xianyang-qindu": "秦审批（演示）〔{year}〕{serial}号",
    "xianyang-weicheng": "渭审批（演示）〔{year}〕{serial}号",
}
EXAMPLE_FIRM = Addressee("示例企业（演示）", "91350100M000100Y43", "001")  # the code is the example of GB 32100
EXAMPLES: tuple[tuple[ApprovalKind, str, tuple[Paragraph, ...]], ...] = (
    (
        ApprovalKind.REPLY,
        "关于示例企业（演示）申请设置临时户外宣传设施的批复",
        (
            Paragraph(None, "你单位报来的《关于设置临时户外宣传设施的请示》（演示）收悉。经研究，现批复如下："),
            Paragraph(
                "一、", "原则同意你单位在申请书所列位置设置临时户外宣传设施，设置期限为三十日，期满自行拆除并恢复原状。"
            ),
            Paragraph("二、", "你单位应当对设施的安全负责，遇大风、暴雨等天气及时检查，发现隐患立即处置。"),
        ),
    ),
    (
        ApprovalKind.GRANT,
        "关于准予示例企业（演示）公共场所卫生许可的决定",
        (Paragraph(None, "你单位提出的公共场所卫生许可申请（演示）收悉。经审查，申请材料齐全，符合法定条件、标准。"),),
    ),
)


def plant_seals(hub: Hub) -> None:
    """Give the hub its issuer, its active demonstration seal, the keeper's grant and the queue's standing authorisation."""
    region, clock = hub.settings.region, hub.clock
    owner = bodies(region)["approval"]
    keeper = officer_actor(region, "keeper-1")
    with hub.database.transaction() as session:
        register_issuer(
            session,
            region=region,
            name_zh=owner["name_zh"],
            uscc_code=owner["uscc"],
            number_template=NUMBER_TEMPLATES[region],
        )
        seal = make_own_seal(
            session,
            NewSeal(region, Owner(owner["name_zh"], owner["uscc"])),
            by=keeper,
            workshop=workshop_of(hub),
            clock=clock,
        )
        if seal.status is not SealStatus.REGISTERED:
            return
        activate(session, seal.id, by=keeper, clock=clock)
        until = clock.now() + TERM
        grant_use(session, seal.id, officer=keeper.code, kinds=KINDS, until=until, by=keeper, clock=clock)
        authorise_queue(session, seal.id, kinds=KINDS, daily_ceiling=DAILY_CEILING, until=until, by=keeper, clock=clock)


def workshop_of(hub: Hub) -> Workshop:
    """Return what the built-in maker of the hub works with: SM2 under the national profile, P-256 under the international one."""
    algorithm = SM2 if hub.settings.crypto_profile == "national" else P256
    return Workshop(hub.file_keys, hub.fonts, algorithm, hub.settings.seal_version)


def plant_approvals(hub: Hub) -> None:
    """Take two example decisions through examination, check and approval; the signing queue seals them once the hub runs."""
    region = hub.settings.region
    for number, (kind, title, body) in enumerate(EXAMPLES, start=1):
        wanted = Draft(kind, DocumentText(title, EXAMPLE_FIRM, body), Route.STANDARD)
        with hub.database.transaction() as session:
            if session.scalar(select(Approval.id).where(Approval.title == title)) is not None:
                continue
            approval = draft(
                session,
                wanted,
                actor=officer_actor(region, "examiner-1"),
                key=f"rehearsal-{number}",
                fonts=hub.fonts,
                demonstration=True,
                clock=hub.clock,
            )
            for officer in ("examiner-1", "checker-1", "approver-1"):
                approval = act(
                    session,
                    approval.id,
                    ApprovalAction.PASS,
                    opinion="材料齐全，符合条件，同意。（演示）",
                    version=approval.version,
                    actor=officer_actor(region, officer),
                    key=f"rehearsal-{number}-{officer}",
                    clock=hub.clock,
                )
