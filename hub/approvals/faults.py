"""What the approvals refuse, and why. Messages hold no opinion and no personal code."""

from __future__ import annotations

from collections.abc import Sequence

from hub.errors import Conflict, HubError, MoveRefused, NotFound, NotPermitted, ValidationFailed


class ApprovalMissing(NotFound):
    """There is no approval of this id for this caller.

    Cure: choose an approval from the list of approvals.
    """

    code = "approval.missing"

    def __init__(self) -> None:
        super().__init__("没有这件批复。", "There is no such approval.", path="id")


class ItemUnknown(NotFound):
    """The item named for the approval is not in this region's catalog.

    Cure: use an implementation code (31 characters) of this region, or leave the item out.
    """

    code = "approval.item_unknown"

    def __init__(self) -> None:
        super().__init__("本区域目录中没有这个事项。", "This region's catalog has no such item.", path="itemCode")


class IssuerUnknown(NotFound):
    """No issuing organ is registered for the region, so nothing can be drafted or numbered there.

    Cure: register the organ with its name, code and number template.
    """

    code = "approval.issuer_unknown"

    def __init__(self, region: str) -> None:
        super().__init__(f"区域 {region} 尚未登记制发机关。", f"No issuing organ is registered for {region}.")
        self.region = region


class NumberTemplateInvalid(ValidationFailed):
    """A number template needs {year} and {serial}, once each, and no other braces.

    Cure: write it like 沣东审批（演示）〔{year}〕{serial}号.
    """

    code = "approval.number_template_invalid"

    def __init__(self) -> None:
        super().__init__(
            "文号模板须恰有一个 {year} 和一个 {serial}。",
            "A number template has {year} and {serial} once each.",
            path="numberTemplate",
        )


class TextMissing(ValidationFailed):
    """A title, an addressee or the body is empty.

    Cure: fill in the field named in `path`.
    """

    code = "approval.text_missing"

    def __init__(self, path: str) -> None:
        super().__init__("此处不能为空。", "This must not be empty.", path=path)


class TextTooLong(ValidationFailed):
    """A text is longer than its limit, in characters or in paragraphs.

    Cure: shorten the field named in `path` to the limit the message names, or move detail to an attachment.
    """

    code = "approval.text_too_long"

    def __init__(self, path: str, limit: int) -> None:
        super().__init__(f"超出上限 {limit}。", f"This exceeds the limit of {limit}.", path=path)
        self.limit = limit


class CharacterWithoutGlyph(ValidationFailed):
    """The text has characters that no embedded font can show, so the document could not be read; `characters` names each.

    Cure: use another character, or have a font for rare characters configured.
    """

    code = "approval.character_without_glyph"

    def __init__(self, characters: Sequence[str], path: str) -> None:
        super().__init__(
            f"字体中没有这些字，文件无法显示：{'、'.join(characters)}。",
            f"No embedded font has these characters: {', '.join(characters)}.",
            path=path,
        )
        self.characters = tuple(characters)


class RouteNotAllowed(ValidationFailed):
    """The route is not one for this kind of document or this item: one stage is for items handled at once (即办件), two are for notices.

    Cure: use the route STANDARD or DOUBLE_CHECK, or name an item for immediate handling.
    """

    code = "approval.route_not_allowed"

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(message_zh, message_en, path="route")


class RouteUnknown(NotFound):
    """The region has defined no route of this code.

    Cure: use one of the region's routes, or STANDARD, DOUBLE_CHECK, TWO_STAGE, ONE_STAGE.
    """

    code = "approval.route_unknown"

    def __init__(self, route: str) -> None:
        super().__init__(f"没有审批路径 {route}。", f"There is no route {route}.", path="route")
        self.route = route


class RouteInvalid(ValidationFailed):
    """A route breaks a rule: three stages in a department, five in joint handling, examining first, approving last, both by the issuer.

    Cure: change the step the message names; 双核 (two officers) is for the check only.
    """

    code = "approval.route_invalid"

    def __init__(self, why_zh: str, why_en: str) -> None:
        super().__init__(f"审批路径不合规则：{why_zh}。", f"The route breaks a rule: {why_en}.", path="steps")


