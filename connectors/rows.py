"""Why one record of a source is not taken, and what to do about it. Its value is never repeated, only what class it was of.

A refused record refuses itself alone; the run goes on.
"""

from __future__ import annotations

from typing import Any

from hub.errors import HubError


class RowRefused(HubError):
    """A record of the source cannot be taken as it is; the others are.

    `field` is the source's column, None when the record as a whole is meant; `value_class` says what stood there.
    Cure: see the more exact code; correct the record at the source, the next run takes it.
    """

    code = "row.refused"
    remedy_zh = "请在来源处更正该记录，下次运行会重新接收。"
    remedy_en = "Correct the record at the source; the next run takes it."

    def __init__(self, zh: str, en: str, *, field: str | None = None, value_class: str | None = None) -> None:
        super().__init__(zh, en, path=field)
        self.field, self.value_class = field, value_class


class RowIncomplete(RowRefused):
    """A field the target cannot do without is empty or absent in this record.

    Cure: fill the field at the source; the next run takes the record.
    """

    code = "row.incomplete"
    remedy_zh = "请在来源处补齐该字段，下次运行会重新接收。"
    remedy_en = "Fill the field at the source; the next run takes the record."


class RowUnfit(RowRefused):
    """A value is not of the type, length or list the target's field has.

    Cure: correct the value at the source, or translate it in the mapping (`values`).
    """

    code = "row.unfit"
    remedy_zh = "请在来源处更正该值，或在映射的 values 中给出对照。"
    remedy_en = "Correct the value at the source, or translate it under `values` in the mapping."


class RowTwice(RowRefused):
    """The same identity stands in the source more than once; the first record was taken.

    Cure: make the identifier unique at the source, or choose more columns under `remote_id`.
    """

    code = "row.twice"
    remedy_zh = "请在来源处去重，或在映射的 remote_id 中增加列。"
    remedy_en = "Remove the duplicate at the source, or add columns under `remote_id` in the mapping."


class RowSpokenFor(RowRefused):
    """Another source already speaks for the record this one names.

    Cure: give one of the two mappings an `id_prefix`, or let one source speak for the record alone.
    """

    code = "row.spoken_for"
    remedy_zh = "请为其中一个来源的映射设置 id_prefix，或只由一个来源提供该记录。"
    remedy_en = "Give one of the two mappings an `id_prefix`, or let one source speak for the record."


class RowNotTheirs(RowRefused):
    """A partner published a record another region is the authority for; it is kept in its ledger's copy and not applied.

    Cure: tell the partner; a region speaks only for itself.
    """

    code = "row.not_theirs"
    remedy_zh = "请告知对方：各地区只能发布自己管辖的记录。"
    remedy_en = "Tell the partner: a region publishes only records it is the authority for."


def value_class(value: Any) -> str:
    """Return what kind of value this is, in one word: empty, text, number, truth, list or object."""
    if value is None or (isinstance(value, (str, list, dict)) and not value):
        return "empty"
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list):
        return "list"
    return "object" if isinstance(value, dict) else "number"
