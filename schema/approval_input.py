"""What an officer writes, as GraphQL takes it, and as the verbs of the approvals take it."""

from __future__ import annotations

from datetime import date

import strawberry

from hub.approvals.drafting import Draft
from hub.approvals.links import ApprovalKind
from hub.approvals.particulars import Particulars
from hub.approvals.rules import Route
from hub.approvals.texts import Addressee, DocumentText, Paragraph
from schema.declare import words


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


@strawberry.input(description=words("文书的文字。", "What a document says."))
class ApprovalTextInput:
    """What a document says."""

    title: str = strawberry.field(description=words("标题。", "Title."))
    addressee: AddresseeInput = strawberry.field(description=words("受文者。", "Addressee."))
    body: list[ParagraphInput] = strawberry.field(description=words("正文各段。", "Paragraphs of the body."))
    reasons: str | None = strawberry.field(
        default=None,
        description=words("理由；不予受理、不予许可、撤销必填。", "Reasons; refusals and withdrawals need them."),
    )
    gaps: list[str] | None = strawberry.field(
        default=None,
        description=words("需要补正的全部内容；补正告知书必填。", "Everything to be corrected; for that notice."),
    )
    correct_by: date | None = strawberry.field(
        default=None, description=words("补正的最后一日。", "Last day for corrections.")
    )


@strawberry.input(description=words("起草文书。", "A document to be drafted."))
class DraftApprovalInput(ApprovalTextInput):
    """A document to be drafted."""

    idempotency_key: str = strawberry.field(description=words("幂等键。", "Idempotency key."))
    kind: ApprovalKind = strawberry.field(description=words("文书种类。", "Kind of document."))
    route: Route | None = strawberry.field(
        default=None, description=words("审批路径；缺省按事项或文种。", "Route; else the item's, else the kind's.")
    )
    named_route: str | None = strawberry.field(
        default=None,
        description=words("区域自定路径的代码，优先。", "Code of a route of the region's own; goes first."),
    )
    case_number: str | None = strawberry.field(default=None, description=words("办件编号。", "Number of the case."))
    item_code: str | None = strawberry.field(default=None, description=words("事项实施编码。", "Code of the item."))


def text_of(asked: ApprovalTextInput) -> DocumentText:
    """Return the text as the verbs take it."""
    addressee = Addressee(asked.addressee.name, asked.addressee.code, asked.addressee.code_type)
    body = tuple(Paragraph(part.heading, part.text) for part in asked.body)
    particulars = Particulars(asked.reasons, tuple(asked.gaps or ()), asked.correct_by)
    return DocumentText(asked.title, addressee, body, particulars)


def draft_of(asked: DraftApprovalInput) -> Draft:
    """Return the draft as the verbs take it."""
    return Draft(
        kind=asked.kind,
        text=text_of(asked),
        route=asked.route,
        item_code=asked.item_code,
        case_number=asked.case_number,
        named_route=asked.named_route,
    )
