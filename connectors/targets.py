"""What records of a snapshot source can become: a small table of targets, their fields, and how each makes its content.

A target turns converted values into the content of one kind of public record, or hands them to the verb they are meant for. It reads no
source, and writes nothing itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from connectors.values import FieldType
from hub.clock import Clock
from hub.replicas import UNCHANGED, UPDATED
from hub.seals.rules import MAX_REASON
from hub.seals.status_feed import STATUS_WORDS, Outcome, apply_status

Values = Mapping[str, Any]
"""Converted values by field; every field of the target is there, None where the source said nothing."""

QUALIFIERS: Final = ("exact", "rounded", "approximate", "more_than", "at_least", "less_than", "at_most")
PLACE_KINDS: Final = ("HALL", "PARK_STATION", "WINDOW")
OPENNESS: Final = ("UNCONDITIONAL", "CONDITIONAL", "CLOSED")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a target; `choices` is the closed list of its values, empty for none; `default` stands for an empty value."""

    type: FieldType = FieldType.TEXT
    required: bool = False
    max_length: int = 512
    choices: tuple[str, ...] = ()
    members: tuple[str, ...] = ()  # of a list of objects: what each must have
    below: int = 10**18  # a decimal's absolute value
    default: Any = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What a content needs besides the records: the hub's region, the mapping's `about`, and the file they came in."""

    region: str
    about: Mapping[str, Any]
    source_name: str
    source_format: str
    source_bytes: bytes
    release: int
    released_on: date


@dataclass(frozen=True, slots=True)
class Each:
    """A target of which each record of the source is one record of `kind`, under the id that stands in `identity`."""

    kind: str
    fields: Mapping[str, Field]
    identity: str
    build: Callable[[Values, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Whole:
    """A target of which all records of the source together are one record of `kind`, whose id is `about.code`.

    `about` says what the mapping's `about` must hold: by key a type, a tuple of choices, or again keys; [keys] for a list.
    """

    kind: str
    fields: Mapping[str, Field]
    about: Mapping[str, Any]
    build: Callable[[Sequence[Values], Setting], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Told:
    """A target of which each record is the source's word on something this hub keeps itself: `apply` acts on it, nothing is published as is.

    `apply` gets the session, the values of a page in their order, the source's name and the clock, and answers each in the same order.
    Silence says nothing: a record that is gone from the source takes nothing away.
    """

    fields: Mapping[str, Field]
    apply: Callable[[Session, Sequence[Values], str, Clock], list[Answer]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one told record: a word of `connectors.report.COUNTS`, or else the code why it was refused; a warning if any."""

    outcome: str = ""
    refusal: str | None = None
    warning: tuple[str, str] | None = None


Target = Each | Whole | Told


def _dataset_release(rows: Sequence[Values], setting: Setting) -> dict[str, Any]:
    about = setting.about
    return {
        "code": about["code"],
        "title_zh": about["title_zh"],
        "title_en": about.get("title_en"),
        "abstract_zh": about.get("abstract_zh"),
        "region": setting.region,
        "openness": about["openness"],
        "update_frequency": about["update_frequency"],
        "reuse_terms": {key: about["reuse_terms"][key] for key in ("name_zh", "url")},
        "source": {key: about["source"][key] for key in ("title_zh", "publisher_zh")},
        "release": setting.release,
        "released_on": setting.released_on.isoformat(),
        "fields": [{key: field[key] for key in ("key", "name_zh", "type")} for field in about["fields"]],
        "rows": len(rows),
        "distributions": [_distribution(setting)],
        "indicators": _indicators(rows),
    }


def _distribution(setting: Setting) -> dict[str, Any]:
    return {
        "format": setting.source_format.upper(),
        "name": setting.source_name,
        "bytes": len(setting.source_bytes),
        "digests": [{"algorithm": "SHA-256", "value": hashlib.sha256(setting.source_bytes).hexdigest()}],
    }


def _indicators(rows: Sequence[Values]) -> list[dict[str, Any]]:
    """Return one indicator for each code, in the order of their first rows, with one point for each row."""
    indicators: dict[str, dict[str, Any]] = {}
    for row in rows:
        head = {key: row[key] for key in ("code", "chapter", "name_zh", "unit")}
        indicator = indicators.setdefault(row["code"], head | {"points": []})
        point = ("period", "value", "qualifier", "as_printed", "period_note", "yoy_percent")
        indicator["points"].append({key: row[key] for key in point})
    return list(indicators.values())


def _service_point(row: Values, region: str) -> dict[str, Any]:
    return dict(row) | {"region": region}


def _seal_status(session: Session, rows: Sequence[Values], source: str, clock: Clock) -> list[Answer]:
    return [
        _ANSWERS.get(row.outcome) or Answer(refusal=row.code)
        for row in apply_status(session, rows, source=source, clock=clock)
    ]


_ANSWERS: Final = {
    Outcome.MOVED: Answer(UPDATED),
    Outcome.UNCHANGED: Answer(UNCHANGED),
    Outcome.OUTDATED: Answer(
        UNCHANGED, warning=("有的状态早于已知的状态，未采用", "a status older than the one known was left aside")
    ),
    Outcome.NOT_YET: Answer(
        UNCHANGED, warning=("有的状态尚未到生效时刻，以后再采用", "a status begins later and is applied by a later run")
    ),
}
_SEAL_STATUS_FIELDS: Final = {
    "filing_number": Field(required=True, max_length=64),
    "status": Field(required=True, choices=tuple(STATUS_WORDS)),
    "since": Field(required=True, max_length=40),
    "reason": Field(max_length=MAX_REASON),
}
_INDICATOR_FIELDS: Final = {
    "code": Field(required=True, max_length=64),
    "chapter": Field(required=True, max_length=64),
    "name_zh": Field(required=True),
    "value": Field(FieldType.DECIMAL, required=True),
    "qualifier": Field(required=True, choices=QUALIFIERS),
    "as_printed": Field(required=True),
    "unit": Field(required=True, max_length=64),
    "period": Field(required=True, max_length=64),
    "period_note": Field(),
    "yoy_percent": Field(FieldType.DECIMAL, below=10**8),
}
_DATASET_ABOUT: Final[Mapping[str, Any]] = {
    "code": str,
    "title_zh": str,
    "openness": OPENNESS,
    "update_frequency": str,
    "reuse_terms": {"name_zh": str, "url": str},
    "source": {"title_zh": str, "publisher_zh": str},
    "fields": [{"key": str, "name_zh": str, "type": str}],
}
_PLACE_FIELDS: Final = {
    "code": Field(required=True, max_length=64),
    "name_zh": Field(required=True),
    "name_en": Field(),
    "kind": Field(required=True, choices=PLACE_KINDS),
    "parent": Field(max_length=64),
    "address_zh": Field(),
    "hours": Field(FieldType.LIST, members=("days_zh", "opens", "closes", "always_open", "night_market"), default=()),
    "window_kind": Field(max_length=64),
    "demonstration": Field(FieldType.TRUTH, default=False),
}

TARGETS: Final[Mapping[str, Target]] = {
    "dataset_indicators": Whole("dataset_release", _INDICATOR_FIELDS, _DATASET_ABOUT, _dataset_release),
    "seal_status": Told(_SEAL_STATUS_FIELDS, _seal_status),
    "service_point": Each("service_point", _PLACE_FIELDS, "code", _service_point),
}
"""Every target by the name mappings use."""
