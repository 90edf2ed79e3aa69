"""The verdict on a document: the same that the page /verify and `python -m hub verify` give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from hub.signing.verdict import Outcome
from schema.declare import PUBLIC, Attribute, mapped, noun, resolved


@noun(zh="核验的一项发现。", en="One thing a verification found.")
class Finding:
    """Read from a `Finding` of hub.signing.verdict."""

    code: str = mapped(Attribute("code"), access=PUBLIC, zh="发现的代码。", en="Its code.")
    outcome: Outcome = mapped(Attribute("outcome"), access=PUBLIC, zh="此项结论。", en="What it means for the verdict.")

    @resolved(access=PUBLIC, zh="说明。", en="What was found, in words.")
    def message(root: Any, info: strawberry.Info) -> str:
        """Return the sentence in the caller's language."""
        return info.context.said(root.message_zh, root.message_en)  # type: ignore[no-any-return]

    @resolved(access=PUBLIC, zh="怎么办。", en="What to do about it.")
    def remedy(root: Any, info: strawberry.Info) -> str:
        """Return the sentence in the caller's language."""
        return info.context.said(root.remedy_zh, root.remedy_en)  # type: ignore[no-any-return]


@noun(zh="文件中的一个签名或签章。", en="One signature or seal in a document.")
class DocumentSignature:
    """Read from a `SignatureReport` of hub.signing.verdict."""

    signer: str = mapped(Attribute("signer"), access=PUBLIC, zh="签名人或印章。", en="Who signed.")
    certificate_sha256: str = mapped(
        Attribute("certificate_sha256"), access=PUBLIC, zh="证书的 SHA-256。", en="SHA-256 of the certificate."
    )
    signed_at: datetime | None = mapped(
        Attribute("signed_at"),
        access=PUBLIC,
        zh="可信的签名时刻；没有可信时间戳则为 null。",
        en="When, by a sound time stamp; null without one.",
    )
    claimed_at: datetime | None = mapped(
        Attribute("claimed_at"),
        access=PUBLIC,
        zh="签名自称的时刻，不作为证据。",
        en="When, as it says itself; no evidence.",
    )
    seal_name: str | None = mapped(Attribute("seal_name"), access=PUBLIC, zh="印章名称。", en="Name of the seal.")
    time_stamp_authority: str | None = mapped(
        Attribute("time_stamp_authority"), access=PUBLIC, zh="时间戳机构。", en="Whose time stamp."
    )
    valid_at_signing: Outcome = mapped(
        Attribute("valid_at_signing"),
        access=PUBLIC,
        zh="签名当时是否有效。",
        en="Whether it was valid when it was made.",
    )
    valid_now: Outcome = mapped(
        Attribute("valid_now"), access=PUBLIC, zh="现在是否有效。", en="Whether it is valid now."
    )


@noun(zh="核验结论：通过、未通过或无法确定。", en="A verdict: passed, failed or cannot tell.")
class Verdict:
    """Read from a `Verdict` of hub.signing.verdict."""

    outcome: Outcome = mapped(Attribute("outcome"), access=PUBLIC, zh="结论。", en="The outcome.")
    sha256: str = mapped(Attribute("sha256"), access=PUBLIC, zh="文件的 SHA-256。", en="SHA-256 of the file.")
    findings: list[Finding] = mapped(
        Attribute("findings"), access=PUBLIC, zh="全部发现，最严重的在前。", en="Every finding, the worst first."
    )
    signatures: list[DocumentSignature] = mapped(
        Attribute("signatures"), access=PUBLIC, zh="各个签名、签章。", en="Every signature and seal."
    )
