"""The mutations of decision documents. Each turns its input into values and calls ONE verb; what comes back is the thing or a problem.

A mutation's access level is printed like every field's, but the verb asks the policy: a refusal is a `NotPermitted` in the
union and a row in the audit, not an error.
"""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from sqlalchemy.orm import Session

from hub.access.policy import Act, may
from hub.approvals import decisions, drafting, sealing
from hub.approvals.links import ApprovalAction
from hub.approvals.queries import approval_by_id
from schema.acting import ApprovalId, Key, SealId, own, set_up
from schema.approval import Approval
from schema.approval_input import DraftApprovalInput, draft_of
from schema.context import Context
from schema.declare import OFFICER, asked_by_verb, words
from schema.problems import (
    Conflict,
    MoveRefused,
    NotFound,
    NotPermitted,
    ValidationProblem,
    attempted,
    carried_out,
)

ApprovalResult = Annotated[
    Approval | ValidationProblem | NotPermitted | MoveRefused | Conflict | NotFound,
    strawberry.union("ApprovalResult", description=words("文书，或未办成的原因。", "The document, or why not.")),
]


@strawberry.type
class ApprovalMutations:
    """What can be done with decision documents."""

    @asked_by_verb(access=OFFICER, zh="起草一份审批文书。", en="Draft a decision document.")
    def draft_approval(
        self,
        info: strawberry.Info,
        input: Annotated[DraftApprovalInput, strawberry.argument(description=words("文书内容。", "What to draft."))],
    ) -> ApprovalResult | None:
        """Return the new document, waiting for its examiner."""
        context: Context = info.context

        def verb(session: Session) -> Any:
            return drafting.draft(
                session,
                draft_of(input),
                actor=context.actor,
                key=input.idempotency_key,
                fonts=set_up(context.fonts),
                demonstration=context.demonstration,
                clock=context.clock,
            )

        return carried_out(context, act="draftApproval", subject=input.item_code or "-", verb=verb)  # type: ignore[no-any-return]

    @asked_by_verb(access=OFFICER, zh="办理：通过、退回或不同意。", en="Pass, return or refuse a document.")
    def act_on_approval(
        self,
        info: strawberry.Info,
        id: ApprovalId,
        action: Annotated[ApprovalAction, strawberry.argument(description=words("动作。", "What to do."))],
        version: Annotated[int, strawberry.argument(description=words("所见版本。", "The version that was read."))],
        idempotency_key: Key,
        opinion: Annotated[
            str | None,
            strawberry.argument(description=words("意见；退回或不同意必填。", "Opinion; needed unless passing.")),
        ] = None,
        on_behalf_of: Annotated[
            str | None,
            strawberry.argument(description=words("代办时，被代办人代码。", "Whose duty it is, when standing in.")),
        ] = None,
    ) -> ApprovalResult | None:
        """Return the document after the act."""
        context: Context = info.context

        def verb(session: Session) -> Any:
            may(context.actor, Act.READ_APPROVALS)  # before the id is looked at
            return decisions.act(
                session,
                own(context, "approval", id, "id"),
                action,
                opinion=opinion,
                version=version,
                actor=context.actor,
                key=idempotency_key,
                clock=context.clock,
                on_behalf_of=on_behalf_of,
            )

        return carried_out(context, act="actOnApproval", subject=id, verb=verb)  # type: ignore[no-any-return]

    @asked_by_verb(access=OFFICER, zh="对已批准的文书用印。", en="Seal an approved document.")
    def seal_approval(
        self, info: strawberry.Info, id: ApprovalId, seal_id: SealId, idempotency_key: Key
    ) -> ApprovalResult | None:
        """Return the sealed document with its files."""
        context: Context = info.context

        def verb() -> Any:
            may(context.actor, Act.SEAL)
            document = own(context, "approval", id, "id")
            with_seal = own(context, "seal_status", seal_id, "sealId")
            sealing.seal(set_up(context.desk)(), document, seal_id=with_seal, actor=context.actor, key=idempotency_key)
            return approval_by_id(context.session, document)

        return attempted(context, act="sealApproval", subject=id, verb=verb)  # type: ignore[no-any-return]
