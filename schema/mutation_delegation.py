"""Standing in for an officer (AB岗): giving and ending a delegation."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy.orm import Session

from hub.approvals import delegation
from hub.approvals.links import ApprovalStage
from hub.approvals.links import Delegation as DelegationRecord
from schema.context import Context
from schema.declare import OFFICER, Attribute, asked_by_verb, mapped, noun, words
from schema.problems import Conflict, MoveRefused, NotFound, NotPermitted, ValidationProblem, carried_out


@noun(zh="代办授权（AB岗）。", en="A delegation: one officer stands in for another.", record=DelegationRecord)
class Delegation:
    """Read from the delegation's row."""

    id: strawberry.ID = mapped(Attribute("id"), access=OFFICER, zh="标识。", en="Its id.")
    from_officer: str = mapped(Attribute("from_officer"), access=OFFICER, zh="被代办人代码。", en="Whose duties.")
    to_officer: str = mapped(Attribute("to_officer"), access=OFFICER, zh="代办人代码。", en="Who stands in.")
    duties: list[str] = mapped(Attribute("duties"), access=OFFICER, zh="代办的环节。", en="Which stages.")
    since: datetime = mapped(Attribute("since"), access=OFFICER, zh="自何时起。", en="From when on.")
    until: datetime = mapped(Attribute("until"), access=OFFICER, zh="至何时止（不含）。", en="Until when, exclusive.")
    revoked_at: datetime | None = mapped(
        Attribute("revoked_at"), access=OFFICER, zh="终止时刻。", en="When it was ended."
    )


DelegationResult = Annotated[
    Delegation | ValidationProblem | NotPermitted | MoveRefused | Conflict | NotFound,
    strawberry.union(
        "DelegationResult", description=words("代办授权，或未办成的原因。", "The delegation, or why not.")
    ),
]


@strawberry.type
class DelegationMutations:
    """Giving and ending delegations."""

    @asked_by_verb(access=OFFICER, zh="请人代办自己的环节。", en="Let another officer do the duties of one.")
    def delegate_duties(
        self,
        info: strawberry.Info,
        from_officer: Annotated[str, strawberry.argument(description=words("被代办人代码。", "Whose duties."))],
        to_officer: Annotated[str, strawberry.argument(description=words("代办人代码。", "Who stands in."))],
        duties: Annotated[list[ApprovalStage], strawberry.argument(description=words("环节。", "Which stages."))],
        since: Annotated[datetime, strawberry.argument(description=words("自何时起。", "From when on."))],
        until: Annotated[datetime, strawberry.argument(description=words("至何时止（不含）。", "Until when."))],
    ) -> DelegationResult | None:
        """Return the delegation."""
        context: Context = info.context

        def verb(session: Session) -> Any:
            return delegation.delegate(
                session,
                from_officer=from_officer,
                to_officer=to_officer,
                duties=duties,
                since=since,
                until=until,
                by=context.actor,
                clock=context.clock,
            )

        return carried_out(context, act="delegateDuties", subject=from_officer, verb=verb)  # type: ignore[no-any-return]

    @asked_by_verb(access=OFFICER, zh="终止代办。", en="End a delegation.")
    def revoke_delegation(
        self,
        info: strawberry.Info,
        id: Annotated[strawberry.ID, strawberry.argument(description=words("代办授权标识。", "The delegation's id."))],
    ) -> DelegationResult | None:
        """Return the delegation, ended."""
        context: Context = info.context

        def verb(session: Session) -> Any:
            number = int(id) if id.isdecimal() and len(id) < 18 else 0  # no row has number 0
            return delegation.revoke_delegation(session, number, by=context.actor, clock=context.clock)

        return carried_out(context, act="revokeDelegation", subject=id, verb=verb)  # type: ignore[no-any-return]
