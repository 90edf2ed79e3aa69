"""Licenses (电子证照) as one caller sees them: what `hub.licenses.reading` gave him, masked where his grant does not reach, and recorded.

No field here opens anything: a `LicenseView` exists only after the grant and the purpose were asked and the read was written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from hub.ledger.names import LedgerName
from hub.licenses.publishing import LICENSE
from hub.licenses.queries import License as LicenseRecord
from hub.licenses.queries import LicenseFile as FileRecord
from hub.licenses.reads import LicenseRead as ReadRecord
from hub.licenses.rules import LicenseAct, LicenseStatus
from hub.licenses.views import LicenseView
from hub.regions.provenance import Placed, placed
from hub.regions.queries import known_region
from schema.dataset import Digest
from schema.declare import PERSONAL, Attribute, mapped, noun, resolved
from schema.ledger import Checkpoint
from schema.license_type import LicenseType
from schema.scalars import Long

if TYPE_CHECKING:
    from schema.region import Region


@noun(zh="证照颁发机构。", en="The body that issued a license.")
class LicenseIssuer:
    """Read from the license's row."""

    name_zh: str = mapped(LicenseRecord.issuer_zh, access=PERSONAL, zh="机构名称。", en="Its name, in Chinese.")
    uscc: str = mapped(
        LicenseRecord.issuer_uscc, access=PERSONAL, zh="统一社会信用代码。", en="Its unified social credit code."
    )


@noun(zh="持证主体。", en="A holder of a license.")
class LicenseHolder:
    """Read from a `SeenHolder`; masked where the caller's grant does not reach."""

    name: str = mapped(Attribute("name"), access=PERSONAL, zh="姓名或名称。", en="Name.")
    code: str = mapped(Attribute("code"), access=PERSONAL, zh="证件或主体代码。", en="Code.")
    code_type: str = mapped(
        Attribute("code_type"), access=PERSONAL, zh="代码类型（GB/T 36903 附录 A）。", en="Type of the code."
    )


@noun(zh="一项照面信息的值。", en="The value of a face element.")
class FaceElementValue:
    """Read from a `SeenElement`."""

    key: str = mapped(Attribute("key"), access=PERSONAL, zh="项的键。", en="Its key.")
    name_zh: str = mapped(Attribute("name_zh"), access=PERSONAL, zh="项的名称。", en="Its name, in Chinese.")
    value: str = mapped(Attribute("value"), access=PERSONAL, zh="值；授权未覆盖时脱敏。", en="Its value, or a mask.")
    masked: bool = mapped(Attribute("masked"), access=PERSONAL, zh="是否已脱敏。", en="Whether it is masked.")


@noun(zh="证照经历的一次处理。", en="One act in the history of a license.")
class LicenseChange:
    """Read from the event's row."""

    at: datetime = mapped(Attribute("at"), access=PERSONAL, zh="时刻。", en="When.")
    act: LicenseAct = mapped(Attribute("act"), access=PERSONAL, zh="处理。", en="What was done.")
    status: LicenseStatus = mapped(Attribute("status"), access=PERSONAL, zh="此后的状态。", en="Status afterwards.")
    reason: str = mapped(Attribute("reason"), access=PERSONAL, zh="理由。", en="Why.")
    basis: str = mapped(Attribute("basis"), access=PERSONAL, zh="法律依据。", en="Its legal basis.")


@dataclass(frozen=True)
class FileOf:
    """A file with the license it belongs to."""

    license: LicenseRecord
    file: FileRecord


