"""What surrounds the text of a document: red rules, page number, the demonstration's watermark, and the block of issuer, date and code.

The code opens the verification page; its caption never says that the paper in hand is genuine.
"""

from __future__ import annotations

import math
from functools import partial

from hub.signing.fonts import Face, FontSet
from hub.signing.gbt9704_measures import (
    AREA_BOTTOM,
    AREA_LEFT,
    AREA_RIGHT,
    BODY_PT,
    CHARACTER,
    LINE_PITCH,
    baseline,
    centred,
    em_mm,
)
from hub.signing.layout import A4_MM, GREY, OFFICIAL_RED, PALE_RED, Code, Mark, Rule, Text
from hub.signing.typesetting import break_lines

RULE_LEFT, RULE_RIGHT = 20.0, 190.0  # 170 mm, centred (10.1)
THICK, THIN, GAP = 1.0, 0.35, 1.1
LOWER_RULE_FROM_BOTTOM = 20.0
PAGE_NUMBER_PT, PAGE_NUMBER_BELOW_AREA = 14.0, 7.0
DATE_FROM_RIGHT = 4  # characters (7.3.5.1)
CODE_MM, CODE_ABOVE_ISSUER = 25.0, 17.5
CAPTION_PT, CAPTION_PITCH, CAPTION_MM = 7.5, 3.7, 66.0
CAPTION = "扫码或打开下列网址，上传本文件即可核验："
CAUTION = ("仅凭纸件或此码不能认定真伪。", "Upload the file there to verify it. Paper proves nothing.")
ISSUER_MAX_MM = 120.0  # leaves the code its room
SPECIMEN = "样张 无法律效力"
SPECIMEN_EN = "SPECIMEN · NO LEGAL EFFECT"
WATERMARK_PT, WATERMARK_EN_PT, WATERMARK_ANGLE = 70.0, 26.0, 52.0


def red_rules(y: float) -> list[Mark]:
    """Return both double rules of the letter form: thick over thin at `y`, thin over thick 20 mm above the page's lower edge."""
    lower = A4_MM[1] - LOWER_RULE_FROM_BOTTOM
    return [
        Rule(RULE_LEFT, at, RULE_RIGHT, at, width, OFFICIAL_RED)
        for at, width in ((y, THICK), (y + GAP, THIN), (lower - GAP, THIN), (lower, THICK))
    ]


def page_number(number: int, fonts: FontSet) -> Text:
    """Return `— n —`: on the right of odd pages, on the left of even ones, one character from the edge (7.5)."""
    text = f"— {number} —"
    width = fonts.width(text, Face.BODY) * em_mm(PAGE_NUMBER_PT)
    x = AREA_RIGHT - CHARACTER - width if number % 2 else AREA_LEFT + CHARACTER
    return Text(text, x, AREA_BOTTOM + PAGE_NUMBER_BELOW_AREA + em_mm(PAGE_NUMBER_PT) / 2, PAGE_NUMBER_PT)


def watermark(fonts: FontSet) -> list[Mark]:
    """Return the words across the page that keep a demonstration from being taken for the real thing."""
    return [
        _across(SPECIMEN, fonts, WATERMARK_PT, Face.HEADING, below_mm=0.0),
        _across(SPECIMEN_EN, fonts, WATERMARK_EN_PT, Face.BODY, below_mm=19.0),
    ]


def _across(text: str, fonts: FontSet, size_pt: float, face: Face, *, below_mm: float) -> Text:
    half = fonts.width(text, face) * em_mm(size_pt) / 2
    turn = math.radians(WATERMARK_ANGLE)
    x = A4_MM[0] / 2 - half * math.cos(turn) + below_mm * math.sin(turn)
    y = A4_MM[1] / 2 + half * math.sin(turn) + below_mm * math.cos(turn)
    return Text(text, x, y, size_pt, face=face, colour=PALE_RED, angle=WATERMARK_ANGLE)


def closing_marks(issuer: str, dated: str, verify_url: str, *, top: float, fonts: FontSet) -> list[Mark]:
    """Return issuer over date with the code beside them.

    `top` is where the issuer's line begins. The issuer is centred over the date; a long name moves both to the left.
    """
    natural = fonts.width(issuer, Face.BODY) * em_mm(BODY_PT)
    issuer_pt = BODY_PT * min(1.0, ISSUER_MAX_MM / natural)
    date_width = fonts.width(dated, Face.BODY) * em_mm(BODY_PT)
    date_centre = AREA_RIGHT - DATE_FROM_RIGHT * CHARACTER - date_width / 2
    centre = min(date_centre, AREA_RIGHT - CHARACTER - min(natural, ISSUER_MAX_MM) / 2)
    lines: list[Mark] = [
        centred(issuer, fonts, baseline(top), issuer_pt, about_mm=centre),
        centred(dated, fonts, baseline(top + LINE_PITCH), BODY_PT, about_mm=centre),
    ]
    return [*lines, *_code(verify_url, top - CODE_ABOVE_ISSUER, fonts)]


def _code(verify_url: str, top: float, fonts: FontSet) -> list[Mark]:
    """Return the code with its caption beneath, in the room left of the seal."""
    measure = CAPTION_MM / em_mm(CAPTION_PT)
    address = [line.text for line in break_lines(verify_url, measure, partial(fonts.width, face=Face.BODY))]
    first = top + CODE_MM + CAPTION_PITCH
    captions = [
        Text(line, AREA_LEFT + 1.5, first + index * CAPTION_PITCH, CAPTION_PT, colour=GREY)
        for index, line in enumerate([CAPTION, *address, *CAUTION])
    ]
    return [Code(verify_url, AREA_LEFT, top, CODE_MM), *captions]
