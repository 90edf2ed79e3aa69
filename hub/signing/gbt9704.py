"""Lays a decision document out after GB/T 9704-2012, in its letter form (10.1 信函格式), the one used for replies and decisions (批复、函).

A4, text area 156 × 225 mm with margins 37 (top) and 28 (left), 22 lines of 28 characters in size three (三号); the issuer's name in red, 30 mm
from the top; red double rules 170 mm long; the date under the issuer, four characters from the right, both under the seal (7.3.5.1); the
page with the seal always carries text of the document. Pages after the first are numbered (7.5). Draws no emblem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from hub.signing.fonts import CharactersMissing, Face, FontSet, missing_characters
from hub.signing.gbt9704_furniture import closing_marks, page_number, red_rules, watermark
from hub.signing.gbt9704_measures import (
    AREA_BOTTOM,
    AREA_LEFT,
    AREA_RIGHT,
    AREA_TOP,
    AREA_WIDTH,
    BODY_PT,
    CHARACTER,
    CHARACTERS,
    LINE_PITCH,
    LINES,
    baseline,
    centred,
    em_mm,
)
from hub.signing.layout import OFFICIAL_RED, Layout, Mark, Page, SealPlace, Text
from hub.signing.placing import over_issuer_and_date
from hub.signing.typesetting import Line, balanced, break_lines

ISSUER_TOP, ISSUER_MAX_PT, ISSUER_MAX_WIDTH = 30.0, 38.0, 168.0
RULE_BELOW_ISSUER = 4.0
TITLE_PT, TITLE_PITCH, TITLE_MEASURE = 22.0, 11.6, 18.0
SIGNATURE_ROWS = 5  # two blank, issuer, date, and the seal's lower edge
SIGNATURE_ROWS_FIRST_PAGE = 4  # no page number there: the seal's edge may reach below the text area
ROWS_BEFORE_ISSUER = 2
KEPT_WITH_SIGNATURE = 2
SEAL_MM = 42.0  # 国发〔1999〕25号: seals of organs below the provincial level


@dataclass(frozen=True, kw_only=True)
class DecisionDocument:
    """What a decision says. `paragraphs` are (heading or None, text); `dated_on` is a civil date in Asia/Shanghai."""

    issuer_zh: str
    number: str
    kind_zh: str
    title: str
    addressee: str
    paragraphs: tuple[tuple[str | None, str], ...]
    dated_on: date
    verify_url: str
    demonstration: bool
    remedies: str | None = None
    attachments: tuple[str, ...] = ()

    def every_text(self) -> str:
        """Return all text that will be set, for asking the fonts about it."""
        bodies = [part for paragraph in self.paragraphs for part in paragraph if part]
        fixed = [self.issuer_zh, self.number, self.kind_zh, self.title, self.addressee, self.verify_url]
        return "\n".join([*fixed, *bodies, self.remedies or "", *self.attachments])


@dataclass(frozen=True)
class Row:
    """One line of the text area; an empty text leaves the line blank."""

    line: Line
    face: Face = Face.BODY


BLANK = Row(Line(""))


def lay_out(document: DecisionDocument, fonts: FontSet) -> Layout:
    """Return the laid-out document; raise CharactersMissing when a font lacks a character of it."""
    if absent := missing_characters(document.every_text(), fonts):
        raise CharactersMissing(absent)
    head, first_row_top = _head(document, fonts)
    first_capacity = int((AREA_BOTTOM - first_row_top - CHARACTER + 0.01) / LINE_PITCH) + 1
    pages = paginate(_rows(document, fonts), first_capacity)
    tops = [first_row_top] + [AREA_TOP] * (len(pages) - 1)
    marks = [
        [*_furniture(document, fonts, number), *(head if number == 1 else ()), *_set_rows(rows, top)]
        for number, (rows, top) in enumerate(zip(pages, tops, strict=True), start=1)
    ]
    issuer_top = tops[-1] + (len(pages[-1]) + ROWS_BEFORE_ISSUER) * LINE_PITCH
    marks[-1].extend(
        closing_marks(document.issuer_zh, _dated(document.dated_on), document.verify_url, top=issuer_top, fonts=fonts)
    )
    laid_out = Layout(
        pages=tuple(Page(tuple(each)) for each in marks),
        seal=SealPlace(len(pages) - 1, 0.0, 0.0),
        title=document.title,
        author=document.issuer_zh,
        subject=f"{document.kind_zh} {document.number}",
    )
    place = over_issuer_and_date(laid_out, fonts, issuer=document.issuer_zh, diameter_mm=SEAL_MM)
    return replace(laid_out, seal=place)


def paginate(rows: Sequence[Row], first_capacity: int) -> list[list[Row]]:
    """Return the rows page by page so that the last page has text and room for issuer, date and seal (7.3.5.4)."""
    pages: list[list[Row]] = []
    rest, capacity = list(rows), first_capacity
    while rest:
        page = rest[:capacity]
        while len(rest) > len(page) > 1 and (page[-1].face is Face.HEADING or rest[len(page)] is BLANK):
            page.pop()  # no heading without its text, no blank line on top of the next page
        pages.append(page)
        rest, capacity = rest[len(page) :], LINES
    only = len(pages) == 1
    room = first_capacity - SIGNATURE_ROWS_FIRST_PAGE if only else LINES - SIGNATURE_ROWS
    return pages if len(pages[-1]) <= room else [*pages[:-1], *_halved(pages[-1], KEPT_WITH_SIGNATURE)]


def _halved(page: list[Row], kept: int) -> list[list[Row]]:
    """Return `page` as two, the second of `kept` rows or more: it begins with text, and no heading stays alone above."""
    while kept < len(page) and (page[-kept] is BLANK or page[-kept - 1].face is Face.HEADING):
        kept += 1
    return [part for part in (page[:-kept], page[-kept:]) if part]


def _head(document: DecisionDocument, fonts: FontSet) -> tuple[list[Mark], float]:
    """Return the marks above the text of the first page, and the top of its first line."""
    natural = fonts.width(document.issuer_zh, Face.HEADING) * em_mm(1.0)
    size = min(ISSUER_MAX_PT, ISSUER_MAX_WIDTH / natural)
    issuer = centred(
        document.issuer_zh, fonts, ISSUER_TOP + 0.88 * em_mm(size), size, face=Face.HEADING, colour=OFFICIAL_RED
    )
    rule_y = ISSUER_TOP + em_mm(size) + RULE_BELOW_ISSUER
    number_top = rule_y + 1.6 + CHARACTER * 7 / 8
    number_x = AREA_RIGHT - fonts.width(document.number, Face.BODY) * em_mm(BODY_PT)
    marks: list[Mark] = [issuer, *red_rules(rule_y), Text(document.number, number_x, baseline(number_top), BODY_PT)]
    if document.demonstration:
        marks.append(Text("演示样张", AREA_LEFT, baseline(number_top), BODY_PT, face=Face.HEADING))
    top = number_top + CHARACTER + 1.5 * LINE_PITCH
    for text in _title_lines(document, fonts):
        marks.append(centred(text, fonts, top + 0.88 * em_mm(TITLE_PT), TITLE_PT, face=Face.HEADING))
        top += TITLE_PITCH
    return marks, top + LINE_PITCH * 0.8


def _title_lines(document: DecisionDocument, fonts: FontSet) -> list[str]:
    lines = balanced(document.title, TITLE_MEASURE, partial(fonts.width, face=Face.HEADING))
    return lines if document.kind_zh in document.title else [*lines, document.kind_zh]


def _rows(document: DecisionDocument, fonts: FontSet) -> list[Row]:
    addressee = document.addressee if document.addressee.endswith("：") else f"{document.addressee}："
    rows = _paragraph(addressee, fonts, indent=0.0)
    for heading, text in document.paragraphs:
        if heading:
            rows += _paragraph(heading, fonts, face=Face.HEADING)
        rows += _paragraph(text, fonts)
    if document.remedies:
        rows += _paragraph(document.remedies, fonts)
    return rows + _attachments(document.attachments, fonts)


def _attachments(names: Sequence[str], fonts: FontSet) -> list[Row]:
    """Return the note on attachments: one line below the text, numbered when there are several (7.3.4)."""
    rows: list[Row] = []
    for index, name in enumerate(names, start=1):
        label = "附件：" if index == 1 else ""
        number = f"{index}." if len(names) > 1 else ""
        rows += _paragraph(f"{label}{number}{name}", fonts, indent=2.0 if index == 1 else 5.0)
    return [BLANK, *rows] if rows else []


def _paragraph(text: str, fonts: FontSet, *, indent: float = 2.0, face: Face = Face.BODY) -> list[Row]:
    width = partial(fonts.width, face=face)
    parts = [part for part in text.splitlines() if part.strip()]
    return [
        Row(line, face) for part in parts for line in break_lines(part.strip(), CHARACTERS, width, indent_em=indent)
    ]


def _set_rows(rows: Sequence[Row], top: float) -> list[Mark]:
    return [
        Text(
            row.line.text,
            AREA_LEFT + row.line.indent_em * CHARACTER,
            baseline(top + index * LINE_PITCH),
            BODY_PT,
            face=row.face,
            spacing_mm=row.line.spacing_em * CHARACTER,
        )
        for index, row in enumerate(rows)
        if row.line.text
    ]


def _furniture(document: DecisionDocument, fonts: FontSet, number: int) -> list[Mark]:
    marks: list[Mark] = list(watermark(fonts)) if document.demonstration else []
    if number > 1:
        marks.append(page_number(number, fonts))
    return marks


def _dated(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


__all__ = ["AREA_WIDTH", "DecisionDocument", "Row", "lay_out", "paginate"]
