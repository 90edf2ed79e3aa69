"""Specimens to look at, download and verify: what the demonstration sealed, for strangers who want to try. On a demonstration hub alone.

Shows documents that say themselves that they are a demonstration, and no other; elsewhere the page does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from hub.access.policy import Level
from hub.approvals.records import Approval
from hub.approvals.rules import ApprovalStage
from hub.errors import NotFound
from hub.licenses.queries import whole
from hub.licenses.records import License, LicenseFile
from hub.web.authentication import answers, this_hub
from hub.web.compose import Hub
from hub.web.files import link_of
from hub.web.published import Published, of_approval, of_license

samples = Blueprint("samples", __name__)

MOST = 12


@dataclass(frozen=True)
class Specimen:
    """A published demonstration document; `link` names its original, `links` each file by format, for fifteen minutes."""

    document: Published
    link: str
    links: dict[str, str]


@samples.get("/samples")
@answers(Level.PUBLIC)
def specimens() -> str:
    """Show the newest demonstration licenses and decision documents; raises NotFound on a hub in earnest."""
    hub = this_hub()
    if not hub.settings.demonstration:
        raise NotFound("没有这个页面。", "There is no such page.")
    with hub.database.reading() as session:
        licenses = [_specimen(hub, each) for each in _licenses(session, hub)]
        approvals = [_specimen(hub, each) for each in _approvals(session, hub)]
    return render_template("samples.html", licenses=licenses, approvals=approvals)


def _licenses(session: Session, hub: Hub) -> list[Published]:
    sealed = select(LicenseFile.license_id)
    wanted = whole().where(License.demonstration, License.id.in_(sealed)).order_by(License.id.desc()).limit(MOST)
    return [of_license(session, license, on=hub.clock.today()) for license in session.scalars(wanted)]


def _approvals(session: Session, hub: Hub) -> list[Published]:
    wanted = (
        select(Approval)
        .options(selectinload(Approval.files))
        .where(Approval.demonstration, Approval.stage == ApprovalStage.SEALED)
        .order_by(Approval.drafted_at.desc())
        .limit(MOST)
    )
    return [of_approval(session, approval) for approval in session.scalars(wanted)]


def _specimen(hub: Hub, document: Published) -> Specimen:
    original = next((file for file in document.files if file.original), document.files[0])
    links = {file.format: link_of(hub, file.sha256) for file in document.files}
    return Specimen(document, links[original.format], links)
