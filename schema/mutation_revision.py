"""The mutations around an act: opening, taking back, amending, and what follows a sealed document: its correction or withdrawal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from sqlalchemy.orm import Session

from hub.access.policy import Act, may
from hub.approvals import corrections, drafting, taking_back
from hub.approvals.links import Approval as ApprovalRecord
from schema.acting import ApprovalId, Key, own, set_up
from schema.approval_input import ApprovalTextInput, DraftApprovalInput, draft_of, text_of
from schema.context import Context
from schema.declare import OFFICER, asked_by_verb, words
from schema.mutation_approval import ApprovalResult
from schema.problems import carried_out

Version = Annotated[int, strawberry.argument(description=words("所见版本。", "The version that was read."))]
Text = Annotated[ApprovalTextInput, strawberry.argument(description=words("文书的文字。", "What the document says."))]


@strawberry.type
class RevisionMutations:
    """Opening, taking back, amending, correcting, withdrawing."""

    @asked_by_verb(
        access=OFFICER,
        zh="打开轮到自己办理的文书；此后前一位不能收回。",
        en="Open a document that waits for the caller.",
    )
    def open_approval(self, info: strawberry.Info, id: ApprovalId) -> ApprovalResult | None:
        """Return the document; from now on the officer before cannot take his act back."""
        context: Context = info.context

        def verb(session: Session, own_id: str) -> ApprovalRecord:
            return taking_back.open_approval(session, own_id, actor=context.actor, clock=context.clock)

        return _carried(context, "openApproval", id, verb)  # type: ignore[no-any-return]

    @asked_by_verb(access=OFFICER, zh="收回自己刚办的一步。", en="Take back what the caller did last.")
    def take_back_approval(
        self, info: strawberry.Info, id: ApprovalId, version: Version, idempotency_key: Key
    ) -> ApprovalResult | None:
        """Return the document as it stood before the caller's act; the history keeps both."""
        context: Context = info.context

        def verb(session: Session, own_id: str) -> ApprovalRecord:
            return taking_back.take_back(
                session, own_id, version=version, actor=context.actor, key=idempotency_key, clock=context.clock
            )

        return _carried(context, "takeBackApproval", id, verb)  # type: ignore[no-any-return]

    @asked_by_verb(
        access=OFFICER, zh="修改审查环节的文书。", en="Replace the text of a document that is being examined."
    )
    def amend_approval(
        self, info: strawberry.Info, id: ApprovalId, text: Text, version: Version, idempotency_key: Key
    ) -> ApprovalResult | None:
        """Return the document with its new text."""
        return _written(  # type: ignore[no-any-return]
            info.context, "amendApproval", drafting.amend, id, text=text, version=version, key=idempotency_key
        )

    @asked_by_verb(
        access=OFFICER, zh="更正已签章的文书：起草代替它的新文书。", en="Draft the document that corrects a sealed one."
    )
    def correct_approval(
        self, info: strawberry.Info, id: ApprovalId, text: Text, version: Version, idempotency_key: Key
    ) -> ApprovalResult | None:
        """Return the new draft; when it is sealed the old document is SUPERSEDED."""
        return _written(  # type: ignore[no-any-return]
            info.context, "correctApproval", corrections.correct, id, text=text, version=version, key=idempotency_key
        )

    @asked_by_verb(
        access=OFFICER, zh="撤销已签章的决定：起草撤销决定书。", en="Draft the decision that withdraws a sealed one."
    )
    def withdraw_approval(
        self,
        info: strawberry.Info,
        id: ApprovalId,
        input: Annotated[DraftApprovalInput, strawberry.argument(description=words("撤销决定书。", "The decision."))],
        version: Version,
    ) -> ApprovalResult | None:
        """Return the new draft; when it is sealed the old decision is WITHDRAWN."""
        context: Context = info.context

        def verb(session: Session, own_id: str) -> ApprovalRecord:
            return corrections.withdraw(
                session,
                own_id,
                draft_of(input),
                version=version,
                actor=context.actor,
                key=input.idempotency_key,
                fonts=set_up(context.fonts),
                clock=context.clock,
            )

        return _carried(context, "withdrawApproval", id, verb)  # type: ignore[no-any-return]


def _written(
    context: Context,
    act: str,
    deed: Callable[..., ApprovalRecord],
    id_: str,
    *,
    text: ApprovalTextInput,
    version: int,
    key: str,
) -> Any:
    def verb(session: Session, own_id: str) -> ApprovalRecord:
        return deed(
            session,
            own_id,
            text_of(text),
            version=version,
            actor=context.actor,
            key=key,
            fonts=set_up(context.fonts),
            clock=context.clock,
        )

    return _carried(context, act, id_, verb)


def _carried(context: Context, act: str, id_: str, verb: Callable[[Session, str], ApprovalRecord]) -> Any:
    def asked(session: Session) -> ApprovalRecord:
        may(context.actor, Act.READ_APPROVALS)  # before the id is looked at
        return verb(session, own(context, "approval", id_, "id"))

    return carried_out(context, act=act, subject=id_, verb=asked)
