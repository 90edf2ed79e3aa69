"""The mutations. Each turns its input into values and calls ONE verb; what comes back is the thing or a problem.

A mutation's access level is printed like every field's, but the verb asks the policy: a refusal is a `NotPermitted` in the
union and a row in the audit, not an error.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import strawberry
from sqlalchemy.orm import Session

from connectors.queries import run_by_id
from hub.access.policy import Act, may
from hub.approvals import decisions, sealing
from hub.approvals.links import ApprovalAction, ApprovalKind
from hub.approvals.queries import approval_by_id
from hub.approvals.rules import Route
from hub.approvals.texts import Addressee, DocumentText, Paragraph
from hub.errors import MoveRefused as MoveRefusedError
from schema.approval import Approval
from schema.connector import Run
from schema.context import Context
from schema.declare import OFFICER, OPERATOR, asked_by_verb, words
from schema.nodes import identity_of, no_such_record
from schema.problems import (
    Conflict,
    MoveRefused,
    NotFound,
    NotPermitted,
    ValidationProblem,
    attempted,
    carried_out,
)

T = TypeVar("T")

ApprovalResult = Annotated[
    Approval | ValidationProblem | NotPermitted | MoveRefused | Conflict | NotFound,
    strawberry.union("ApprovalResult", description=words("文书，或未办成的原因。", "The document, or why not.")),
]
RunResult = Annotated[
    Run | ValidationProblem | NotPermitted | MoveRefused | Conflict | NotFound,
    strawberry.union("RunResult", description=words("运行，或未办成的原因。", "The run, or why not.")),
]
Id = Annotated[strawberry.ID, strawberry.argument(description=words("文书标识。", "The document's id."))]
SealId = Annotated[strawberry.ID, strawberry.argument(description=words("印章标识。", "The seal's id."))]
Key = Annotated[
    str, strawberry.argument(description=words("幂等键，重试时不变。", "Idempotency key; the same when retried."))
]


class NotSetUp(MoveRefusedError):
    """This hub was started without the service that the request needs.

    Cure: ask the operator to configure signing, fonts or connectors, or use a hub that has them.
    """

    code = "hub.not_set_up"

    def __init__(self) -> None:
        super().__init__("本枢纽未配置办理此事所需的服务。", "This hub was started without the service this needs.")


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


@strawberry.type(description=words("变更。", "What can be done here."))
class Mutation:
    """What can be done here."""

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
                fonts=_set_up(context.fonts),
                demonstration=context.demonstration,
                clock=context.clock,
            )

        return carried_out(context, act="draftApproval", subject=input.item_code or "-", verb=verb)  # type: ignore[no-any-return]

    @asked_by_verb(access=OFFICER, zh="办理：通过、退回或不同意。", en="Pass, return or refuse a document.")
    def act_on_approval(
        self,
        info: strawberry.Info,
        id: Id,
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
                _own(context, "approval", id, "id"),
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
        self, info: strawberry.Info, id: Id, seal_id: SealId, idempotency_key: Key
    ) -> ApprovalResult | None:
        """Return the sealed document with its files."""
        context: Context = info.context

        def verb() -> Any:
            may(context.actor, Act.SEAL)
            document = _own(context, "approval", id, "id")
            with_seal = _own(context, "seal_status", seal_id, "sealId")
            sealing.seal(_set_up(context.desk)(), document, seal_id=with_seal, actor=context.actor, key=idempotency_key)
            return approval_by_id(context.session, document)

        return attempted(context, act="sealApproval", subject=id, verb=verb)  # type: ignore[no-any-return]

    @asked_by_verb(access=OPERATOR, zh="立即运行一个连接。", en="Run a connector now.")
    def run_connector(
        self,
        info: strawberry.Info,
        name: Annotated[str, strawberry.argument(description=words("连接名称。", "The connector's name."))],
        dry_run: Annotated[
            bool, strawberry.argument(description=words("是否试运行，不写入。", "Whether to write nothing."))
        ] = False,
    ) -> RunResult | None:
        """Return the run when it has ended."""
        context: Context = info.context

        def verb() -> Any:
            may(context.actor, Act.RUN_CONNECTOR)
            run_id = _set_up(context.run_now)(name, dry_run=dry_run)
            return run_by_id(context.session, run_id)

        return attempted(context, act="runConnector", subject=name, verb=verb)  # type: ignore[no-any-return]


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


def _own(context: Context, kind: str, id_: str, path: str) -> str:
    """Return the record id of one of this hub's own records; raises NotFound for any other."""
    asked = identity_of(kind, id_, path=path)
    if asked.origin != context.region:
        raise no_such_record(path)
    return asked.record_id


def _set_up(service: T | None) -> T:
    if service is None:
        raise NotSetUp
    return service
