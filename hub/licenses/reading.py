"""Reads of licenses for a caller: with a purpose, within his grants, masked, and recorded for the holder in the same transaction.

What does not exist and what a caller may not see are answered alike, after the same statements, and both are recorded. Nothing is counted
for anybody. The caller's transaction must be one that writes (`Database.transaction`), and commits even when nothing was found.

Source: GB/T 36906-2018 (operations; the purpose is mandatory and has at most 200 characters); 个人信息保护法 art. 44, 45 (the holder's right
to know), art. 18 (lawful withholding).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.grants import LICENSE, Leave, leaves, require
from hub.codes import holders
from hub.codes import licenses as codes
from hub.errors import PurposeMissing
from hub.licenses.acting import Office
from hub.licenses.faults import LicenseMissing, PurposeTooLong, WithholdingRefused
from hub.licenses.masking import FieldClass, mask
from hub.licenses.queries import licenses_of_holder, names_of_types, whole
from hub.licenses.records import License
from hub.licenses.rules import LicenseStatus
from hub.licenses.sharing_records import LicenseRead, Operation, ReadOutcome
from hub.licenses.views import LicenseView, Shows, view

MAX_PURPOSE = 200
LONGEST_WITHHOLDING = timedelta(days=3 * 366)


@dataclass(frozen=True, kw_only=True)
class Withholding:
    """A read that the holder is not shown until `until` (exclusive), on this legal basis; the audit always sees it."""

    basis: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who asks, why, and under which request; `legal_basis` None: the grant's."""

    actor: Actor
    purpose: str
    request_id: str
    legal_basis: str | None = None
    withholding: Withholding | None = None


@dataclass(frozen=True, kw_only=True)
class Search:
    """What is searched: a holder's code in licenses of one type; without a code type, every type the code fits is tried."""

    holder_code: str
    type_code: str
    code_type: str | None = None
    holder_name: str | None = None
    number: str | None = None
    status: LicenseStatus | None = None


def purpose_of(argument: str | None, header: str | None, grants: Sequence[Leave]) -> str:
    """Return the purpose of a request: the argument, else the `Hub-Purpose` header, else the only purpose the caller's grants have.

    Raises PurposeMissing, or PurposeTooLong for more than 200 characters.
    """
    only = {leave.purpose for leave in grants if leave.purpose}
    given = next((text.strip() for text in (argument, header) if text and text.strip()), None)
    purpose = given or (only.pop() if len(only) == 1 else None)
    if purpose is None:
        raise PurposeMissing("须写明用途。", "State the purpose.", path="purpose")
    if len(purpose) > MAX_PURPOSE:
        raise PurposeTooLong
    return purpose


def retrieve(session: Session, search: Search, *, asking: Asking, office: Office) -> list[LicenseView]:
    """Return the licenses found that the caller may see, newest first, at most 100; recorded one by one.

    Raises NotPermitted for who has no grant for licenses at all, CodeInvalid for a code that fits no type. An uncovered type, an uncovered
    holder and no license at all give the same empty list.
    """
    held = held_by(session, asking, office)
    indexes = {code.type.code: office.vault.index(code.type.code, code.text) for code in _codes(search)}
    type_code = codes.parse_type(search.type_code).text
    found = licenses_of_holder(session, list(indexes.values()), type_code=type_code, status=search.status)
    blank = _blank(asking, held, office, operation=Operation.RETRIEVE, type_code=type_code)
    blank.holder_index = next(iter(indexes.values()))
    seen = [each for each in _seen(session, found, held, office) if each is None or _matches(each, search)]
    views = [each for each in seen if each is not None]
    hidden = [license for license in found if not covering(held, license)]
    for each in views:
        session.add(_read(blank, each.license, ReadOutcome.GIVEN, each.clear))
    for license in hidden:
        session.add(_read(blank, license, ReadOutcome.NOT_COVERED))
    if not views and not hidden:
        session.add(blank)
    session.flush()
    return views


def by_identifier(
    session: Session, identifier: str, *, asking: Asking, office: Office, operation: Operation = Operation.READ
) -> LicenseView | None:
    """Return the license as the caller may see it and record the read; None when there is none for him (the record stays).

    Raises NotPermitted for who has no grant for licenses at all, CodeInvalid for a text that is no identifier.
    """
    held = held_by(session, asking, office)
    read = codes.parse(identifier)
    license = session.scalar(whole().where(License.identifier == read.text))
    blank = _blank(asking, held, office, operation=operation, type_code=read.type_code.text)
    (seen,) = _seen(session, [license], held, office)
    if seen is not None:
        blank = _read(blank, seen.license, ReadOutcome.GIVEN, seen.clear)
    elif license is not None:
        blank = _read(blank, license, ReadOutcome.NOT_COVERED)
    session.add(blank)
    session.flush()
    return seen


