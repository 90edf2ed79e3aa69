"""Runs the signing queue as a connector: on schedule, with a report like every other run. It decides nothing about seals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from connectors.rows import RowRefused
from connectors.work import Work
from hub.approvals.queue import seal_due
from hub.approvals.sealing import Desk

BATCH: Final = 20
"""How many documents are sealed between two looks at the deadline."""


class NotSealed(RowRefused):
    """An approved document could not be sealed in this run; it stays in the queue.

    Cure: see the code in the reason: the seal's permit, its standing authorisation, or the time-stamp service.
    """

    code = "row.not_sealed"
    remedy_zh = "文书仍在待盖章队列中；排除原因后自动重试。"
    remedy_en = "The document stays in the queue; once the cause is gone it is tried again by itself."


def carry_sealing(work: Work, *, desk: Callable[[], Desk]) -> None:
    """Seal what is due until nothing is left or nothing more succeeds: sealed counts as created, what failed as rejected.

    A rehearsal seals nothing. Raises RunTimedOut, RunStopped; what was sealed by then stays sealed.
    """
    if work.claim.dry_run:
        work.report.warn("盖章不能演练，未做任何事", "sealing cannot be rehearsed; nothing was done")
        return
    table, refused = desk(), dict[str, str]()
    while True:
        work.deadline.check()
        report = seal_due(table, limit=BATCH)
        for approval_id in report.sealed:
            work.report.seen += 1
            work.report.created += 1
            refused.pop(approval_id, None)
        refused.update(report.failed)
        if len(report.sealed) < BATCH:
            break
    for approval_id, code in refused.items():
        work.report.seen += 1
        work.report.refuse(approval_id, NotSealed(f"未能盖章（{code}）。", f"It was not sealed ({code})."))
    for code, waiting in report.reasons.items():
        work.report.warn(f"{waiting} 件待盖章：{code}", f"{waiting} document(s) wait to be sealed: {code}")
