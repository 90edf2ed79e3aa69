"""An approval as it would look with its seal, by a link that lasts fifteen minutes, before anybody seals it.

The link names the document and the seal; the hub's key signs it. Whoever holds it has the preview, so the policy is asked where links are
made. What is shown is made for the answer, says 预览 on every page, is signed by nobody and stored nowhere.
"""

from __future__ import annotations

import io

from flask import Blueprint, Response, send_file
from itsdangerous import BadData
from sqlalchemy.orm import Session

from hub.access.policy import Level
from hub.approvals.queries import approval_by_id
from hub.approvals.records import Approval
from hub.approvals.rendering import contents_of, decision_document, preview
from hub.approvals.rules import ApprovalStage
from hub.errors import NotFound
from hub.seals.queries import seal_by_id, seal_in_force, shape_of, structure_of
from hub.signing.seal_drawing import SealShape
from hub.web.authentication import answers, this_hub
from hub.web.compose import Hub
from hub.web.files import LASTING, MAX_LINK_CHARACTERS, LinkExpired, LinkInvalid, signer

previews = Blueprint("previews", __name__)

SALT = "tongban.previews"


class PreviewOver(NotFound):
    """The document waits for its seal no longer: it was sealed, returned or refused since the link was made.

    Cure: read the document again; a sealed one has its files.
    """

    code = "approval.preview_over"

    def __init__(self) -> None:
        super().__init__("文书已不在待签章环节，没有预览。", "The document waits for its seal no longer.")


def link_to_preview(hub: Hub, approval_id: str, seal_id: str | None) -> str:
    """Return the whole address of the preview for the next fifteen minutes; without a seal, with the one in use then."""
    until = int((hub.clock.now() + LASTING).timestamp())
    link = signer(hub, SALT).dumps([approval_id, seal_id or "", until])
    return f"{hub.settings.public_url}/approvals/preview/{link}.pdf"


@previews.get("/approvals/preview/<link>.pdf")
@answers(Level.PUBLIC)
def show(link: str) -> Response:
    """Answer the preview a link names; raises LinkInvalid, LinkExpired, PreviewOver, SealMissing."""
    hub = this_hub()
    approval_id, seal_id = _named_by(hub, link)
    with hub.database.reading() as session:
        approval = approval_by_id(session, approval_id)
        if approval.stage is not ApprovalStage.APPROVED:
            raise PreviewOver
        shape = _shape(session, hub, approval, seal_id)
    document = decision_document(approval, public_url=hub.settings.public_url)
    pdf = preview(document, shape, hub.fonts, across=contents_of(approval).across)
    name = f"预览 {approval.number}.pdf"
    answer = send_file(io.BytesIO(pdf), mimetype="application/pdf", as_attachment=False, download_name=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _shape(session: Session, hub: Hub, approval: Approval, seal_id: str) -> SealShape:
    used = seal_id or seal_in_force(session, region=approval.region, on=hub.clock.today()).id
    return shape_of(seal_by_id(session, used), structure_of(session, used))


def _named_by(hub: Hub, link: str) -> tuple[str, str]:
    try:
        named = signer(hub, SALT).loads(link) if len(link) <= MAX_LINK_CHARACTERS else None
    except BadData:
        raise LinkInvalid from None
    match named:
        case [str(approval), str(seal), int(until)]:
            if hub.clock.now().timestamp() >= until:
                raise LinkExpired
            return approval, seal
    raise LinkInvalid
