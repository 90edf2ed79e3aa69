"""What one run says of itself: counts per record, what was tolerated, and what was refused. Of this run only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy.orm import Session

from connectors.records import Reject
from connectors.rows import RowRefused

COUNTS: Final = ("seen", "created", "updated", "unchanged", "tombstoned", "rejected")
MAX_REJECTS: Final = 1000
MAX_WARNINGS: Final = 50
MAX_CHARACTERS: Final = 160


@dataclass
class Report:
    """Counts so far; `rejects` are those of the page under way, written with it. At most 1,000 are written, all are counted."""

    seen: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    tombstoned: int = 0
    rejected: int = 0
    warnings: Counter[tuple[str, str]] = field(default_factory=Counter)
    rejects: list[tuple[str, RowRefused]] = field(default_factory=list)

    def count(self, outcome: str) -> None:
        """Count one record: created, updated, unchanged or tombstoned; any other word counts as seen alone."""
        if outcome in COUNTS:
            setattr(self, outcome, getattr(self, outcome) + 1)

    def refuse(self, remote_id: str, refusal: RowRefused) -> None:
        """Count one record as rejected and keep why."""
        self.rejected += 1
        if self.rejected <= MAX_REJECTS:
            self.rejects.append((remote_id[:MAX_CHARACTERS], refusal))

    def warn(self, zh: str, en: str) -> None:
        """Note what was tolerated, or is in conflict; the same sentence is counted, at most 50 different ones are kept."""
        if (zh, en) in self.warnings or len(self.warnings) < MAX_WARNINGS:
            self.warnings[zh, en] += 1

    def copy(self) -> Report:
        """Return a report that stays as this one is now."""
        return replace(self, warnings=Counter(self.warnings), rejects=list(self.rejects))

    def become(self, other: Report) -> None:
        """Take the other's counts, warnings and rejects: what a page that was rolled back had added is gone."""
        self.__dict__.update(other.copy().__dict__)

    def columns(self) -> dict[str, Any]:
        """Return the counts and warnings as the columns of a run."""
        told = [{"zh": zh, "en": en, "times": times} for (zh, en), times in self.warnings.items()]
        return {name: getattr(self, name) for name in COUNTS} | {"warnings": told or None}

    def write_rejects(self, session: Session, run_id: str) -> None:
        """Add the rejects not yet written to the session."""
        session.add_all(_reject(run_id, remote_id, refusal) for remote_id, refusal in self.rejects)
        self.rejects.clear()


def _reject(run_id: str, remote_id: str, refusal: RowRefused) -> Reject:
    return Reject(
        run_id=run_id,
        remote_id=remote_id,
        field=refusal.field,
        value_class=refusal.value_class,
        code=refusal.code,
        reason_zh=refusal.message_zh,
        reason_en=refusal.message_en,
        remedy_zh=refusal.remedy_zh,
        remedy_en=refusal.remedy_en,
    )
