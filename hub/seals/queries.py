"""Reads of seals: one, many, how often each was used, and the register of uses (用印台账). Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hub.seals.faults import SealMissing
from hub.seals.records import Seal, SealMove, SealStructure, SealUse, StandingAuthorisation
from hub.seals.rules import RING_WORDS, SealSource, SealStatus
from hub.signing.seal_drawing import SealShape
from hub.signing.ses_structures import parse_seal


def seal_by_id(session: Session, seal_id: str) -> Seal:
    """Return the seal; raises SealMissing. One statement."""
    seal = session.get(Seal, seal_id)
    if seal is None:
        raise SealMissing
    return seal


def seal_in_force(session: Session, *, region: str, on: date) -> Seal:
    """Return the region's seal that may be used on the civil day, the first by name of several; raises SealMissing. One statement."""
    found = session.scalars(
        select(Seal)
        .where(Seal.region == region, Seal.status == SealStatus.ACTIVE, Seal.valid_from <= on, Seal.valid_to >= on)
        .order_by(Seal.name_zh, Seal.id)
        .limit(1)
    ).first()
    if found is None:
        raise SealMissing
    return found


def structure_of(session: Session, seal_id: str) -> bytes | None:
    """Return the e-seal structure of the seal, as its maker signed it; None when it has none. One statement."""
    return session.scalar(select(SealStructure.content).where(SealStructure.seal_id == seal_id))


def moves_of(session: Session, seal_id: str) -> list[SealMove]:
    """Return every change of the seal's status, newest first. One statement."""
    return list(session.scalars(select(SealMove).where(SealMove.seal_id == seal_id).order_by(SealMove.id.desc())))


def shape_of(seal: Seal, structure: bytes | None) -> SealShape:
    """Return what the seal looks like; one that was imported looks like the picture in its `structure` (`structure_of`)."""
    ring = RING_WORDS.get(seal.kind, "") if seal.kind is not None else ""
    imported = structure is not None and seal.source is SealSource.IMPORTED
    picture = parse_seal(structure).picture if imported and structure else None
    return SealShape(
        seal.owner_zh, seal.purpose_line_zh, seal.diameter_mm, seal.demonstration, ring_zh=ring, picture=picture
    )


def seals(*, region: str | None = None) -> Select[Seal]:
    """Return the statement of all seals, of `region` when it is named; the caller orders and pages by (name_zh, id)."""
    statement = select(Seal)
    return statement if region is None else statement.where(Seal.region == region)


def uses_count(session: Session, seal_ids: Sequence[str]) -> dict[str, int]:
    """Return how often each of `seal_ids` was used, 0 included. One statement however many are asked for."""
    counted = session.execute(
        select(SealUse.seal_id, func.count(SealUse.id)).where(SealUse.seal_id.in_(seal_ids)).group_by(SealUse.seal_id)
    )
    found = {seal: count for seal, count in counted}
    return {seal: found.get(seal, 0) for seal in seal_ids}


def register(*, seal_id: str | None = None) -> Select[SealUse]:
    """Return the statement of the register of uses, of one seal when it is named; the caller orders and pages by (used_at, id)."""
    statement = select(SealUse)
    return statement if seal_id is None else statement.where(SealUse.seal_id == seal_id)


def authorisations(session: Session, seal_id: str) -> list[StandingAuthorisation]:
    """Return every standing authorisation of the seal, stopped and ended ones too, newest first. One statement."""
    return list(
        session.scalars(
            select(StandingAuthorisation)
            .where(StandingAuthorisation.seal_id == seal_id)
            .order_by(StandingAuthorisation.id.desc())
        )
    )
