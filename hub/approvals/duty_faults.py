"""What standing in, taking back, correcting and withdrawing refuse, and why."""

from __future__ import annotations

from hub.errors import Conflict, MoveRefused, NotFound, ValidationFailed


class DelegationInvalid(ValidationFailed):
    """A delegation is between two officers of one region, for duties the first holds himself, for a term of at most a year.

    Cure: correct the field named in `path`; what an officer holds by delegation cannot be passed on.
    """

    code = "approval.delegation_invalid"

    def __init__(self, why_zh: str, why_en: str, *, path: str) -> None:
        super().__init__(f"委托无效：{why_zh}。", f"The delegation is invalid: {why_en}.", path=path)


class DelegationMissing(NotFound):
    """There is no delegation of this number for this caller, or it was revoked already.

    Cure: choose one from the list of delegations.
    """

    code = "approval.delegation_missing"

    def __init__(self) -> None:
        super().__init__("没有这项委托，或已撤销。", "There is no such delegation, or it was revoked.", path="id")


class TakingBackTooLate(MoveRefused):
    """An act is taken back by who did it, as long as it is the last, was a pass or a return, and no next officer has opened the approval.

    Cure: ask the officer who has it now to return it; before it is sealed an approved document can be returned as well.
    """

    code = "approval.taking_back_too_late"

    def __init__(self) -> None:
        super().__init__(
            "已不能收回：只有最后一步的办理人，在下一环节打开之前，可以收回。",
            "It is too late to take this back: only the last act, by who did it, before the next officer opens the approval.",
        )


class CorrectionUnderWay(Conflict):
    """Another document that corrects or withdraws this one is on its route already.

    Cure: go on with that one, or have it refused first; `other` is its id.
    """

    code = "approval.correction_under_way"

    def __init__(self, other: str) -> None:
        super().__init__(
            "已有一件更正或撤销本件的文书在办理中。",
            "Another document that corrects or withdraws this one is under way.",
        )
        self.other = other
