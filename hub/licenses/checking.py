"""Information check (信息查验): do the face elements somebody was shown agree with the license, and is it in force.

Says one of seven outcomes and never a value. Wrong checks are counted per caller and license, and per caller, in a window of an hour: who
guesses is refused before anything is compared. Unknown and not permitted are the same outcome. The caller's transaction must commit also
after a wrong check.

Source: GB/T 36906-2018 (outcomes 0 to 6).
"""

from __future__ import annotations

import enum
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.codes import licenses as codes
from hub.licenses.acting import Office
from hub.licenses.contents import content_of, holder_of
from hub.licenses.faults import TooManyChecks
from hub.licenses.queries import whole
from hub.licenses.reading import Asking, covering, held_by, record_read
from hub.licenses.records import License
from hub.licenses.rules import LicenseStatus
from hub.licenses.sharing_records import CheckWindow, Operation, ReadOutcome
from hub.licenses.vault import LicenseVault
from hub.licenses.views import HOLDER, HOLDER_CODE, NUMBER

WINDOW = timedelta(hours=1)
WRONG_PER_LICENSE = 5
WRONG_PER_CALLER = 100
EVERY_LICENSE = "*"
MAX_ELEMENTS = 64


class CheckOutcome(enum.StrEnum):
    """What a check says, in the order of the standard's codes 0 to 6."""

    IN_FORCE = "IN_FORCE"
    NOT_YET_ACTIVE = "NOT_YET_ACTIVE"
    TEMPORARILY_NOT_IN_FORCE = "TEMPORARILY_NOT_IN_FORCE"
    NO_LONGER_IN_FORCE = "NO_LONGER_IN_FORCE"
    INCOMPLETE = "INCOMPLETE"
    NO_SUCH_RECORD = "NO_SUCH_RECORD"
    WRONG = "WRONG"

    @property
    def standard_code(self) -> str:
        """Return the code of GB/T 36906, `0` to `6`."""
        return str(list(CheckOutcome).index(self))

    def message(self, language: str = "zh") -> str:
        """Return the outcome in words: "zh" (Chinese first, the default) or "en"."""
        return MESSAGES[self][1 if language == "en" else 0]


MESSAGES: dict[CheckOutcome, tuple[str, str]] = {
    CheckOutcome.IN_FORCE: ("信息正确，证照有效。", "Correct, and the license is in force."),
    CheckOutcome.NOT_YET_ACTIVE: ("信息正确，证照尚未生效。", "Correct, but the license is not yet in force."),
    CheckOutcome.TEMPORARILY_NOT_IN_FORCE: (
        "信息正确，证照暂时无效。",
        "Correct, but the license is temporarily not in force.",
    ),
    CheckOutcome.NO_LONGER_IN_FORCE: ("信息正确，证照已失效。", "Correct, but the license is no longer in force."),
    CheckOutcome.INCOMPLETE: ("信息不完整，无法查验。", "The information is incomplete and cannot be checked."),
    CheckOutcome.NO_SUCH_RECORD: ("没有这份证照的记录。", "There is no record of such a license."),
    CheckOutcome.WRONG: ("信息不正确，与证照不符。", "Wrong: the information does not agree with the license."),
}


@dataclass(frozen=True)
class Checked:
    """The outcome and when it was so."""

    outcome: CheckOutcome
    checked_at: datetime


def check(
    session: Session, identifier: str, elements: Sequence[tuple[str, str]], *, asking: Asking, office: Office
) -> Checked:
    """Return whether `elements` (pairs of key and value; CZZT, CZZTDM and ZZBH too) agree with the license.

    A wrong check counts and is recorded for the audit, an agreeing one for the holder. Raises NotPermitted for who may read no license,
    TooManyChecks, CodeInvalid for a text that is no identifier.
    """
    held = held_by(session, asking, office)
    read, now = codes.parse(identifier), office.clock.now()
    window = _window(session, asking.actor.label, read.lineage, now)
    if window.wrong >= WRONG_PER_LICENSE or _wrong(session, asking.actor.label, now) >= WRONG_PER_CALLER:
        raise TooManyChecks
    license = session.scalar(whole().where(License.identifier == read.text))
    if license is None or not covering(held, license):
        outcome = CheckOutcome.NO_SUCH_RECORD if _complete(elements) else CheckOutcome.INCOMPLETE
    else:
        outcome = _outcome(license, elements, office)
        agreed = outcome not in (CheckOutcome.INCOMPLETE, CheckOutcome.WRONG)
        record_read(
            session,
            license,
            asking=asking,
            at=now,
            operation=Operation.VERIFY,
            outcome=ReadOutcome.GIVEN if agreed else ReadOutcome.WRONG,
            fields=[key for key, _ in elements][:MAX_ELEMENTS],
        )
    if outcome in (CheckOutcome.WRONG, CheckOutcome.NO_SUCH_RECORD):
        window.wrong += 1
        _window(session, asking.actor.label, EVERY_LICENSE, now).wrong += 1
    session.flush()
    return Checked(outcome, now)