@noun(zh="证照文件。", en="A file of a license.", record=FileOf)
class LicenseFile:
    """Read from a `FileOf`; a reader is handed an annotated copy of it (加注件), whoever keeps or issued the license the file itself."""

    format: str = mapped(Attribute("file.format"), access=PERSONAL, zh="格式：OFD、PDF。", en="OFD or PDF.")
    original: bool = mapped(
        Attribute("file.original"), access=PERSONAL, zh="是否正本；否则为阅览件。", en="Whether it is the original."
    )
    bytes: Long = mapped(Attribute("file.size_bytes"), access=PERSONAL, zh="字节数。", en="Size in bytes.")

    @resolved(
        access=PERSONAL,
        zh="下载地址，十五分钟有效；查阅方凭它取一次加注件。",
        en="Where to download it within fifteen minutes; readers get an annotated copy, once.",
    )
    def url(root: FileOf, info: strawberry.Info) -> str:
        """Return a download address made for this answer."""
        row = root.license
        return info.context.link_to_license(row.id, row.identifier, root.file.format, root.file.sha256)  # type: ignore[no-any-return]

    @resolved(
        access=PERSONAL,
        zh="短时有效的阅览页地址；查阅方为 null。",
        en="The page that shows it as pictures; null for a reader.",
    )
    def page_url(root: FileOf, info: strawberry.Info) -> str | None:
        """Return a page address made for this answer: it shows the whole face, so it is for officers alone."""
        return None if info.context.actor.is_partner else info.context.link_to_page(root.file.sha256)

    @resolved(access=PERSONAL, zh="摘要值。", en="Its digest.")
    def digest(root: Any) -> Digest:
        """Return the digest under which it is stored: that of the file, not of a copy."""
        return {"algorithm": "SHA-256", "value": root.file.sha256}  # type: ignore[return-value]


@noun(zh="证照的出处。", en="Where a license comes from and where it stands in its ledger.")
class LicenseProvenance:
    """Read from a `Placed`."""

    index: int | None = mapped(
        Attribute("index"),
        access=PERSONAL,
        zh="在交换账本中的序号，排定前为 null。",
        en="Entry index in the exchange ledger.",
    )
    version: int | None = mapped(
        Attribute("version"), access=PERSONAL, zh="账本记录的版次。", en="Version of the ledger's record."
    )
    checkpoint: Checkpoint | None = mapped(
        Attribute("checkpoint"), access=PERSONAL, zh="覆盖它的检查点。", en="The checkpoint that covers it."
    )

    @resolved(access=PERSONAL, zh="权威来源区域。", en="The region that is the authority.")
    def origin(root: Any, info: strawberry.Info) -> Annotated[Region, strawberry.lazy("schema.region")] | None:
        """Return this hub's region: personal content is answered at its origin."""
        return known_region(info.context.session, info.context.region)  # type: ignore[return-value]


