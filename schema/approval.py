"""Decision documents (批复等) on their route. For the officers of this hub; opinions are never published."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from hub.approvals.links import ACTS, FILES, ApprovalAction, ApprovalKind, ApprovalStage
from hub.approvals.links import Approval as ApprovalRecord
from hub.approvals.links import ApprovalAct as ActRecord
from hub.approvals.links import ApprovalFile as FileRecord
from schema.acting import own
from schema.dataset import Digest
from schema.declare import HERE, OFFICER, Key, mapped, noun, resolved, words
from schema.nodes import Node, NodeId, node_id, own_id
from schema.scalars import Long


@noun(zh="办理人员。", en="An officer.")
class OfficerName:
    """Read from an act's row."""

    name: str = mapped(ActRecord.officer_name, access=OFFICER, zh="姓名。", en="Name.")
    code: str = mapped(ActRecord.officer, access=OFFICER, zh="人员代码。", en="Code.")


@noun(zh="一次办理动作。", en="One act of one officer.", record=ActRecord)
class ApprovalAct:
    """Read from the act's row."""

    at: datetime = mapped(ActRecord.at, access=OFFICER, zh="时刻。", en="When.")
    officer: OfficerName = mapped(HERE, access=OFFICER, zh="办理人员。", en="Who.")
    stage: ApprovalStage = mapped(ActRecord.stage, access=OFFICER, zh="所处环节。", en="In which stage.")
    action: ApprovalAction = mapped(ActRecord.action, access=OFFICER, zh="动作。", en="What.")
    on_behalf_of: str | None = mapped(
        ActRecord.on_behalf_of_name,
        access=OFFICER,
        zh="代办时，被代办人姓名。",
        en="Whose duty it was, when standing in.",
    )
    opinion: str | None = mapped(ActRecord.opinion, access=OFFICER, zh="意见，不公开。", en="Opinion; never published.")


@noun(zh="已签发的文件。", en="A published file.", record=FileRecord)
class ApprovalFile:
    """Read from the file's row."""

    format: str = mapped(FileRecord.format, access=OFFICER, zh="格式：PDF、OFD。", en="PDF or OFD.")
    original: bool | None = mapped(
        FileRecord.original, access=OFFICER, zh="是否正本；否则为阅览件。", en="Whether it is the original."
    )
    document_version: int = mapped(
        FileRecord.document_version, access=OFFICER, zh="文书版次。", en="Version of the document."
    )
    bytes: Long = mapped(FileRecord.size_bytes, access=OFFICER, zh="字节数。", en="Size in bytes.")

    @resolved(access=OFFICER, zh="短时有效的下载地址。", en="Where to download it, for a short time.")
    def url(root: Any, info: strawberry.Info) -> str:
        """Return a download address made for this answer."""
        return info.context.link_to_file(root.sha256)  # type: ignore[no-any-return]

    @resolved(access=OFFICER, zh="短时有效的阅览页地址。", en="The page that shows it as pictures, for a short time.")
    def page_url(root: Any, info: strawberry.Info) -> str:
        """Return a page address made for this answer."""
        return info.context.link_to_page(root.sha256)  # type: ignore[no-any-return]

    @resolved(access=OFFICER, zh="摘要值。", en="Its digest.")
    def digest(root: Any) -> Digest:
        """Return the digest under which it is stored."""
        return {"algorithm": "SHA-256", "value": root.sha256}  # type: ignore[return-value]


@noun(zh="文书的受文者。", en="To whom a document is addressed.")
class Addressee:
    """The object in `addressee`."""

    name: str = mapped(Key("name"), access=OFFICER, zh="姓名或名称。", en="Name.")
    code: str = mapped(Key("code"), access=OFFICER, zh="证件或主体代码。", en="Code.")
    code_type: str = mapped(
        Key("codeType"), access=OFFICER, zh="代码类型（GB/T 36903 附录 A）。", en="Type of the code."
    )


@noun(zh="正文的一段。", en="A paragraph of the body.")
class Paragraph:
    """A member of `body`."""

    heading: str | None = mapped(Key("heading"), access=OFFICER, zh="小标题。", en="Heading.")
    text: str = mapped(Key("text"), access=OFFICER, zh="正文。", en="Text.")


@noun(zh="救济途径。", en="Where the addressee can turn.")
class Remedies:
    """The object in `remedies`."""

    review_authority: str = mapped(Key("reviewAuthority"), access=OFFICER, zh="复议机关。", en="For reconsideration.")
    court: str = mapped(Key("court"), access=OFFICER, zh="受诉法院。", en="For a lawsuit.")