def forget_old_windows(session: Session, *, clock: Clock) -> int:
    """Drop the windows that are over; return how many. For a scheduled run."""
    over = delete(CheckWindow).where(CheckWindow.began_at <= clock.now() - WINDOW)
    return int(session.execute(over).rowcount)  # type: ignore[attr-defined]


def _outcome(license: License, elements: Sequence[tuple[str, str]], office: Office) -> CheckOutcome:
    known = _known(license, office.vault)
    if not _complete(elements):
        return CheckOutcome.INCOMPLETE
    agreed = [_agrees(value, known.get(key, [])) for key, value in elements]
    if not all(agreed):
        return CheckOutcome.WRONG
    return _standing(license, office)


def _complete(elements: Sequence[tuple[str, str]]) -> bool:
    return 0 < len(elements) <= MAX_ELEMENTS and all(key.strip() and value.strip() for key, value in elements)


def _standing(license: License, office: Office) -> CheckOutcome:
    today = office.clock.today()
    if license.status is LicenseStatus.SUSPENDED:
        return CheckOutcome.TEMPORARILY_NOT_IN_FORCE
    if license.status is not LicenseStatus.ISSUED:
        return CheckOutcome.NO_LONGER_IN_FORCE
    if today < license.valid_from:
        return CheckOutcome.NOT_YET_ACTIVE
    if license.valid_until is not None and license.valid_until < today:
        return CheckOutcome.NO_LONGER_IN_FORCE
    return CheckOutcome.IN_FORCE


def _known(license: License, vault: LicenseVault) -> dict[str, list[str]]:
    """Return what the license says, by key; several holders give several values, any of which agrees."""
    content = content_of(license, vault)
    known = {key: [value] for key, value in content.face}
    holders = [holder_of(license, row, vault) for row in license.holders]
    known[NUMBER] = [content.number]
    known[HOLDER] = [holder.name for holder in holders]
    known[HOLDER_CODE] = [holder.code for holder in holders]
    known["ZZBFJG"], known["ZZBFJGDM"] = [license.issuer_zh], [license.issuer_uscc]
    known["ZZLXDM"], known["ZZBS"] = [license.type_code], [license.identifier]
    known["ZZYXQQSRQ"] = [license.valid_from.isoformat()]
    known["ZZYXQJZRQ"] = [license.valid_until.isoformat()] if license.valid_until else []
    known["ZZBFRQ"] = [license.issued_on.isoformat()]
    return known


def _agrees(value: str, known: Sequence[str]) -> bool:
    given = _plain(value)
    return any([hmac.compare_digest(given, _plain(each)) for each in known])  # a list: all are compared


def _plain(value: str) -> bytes:
    """Return what is compared: width, case and blanks make no difference."""
    return "".join(unicodedata.normalize("NFKC", value).upper().split()).encode()


def _wrong(session: Session, caller: str, now: datetime) -> int:
    row = session.get(CheckWindow, (caller, EVERY_LICENSE), populate_existing=True)
    return row.wrong if row is not None and now < row.began_at + WINDOW else 0


def _window(session: Session, caller: str, subject: str, now: datetime) -> CheckWindow:
    """Return the caller's window for the subject, its row locked, begun anew when it is over.

    The lock lasts until the transaction ends, so that guesses made at once are counted one after the other.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    new = dialect.insert(CheckWindow).values(caller=caller, subject=subject, began_at=now, wrong=0)
    session.execute(new.on_conflict_do_nothing())
    row = session.scalars(
        select(CheckWindow)
        .where(CheckWindow.caller == caller, CheckWindow.subject == subject)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.began_at + WINDOW <= now:
        row.began_at, row.wrong = now, 0
    return row
