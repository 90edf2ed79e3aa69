"""Which contents of a ledger a caller is given: decided here alone, for the feed and for GraphQL alike.

The ledger's own rules (a public content is anyone's, some kinds are every partner's) stand in `hub.ledger.feed`.

Source: exchange.md section 1 (who gets the content), section 3 (access only nulls the content).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hub.access.actors import Actor
from hub.access.enrolment import granted_kinds
from hub.access.policy import Act, allows


@dataclass(frozen=True)
class Contents:
    """What somebody may read: what is addressed to the region `addressee`, records of `kinds`, or `every` content there is."""

    addressee: str | None
    kinds: frozenset[str]
    every: bool


def contents_of(actor: Actor, granted: Collection[str]) -> Contents:
    """Return which contents `actor` is given, whose grants in force cover the kinds `granted`.

    Only a partner system is an addressee and has grants; the people who run this hub read every content.
    """
    partner = actor.is_partner
    return Contents(
        addressee=actor.region if partner else None,
        kinds=frozenset(granted) if partner else frozenset(),
        every=allows(actor, Act.READ_RUNS),
    )


def contents_for(session: Session, actor: Actor, *, at: datetime) -> Contents:
    """Return the same with the grants in force at `at`. One statement for a partner system, none for anybody else."""
    granted = granted_kinds(session, partner_code=actor.code, at=at) if actor.is_partner else frozenset[str]()
    return contents_of(actor, granted)
