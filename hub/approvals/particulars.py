"""What a kind of document needs besides its body: reasons, the gaps to fill and by when, and the remedies a refusal must tell.

Checks and tidies; never rewrites. Remedies are the issuer's data, frozen into the document when it is drafted. Lengths are in characters.
No database here.

Source: 行政许可法 art. 32 (1) 4 (all gaps told at once), 38 (2) (reasons and remedies); 行政复议法 (2023) art. 20 (60 days); 行政诉讼法 art. 46
(six months).
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hub.approvals.faults import CorrectionDayPast, PartOutOfPlace, TextMissing, TextTooLong

MAX_REASONS = 4_000
MAX_GAPS = 50
MAX_GAP = 500
REASONS_HEADING, GAPS_HEADING = "理由", "需要补正的内容"


class Part(enum.StrEnum):
    """What a kind may have to contain."""

    REASONS = "REASONS"  # 理由
    REMEDIES = "REMEDIES"  # 救济途径
    GAPS = "GAPS"  # 需要补正的全部内容，及期限


@dataclass(frozen=True)
class Remedies:
    """Where the addressee can turn: the authority of reconsideration (复议机关) and the court."""

    review_authority_zh: str
    court_zh: str

    def sentence(self) -> str:
        """Return the sentence a refusal ends with."""
        return (
            f"如不服本决定，可以自收到本决定书之日起六十日内向{self.review_authority_zh}申请行政复议，"
            f"也可以自收到本决定书之日起六个月内依法向{self.court_zh}提起行政诉讼。"
        )


@dataclass(frozen=True)
class Particulars:
    """What an officer writes besides the body; `correct_by` is a civil date, the last day to fill the gaps."""

    reasons: str | None = None
    gaps: tuple[str, ...] = ()
    correct_by: date | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what is there as plain JSON, as an approval keeps it."""
        told = {
            "reasons": self.reasons,
            "gaps": list(self.gaps),
            "correctBy": None if self.correct_by is None else self.correct_by.isoformat(),
        }
        return {name: value for name, value in told.items() if value}


def particulars_of(kept: Mapping[str, Any] | None) -> Particulars:
    """Return the particulars as an approval keeps them."""
    told = kept or {}
    by = told.get("correctBy")
    return Particulars(told.get("reasons"), tuple(told.get("gaps", ())), None if by is None else date.fromisoformat(by))


def remedies_of(kept: Mapping[str, Any] | None) -> Remedies | None:
    """Return the remedies frozen into an approval, None where its kind tells none."""
    told = (kept or {}).get("remedies")
    return None if told is None else Remedies(told["reviewAuthority"], told["court"])


def kept_particulars(particulars: Particulars, remedies: Remedies | None) -> dict[str, Any]:
    """Return both as an approval keeps them."""
    told = (
        {}
        if remedies is None
        else {"remedies": {"reviewAuthority": remedies.review_authority_zh, "court": remedies.court_zh}}
    )
    return particulars.to_json() | told


def checked_particulars(particulars: Particulars, needs: Collection[Part], *, today: date) -> Particulars:
    """Return the particulars trimmed, when all that is needed is there; raises TextMissing, TextTooLong, PartOutOfPlace, CorrectionDayPast."""
    tidy = replace(
        particulars,
        reasons="\n".join((particulars.reasons or "").strip().splitlines()) or None,
        gaps=tuple(gap.strip() for gap in particulars.gaps),
    )
    if len(tidy.reasons or "") > MAX_REASONS:
        raise TextTooLong("reasons", MAX_REASONS)
    if Part.REASONS in needs and tidy.reasons is None:
        raise TextMissing("reasons")
    _require_gaps(tidy, needed=Part.GAPS in needs, today=today)
    return tidy


def shown_particulars(particulars: Particulars) -> Iterator[tuple[str, str, bool]]:
    """Yield (path, text, whether it is one line) of everything that is printed."""
    yield "reasons", particulars.reasons or "", False
    for index, gap in enumerate(particulars.gaps):
        yield f"gaps.{index}", gap, True


def printed_particulars(particulars: Particulars) -> tuple[tuple[str | None, str], ...]:
    """Return the paragraphs, (heading or None, text), that come between the body and the sentence of legal result."""
    reasons = ((REASONS_HEADING, particulars.reasons),) if particulars.reasons else ()
    if not particulars.gaps:
        return reasons
    listed = "\n".join(f"{number}. {gap}" for number, gap in enumerate(particulars.gaps, start=1))
    return (*reasons, (GAPS_HEADING, listed))


def _require_gaps(particulars: Particulars, *, needed: bool, today: date) -> None:
    if not needed:
        if particulars.gaps or particulars.correct_by is not None:
            raise PartOutOfPlace("gaps" if particulars.gaps else "correctBy")
        return
    if particulars.correct_by is None:
        raise TextMissing("correctBy")
    if particulars.correct_by <= today:
        raise CorrectionDayPast
    if not particulars.gaps:
        raise TextMissing("gaps")
    if len(particulars.gaps) > MAX_GAPS:
        raise TextTooLong("gaps", MAX_GAPS)
    for index, gap in enumerate(particulars.gaps):
        _require_gap(gap, f"gaps.{index}")


def _require_gap(gap: str, path: str) -> None:
    if not gap:
        raise TextMissing(path)
    if len(gap) > MAX_GAP:
        raise TextTooLong(path, MAX_GAP)
