"""docs/how-to/share-licenses.md lists the operations, the head's statuses and the statuses of licenses that the program has."""

from __future__ import annotations

import re

from hub.licenses.checking import CheckOutcome
from hub.web.sharing import NO_RECORD, NOT_AUTHORISED, OTHER, PARAMETER_ERROR, SUCCESS, TOO_MANY
from hub.web.sharing_operations import OPERATIONS, STATUS_CODES
from tests.architecture.house import ROOT

GUIDE = (ROOT / "docs" / "how-to" / "share-licenses.md").read_text("utf-8")


def rows(chapter: str, pattern: str) -> list[str]:
    """Return what the first column of a chapter's tables holds, as far as it looks like `pattern`."""
    own = next(each for each in GUIDE.split("\n## ") if each.startswith(chapter))
    return re.findall(rf"^\| {pattern} \|", own, re.MULTILINE)


def test_the_guide_lists_every_sharing_operation_in_order() -> None:
    assert rows("2.", "`([a-z-]+)`") == ["token", *OPERATIONS]


def test_the_guide_lists_every_status_of_an_answers_head() -> None:
    told = [int(each) for each in rows("1.", r"(\d+)")]
    assert told == [SUCCESS, NOT_AUTHORISED, NO_RECORD, PARAMETER_ERROR, TOO_MANY, OTHER]


def test_the_guide_lists_every_status_of_a_license_and_every_result_of_a_check() -> None:
    assert rows("3.", r"`(\d\d)`") == sorted(set(STATUS_CODES.values()))
    assert rows("3.", r"`(\d)`") == [outcome.standard_code for outcome in CheckOutcome]
