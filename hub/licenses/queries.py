"""Reads of the catalog of license types (电子证照目录) and of licenses as their rows are: encrypted, for no eye yet.

What a caller may see of a license is `hub.licenses.reading`'s; nothing here asks who reads. A tombstoned type is never answered.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from hub.licenses.faults import LicenseMissing
from hub.licenses.records import License, LicenseFile, LicenseHolder, LicenseStatusList, LicenseType
from hub.licenses.rules import LicenseStatus
from hub.licenses.sharing_records import AnnotatedCopyFile
from hub.links import Link
from hub.regions.queries import visible

__all__ = [
    "License",
    "LicenseFile",
    "LicenseStatusList",
    "LicenseType",
    "known_digests",
    "license_by_identifier",
    "license_by_verify_id",
    "license_for_change",
    "license_type",
    "license_types",
    "licenses_of_holder",
    "names_of_types",
    "status_counts",
    "to_license_type",
]

MOST = 100
"""How many licenses one search answers at most (GB/T 36906 searches by holder and type: few in practice)."""


def license_types() -> Select[Any]:
    """Return the statement for every license type."""
    return select(LicenseType).where(visible(LicenseType))


def to_license_type(key: InstrumentedAttribute[Any]) -> Link:
    """Return the link from a column that holds a license type's code to that type."""
    return Link(key=key, to=LicenseType.code, where=(visible(LicenseType),))


def license_type(session: Session, code: str) -> LicenseType | None:
    """Return the type of that code, None when the catalog has none. One statement."""
    return session.scalar(select(LicenseType).where(LicenseType.code == code, visible(LicenseType)))


def names_of_types(session: Session, codes: Collection[str]) -> dict[str, LicenseType]:
    """Return the types of those codes by code, whatever has gone since. One statement."""
    return {kind.code: kind for kind in session.scalars(select(LicenseType).where(LicenseType.code.in_(codes)))}


def whole() -> Select[License]:
    """Return the statement of licenses with holders, history and files: three statements more, however many there are."""
    return (
        select(License)
        .options(selectinload(License.holders), selectinload(License.history), selectinload(License.files))
        .execution_options(populate_existing=True)
    )


def license_by_identifier(session: Session, identifier: str) -> License:
    """Return the version of that identifier (normal form) with all its rows; raises LicenseMissing. Four statements."""
    found = session.scalar(whole().where(License.identifier == identifier))
    if found is None:
        raise LicenseMissing
    return found


def license_for_change(session: Session, identifier: str) -> License | None:
    """Return the version with all its rows, locked until the transaction ends; None when there is none. Four statements."""
    return session.scalar(whole().where(License.identifier == identifier).with_for_update(of=License))


def licenses_of_holder(
    session: Session, code_indexes: Collection[bytes], *, type_code: str, status: LicenseStatus | None = None
) -> list[License]:
    """Return at most `MOST` versions of that type whose holders have one of the indexes, newest first. Four statements."""
    held = select(LicenseHolder.license_id).where(LicenseHolder.code_index.in_(code_indexes))
    wanted = whole().where(License.id.in_(held), License.type_code == type_code)
    if status is not None:
        wanted = wanted.where(License.status == status)
    return list(session.scalars(wanted.order_by(License.issued_at.desc(), License.id.desc()).limit(MOST)))


def license_by_verify_id(session: Session, verify_id: str) -> License | None:
    """Return the version whose code opens `/verify/<verify_id>` with its files and history; None for any other. Four statements."""
    return session.scalar(whole().where(License.verify_id == verify_id))


def license_of_file(session: Session, sha256: str) -> License | None:
    """Return the license that published the file with this digest (hex); None when none did."""
    found = select(LicenseFile.license_id).where(LicenseFile.sha256 == sha256).limit(1)
    return session.scalar(whole().where(License.id.in_(found)))


def known_digests(session: Session, prefix: str) -> set[str]:
    """Return the digests (hex) that begin with `prefix` of every published file of a license or copy; sweeps must spare them."""
    published = select(LicenseFile.sha256).where(LicenseFile.sha256.startswith(prefix))
    copied = select(AnnotatedCopyFile.sha256).where(AnnotatedCopyFile.sha256.startswith(prefix))
    return set(session.scalars(union_all(published, copied)))


def status_counts(session: Session, *, region: str, on: date) -> dict[str, int]:
    """Return how many versions of the region rest in each status, and under IN_FORCE how many are in force on a day. Two statements."""
    counted = session.execute(
        select(License.status, func.count(License.id)).where(License.region == region).group_by(License.status)
    )
    found = {status: count for status, count in counted}
    living = select(func.count(License.id)).where(
        License.region == region,
        License.status == LicenseStatus.ISSUED,
        License.valid_from <= on,
        or_(License.valid_until.is_(None), License.valid_until >= on),
    )
    return {status.value: found.get(status, 0) for status in LicenseStatus} | {"IN_FORCE": session.scalar(living) or 0}
