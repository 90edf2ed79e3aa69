"""The verify page: a file in, the one verdict out, at a glance and in full. The file is read for the answer and not kept.

The address in a document's code opens `/verify/<id>`, which describes OUR document and asks for the file: a code can be copied
onto any paper, so that page never says that a paper is genuine. Cannot tell never looks like passed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from hub.access.policy import Level
from hub.clock import iso
from hub.errors import NotFound, ValidationFailed
from hub.signing.verdict import Finding, Outcome, SignatureReport, Verdict
from hub.signing.verify import MAX_DOCUMENT_MIB
from hub.verdicts.asking import VerifyDesk, keep
from hub.verdicts.formats import verify_document
from hub.web.authentication import answers, this_hub
from hub.web.compose import Hub
from hub.web.documents import form_of, pictures_of
from hub.web.language import chosen
from hub.web.published import Published, published_by_code, published_by_file
from hub.web.trust import anchors_of

verify = Blueprint("verify", __name__)

VERIFY_ID = re.compile(r"[0-9a-f]{32}")
TONES = {Outcome.PASSED: "ok", Outcome.FAILED: "bad", Outcome.CANNOT_TELL: "wait"}
HEADLINES = {
    Outcome.PASSED: lazy_gettext("核验通过"),
    Outcome.FAILED: lazy_gettext("核验未通过"),
    Outcome.CANNOT_TELL: lazy_gettext("无法确定"),
}
MEANINGS = {
    Outcome.PASSED: lazy_gettext("印章真实有效，盖章之后文件没有被改动。"),
    Outcome.FAILED: lazy_gettext("请不要采信这份文件，原因见下。"),
    Outcome.CANNOT_TELL: lazy_gettext("现有信息不足，不能据此认定文件真实。"),
}
PROVED = lazy_gettext("证明成立：这是账本签署过的记录，内容没有被改动。")
WORDS = {
    Outcome.PASSED: lazy_gettext("是"),
    Outcome.FAILED: lazy_gettext("否"),
    Outcome.CANNOT_TELL: lazy_gettext("无法确定"),
}


class DocumentUnknown(NotFound):
    """No sealed document of this hub has that verification code.

    Cure: scan the code again, or copy its whole address; a code that leads nowhere is a reason not to trust the paper.
    """

    code = "verify.document_unknown"

    def __init__(self) -> None:
        super().__init__(
            "本枢纽没有与此核验码对应的文件，请勿采信带有此码的纸张。",
            "No document of this hub has this code; do not rely on a paper that carries it.",
        )


@dataclass(frozen=True)
class Checked:
    """A verdict, whether the file is one this hub published, and whether it is the one that was asked about (None: none was)."""

    verdict: Verdict
    ours: Published | None
    as_described: bool | None
    file_name: str
    size_bytes: int
    form: str | None  # OFD, PDF, ESL; None for what is none of them
    pictures: tuple[str, ...]  # the first pages as data addresses; empty for what is not shown


def verify_desk(hub: Hub) -> VerifyDesk:
    """Return what a verdict takes on this hub: its files, and the verifier with the anchors it publishes now."""

    def verdict_of(session: Session, content: bytes) -> Verdict:
        return verify_document(content, anchors_of(session, hub), hub.clock.now())

    return VerifyDesk(files=hub.files, verify=verdict_of)


@verify.get("/verify")
@answers(Level.PUBLIC)
def ask() -> str:
    """Ask for a file."""
    return _page()


@verify.get("/verify/<verify_id>")
@answers(Level.PUBLIC)
def document(verify_id: str) -> str:
    """Describe the document of a code, and ask for the file."""
    with this_hub().database.reading() as session:
        return _page(described=_described_by(session, verify_id))


@verify.post("/verify")
@answers(Level.PUBLIC)
def check() -> Response:
    """Answer the verdict on the uploaded `file`, as a page or as JSON; 200 whatever the verdict. `code` may name what it should be."""
    name, content = _upload()
    wanted = request.form.get("code", "")
    hub = this_hub()
    with hub.database.reading() as session:
        described = _described_by(session, wanted) if wanted else None
        verdict = verify_desk(hub).verify(session, content)
        ours = published_by_file(session, verdict.sha256, on=hub.clock.today())
        checked = Checked(
            verdict=verdict,
            ours=ours,
            as_described=None if described is None else described.holds(verdict.sha256),
            file_name=name,
            size_bytes=len(content),
            form=form_of(content),
            pictures=pictures_of(content, hub, ours=ours is not None) if _page_wanted() else (),
        )
    with hub.database.transaction() as session:  # so that GraphQL can be asked by digest, without the file
        keep(session, verdict, clock=hub.clock)
    if not _page_wanted():
        return jsonify(_as_json(checked))
    return Response(_page(described=described, checked=checked), mimetype="text/html")


def _upload() -> tuple[str, bytes]:
    upload = request.files.get("file")
    if upload is None:
        raise _nothing()
    with upload.stream as stream:  # the temporary file of a large upload goes with it
        content = stream.read()
    if not content:
        raise _nothing()
    return upload.filename or "", content


def _nothing() -> ValidationFailed:
    return ValidationFailed("请选择一个文件再核验。", "Choose a file to verify.", path="file")


def _page_wanted() -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) != "application/json"


def _described_by(session: Session, verify_id: str) -> Published:
    known = VERIFY_ID.fullmatch(verify_id)
    document = published_by_code(session, verify_id, on=this_hub().clock.today()) if known else None
    if document is None:
        raise DocumentUnknown
    return document


def _page(described: Published | None = None, checked: Checked | None = None) -> str:
    return render_template(
        "verify.html",
        described=described,
        checked=checked,
        limit_mib=MAX_DOCUMENT_MIB,
        tones=TONES,
        headlines=HEADLINES,
        meaning=_meaning,
        words=WORDS,
        message=lambda finding: finding.message_en if chosen() == "en" else finding.message_zh,
        remedy=lambda finding: finding.remedy_en if chosen() == "en" else finding.remedy_zh,
    )


def _meaning(verdict: Verdict) -> str:
    """Return the sentence under the headline; what passed without a seal or signature in it is a proof from a ledger."""
    proved = verdict.outcome is Outcome.PASSED and not verdict.signatures
    return str(PROVED if proved else MEANINGS[verdict.outcome])


def _as_json(checked: Checked) -> dict[str, Any]:
    verdict = checked.verdict
    return {
        "outcome": verdict.outcome.value,
        "sha256": verdict.sha256,
        "format": checked.form,
        "document": None if checked.ours is None else {"number": checked.ours.number, "title": checked.ours.title},
        "asDescribed": checked.as_described,
        "signatures": [_signature(report) for report in verdict.signatures],
        "findings": [_finding(finding) for finding in verdict.findings],
    }


def _signature(report: SignatureReport) -> dict[str, Any]:
    return {
        "signer": report.signer,
        "certificateSha256": report.certificate_sha256,
        "signedAt": None if report.signed_at is None else iso(report.signed_at),
        "timeStampAuthority": report.time_stamp_authority,
        "validAtSigning": report.valid_at_signing.value,
        "validNow": report.valid_now.value,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "outcome": finding.outcome.value,
        "message": {"zh": finding.message_zh, "en": finding.message_en},
        "remedy": {"zh": finding.remedy_zh, "en": finding.remedy_en},
    }
