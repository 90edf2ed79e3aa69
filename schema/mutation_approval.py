"""The mutations of decision documents. Each turns its input into values and calls ONE verb; what comes back is the thing or a problem.

A mutation's access level is printed like every field's, but the verb asks the policy: a refusal is a `NotPermitted` in the
union and a row in the audit, not an error.
"""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from sqlalchemy.orm import Session

from hub.access.policy import Act, may
from hub.approvals import decisions, sealing
from hub.approvals.links import ApprovalAction, ApprovalKind
from hub.approvals.queries import approval_by_id
from hub.approvals.rules import Route
from hub.approvals.texts import Addressee, DocumentText, Paragraph
from schema.acting import ApprovalId, Key, SealId, own, set_up
from schema.approval import Approval
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


@strawberry.input(description=words("受文者。", "To whom a document is addressed."))
class AddresseeInput:
    """To whom a document is addressed."""

    name: str = strawberry.field(description=words("姓名或名称。", "Name."))
    code: str = strawberry.field(description=words("证件或主体代码。", "Code of the person or organisation."))
    code_type: str = strawberry.field(description=words("代码类型（GB/T 36903 附录 A）。", "Type of the code."))


@strawberry.input(description=words("正文的一段。", "A paragraph of the body."))
class ParagraphInput:
    """A paragraph of the body."""

    text: str = strawberry.field(description=words("正文。", "Text."))
    heading: str | None = strawberry.field(default=None, description=words("小标题。", "Heading."))


@strawberry.input(description=words("起草文书。", "A document to be drafted."))
class DraftApprovalInput:
    """A document to be drafted."""

    idempotency_key: str = strawberry.field(description=words("幂等键。", "Idempotency key."))
    kind: ApprovalKind = strawberry.field(description=words("文书种类。", "Kind of document."))
    title: str = strawberry.field(description=words("标题。", "Title."))
    addressee: AddresseeInput = strawberry.field(description=words("受文者。", "Addressee."))
    body: list[ParagraphInput] = strawberry.field(description=words("正文各段。", "Paragraphs of the body."))
    route: Route = strawberry.field(default=Route.STANDARD, description=words("审批路径。", "Route."))
    case_number: str | None = strawberry.field(default=None, description=words("办件编号。", "Number of the case."))
    item_code: str | None = strawberry.field(default=None, description=words("事项实施编码。", "Code of the item."))


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
            return decisions.draft(
                session,
                _draft(input),
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


def _draft(asked: DraftApprovalInput) -> decisions.Draft:
    addressee = Addressee(asked.addressee.name, asked.addressee.code, asked.addressee.code_type)
    body = tuple(Paragraph(part.heading, part.text) for part in asked.body)
    return decisions.Draft(
        kind=asked.kind,
        text=DocumentText(asked.title, addressee, body),
        route=asked.route,
        item_code=asked.item_code,
        case_number=asked.case_number,
    )
