"""What the mutations of licenses take: a new license, and what a next version says differently."""

from __future__ import annotations

from datetime import date

import strawberry

from hub.licenses.amending import Amendment
from hub.licenses.contents import Holder, Issuer, NewLicense
from schema.acting import own
from schema.context import Context
from schema.declare import words
from schema.root_license import FaceElementInput


@strawberry.input(description=words("颁发机构。", "The issuing body."))
class IssuerInput:
    """The issuing body."""

    name_zh: str = strawberry.field(description=words("机构名称。", "Its name, in Chinese."))
    uscc: str = strawberry.field(description=words("统一社会信用代码。", "Its unified social credit code."))


@strawberry.input(description=words("持证主体。", "A holder."))
class HolderInput:
    """A holder."""

    name: str = strawberry.field(description=words("姓名或名称。", "Name."))
    code: str = strawberry.field(description=words("证件或主体代码。", "Code."))
    code_type: str = strawberry.field(description=words("代码类型（GB/T 36903 附录 A）。", "Type of the code."))


@strawberry.input(description=words("要颁发的证照。", "A license to be issued."))
class IssueLicenseInput:
    """A license to be issued."""

    idempotency_key: str = strawberry.field(description=words("幂等键。", "Idempotency key."))
    type_code: str = strawberry.field(description=words("证照类型代码，21 位。", "Code of its type."))
    number: str = strawberry.field(description=words("证照编号。", "Number as printed."))
    issuer: IssuerInput = strawberry.field(description=words("颁发机构。", "Who issues it."))
    holders: list[HolderInput] = strawberry.field(description=words("持证主体，按照面顺序。", "Holders, in order."))
    valid_from: date = strawberry.field(description=words("有效期起始日期。", "First day of validity."))
    valid_until: date | None = strawberry.field(
        default=None, description=words("有效期截止日期（含）；长期不填。", "Last day, included; null without end.")
    )
    face_elements: list[FaceElementInput] = strawberry.field(description=words("照面信息。", "Face elements."))
    case_number: str | None = strawberry.field(default=None, description=words("办件编号。", "Number of the case."))
    seal_id: strawberry.ID | None = strawberry.field(
        default=None, description=words("用印的印章；缺省为颁发机构的印章。", "The seal; else the issuer's.")
    )


@strawberry.input(description=words("新版次与原版次的不同之处。", "What the next version says differently."))
class AmendmentInput:
    """What the next version says differently; null leaves a part as it was."""

    number: str | None = strawberry.field(default=None, description=words("证照编号。", "Number as printed."))
    valid_from: date | None = strawberry.field(default=None, description=words("起始日期。", "First day."))
    valid_until: date | None = strawberry.field(default=None, description=words("截止日期。", "Last day."))
    without_end: bool = strawberry.field(default=False, description=words("改为长期。", "Whether it has no end."))
    face_elements: list[FaceElementInput] | None = strawberry.field(
        default=None, description=words("变更的照面信息。", "Face elements that change.")
    )


def new_license(context: Context, asked: IssueLicenseInput) -> NewLicense:
    """Return the license asked for; raises NotFound for a seal that is not this hub's."""
    return NewLicense(
        type_code=asked.type_code,
        number=asked.number,
        issuer=Issuer(asked.issuer.name_zh, asked.issuer.uscc),
        holders=[Holder(each.name, each.code, each.code_type) for each in asked.holders],
        valid_from=asked.valid_from,
        valid_until=asked.valid_until,
        face=[(each.key, each.value) for each in asked.face_elements],
        case_number=asked.case_number,
        seal_id=None if asked.seal_id is None else own(context, "seal_status", asked.seal_id, "sealId"),
    )


def amendment_of(asked: AmendmentInput) -> Amendment:
    """Return what the next version says differently."""
    face = asked.face_elements
    return Amendment(
        valid_from=asked.valid_from,
        valid_until=asked.valid_until,
        without_end=asked.without_end,
        number=asked.number,
        face=None if face is None else tuple((each.key, each.value) for each in face),
    )
