"""Who read a license, when and why: what its holder is shown, and what the audit sees.

The holder is shown what was given, not what was refused; a read withheld under a legal basis appears when its term is over. The audit sees
every line at once. Nobody's look at this list is hidden either: the lists of reads are themselves not recorded here but in the audit.

Source: 个人信息保护法 art. 17, 44, 45; domain design section 3.
"""

from __future__ import annotations

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, selectinload

from hub.access.actors import Actor
from hub.access.grants import LICENSE_READS, leaves, require
from hub.access.policy import Act, allows
from hub.codes import licenses as codes
from hub.licenses.acting import Office
from hub.licenses.faults import LicenseMissing
from hub.licenses.records import License
from hub.licenses.sharing_records import LicenseRead, ReadOutcome

__all__ = ["LicenseRead", "reads_of"]


def reads_of(session: Session, identifier: str, *, viewer: Actor, office: Office) -> Select[LicenseRead]:
    """Return the statement of the reads of all versions of a license; the caller orders and pages by (at, id).

    For the audit every line; for who may see them on the holder's behalf those that were given and are not withheld now. Raises NotPermitted
    for who may see no reads at all, LicenseMissing for an unknown license and for one he may not see. Three statements.
    """
    read = codes.parse(identifier)
    if allows(viewer, Act.AUDIT_LICENSE_READS):
        return select(LicenseRead).where(LicenseRead.lineage == read.lineage)
    held = require(leaves(session, viewer, region=office.region, at=office.clock.now()), LICENSE_READS)
    license = session.scalar(
        select(License).options(selectinload(License.holders)).where(License.identifier == read.text)
    )
    code_types = [] if license is None else [holder.code_type for holder in license.holders]
    fits = [leave.covers(LICENSE_READS, type_code=read.type_code.text, code_types=code_types) for leave in held]
    if license is None or not any(fits):
        raise LicenseMissing
    until = LicenseRead.withheld_until
    return select(LicenseRead).where(
        LicenseRead.lineage == read.lineage,
        LicenseRead.outcome == ReadOutcome.GIVEN,
        or_(until.is_(None), until <= office.clock.now()),
    )
