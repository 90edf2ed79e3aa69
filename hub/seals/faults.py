"""What the seals refuse, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hub.errors import MoveRefused, NotFound, NotPermitted, ValidationFailed


class SealMissing(NotFound):
    """There is no seal of this id.

    Cure: choose a seal from the list of seals.
    """

    code = "seal.missing"

    def __init__(self) -> None:
        super().__init__("没有这枚印章。", "There is no such seal.", path="sealId")


class SealMoveRefused(MoveRefused):
    """The seal's status does not permit this act: a cancelled seal never returns.

    Cure: read the seal again; only a registered or suspended seal can be activated.
    """

    code = "seal.move_refused"

    def __init__(self, status: str, wanted: str) -> None:
        super().__init__(f"印章现为 {status}，不能转为 {wanted}。", f"The seal is {status} and cannot become {wanted}.")
        self.status, self.wanted = status, wanted


class SealNotActive(MoveRefused):
    """The seal is not active: only registered, suspended (停用) or cancelled (注销).

    Cure: ask its keeper to activate it, or use another seal.
    """

    code = "seal.not_active"

    def __init__(self, status: str) -> None:
        super().__init__(f"印章状态为 {status}，不能使用。", f"The seal is {status} and cannot be used.", path="sealId")
        self.status = status


class SealExpired(MoveRefused):
    """The day lies outside the seal's validity, both ends included.

    Cure: use a seal that is valid today.
    """

    code = "seal.expired"

    def __init__(self, valid_from: date, valid_to: date) -> None:
        super().__init__(
            f"印章有效期为 {valid_from} 至 {valid_to}，今天不能使用。",
            f"The seal is valid from {valid_from} to {valid_to}, not today.",
            path="sealId",
        )
        self.valid_from, self.valid_to = valid_from, valid_to


class SealElsewhere(NotPermitted):
    """The seal belongs to another region than the document.

    Cure: use a seal of the document's region.
    """

    code = "seal.elsewhere"

    def __init__(self) -> None:
        super().__init__("印章不属于文件所在区域。", "The seal belongs to another region.", path="sealId")


class SealNotGranted(NotPermitted):
    """Nobody granted this officer the use of this seal on this kind of document for this time.

    Cure: ask the seal's keeper for a grant that covers the kind.
    """

    code = "seal.not_granted"

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"您没有在 {kind} 类文件上使用此印章的授权。",
            f"You have no grant to use this seal on {kind}.",
            path="sealId",
        )
        self.kind = kind


class AuthorisationMissing(NotPermitted):
    """The signing queue has no standing authorisation for this kind of document: none was given, it ended, or it was stopped.

    Cure: let the keeper give one, or seal by hand; the document waits in the queue meanwhile.
    """

    code = "seal.authorisation_missing"

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"没有对 {kind} 类文件有效的常备签章授权（未授权、已到期或已停止）。",
            f"No standing authorisation covers {kind}: none given, ended, or stopped.",
        )
        self.kind = kind


class CeilingReached(MoveRefused):
    """The standing authorisation's daily ceiling is used up.

    Cure: wait for the next day, raise the ceiling with a new authorisation, or seal by hand.
    """

    code = "seal.ceiling_reached"

    def __init__(self, ceiling: int) -> None:
        super().__init__(
            f"今日自动签章已达上限 {ceiling} 件。", f"Today's ceiling of {ceiling} automatic seal uses is reached."
        )
        self.ceiling = ceiling


class TermsInvalid(ValidationFailed):
    """A grant or an authorisation has no kinds, a ceiling outside 1 to 10000, or an end not in the future within a year; or a reason is too long.

    Cure: correct the field named in `path`.
    """

    code = "seal.terms_invalid"


class FeedMalformed(ValidationFailed):
    """The status feed, or a row of it, is not in its form: JSON or CSV with filing number, status, since and reason, at most 16 MiB.

    Cure: correct the feed; rows that are in order are applied all the same.
    """

    code = "seal.feed_malformed"

    def __init__(self) -> None:
        super().__init__(
            "印章状态文件格式不对：须为含备案编号、状态、自何时起、原因的 JSON 或 CSV，不超过 16 MiB。",
            "The status feed is not JSON or CSV with filing number, status, since and reason of at most 16 MiB.",
        )


class SealStructureRefused(ValidationFailed):
    """The seal's structure cannot be read, or does not verify; `findings` lists the code of everything found wrong.

    Cure: ask the competent seal system for the seal again; enter its root among the trust anchors when only the chain is missing.
    """

    code = "seal.structure_refused"

    def __init__(self, findings: Sequence[str]) -> None:
        listed = ", ".join(findings)
        super().__init__(
            f"印章结构未通过检查（{listed}），未导入。", f"The seal's structure did not pass ({listed}); not imported."
        )
        self.findings = tuple(findings)


class SealKnownAlready(MoveRefused):
    """A seal with this code or filing number is registered already, with another structure.

    Cure: a re-made seal has a code of its own; cancel the old one and import the new one.
    """

    code = "seal.known_already"

    def __init__(self, named: str) -> None:
        super().__init__(
            f"印章编码或备案编号 {named} 已登记，且内容不同。",
            f"A seal with the code or filing number {named} is registered already and differs.",
        )
        self.named = named


class SealKeyMismatch(ValidationFailed):
    """The key named for the seal has no certificate that the seal's structure lists.

    Cure: name the key that belongs to the seal's certificate, or import the seal without a key and use it through the holder's device.
    """

    code = "seal.key_mismatch"

    def __init__(self) -> None:
        super().__init__(
            "所指密钥的证书不在印章的证书列表中。",
            "The certificate of the named key is not in the seal's list.",
            path="keyName",
        )


class SealKeyElsewhere(MoveRefused):
    """The seal's key is not held here: its holder uses it through his own device.

    Cure: seal through the device (prepare, sign, complete), or place the key in a key store of this hub.
    """

    code = "seal.key_elsewhere"

    def __init__(self) -> None:
        super().__init__(
            "此印章的密钥不在本枢纽，只能通过持有人的设备用印。",
            "The seal's key is not held here; it is used through its holder's device.",
            path="sealId",
        )


class SealStructureMissing(MoveRefused):
    """The seal has an SM2 key and no structure (GB/T 38540), so an OFD cannot be sealed with it.

    Cure: have the seal made anew by the built-in maker, or import the structure the competent seal system issued.
    """

    code = "seal.structure_missing"

    def __init__(self) -> None:
        super().__init__(
            "此印章没有电子印章结构，不能在 OFD 文件上用印。",
            "The seal has no e-seal structure; an OFD cannot be sealed with it.",
            path="sealId",
        )


class OrganSealNotMadeHere(MoveRefused):
    """The built-in maker makes seals for the demonstration and for internal business, never an organ's own.

    Cure: have the seal made by the competent seal system and import it.
    """

    code = "seal.organ_not_made_here"

    def __init__(self) -> None:
        super().__init__(
            "机关印章须由主管部门的印章系统制作后导入，本枢纽不制作。",
            "Organs' seals are made by the competent seal system and imported; none is made here.",
        )
