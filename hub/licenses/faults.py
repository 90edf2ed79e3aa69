"""What the licenses refuse, and why. No message holds a name, a code or a face element."""

from __future__ import annotations

from datetime import date

from hub.errors import Conflict, HubError, MoveRefused, NotFound, NotPermitted, ValidationFailed


class LicenseMissing(NotFound):
    """There is no license of this identifier for this caller.

    Cure: check the identifier; a license you may not see is answered the same way.
    """

    code = "license.missing"

    def __init__(self) -> None:
        super().__init__("没有这份证照，或您看不到它。", "There is no such license for you.", path="identifier")


class LicenseTypeUnknown(ValidationFailed):
    """The catalog has no license type of this code.

    Cure: choose a type from the catalog of license types.
    """

    code = "license.type_unknown"

    def __init__(self) -> None:
        super().__init__("目录中没有这一证照类型。", "The catalog has no such license type.", path="typeCode")


class LicenseMoveRefused(MoveRefused):
    """The license's status does not permit this act: a revoked license cannot return, an ended one cannot be renewed.

    Cure: read the license again; the table of acts and statuses is in docs/words.md.
    """

    code = "license.move_refused"

    def __init__(self, status: str, act: str) -> None:
        super().__init__(f"证照状态为 {status}，不能办理 {act}。", f"The license is {status}; {act} is not possible.")
        self.status, self.act = status, act


class ReasonMissing(ValidationFailed):
    """Every act on a license has its reason, and where no law is named for the act its legal basis too; 1 to 2000 characters.

    Cure: give `reason`, and `basis` for 其他 (OTHER) and 转出 (TRANSFER_OUT); for OTHER also the text of the status.
    """

    code = "license.reason_missing"

    def __init__(self, path: str) -> None:
        super().__init__(
            "须写明理由和依据（1 至 2000 个字符）。",
            "State the reason and the basis (1 to 2000 characters).",
            path=path,
        )


class FaceElementsRefused(ValidationFailed):
    """A face element is missing, unknown to the license type, given twice, too long, or not a date; `keys` names them.

    Cure: give each element of the type once, the required ones all, dates as YYYY-MM-DD.
    """

    code = "license.face_elements_refused"

    def __init__(self, keys: tuple[str, ...]) -> None:
        listed = "、".join(keys)
        super().__init__(
            f"照面要素不符合证照类型的要求：{listed}。",
            f"Face elements do not meet the license type: {', '.join(keys)}.",
            path="faceElements",
        )
        self.keys = keys


class LicenseCharacterWithoutGlyph(ValidationFailed):
    """The license has characters that no embedded font can show, so its file could not be read; `characters` names each.

    Cure: use another character, or have a font for rare characters configured.
    """

    code = "license.character_without_glyph"

    def __init__(self, characters: list[str], path: str) -> None:
        listed = "、".join(characters)
        super().__init__(
            f"文件的字体不能显示这些字符：{listed}。",
            f"No font of the files can show these characters: {listed}.",
            path=path,
        )
        self.characters = characters


class HolderRefused(ValidationFailed):
    """There is no holder, more than twenty, one named twice, or one whose code type this license type does not allow.

    Cure: give 1 to 20 holders, in the order of the face, each with a code of a type the license type lists.
    """

    code = "license.holder_refused"

    def __init__(self, reason_zh: str, reason_en: str) -> None:
        super().__init__(f"持证主体不符合要求：{reason_zh}。", f"The holders are refused: {reason_en}.", path="holders")


class ValidityRefused(ValidationFailed):
    """The validity ends before it begins.

    Cure: give `validUntil` on or after `validFrom`, or leave it out for a license without an end.
    """

    code = "license.validity_refused"

    def __init__(self, first: date, last: date) -> None:
        super().__init__("有效期截止早于起始。", "The validity ends before it begins.", path="validUntil")
        self.first, self.last = first, last


class PurposeTooLong(ValidationFailed):
    """A purpose has at most 200 characters (GB/T 36906).

    Cure: say in one sentence what the record is read for.
    """

    code = "license.purpose_too_long"

    def __init__(self) -> None:
        super().__init__("用途最长 200 个字符。", "A purpose has at most 200 characters.", path="purpose")


class WithholdingRefused(NotPermitted):
    """A read may be kept from the holder only with a grant that allows it, a legal basis, and an end within three years.

    Cure: read without withholding, or have the grant say so and name the law and the end.
    """

    code = "license.withholding_refused"

    def __init__(self) -> None:
        super().__init__(
            "没有对持证主体暂不公开查阅记录的授权、依据或期限。",
            "No grant, basis or term to withhold this read from the holder.",
        )


class TooManyChecks(HubError):
    """This caller gave too many wrong face elements, for this license or altogether, within an hour; nothing was compared.

    Cure: wait until the hour is over, and check what the holder shows you.
    """

    code = "license.too_many_checks"

    def __init__(self) -> None:
        super().__init__(
            "一小时内查验不符的次数过多，请稍后再试。", "Too many wrong checks within an hour; try again later."
        )


class PresentationRefused(NotFound):
    """The presentation code is unknown, used, expired, or meant for somebody else; which of them is not told.

    Cure: ask the holder to show a new code; it serves once and for a few minutes.
    """

    code = "license.presentation_refused"

    def __init__(self) -> None:
        super().__init__("出示码无效、已用或已过期。", "The presentation code is not valid, or no longer.", path="code")


class TermsRefused(ValidationFailed):
    """A copy or a presentation code ends in the past or too late, or a presentation shows no field of the license.

    Cure: end a copy within a year and a code within ten minutes, and name at least one field the license has.
    """

    code = "license.terms_refused"

    def __init__(self, path: str) -> None:
        super().__init__("期限或内容不符合要求。", "The term or the content asked for is refused.", path=path)


class VaultUnreadable(HubError):
    """Stored personal content does not open: the hub's license key is another, or the row was altered.

    Cure: restore the secret the hub was set up with; if it is the right one, restore the row from the backup.
    """

    code = "license.vault_unreadable"

    def __init__(self) -> None:
        super().__init__("证照内容无法解密。", "The content of the license does not open.")


class FilesOvertaken(Conflict):
    """The license or its seal changed while its files were being made, or another worker finished first; nothing was published.

    Cure: read the license again; the next run makes what is still missing.
    """

    code = "license.files_overtaken"

    def __init__(self) -> None:
        super().__init__(
            "制作期间证照或印章有变动。", "The license or its seal changed while the files were being made."
        )


class TimeStampsUnavailable(HubError):
    """The time-stamp authority gave no token, so no file was published; `reason` is its own code.

    Cure: see that the authority answers; the next run makes the files.
    """

    code = "license.time_stamp_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__("取不到时间戳，证照文件未制作。", "No time stamp could be had; the files were not made.")
        self.reason = reason
