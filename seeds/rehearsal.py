"""The demonstration's seals and first approvals, made by the same verbs officers use."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.approvals.decisions import Draft, act, draft
from hub.approvals.numbering import register_issuer
from hub.approvals.records import Approval
from hub.approvals.routes import assign_officer, register_route
from hub.approvals.rules import ApprovalAction, ApprovalKind
from hub.licenses.intents import KIND as LICENSE
from hub.seals.custody import activate
from hub.seals.making import NewSeal, Owner, Workshop, make_own_seal
from hub.seals.permits import authorise_queue, grant_use
from hub.seals.rules import SealStatus
from hub.signing.keys import P256, SM2
from hub.web.compose import Hub
from seeds.decisions import JOINT, JOINT_ZH, NUMBER_WORDS, REMEDIES, Example, examples, joint_example, joint_steps
from seeds.officers import officer_actor
from seeds.places import HOME, bodies

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
            templates={kind: NUMBER_TEMPLATES[region].replace("审批", word) for kind, word in NUMBER_WORDS.items()},
            remedies=REMEDIES[region],
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
    """Take an example of each kind along its route, at home one in joint handling too; the signing queue seals them once the hub runs."""
    wanted = [*examples(hub.clock.today())]
    if hub.settings.region == HOME:
        _plant_joint_route(hub)
        wanted.append(joint_example())
    for number, example in enumerate(wanted, start=1):
        with hub.database.transaction() as session:
            if session.scalar(select(Approval.id).where(Approval.title == example.text.title)) is None:
                _pass(session, hub, example, f"rehearsal-{number}")


def _plant_joint_route(hub: Hub) -> None:
    police = bodies(HOME)["police"]["name_zh"]
    with hub.database.transaction() as session:
        register_route(session, region=HOME, code=JOINT, name_zh=JOINT_ZH, steps=joint_steps(police))
        assign_officer(session, region=HOME, department=police, officer="checker-2")


def _pass(session: Session, hub: Hub, example: Example, key: str) -> None:
    region = hub.settings.region
    approval = draft(
        session,
        Draft(example.kind, example.text, example.route, named_route=example.named_route),
        actor=officer_actor(region, "examiner-1"),
        key=key,
        fonts=hub.fonts,
        demonstration=True,
        clock=hub.clock,
    )
    for officer in example.passes:
        approval = act(
            session,
            approval.id,
            ApprovalAction.PASS,
            opinion="经审核，同意。（演示）",
            version=approval.version,
            actor=officer_actor(region, officer),
            key=f"{key}-{officer}",
            clock=hub.clock,
        )