def require_seen(seen: LicenseView | None) -> LicenseView:
    """Return what was seen; raises LicenseMissing, after the transaction that recorded the read has committed."""
    if seen is None:
        raise LicenseMissing
    return seen


def covering(held: Sequence[Leave], license: License) -> list[Leave]:
    """Return the leaves that cover reading this license, holders' code types included."""
    code_types = [holder.code_type for holder in license.holders]
    return [leave for leave in held if leave.covers(LICENSE, type_code=license.type_code, code_types=code_types)]


def record_read(
    session: Session,
    license: License,
    *,
    asking: Asking,
    at: datetime,
    operation: Operation,
    outcome: ReadOutcome,
    fields: Sequence[str] = (),
) -> None:
    """Record that the caller learnt something of a license by another operation."""
    blank = _record(asking, at, operation=operation, type_code=license.type_code, legal_basis=asking.legal_basis)
    session.add(_read(blank, license, outcome, fields))
    session.flush()


def held_by(session: Session, asking: Asking, office: Office) -> tuple[Leave, ...]:
    """Return the caller's leaves to read licenses; raises NotPermitted when there is none, WithholdingRefused."""
    held = require(leaves(session, asking.actor, region=office.region, at=office.clock.now()), LICENSE)
    kept = asking.withholding
    if kept is not None:
        now = office.clock.now()
        lawful = bool(kept.basis.strip()) and now < kept.until <= now + LONGEST_WITHHOLDING
        if not lawful or not any(leave.reach.may_withhold for leave in held):
            raise WithholdingRefused
    return held


def _seen(
    session: Session, found: Sequence[License | None], held: Sequence[Leave], office: Office
) -> list[LicenseView | None]:
    """Return each license as it is seen, None for one that is not there or not covered; one statement."""
    kinds = names_of_types(session, {license.type_code for license in found if license is not None})
    seen: list[LicenseView | None] = []
    for license in found:
        fitting = covering(held, license) if license is not None else []
        if license is None or not fitting:
            seen.append(None)
            continue
        kind, on = kinds.get(license.type_code), office.clock.today()
        seen.append(view(license, kind, shows=shows_of(fitting), vault=office.vault, on=on))
    return seen


def shows_of(held: Sequence[Leave]) -> Shows:
    """Return what says whether any of the leaves gives the field of a key unmasked."""
    return lambda key: any(leave.shows(key) for leave in held)


def _codes(search: Search) -> list[holders.HolderCode]:
    """Return the searched code in the types it can be of; raises CodeInvalid."""
    if search.code_type is not None:
        return [holders.parse(search.code_type, search.holder_code)]
    return holders.fitting(search.holder_code)


def _matches(seen: LicenseView, search: Search) -> bool:
    """Say whether number and name fit what the caller is shown: of a masked field no more is compared than the mask leaves."""
    number, name = search.number, search.holder_name
    if number is not None and seen.number not in _as_shown(number.strip(), FieldClass.ID_NUMBER):
        return False
    if name is None:
        return True
    wanted = _as_shown(name.strip(), FieldClass.PERSON_NAME)
    return any(holder.name in wanted for holder in seen.holders)


def _as_shown(text: str, field_class: FieldClass) -> tuple[str, str]:
    return text, mask(field_class, text)


def _blank(
    asking: Asking, held: Sequence[Leave], office: Office, *, operation: Operation, type_code: str
) -> LicenseRead:
    basis = asking.legal_basis or next((leave.reach.legal_basis for leave in held if leave.reach.legal_basis), None)
    return _record(asking, office.clock.now(), operation=operation, type_code=type_code, legal_basis=basis)


def _record(
    asking: Asking, at: datetime, *, operation: Operation, type_code: str, legal_basis: str | None
) -> LicenseRead:
    kept = asking.withholding
    return LicenseRead(
        at=at,
        type_code=type_code,
        reader=asking.actor.label,
        reader_zh=asking.actor.name,
        region=asking.actor.region,
        purpose=asking.purpose,
        legal_basis=legal_basis,
        fields=[],
        operation=operation,
        outcome=ReadOutcome.NOTHING_FOUND,
        request_id=asking.request_id,
        withheld_until=None if kept is None else kept.until,
        withheld_basis=None if kept is None else kept.basis.strip(),
    )


def _read(blank: LicenseRead, license: License, outcome: ReadOutcome, fields: Sequence[str] = ()) -> LicenseRead:
    copied = {key: value for key, value in vars(blank).items() if not key.startswith("_")}
    made = LicenseRead(**copied)
    made.license_id, made.lineage = license.id, license.lineage
    made.outcome, made.fields = outcome, list(fields)
    return made
