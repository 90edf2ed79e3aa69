"""Carries out a run of a snapshot source whose records are a competent system's word on what this hub keeps: the status of seals.

Each record is heard in the source's order and judged for itself; the verb it is meant for decides and writes. A record that comes again
changes nothing, and one that is gone takes nothing away: silence is no word.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.mapping import RowMapping
from connectors.protocol import RawPage, RawRow
from connectors.rows import RowRefused
from connectors.snapshot import Listing, rows_of
from connectors.targets import Answer, Told, Values
from connectors.work import Work


class WordNotTaken(RowRefused):
    """What the source says of this record cannot be acted on here; everything stays as it was.

    Cure: see the code in the reason: a seal nobody imported here, a move its status does not permit, or an instant nobody can read.
    """

    code = "row.word_not_taken"
    remedy_zh = "请按原因中的代码核对来源与本枢纽登记的印章；更正后下次运行会重新接收。"
    remedy_en = "Compare the source with what is registered here, by the code in the reason; the next run takes it once it is corrected."


def carry_told(work: Work, mapping: RowMapping, target: Told, pages: Iterator[RawPage]) -> None:
    """Hear every record, one transaction a page; raises what ended the run."""
    listing = Listing()
    for page in rows_of(work, mapping, pages):
        with work.page() as session:
            heard = _heard(work, mapping, page.rows, listing)
            answers = target.apply(session, list(heard.values()), work.claim.name, work.place.clock)
            for remote_id, answer in zip(heard, answers, strict=True):
                _count(work, remote_id, answer)


def _heard(work: Work, mapping: RowMapping, rows: tuple[RawRow, ...], listing: Listing) -> dict[str, Values]:
    """Return the values by identity of every row that can be read; what cannot is refused."""
    heard: dict[str, Values] = {}
    for row in rows:
        work.report.seen += 1
        remote_id = f"#{row.place}"
        try:
            remote_id = listing.identify(mapping, row)
            heard[remote_id] = mapping.values_of(row, work.report.warn)
        except RowRefused as refusal:
            work.report.refuse(remote_id, refusal)
    return heard


def _count(work: Work, remote_id: str, answer: Answer) -> None:
    if answer.refusal is not None:
        reason = f"来源的说法未被采用（{answer.refusal}）。", f"It was not acted on ({answer.refusal})."
        work.report.refuse(remote_id, WordNotTaken(*reason))
        return
    work.report.count(answer.outcome)
    if answer.warning is not None:
        work.report.warn(*answer.warning)