@noun(zh="电子证照。", en="A license.", record=LicenseView)
class License:
    """Read from a `LicenseView`."""

    identifier: str = mapped(
        Attribute("license.identifier"), access=PERSONAL, zh="电子证照标识（GB/T 36904）。", en="Its identifier."
    )
    version: int = mapped(Attribute("license.version"), access=PERSONAL, zh="版次。", en="Its version.")
    number: str = mapped(Attribute("number"), access=PERSONAL, zh="证照编号。", en="Number as printed.")
    type: LicenseType | None = mapped(Attribute("kind"), access=PERSONAL, zh="证照类型。", en="Its type.")
    status: LicenseStatus = mapped(Attribute("license.status"), access=PERSONAL, zh="状态。", en="Its status.")
    status_text: str | None = mapped(
        Attribute("license.status_text"), access=PERSONAL, zh="状态说明（其他）。", en="The status in words, for OTHER."
    )
    in_force: bool = mapped(
        Attribute("in_force"), access=PERSONAL, zh="今日是否有效。", en="Whether it is in force today."
    )
    valid_from: date = mapped(
        Attribute("license.valid_from"), access=PERSONAL, zh="有效期起始日期。", en="First day of validity."
    )
    valid_until: date | None = mapped(
        Attribute("license.valid_until"),
        access=PERSONAL,
        zh="有效期截止日期（含）；长期为 null。",
        en="Last day of validity, included; null without end.",
    )
    issued_on: date = mapped(Attribute("license.issued_on"), access=PERSONAL, zh="颁发日期。", en="Day of issue.")
    previous: str | None = mapped(
        Attribute("license.previous"), access=PERSONAL, zh="上一版次的标识。", en="Identifier of the version before."
    )
    case_number: str | None = mapped(
        Attribute("license.case_number"), access=PERSONAL, zh="办件编号。", en="Number of the case."
    )
    demonstration: bool = mapped(
        Attribute("license.demonstration"), access=PERSONAL, zh="是否演示样张。", en="Whether it is a demonstration."
    )
    face_elements: list[FaceElementValue] = mapped(Attribute("face"), access=PERSONAL, zh="照面信息。", en="Face.")
    holders: list[LicenseHolder] = mapped(
        Attribute("holders"), access=PERSONAL, zh="持证主体，按照面顺序。", en="Holders in the order of the face."
    )
    issuer: LicenseIssuer = mapped(Attribute("license"), access=PERSONAL, zh="颁发机构。", en="Who issued it.")
    history: list[LicenseChange] = mapped(
        Attribute("license.history"), access=PERSONAL, zh="经历，从早到晚。", en="Its history, oldest first."
    )

    @resolved(access=PERSONAL, zh="已签发的文件。", en="Its published files.")
    def files(root: LicenseView) -> list[LicenseFile]:
        """Return the files with their license."""
        return [FileOf(root.license, file) for file in root.license.files]  # type: ignore[misc]

    @resolved(access=PERSONAL, zh="第一持证主体。", en="The first holder.")
    def holder(root: LicenseView) -> LicenseHolder:
        """Return the first holder of the face."""
        return root.holders[0]  # type: ignore[return-value]

    @resolved(access=PERSONAL, zh="出处。", en="Where it comes from.")
    def provenance(root: LicenseView, info: strawberry.Info) -> LicenseProvenance:
        """Return the version's newest entry in the exchange ledger."""
        place: Placed = placed(
            info.context.session, LedgerName.EXCHANGE, kind=LICENSE, record_id=root.license.identifier
        )
        return place  # type: ignore[return-value]


@noun(zh="对证照的一次读取。", en="One read of a license.", record=ReadRecord)
class LicenseRead:
    """Read from the read's row."""

    at: datetime = mapped(ReadRecord.at, access=PERSONAL, zh="时刻。", en="When.")
    reader: str = mapped(ReadRecord.reader_zh, access=PERSONAL, zh="读取方名称。", en="Who read it.")
    reader_code: str = mapped(ReadRecord.reader, access=PERSONAL, zh="读取方代码。", en="The reader's code.")
    region: str | None = mapped(ReadRecord.region, access=PERSONAL, zh="读取方区域。", en="The reader's region.")
    purpose: str = mapped(ReadRecord.purpose, access=PERSONAL, zh="用途。", en="For what purpose.")
    legal_basis: str | None = mapped(
        ReadRecord.legal_basis, access=PERSONAL, zh="法律依据。", en="On which legal basis."
    )
    fields: list[str] = mapped(ReadRecord.fields, access=PERSONAL, zh="读到的未脱敏字段。", en="Fields read unmasked.")
    operation: str = mapped(ReadRecord.operation, access=PERSONAL, zh="操作。", en="By which operation.")


@noun(zh="信息查验的结果。", en="What a check of face elements says.")
class LicenseCheck:
    """Read from a `Checked`."""

    outcome: str = mapped(Attribute("outcome.value"), access=PERSONAL, zh="结果。", en="The outcome.")
    standard_code: str = mapped(
        Attribute("outcome.standard_code"),
        access=PERSONAL,
        zh="标准代码 0 至 6（GB/T 36906）。",
        en="Its standard code.",
    )
    checked_at: datetime = mapped(Attribute("checked_at"), access=PERSONAL, zh="查验时刻。", en="When.")

    @resolved(access=PERSONAL, zh="结果说明。", en="The outcome in words.")
    def message(root: Any, info: strawberry.Info) -> str:
        """Return the sentence in the caller's language."""
        return root.outcome.message(info.context.language)  # type: ignore[no-any-return]