@noun(zh="某些文种必须写明的内容。", en="What some kinds must say besides the body.")
class Particulars:
    """The object in `particulars`."""

    reasons: str | None = mapped(Key("reasons"), access=OFFICER, zh="理由。", en="Reasons.")
    gaps: list[str] | None = mapped(
        Key("gaps"), access=OFFICER, zh="需要补正的全部内容。", en="What is to be corrected."
    )
    correct_by: str | None = mapped(Key("correctBy"), access=OFFICER, zh="补正的最后一日。", en="Last day for that.")
    remedies: Remedies | None = mapped(Key("remedies"), access=OFFICER, zh="救济途径。", en="Remedies.")


@noun(zh="办件。", en="The case a document belongs to.")
class Case:
    """Read from the approval's row."""

    number: str = mapped(ApprovalRecord.case_number, access=OFFICER, zh="办件编号。", en="Number of the case.")


@noun(zh="审批文书。", en="A decision document on its route.", record=ApprovalRecord)
class Approval(Node):
    """Read from the approval's row."""

    id: strawberry.ID = own_id(NodeId("approval", ApprovalRecord.region, ApprovalRecord.id), access=OFFICER)
    number: str | None = mapped(
        ApprovalRecord.number, access=OFFICER, zh="文号；末次通过时给出。", en="Number; given at the last pass."
    )
    version: int = mapped(ApprovalRecord.version, access=OFFICER, zh="修改次数，用于并发控制。", en="Counts changes.")
    document_version: int = mapped(
        ApprovalRecord.document_version, access=OFFICER, zh="文书版次。", en="Counts issues."
    )
    kind: ApprovalKind = mapped(ApprovalRecord.kind, access=OFFICER, zh="文书种类。", en="Kind.")
    title: str = mapped(ApprovalRecord.title, access=OFFICER, zh="标题。", en="Title.")
    stage: ApprovalStage = mapped(ApprovalRecord.stage, access=OFFICER, zh="所处环节。", en="Where it rests.")
    item_code: str | None = mapped(
        ApprovalRecord.item_code, access=OFFICER, zh="事项实施编码。", en="Code of its item."
    )
    addressee: Addressee = mapped(ApprovalRecord.addressee, access=OFFICER, zh="受文者。", en="Addressee.")
    body: list[Paragraph] = mapped(ApprovalRecord.body, access=OFFICER, zh="正文。", en="Body.")
    particulars: Particulars | None = mapped(
        ApprovalRecord.particulars, access=OFFICER, zh="理由、补正事项与救济途径。", en="Reasons, gaps and remedies."
    )
    dated_on: date | None = mapped(ApprovalRecord.dated_on, access=OFFICER, zh="成文日期。", en="Date of the document.")
    due_on: date = mapped(ApprovalRecord.due_on, access=OFFICER, zh="办结期限。", en="Last day for the decision.")
    due_provisional: bool = mapped(
        ApprovalRecord.due_provisional,
        access=OFFICER,
        zh="期限是否暂定（待国务院公布节假日）。",
        en="Whether that day may move.",
    )
    demonstration: bool = mapped(
        ApprovalRecord.demonstration, access=OFFICER, zh="是否演示。", en="Whether it is a demonstration."
    )
    actions: list[ApprovalAct] = mapped(ACTS, access=OFFICER, zh="办理动作，从早到晚。", en="Acts, oldest first.")
    files: list[ApprovalFile] = mapped(FILES, access=OFFICER, zh="已签发的文件。", en="Published files.")

    @resolved(
        access=OFFICER,
        zh="签章前的预览（PDF，标明“预览”，无签名），短时有效；仅限待签章的文书。",
        en="A preview before sealing, for a short time: a PDF that says so and has no signature. Null unless it waits for its seal.",
    )
    def preview_url(
        root: Any,
        info: strawberry.Info,
        seal_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description=words("印章标识；缺省为在用的印章。", "With which seal; else the one in use.")
            ),
        ] = None,
    ) -> str | None:
        """Return an address made for this answer."""
        if root.stage is not ApprovalStage.APPROVED:
            return None
        seal = None if seal_id is None else own(info.context, "seal_status", seal_id, "sealId")
        return info.context.link_to_preview(root.id, seal)  # type: ignore[no-any-return]

    @resolved(access=OFFICER, zh="它所更正的文书。", en="The document that this one corrects.")
    def corrects(root: Any, info: strawberry.Info) -> strawberry.ID | None:
        """Return that document's id."""
        return None if root.corrects is None else strawberry.ID(node_id("approval", root.region, root.corrects))

    @resolved(access=OFFICER, zh="它所撤销的决定。", en="The decision that this one withdraws.")
    def withdraws(root: Any, info: strawberry.Info) -> strawberry.ID | None:
        """Return that decision's id."""
        return None if root.withdraws is None else strawberry.ID(node_id("approval", root.region, root.withdraws))

    @resolved(access=OFFICER, zh="所属办件；无则为 null。", en="Its case, if any.")
    def case(root: Any) -> Case | None:
        """Return the row itself where it names a case."""
        return root if root.case_number is not None else None
