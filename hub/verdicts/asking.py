"""The verdict on a document, asked for by its digest: verified afresh when this hub published the file, remembered when it was brought.

A file that was brought is not kept; its verdict is, for a week. Whoever asks knows the digest, so he has had the file: the answer tells him
nothing of it but what the verifier found. Bytes that lie in the store unpublished are never verified for anybody.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hub.approvals.queries import published_file
from hub.clock import Clock, iso
from hub.errors import NotFound
from hub.filestore import FileStore
from hub.licenses.queries import license_of_file
from hub.signing.verdict import Finding, Outcome, SignatureReport, Verdict, verdict
from hub.verdicts.records import KeptVerdict

KEPT = timedelta(days=7)
SHA256 = re.compile(r"[0-9a-f]{64}")


class VerdictUnknown(NotFound):
    """No file of that digest was published here or brought here within a week.

    Cure: give the SHA-256 in hexadecimal; bring the file itself to /verify.
    """

    code = "verify.verdict_unknown"

    def __init__(self) -> None:
        super().__init__(
            "没有此摘要的核验结论，请把文件交到 /verify 核验。",
            "No verdict on a file of this digest; bring the file to /verify.",
            path="sha256",
        )


@dataclass(frozen=True, kw_only=True)
class VerifyDesk:
    """What a verdict takes: the files this hub published, and the verifier with the anchors it trusts now."""

    files: FileStore
    verify: Callable[[Session, bytes], Verdict]


def verdict_on(session: Session, sha256: str, *, desk: VerifyDesk) -> Verdict:
    """Return the verdict on the file of that digest (hexadecimal, any case); raises VerdictUnknown, and StoredFileLost.

    Of a file published here it is as of now; of one that was brought, as of then.
    """
    wanted = sha256.strip().lower()
    if not SHA256.fullmatch(wanted):
        raise VerdictUnknown
    if published_file(session, wanted) is not None or license_of_file(session, wanted) is not None:
        return desk.verify(session, desk.files.read(wanted))
    kept = session.get(KeptVerdict, wanted)
    if kept is None:
        raise VerdictUnknown
    return _read(wanted, kept.verdict)


def keep(session: Session, found: Verdict, *, clock: Clock) -> None:
    """Remember the verdict on a file that was brought, in place of an earlier one."""
    session.merge(KeptVerdict(sha256=found.sha256, at=clock.now(), verdict=_written(found)))


def forget_old(session: Session, *, clock: Clock) -> int:
    """Drop verdicts older than a week; return how many. For a scheduled run."""
    old = delete(KeptVerdict).where(KeptVerdict.at <= clock.now() - KEPT)
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


def _written(found: Verdict) -> dict[str, Any]:
    signatures = [
        {name: iso(value) if isinstance(value, datetime) else value for name, value in dataclasses.asdict(each).items()}
        for each in found.signatures
    ]
    return {"findings": [dataclasses.asdict(each) for each in found.findings], "signatures": signatures}


def _read(sha256: str, written: dict[str, Any]) -> Verdict:
    findings = [Finding(**{**each, "outcome": Outcome(each["outcome"])}) for each in written["findings"]]
    return verdict(findings, [_signature(each) for each in written["signatures"]], sha256)


def _signature(written: dict[str, Any]) -> SignatureReport:
    told: dict[str, Any] = {name: Outcome(written[name]) for name in ("valid_at_signing", "valid_now")}
    for name in ("signed_at", "claimed_at"):
        told[name] = None if written[name] is None else datetime.fromisoformat(written[name])
    return SignatureReport(**{**written, **told})
