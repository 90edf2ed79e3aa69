"""The words of a decision document: how long each may be, what every kind is called, and the sentence that says its legal result.

Checks and tidies; never rewrites. Lengths are in characters. No database here.

Source: 行政许可法 arts 32, 38, 69 (what each kind says in law); GB/T 9704-2012 (title, addressee, body).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hub.approvals.faults import CharacterWithoutGlyph, TextMissing, TextTooLong
from hub.approvals.particulars import (
    Part,
    Particulars,
    checked_particulars,
    particulars_of,
    printed_particulars,
    remedies_of,
    shown_particulars,
)
from hub.approvals.rules import ApprovalKind
from hub.codes import citizens, uscc
from hub.codes.faults import CodeInvalid
from hub.errors import ValidationFailed
from hub.signing.fonts import FontSet, missing_characters

MAX_TITLE = 120
MAX_NAME = 200
MAX_CODE = 64
MAX_HEADING = 100
MAX_TEXT = 4_000
MAX_PARAGRAPHS = 60
MAX_BODY = 20_000
MAX_OPINION = 2_000
CODE_TYPES = frozenset(  # GB/T 36903 annex A
    {"001", "099", "111", "114", "115", "118", "119", "120", "122", "411", "412", "413", "414", "511", "516", "999"}
)
CHECKED_CODE_TYPES = {
    "001": uscc.parse,
    "111": citizens.parse,
}  # the others have no check character


@dataclass(frozen=True)
class Addressee:
    """To whom the decision is addressed; `code_type` is three digits of GB/T 36903 annex A."""

    name: str
    code: str
    code_type: str

    def to_json(self) -> dict[str, str]:
        """Return {name, code, codeType}, as an approval keeps it."""
        return {"name": self.name, "code": self.code, "codeType": self.code_type}


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the body, with or without a heading of its own."""

    heading: str | None
    text: str

    def to_json(self) -> dict[str, str | None]:
        """Return {heading, text}, as an approval keeps it."""
        return {"heading": self.heading, "text": self.text}


@dataclass(frozen=True)
class Wording:
    """What a kind is called, the sentence that ends it and says what follows in law, what it must contain, and its limit in working days.

    `result_zh` may name {correct_by}, the last day for corrections. `due_days` None: as long as the item promises.
    """

    name_zh: str
    result_zh: str
    needs: frozenset[Part] = frozenset()
    due_days: int | None = None


LAW = "根据《中华人民共和国行政许可法》"
REFUSING = frozenset({Part.REASONS, Part.REMEDIES})
AT_ONCE_DAYS = 5
"""Working days to answer an application: 行政许可法 art. 32 (1) 4."""
WORDINGS: dict[ApprovalKind, Wording] = {
    ApprovalKind.ACCEPTANCE_NOTICE: Wording(
        "受理通知书", f"{LAW}第三十二条的规定，决定予以受理。", due_days=AT_ONCE_DAYS
    ),
    ApprovalKind.CORRECTION_NOTICE: Wording(
        "补正告知书",
        f"{LAW}第三十二条第一款第四项的规定，现一次告知需要补正的全部内容，请于{{correct_by}}前补正。",
        frozenset({Part.GAPS}),
        AT_ONCE_DAYS,
    ),
    ApprovalKind.NOT_ACCEPTED: Wording(
        "不予受理决定书", f"{LAW}第三十二条的规定，决定不予受理。", REFUSING, AT_ONCE_DAYS
    ),
    ApprovalKind.GRANT: Wording("准予行政许可决定书", f"{LAW}第三十八条第一款的规定，决定准予行政许可。"),
    ApprovalKind.DENIAL: Wording("不予行政许可决定书", f"{LAW}第三十八条第二款的规定，决定不予行政许可。", REFUSING),
    ApprovalKind.REPLY: Wording("批复", "此复。"),
    ApprovalKind.WITHDRAWAL: Wording("撤销行政许可决定书", f"{LAW}第六十九条的规定，决定撤销上述行政许可。", REFUSING),
}


@dataclass(frozen=True)
class DocumentText:
    """What an officer writes: the title, the addressee, the body, and what the kind needs besides."""

    title: str
    addressee: Addressee
    body: tuple[Paragraph, ...]
    particulars: Particulars = Particulars()

    def to_json(self) -> dict[str, Any]:
        """Return the text as plain JSON, for idempotency digests."""
        return {
            "title": self.title,
            "addressee": self.addressee.to_json(),
            "body": [paragraph.to_json() for paragraph in self.body],
        } | self.particulars.to_json()


