"""What may happen to a license: the one table of acts and statuses, and no other.

A license version rests in exactly one `LicenseStatus`; `MOVES` is the only list of moves. 撤回, 撤销, 吊销 and 注销 are legally different
acts and are never merged. Expiry is no status: it follows from the calendar, so `in_force` reads it and nothing stores it. No database
here.

Source: 行政许可法 art. 8, 49, 50, 69, 70; 行政处罚法 (2021) art. 9; GB/T 36903-2018 (status of a license).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date

from hub.licenses.faults import LicenseMoveRefused, ReasonMissing, ValidityRefused

MAX_REASON = 2_000


class LicenseStatus(enum.StrEnum):
    """Where a license version rests; whether it is in force today also depends on its dates."""

    ISSUED = "ISSUED"  # 已颁发
    SUSPENDED = "SUSPENDED"  # 暂扣
    RECALLED = "RECALLED"  # 撤回
    WITHDRAWN = "WITHDRAWN"  # 撤销
    REVOKED = "REVOKED"  # 吊销
    CANCELLED = "CANCELLED"  # 注销
    LAPSED = "LAPSED"  # 失效
    TRANSFERRED_OUT = "TRANSFERRED_OUT"  # 转出
    SUPERSEDED = "SUPERSEDED"  # 已被新版本代替
    OTHER = "OTHER"  # 其他，须有文字


class LicenseAct(enum.StrEnum):
    """What an authority does to a license."""

    ISSUE = "ISSUE"  # 颁发
    RENEW = "RENEW"  # 延续
    CHANGE = "CHANGE"  # 变更
    SUSPEND = "SUSPEND"  # 暂扣
    RESUME = "RESUME"  # 解除暂扣
    RECALL = "RECALL"  # 撤回
    WITHDRAW = "WITHDRAW"  # 撤销
    REVOKE = "REVOKE"  # 吊销
    CANCEL = "CANCEL"  # 注销
    LAPSE = "LAPSE"  # 失效
    TRANSFER_OUT = "TRANSFER_OUT"  # 转出
    OTHER = "OTHER"  # 其他


@dataclass(frozen=True)
class Move:
    """From which statuses an act is possible, what the version rests in afterwards, and the law it usually stands on.

    `basis_zh` is None where no law is common to all license types: then the officer names one.
    """

    before: frozenset[LicenseStatus]
    after: LicenseStatus
    name_zh: str
    basis_zh: str | None


S = LicenseStatus
_LIVING = frozenset({S.ISSUED, S.SUSPENDED, S.OTHER})
MOVES: dict[LicenseAct, Move] = {
    LicenseAct.ISSUE: Move(frozenset(), S.ISSUED, "颁发", "《中华人民共和国行政许可法》第三十九条"),
    LicenseAct.RENEW: Move(frozenset({S.ISSUED}), S.SUPERSEDED, "延续", "《中华人民共和国行政许可法》第五十条"),
    LicenseAct.CHANGE: Move(frozenset({S.ISSUED}), S.SUPERSEDED, "变更", "《中华人民共和国行政许可法》第四十九条"),
    LicenseAct.SUSPEND: Move(frozenset({S.ISSUED}), S.SUSPENDED, "暂扣", "《中华人民共和国行政处罚法》第九条第三项"),
    LicenseAct.RESUME: Move(
        frozenset({S.SUSPENDED, S.OTHER}), S.ISSUED, "解除暂扣", "《中华人民共和国行政处罚法》第九条第三项"
    ),
    LicenseAct.RECALL: Move(_LIVING, S.RECALLED, "撤回", "《中华人民共和国行政许可法》第八条"),
    LicenseAct.WITHDRAW: Move(_LIVING, S.WITHDRAWN, "撤销", "《中华人民共和国行政许可法》第六十九条"),
    LicenseAct.REVOKE: Move(_LIVING, S.REVOKED, "吊销", "《中华人民共和国行政处罚法》第九条第三项"),
    LicenseAct.CANCEL: Move(
        _LIVING
        | {S.RECALLED, S.WITHDRAWN, S.REVOKED, S.LAPSED},  # art. 70: what was taken away is closed in the register
        S.CANCELLED,
        "注销",
        "《中华人民共和国行政许可法》第七十条",
    ),
    LicenseAct.LAPSE: Move(_LIVING, S.LAPSED, "失效", "《中华人民共和国行政许可法》第七十条"),
    LicenseAct.TRANSFER_OUT: Move(frozenset({S.ISSUED, S.SUSPENDED}), S.TRANSFERRED_OUT, "转出", None),
    LicenseAct.OTHER: Move(frozenset({S.ISSUED, S.SUSPENDED}), S.OTHER, "其他", None),
}
NEW_VERSION = frozenset({LicenseAct.RENEW, LicenseAct.CHANGE})
"""Acts that issue the next version; the old one becomes SUPERSEDED."""


def require_move(status: LicenseStatus, act: LicenseAct) -> LicenseStatus:
    """Return the status after `act`; raises LicenseMoveRefused."""
    move = MOVES[act]
    if status not in move.before:
        raise LicenseMoveRefused(status, act)
    return move.after


def require_reason(act: LicenseAct, reason: str, basis: str | None) -> tuple[str, str]:
    """Return reason and basis, trimmed; the act's usual law stands in for a basis not given. Raises ReasonMissing."""
    stated, law = reason.strip(), (basis or MOVES[act].basis_zh or "").strip()
    if not 0 < len(stated) <= MAX_REASON:
        raise ReasonMissing("reason")
    if not 0 < len(law) <= MAX_REASON:
        raise ReasonMissing("basis")
    return stated, law


def require_text(text: str) -> str:
    """Return the words of a status OTHER, trimmed; raises ReasonMissing when there are none."""
    stated = text.strip()
    if not 0 < len(stated) <= MAX_REASON:
        raise ReasonMissing("text")
    return stated


def require_validity(first: date, last: date | None) -> None:
    """Return when `last` is None or not before `first`; raises ValidityRefused."""
    if last is not None and last < first:
        raise ValidityRefused(first, last)


def in_force(status: LicenseStatus, first: date, last: date | None, on: date) -> bool:
    """Say whether a license may be relied upon on the day `on`.

    Days are civil dates in the issuer's time zone; both ends are included; `last` is None for a license without an end.
    """
    return status is LicenseStatus.ISSUED and first <= on <= (last or date.max)
