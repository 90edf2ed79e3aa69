"""The numbers of approvals: given at the last pass from the template of issuer and kind, 1, 2, 3 … in each year, without gaps.

A number that was given and not used is voided and stays listed; it is never given again. Functions receive the session; the caller commits.

Source: GB/T 9704-2012 7.2.5 (发文字号: organ, year in 〔〕, serial without leading zeros).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hub.approvals.faults import IssuerUnknown, NumberTemplateInvalid, RemediesUnknown
from hub.approvals.particulars import Remedies
from hub.approvals.records import ApprovalNumber, Issuer, NumberTemplate
from hub.approvals.rules import ApprovalKind
from hub.clock import Clock
from hub.codes import uscc

YEAR, SERIAL = "{year}", "{serial}"


def register_issuer(
    session: Session,
    *,
    region: str,
    name_zh: str,
    uscc_code: str,
    number_template: str,
    templates: Mapping[ApprovalKind, str] | None = None,
    remedies: Remedies | None = None,
) -> Issuer:
    """Register, or change, the organ that issues the region's approvals; for seeds and the operator's command line.

    `templates` are those of kinds that differ from `number_template`; a kind left out keeps its own. `remedies` None keeps what was
    registered. A changed template begins at 1. Raises NumberTemplateInvalid and what `hub.codes.uscc.parse` raises.
    """
    checked = {kind: _checked_template(template) for kind, template in (templates or {}).items()}
    code = uscc.parse(uscc_code).text
    issuer = session.get(Issuer, region)
    if issuer is None:
        issuer = Issuer(region=region)
        session.add(issuer)
    issuer.name_zh, issuer.uscc, issuer.number_template = name_zh, code, _checked_template(number_template)
    if remedies is not None:
        issuer.review_authority_zh, issuer.court_zh = remedies.review_authority_zh, remedies.court_zh
    session.flush()
    for kind, template in checked.items():
        session.merge(NumberTemplate(region=region, kind=kind, template=template))
    session.flush()
    return issuer


def template_of(session: Session, issuer: Issuer, kind: ApprovalKind) -> str:
    """Return the template that numbers documents of `kind`: the kind's own, else the issuer's."""
    own = session.get(NumberTemplate, (issuer.region, kind))
    return issuer.number_template if own is None else own.template


def issuers_remedies(issuer: Issuer) -> Remedies:
    """Return where refusals of this issuer send their addressee; raises RemediesUnknown when it was not registered."""
    if not (issuer.review_authority_zh and issuer.court_zh):
        raise RemediesUnknown(issuer.region)
    return Remedies(issuer.review_authority_zh, issuer.court_zh)


def issuer_of(session: Session, region: str) -> Issuer:
    """Return the organ that issues the region's approvals; raises IssuerUnknown."""
    issuer = session.get(Issuer, region)
    if issuer is None:
        raise IssuerUnknown(region)
    return issuer


def give_number(session: Session, *, approval_id: str, template: str, clock: Clock) -> str:
    """Return the next number of `template` in the current civil year, given to the approval.

    Writers of one template wait for one another until the caller's transaction ends: a rollback leaves no gap.
    """
    year = clock.today().year
    _wait_for_turn(session, template)
    last = session.scalar(
        select(func.max(ApprovalNumber.serial)).where(ApprovalNumber.template == template, ApprovalNumber.year == year)
    )
    serial = (last or 0) + 1
    session.add(ApprovalNumber(template=template, year=year, serial=serial, approval_id=approval_id, voided_at=None))
    session.flush()
    return number_text(template, year, serial)


def void_number(session: Session, *, approval_id: str, clock: Clock) -> None:
    """Void the number the approval holds; it stays listed."""
    held = session.scalar(
        select(ApprovalNumber).where(ApprovalNumber.approval_id == approval_id, ApprovalNumber.voided_at.is_(None))
    )
    if held is not None:
        held.voided_at = clock.now()


def number_text(template: str, year: int, serial: int) -> str:
    """Return the number as it is printed, e.g. 沣东审批（演示）〔2026〕1号."""
    return template.replace(YEAR, str(year)).replace(SERIAL, str(serial))


def numbers(*, year: int, template: str | None = None, voided: bool | None = None) -> Select[ApprovalNumber]:
    """Return the statement of the numbers of a year, by serial; `voided` True lists only voids, False only those in use."""
    statement = select(ApprovalNumber).where(ApprovalNumber.year == year)
    if template is not None:
        statement = statement.where(ApprovalNumber.template == template)
    if voided is not None:
        statement = statement.where(ApprovalNumber.voided_at.is_not(None) == voided)
    return statement.order_by(ApprovalNumber.template, ApprovalNumber.serial)


def _checked_template(template: str) -> str:
    bare = template.replace(YEAR, "", 1).replace(SERIAL, "", 1)
    if len(bare) != len(template) - len(YEAR) - len(SERIAL) or "{" in bare or "}" in bare:
        raise NumberTemplateInvalid
    return template


def _wait_for_turn(session: Session, template: str) -> None:
    """Let one writer at a time count the template's numbers; on SQLite every writer is alone already."""
    if session.get_bind().dialect.name != "postgresql":
        return
    lock = int.from_bytes(hashlib.sha256(f"approval number {template}".encode()).digest()[:8], "big", signed=True)
    session.execute(select(func.pg_advisory_xact_lock(lock)))