def checked_text(text: DocumentText, fonts: FontSet) -> DocumentText:
    """Return `text` trimmed, with line ends as "\\n", when it can be set as a document.

    Raises TextMissing, TextTooLong, CharacterWithoutGlyph (line ends in one-line fields too), ValidationFailed for a type of code
    that does not exist and, for codes of type 001 and 111, CodeInvalid.
    """
    tidy = DocumentText(
        text.title.strip(),
        Addressee(text.addressee.name.strip(), text.addressee.code.strip(), text.addressee.code_type.strip()),
        tuple(
            Paragraph((paragraph.heading or "").strip() or None, "\n".join(paragraph.text.strip().splitlines()))
            for paragraph in text.body
        ),
        text.particulars,
    )
    _require_lengths(tidy)
    for path, shown, one_line in _shown(tidy):
        _require_glyphs(path, shown, fonts, one_line=one_line)
    _require_code(tidy.addressee)
    return tidy


def checked_for_kind(text: DocumentText, kind: ApprovalKind, *, today: date, fonts: FontSet) -> DocumentText:
    """Return what `checked_text` returns, with what the kind needs besides the body checked as well; raises what `checked_particulars` raises."""
    tidy = checked_text(text, fonts)
    particulars = checked_particulars(text.particulars, WORDINGS[kind].needs, today=today)
    for path, shown, one_line in shown_particulars(particulars):
        _require_glyphs(path, shown, fonts, one_line=one_line)
    return replace(tidy, particulars=particulars)


def printed_paragraphs(
    kind: ApprovalKind, body: Sequence[Mapping[str, Any]], kept: Mapping[str, Any] | None
) -> tuple[tuple[str | None, str], ...]:
    """Return all paragraphs of a document but its remedies: body, reasons, gaps, and the sentence of legal result; (heading or None, text).

    `body` and `kept` are as an approval keeps them.
    """
    particulars = particulars_of(kept)
    by = particulars.correct_by
    day = "" if by is None else f"{by.year}年{by.month}月{by.day}日"
    result = WORDINGS[kind].result_zh.format(correct_by=day)
    written = tuple((paragraph["heading"], paragraph["text"]) for paragraph in body)
    return (*written, *printed_particulars(particulars), (None, result))


def remedies_sentence(kept: Mapping[str, Any] | None) -> str | None:
    """Return the sentence on reconsideration and lawsuit of a refusal, None for other kinds; `kept` is as an approval keeps it."""
    remedies = remedies_of(kept)
    return None if remedies is None else remedies.sentence()


def checked_opinion(opinion: str | None) -> str | None:
    """Return the opinion trimmed, None when it is empty; raises TextTooLong above 2000 characters. It is never printed."""
    if opinion is not None and len(opinion) > MAX_OPINION:
        raise TextTooLong("opinion", MAX_OPINION)
    return (opinion or "").strip() or None


def _require_lengths(text: DocumentText) -> None:
    _require("title", text.title, MAX_TITLE)
    _require("addressee.name", text.addressee.name, MAX_NAME)
    _require("addressee.code", text.addressee.code, MAX_CODE)
    _require("addressee.codeType", text.addressee.code_type, MAX_CODE)
    if not text.body:
        raise TextMissing("body")
    if len(text.body) > MAX_PARAGRAPHS:
        raise TextTooLong("body", MAX_PARAGRAPHS)
    for index, paragraph in enumerate(text.body):
        _require(f"body.{index}.text", paragraph.text, MAX_TEXT)
        if paragraph.heading and len(paragraph.heading) > MAX_HEADING:
            raise TextTooLong(f"body.{index}.heading", MAX_HEADING)
    if sum(len(paragraph.text) for paragraph in text.body) > MAX_BODY:
        raise TextTooLong("body", MAX_BODY)


def _require(path: str, text: str, limit: int) -> None:
    if not text:
        raise TextMissing(path)
    if len(text) > limit:
        raise TextTooLong(path, limit)


def _require_code(addressee: Addressee) -> None:
    if addressee.code_type not in CODE_TYPES:
        raise ValidationFailed(
            "没有这种代码类型（GB/T 36903 附录 A）。", "There is no such type of code.", path="addressee.codeType"
        )
    check = CHECKED_CODE_TYPES.get(addressee.code_type)
    try:
        if check is not None:
            check(addressee.code)
    except CodeInvalid as invalid:
        invalid.path = "addressee.code"
        raise


def _shown(text: DocumentText) -> Iterator[tuple[str, str, bool]]:
    """Yield (path, text, whether it is one line) of everything that is printed."""
    yield "title", text.title, True
    yield "addressee.name", text.addressee.name, True
    for index, paragraph in enumerate(text.body):
        yield f"body.{index}.heading", paragraph.heading or "", True
        yield f"body.{index}.text", paragraph.text, False


def _require_glyphs(path: str, text: str, fonts: FontSet, *, one_line: bool) -> None:
    absent = missing_characters(text, fonts)
    if one_line and "\n" in text:
        absent = ["U+000A", *absent]
    if absent:
        raise CharacterWithoutGlyph(absent, path)
