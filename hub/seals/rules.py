"""What may happen to a seal, and when it may be used.

A seal rests in exactly one `SealStatus`; `MOVES` is the only list of moves. Expiry is no status: it follows from the calendar, so
`in_force` reads it and nothing stores it. No database here.

Source: 电子印章管理办法 (2025), which knows registration, use, 停用 and 注销.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from datetime import date, datetime, timedelta

from hub.seals.faults import SealExpired, SealMoveRefused, SealNotActive, TermsInvalid


class SealStatus(enum.StrEnum):
    """The life of a seal; expiry is computed from `valid_to`, never stored."""

    REGISTERED = "REGISTERED"  # 已登记
    ACTIVE = "ACTIVE"  # 启用
    SUSPENDED = "SUSPENDED"  # 停用
    CANCELLED = "CANCELLED"  # 注销


class SealKind(enum.StrEnum):
    """What a seal is for: an organ's own (from the competent system only), internal business, or the demonstration."""

    ORGAN = "ORGAN"  # 法定名称章、行政审批专用章
    INTERNAL_BUSINESS = "INTERNAL_BUSINESS"  # 内部业务章
    DEMONSTRATION = "DEMONSTRATION"  # 演示专用


class SealSource(enum.StrEnum):
    """Where the structure of a seal came from."""

    IMPORTED = "IMPORTED"  # 主管部门印章系统
    BUILT_IN = "BUILT_IN"  # 本枢纽内置制章


class SealOutline(enum.StrEnum):
    """The outline of a seal; round is the only one made here, others come imported."""

    ROUND = "ROUND"
    OTHER = "OTHER"


RING_WORDS: dict[SealKind, str] = {
    SealKind.DEMONSTRATION: "演示专用",
    SealKind.INTERNAL_BUSINESS: "内部业务",
}
"""What a seal of the built-in maker says in its ring and in its name; organs' seals are not made here."""
MOVES: dict[SealStatus, frozenset[SealStatus]] = {
    SealStatus.REGISTERED: frozenset({SealStatus.ACTIVE, SealStatus.CANCELLED}),
    SealStatus.ACTIVE: frozenset({SealStatus.SUSPENDED, SealStatus.CANCELLED}),
    SealStatus.SUSPENDED: frozenset({SealStatus.ACTIVE, SealStatus.CANCELLED}),
    SealStatus.CANCELLED: frozenset(),
}
LARGEST_CEILING = 10_000
LONGEST_TERM = timedelta(days=366)
MAX_REASON = 2_000


def require_move(status: SealStatus, wanted: SealStatus) -> None:
    """Return when a seal may go from `status` to `wanted`; raises SealMoveRefused."""
    if wanted not in MOVES[status]:
        raise SealMoveRefused(status, wanted)


def in_force(status: SealStatus, first: date, last: date, on: date) -> bool:
    """Say whether a seal may be used on the civil day `on`; both ends are included."""
    return status is SealStatus.ACTIVE and first <= on <= last


def require_in_force(status: SealStatus, first: date, last: date, on: date) -> None:
    """Return when the seal may be used on the civil day `on`; raises SealNotActive or SealExpired."""
    if status is not SealStatus.ACTIVE:
        raise SealNotActive(status)
    if not in_force(status, first, last, on):
        raise SealExpired(first, last)


def covers(kinds: Collection[str], kind: str, *, until: datetime, ended: datetime | None, at: datetime) -> bool:
    """Say whether a grant or authorisation for `kinds` until `until` (exclusive) covers `kind` at the instant `at`.

    `ended` is when it was taken back or stopped; None: it was not.
    """
    return kind in kinds and at < until and ended is None


def checked_kinds(kinds: Collection[str]) -> list[str]:
    """Return the kinds of document sorted, each once; raises TermsInvalid when there is none."""
    if not kinds:
        raise TermsInvalid("至少写明一种文件。", "Name at least one kind of document.", path="kinds")
    return sorted(set(kinds))


def checked_reason(reason: str | None) -> str | None:
    """Return the reason of a move trimmed, None when it is empty; raises TermsInvalid above 2000 characters."""
    if reason is not None and len(reason) > MAX_REASON:
        raise TermsInvalid(
            f"原因不得超过 {MAX_REASON} 字。", f"A reason has at most {MAX_REASON} characters.", path="reason"
        )
    return (reason or "").strip() or None


def require_term(until: datetime, at: datetime) -> None:
    """Return when `until` lies after `at` and within 366 days of it; raises TermsInvalid."""
    if not at < until <= at + LONGEST_TERM:
        raise TermsInvalid("到期时间须在将来一年之内。", "The end must lie in the future, within a year.", path="until")


def require_ceiling(ceiling: int) -> None:
    """Return when the daily ceiling lies between 1 and 10000; raises TermsInvalid."""
    if not 1 <= ceiling <= LARGEST_CEILING:
        raise TermsInvalid(
            f"每日上限须为 1 到 {LARGEST_CEILING}。",
            f"The daily ceiling lies between 1 and {LARGEST_CEILING}.",
            path="dailyCeiling",
        )