class RemediesUnknown(NotFound):
    """The document must tell where to ask for reconsideration and which court hears a suit, and the issuer has not entered them.

    Cure: register the issuer with its reviewing authority (复议机关) and its court.
    """

    code = "approval.remedies_unknown"

    def __init__(self, region: str) -> None:
        super().__init__(
            f"区域 {region} 的制发机关未登记复议机关和管辖法院，不能制发此类文书。",
            f"The issuer of {region} has no reviewing authority and court registered.",
        )
        self.region = region


class CorrectionDayPast(ValidationFailed):
    """The day by which gaps are to be filled must be after today.

    Cure: give a later day.
    """

    code = "approval.correction_day_past"

    def __init__(self) -> None:
        super().__init__("补正期限须晚于今日。", "The day for corrections must be after today.", path="correctBy")


class PartOutOfPlace(ValidationFailed):
    """Gaps and a day to fill them belong to a notice of correction (补正告知书) only.

    Cure: choose the kind CORRECTION_NOTICE, or leave the field named in `path` out.
    """

    code = "approval.part_out_of_place"

    def __init__(self, path: str) -> None:
        super().__init__("此项只用于补正告知书。", "This belongs to a notice of correction only.", path=path)


class OpinionMissing(ValidationFailed):
    """Returning and refusing need an opinion.

    Cure: say why, for the officer who reads it next.
    """

    code = "approval.opinion_missing"

    def __init__(self) -> None:
        super().__init__("退回或不同意须写明意见。", "Returning or refusing needs an opinion.", path="opinion")


class ApprovalMoveRefused(MoveRefused):
    """The approval's stage does not permit this act.

    Cure: read the approval again; the table of stages and acts is in docs/words.md.
    """

    code = "approval.move_refused"

    def __init__(self, stage: str, wanted: str) -> None:
        super().__init__(
            f"批复现处 {stage} 环节，不能 {wanted}。", f"The approval is at {stage}; {wanted} is not possible."
        )
        self.stage, self.wanted = stage, wanted


class OfficerActedBefore(NotPermitted):
    """The officer acted in another stage of this approval, or already in this round: nobody acts in two stages of one approval.

    Cure: let another officer with the stage's role act.
    """

    code = "approval.officer_acted_before"

    def __init__(self) -> None:
        super().__init__(
            "您已在本件的其他环节或本轮办理过，须由他人办理。",
            "You acted in another stage or earlier in this round; another officer must act.",
        )


class VersionConflict(Conflict):
    """Somebody changed the approval since it was read; nothing was changed now.

    Cure: read it again and repeat with its present version.
    """

    code = "approval.version_conflict"

    def __init__(self, present: int) -> None:
        super().__init__("批复已被他人更改，请刷新后重试。", "The approval was changed; read it again.", path="version")
        self.present = present


class SealingUnderWay(Conflict):
    """Somebody, or the signing queue, is sealing this approval at this moment.

    Cure: wait a moment and read the approval again; a sealing that died is taken up after two minutes.
    """

    code = "approval.sealing_under_way"

    def __init__(self) -> None:
        super().__init__("本件正在签章，请稍候。", "This approval is being sealed at this moment.")


class SealingOvertaken(Conflict):
    """While this file was being signed the approval was changed, sealed by another, or its leave to be sealed ended; nothing was published.

    Cure: read the approval again; if it still waits, seal it again.
    """

    code = "approval.sealing_overtaken"

    def __init__(self) -> None:
        super().__init__(
            "签章期间情况已变，本次未发布。", "Things changed while it was being sealed; nothing was published."
        )


class SealingUncertain(Conflict):
    """Entries of the exchange ledger were taken back without their content; this approval's sealing may be among them.

    Cure: look for its sealed file and, unless there is one, seal it by hand; the queue leaves it alone.
    """

    code = "approval.sealing_uncertain"

    def __init__(self) -> None:
        super().__init__(
            "账本恢复时缺失部分内容，本件可能已经签章，须由人核实。",
            "Contents were lost when the ledger was recovered; a person must see whether this was sealed.",
        )


class TimeStampUnavailable(HubError):
    """No time stamp could be had, so nothing was published; the approval stays approved, in the queue. `reason` is the cause's code.

    Cure: none for the document, it is taken up again by itself; look after the time-stamp authority.
    """

    code = "approval.time_stamp_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"暂时取不到时间戳（{reason}），本件留在签章队列。",
            f"No time stamp can be had ({reason}); the approval stays in the queue.",
        )
        self.reason = reason
