"""What the exchange ledger is told of an approval: who it is, where it stands, and the digests of its files.

Never an opinion, an officer, the addressee or a line of the body: those are in the document, which is asked for with a purpose.
One entry per version of the record, in the transaction that changed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from hub.approvals.faults import SealingUncertain
from hub.approvals.records import Approval, ApprovalFile
from hub.clock import Clock
from hub.ledger.names import LedgerName
from hub.ledger.queries import ledger_named, lost_after, newest_entry
from hub.ledger.writing import record_entry

APPROVAL = "approval"


def tell(session: Session, approval: Approval, *, clock: Clock, files: Sequence[ApprovalFile] = ()) -> None:
    """Record the present version of the approval in the exchange ledger, with the digests of `files`."""
    session.flush()
    body = entry_body(approval, files)
    record_entry(session, kind=APPROVAL, record_id=approval.id, body=body, addressees=(), clock=clock)


def require_whole_history(session: Session, approval: Approval) -> None:
    """Return unless entries without content, taken back from partners, stand behind the approval's newest: it may be sealed already.

    Two statements at most. Raises SealingUncertain.
    """
    ledger = ledger_named(session, LedgerName.EXCHANGE)
    newest = newest_entry(session, ledger.id, kind=APPROVAL, record_id=approval.id)
    if newest is not None and newest.index is not None and lost_after(session, ledger.id, newest.index):
        raise SealingUncertain


def entry_body(approval: Approval, files: Sequence[ApprovalFile]) -> dict[str, Any]:
    """Return the body of the entry: metadata and the digests of `files`."""
    return {
        "approval": approval.id,
        "region": approval.region,
        "kind": approval.kind.value,
        "stage": approval.stage.value,
        "number": approval.number,
        "title": approval.title,
        "item_code": approval.item_code,
        "case_number": approval.case_number,
        "issuer": {"name_zh": approval.issuer_zh, "uscc": approval.issuer_uscc},
        "dated_on": None if approval.dated_on is None else approval.dated_on.isoformat(),
        "due_on": approval.due_on.isoformat(),
        "version": approval.version,
        "document_version": approval.document_version,
        "corrects": approval.corrects,
        "withdraws": approval.withdraws,
        "demonstration": approval.demonstration,
        "files": [
            {
                "format": file.format,
                "original": file.original is not False,
                "bytes": file.size_bytes,
                "digests": _digests(file),
            }
            for file in files
        ],
    }


def _digests(file: ApprovalFile) -> list[dict[str, str]]:
    found = (("SHA-256", file.sha256), ("SM3", file.sm3))
    return [{"algorithm": algorithm, "value": value} for algorithm, value in found if value is not None]
