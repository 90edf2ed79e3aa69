"""What this hub published under a seal, whichever noun it belongs to: decision documents and licenses, as a page may describe them.

Says what the document is, who issued it and how it stands now; never to whom it was addressed. Reads on the caller's session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from hub.approvals.queries import approval_of_file, followed_by, sealed_by_verify_id
from hub.approvals.records import Approval
from hub.approvals.rules import ApprovalStage
from hub.approvals.texts import WORDINGS
from hub.licenses.queries import license_by_verify_id, license_of_file, names_of_types
from hub.licenses.records import License
from hub.licenses.rules import LicenseStatus, in_force

IN_FORCE, NOT_IN_FORCE = "ok", "bad"
APPROVAL_STANDINGS = {
    ApprovalStage.SEALED: (IN_FORCE, lazy_gettext("有效")),
    ApprovalStage.SUPERSEDED: (NOT_IN_FORCE, lazy_gettext("已被更正文书代替")),
    ApprovalStage.WITHDRAWN: (NOT_IN_FORCE, lazy_gettext("已被撤销")),
}
LICENSE_STANDINGS = {
    LicenseStatus.ISSUED: lazy_gettext("不在有效期内"),
    LicenseStatus.SUSPENDED: lazy_gettext("暂扣中"),
    LicenseStatus.RECALLED: lazy_gettext("已撤回"),
    LicenseStatus.WITHDRAWN: lazy_gettext("已撤销"),
    LicenseStatus.REVOKED: lazy_gettext("已吊销"),
    LicenseStatus.CANCELLED: lazy_gettext("已注销"),
    LicenseStatus.LAPSED: lazy_gettext("已失效"),
    LicenseStatus.TRANSFERRED_OUT: lazy_gettext("已转出"),
    LicenseStatus.SUPERSEDED: lazy_gettext("已有新版次"),
    LicenseStatus.OTHER: lazy_gettext("其他状态"),
}


@dataclass(frozen=True)
class PublishedFile:
    """One published file; `original` says that it is the 正本."""

    format: str
    sha256: str
    size_bytes: int
    original: bool


@dataclass(frozen=True)
class Published:
    """A document as a stranger may be told of it; `number` is None where it would name a person. `tone` is "ok" while it is in force."""

    verify_id: str
    number: str | None
    kind: str
    title: str
    issuer: str
    dated_on: date | None
    tone: str
    standing: Any
    followed_by: str | None
    files: tuple[PublishedFile, ...]
    is_license: bool = False

    def holds(self, sha256: str) -> bool:
        """Say whether a file of that digest (hexadecimal, lower case) is one of the document's."""
        return self.file(sha256) is not None

    def file(self, sha256: str) -> PublishedFile | None:
        """Return the document's file of that digest, None when it has none."""
        return next((file for file in self.files if file.sha256 == sha256), None)


def published_by_code(session: Session, verify_id: str, *, on: date) -> Published | None:
    """Return the document whose printed code is `verify_id`, None when there is none."""
    approval = sealed_by_verify_id(session, verify_id)
    if approval is not None:
        return of_approval(session, approval)
    license = license_by_verify_id(session, verify_id)
    return None if license is None else of_license(session, license, on=on)


def published_by_file(session: Session, sha256: str, *, on: date) -> Published | None:
    """Return the document that published the file of that digest, None when none did."""
    approval = approval_of_file(session, sha256)
    if approval is not None:
        return of_approval(session, approval)
    license = license_of_file(session, sha256)
    return None if license is None else of_license(session, license, on=on)


def of_approval(session: Session, approval: Approval) -> Published:
    """Return what may be told of a decision document."""
    tone, standing = APPROVAL_STANDINGS.get(approval.stage, (NOT_IN_FORCE, lazy_gettext("未生效")))
    after = None if approval.stage is ApprovalStage.SEALED else followed_by(session, approval.id)
    return Published(
        verify_id=approval.verify_id,
        number=approval.number,
        kind=WORDINGS[approval.kind].name_zh,
        title=approval.title,
        issuer=approval.issuer_zh,
        dated_on=approval.dated_on,
        tone=tone,
        standing=standing,
        followed_by=None if after is None else after.number,
        files=tuple(PublishedFile(f.format, f.sha256, f.size_bytes, f.original is not False) for f in approval.files),
    )


def of_license(session: Session, license: License, *, on: date) -> Published:
    """Return what may be told of a license: its type and issuer, and how it stands on the civil day `on`."""
    kind = names_of_types(session, {license.type_code}).get(license.type_code)
    name = license.type_code if kind is None else kind.name_zh
    usable = in_force(license.status, license.valid_from, license.valid_until, on)
    return Published(
        verify_id=license.verify_id,
        number=None,
        kind="电子证照",
        title=name,
        issuer=license.issuer_zh,
        dated_on=license.issued_on,
        tone=IN_FORCE if usable else NOT_IN_FORCE,
        standing=lazy_gettext("有效") if usable else LICENSE_STANDINGS[license.status],
        followed_by=None,
        files=tuple(PublishedFile(f.format, f.sha256, f.size_bytes, f.original) for f in license.files),
        is_license=True,
    )
