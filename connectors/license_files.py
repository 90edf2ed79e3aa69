"""Runs the making of licenses' files, and the publication of status lists, as a connector: on schedule, told like every other run.

With nothing to do a run costs two statements, and the desk is not even put together. Status lists are published at a bounded pace, not once
an act, so that the moment of a publication does not tell which license was acted on. It decides nothing about seals.

Source: docs/decisions/0005-one-intent-one-seal-use.md; docs/exchange.md section 8.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from connectors.rows import RowRefused
from connectors.work import Work
from hub.errors import HubError
from hub.licenses.intents import waiting_count
from hub.licenses.issuing import LicenseDesk, make_due
from hub.licenses.status_lists import any_changed, publish_status_lists

BATCH: Final = 200
"""How many licenses are tried between two looks at the deadline."""
PACE_SECONDS: Final = 300
"""How long after one publication of status lists the next may be, where the settings say nothing (`status_lists_seconds`)."""
LISTS_AT: Final = "status_lists_at"


class FilesNotMade(RowRefused):
    """The files of an issued license could not be made in this run; the license stays valid and waits for them.

    Cure: see the code in the reason: the seal's permit, its standing authorisation, the time-stamp service, or a face that does not fit.
    """

    code = "row.files_not_made"
    remedy_zh = "证照照常有效，文件仍在待制作队列中；排除原因后自动重试。"
    remedy_en = "The license is valid as before and waits for its files; once the cause is gone they are tried again by themselves."


def carry_licenses(work: Work, *, region: str, desk: Callable[[], LicenseDesk]) -> None:
    """Make the files that are due, each counted as created or rejected, then publish the status lists that changed, counted as updated.

    A rehearsal does nothing. Raises RunTimedOut, RunStopped; what was made by then stays made.
    """
    if work.claim.dry_run:
        work.report.warn("盖章不能演练，未做任何事", "sealing cannot be rehearsed; nothing was done")
        return
    if _waiting(work, region):
        _make_files(work, desk(), region)
    _publish_lists(work, region)


def _make_files(work: Work, desk: LicenseDesk, region: str) -> None:
    """Try everything that is due once: licenses with the fewest attempts come first, so a batch that failed in part is not repeated."""
    refused: dict[str, str] = {}
    while True:
        work.deadline.check()
        try:
            report = make_due(desk, limit=BATCH)
        except HubError as stopped:  # nothing at all can be sealed now, as with an authorisation that was stopped
            _left(work, _waiting(work, region) - len(refused), stopped.code)
            break
        work.report.seen += report.made
        work.report.created += report.made
        again = refused.keys() & dict(report.failed).keys()
        refused.update(report.failed)
        if again or report.made + len(report.failed) < BATCH:
            _left(work, report.waiting - len(refused), "license.files_elsewhere")
            break
    for identifier, code in refused.items():
        work.report.seen += 1
        work.report.refuse(identifier, FilesNotMade(f"未能制作文件（{code}）。", f"Its files were not made ({code})."))


def _left(work: Work, count: int, code: str) -> None:
    """Note what waits though it was not tried: another worker makes it, or another issuer's seal would have to."""
    if count > 0:
        work.report.warn(f"{count} 件证照待制作文件：{code}", f"{count} license(s) wait for their files: {code}")


def _waiting(work: Work, region: str) -> int:
    with work.place.database.reading() as session:
        return waiting_count(session, region=region)


def _publish_lists(work: Work, region: str) -> None:
    now = work.place.clock.now()
    pace = timedelta(seconds=work.claim.settings.get("status_lists_seconds", PACE_SECONDS))
    last = _last_publication(work)
    if last is not None and last <= now < last + pace:
        return
    with work.place.database.reading() as session:
        changed = any_changed(session, region=region)
    if not changed:
        return
    with work.page(lambda: {LISTS_AT: now.isoformat()}) as session:
        published = publish_status_lists(session, region=region, clock=work.place.clock)
        work.report.seen += published
        work.report.updated += published


def _last_publication(work: Work) -> datetime | None:
    cursor = work.claim.cursor
    return datetime.fromisoformat(cursor[LISTS_AT]) if cursor else None
