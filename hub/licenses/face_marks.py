"""The marks of a license's face: frame, rows of elements, the closing block with its code, the foot, and the words across the page.

Positions in millimetres from the page's top left; knows no license and no file format.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial

from hub.signing.fonts import Face, FontSet
from hub.signing.layout import BLACK, GREY, MM_PER_POINT, PALE_RED, Code, Colour, Mark, Rule, Text
from hub.signing.typesetting import balanced, break_lines

OUTER, INNER, PAD = 9.0, 12.5, 12.0
LABEL_EM, GAP_EM = 7.4, 0.6  # the label's column; between label and value
PITCH_EM, ROW_GAP_EM = 1.45, 0.75
COLUMN_GAP = 8.0
CODE_MM, CLOSING_MM = 27.0, 46.0
ISSUER_PT, CAPTION_PT, FOOT_PT = 14.0, 7.5, 8.0
FOOT_MM, NOTE_PITCH = 6.0, 4.0
SPECIMEN, SPECIMEN_EN = "样张 无法律效力", "SPECIMEN · NO LEGAL EFFECT"
HELD_FURNITURE = 32  # by page and colour
COPY_PT, COPY_ANGLE, COPY_SHARE = 13.0, 18.0, 0.86  # the line stays inside the page
PALE_GREY = Colour(0.86, 0.87, 0.89)
CAPTION = (
    "扫码或打开网址，上传本文件即可核验；",
    "仅凭纸件或此码不能认定真伪。",
    "Upload the file there to verify it.",
)


@dataclass(frozen=True)
class Frame:
    """A page and the field inside its frame."""

    width: float
    height: float

    @property
    def left(self) -> float:
        """Where text begins."""
        return INNER + PAD

    @property
    def right(self) -> float:
        """Where text ends."""
        return self.width - INNER - PAD

    @property
    def title_baseline(self) -> float:
        """The baseline of the title."""
        return INNER + 24.0

    @property
    def first_row(self) -> float:
        """Where the first row of elements begins below the title, its English name and the number."""
        return self.title_baseline + 25.0

    @property
    def closing_top(self) -> float:
        """Where the closing block begins."""
        return self.height - INNER - FOOT_MM - CLOSING_MM

    @property
    def foot(self) -> float:
        """The baseline of the identifier, inside the frame."""
        return self.height - INNER - 3.6


@lru_cache(maxsize=HELD_FURNITURE)
def frame_marks(frame: Frame, colour: Colour) -> tuple[Mark, ...]:
    """Return the double frame, with a turned square in each corner."""
    marks: list[Mark] = []
    for inset, width in ((OUTER, 1.4), (INNER, 0.35)):
        left, top, right, bottom = inset, inset, frame.width - inset, frame.height - inset
        half = width / 2  # lines meet in full corners
        marks += [
            Rule(left - half, top, right + half, top, width, colour),
            Rule(left - half, bottom, right + half, bottom, width, colour),
            Rule(left, top - half, left, bottom + half, width, colour),
            Rule(right, top - half, right, bottom + half, width, colour),
        ]
    for x in (INNER + 5, frame.width - INNER - 5):
        for y in (INNER + 5, frame.height - INNER - 5):
            marks += _ornament(x, y, colour)
    return tuple(marks)


def centred(
    text: str,
    frame: Frame,
    fonts: FontSet,
    baseline_mm: float,
    *,
    size_pt: float,
    face: Face = Face.BODY,
    colour: Colour = BLACK,
    spaced: bool = False,
    tag: str | None = None,
) -> Text:
    """Return `text` centred on the page, no wider than the field; a short title is `spaced` wider."""
    size, room = size_pt, frame.right - frame.left
    natural = fonts.width(text, face)
    gap_em = 0.35 if spaced and len(text) <= 8 else 0.05 if spaced else 0.0
    wide = natural + gap_em * max(len(text) - 1, 0)
    size = min(size, room / (wide * MM_PER_POINT)) if wide else size
    width = wide * size * MM_PER_POINT
    return Text(
        text,
        (frame.width - width) / 2,
        baseline_mm,
        size,
        face=face,
        colour=colour,
        spacing_mm=gap_em * size * MM_PER_POINT,
        tag=tag,
    )


def block_rows(
    elements: Sequence[tuple[str, str, str]], frame: Frame, fonts: FontSet, *, size_pt: float, colour: Colour
) -> list[list[Mark]]:
    """Return the elements (key, name, value) on pages, two columns wide where both are short; a row is never split."""
    em = size_pt * MM_PER_POINT
    pages: list[list[Mark]] = [[]]
    top = frame.first_row
    for row in _rows(elements, frame, fonts, em):
        tall = max(len(cell.lines) for cell in row) * PITCH_EM * em + ROW_GAP_EM * em
        if top + tall > frame.closing_top and pages[-1]:
            pages.append([])
            top = frame.title_baseline
        for cell in row:
            pages[-1] += cell.marks(top, size_pt, colour)
        top += tall
    return pages


def closing(
    issuer: str, dated_on: date, verify_url: str, *, frame: Frame, fonts: FontSet, colour: Colour
) -> tuple[list[Mark], float, float]:
    """Return the code with its caption, issuer over date at the right, and the centre of the seal that goes over both."""
    room = (frame.right - frame.left) * 0.5
    size = min(ISSUER_PT, room / (fonts.width(issuer, Face.BODY) * MM_PER_POINT))
    dated = f"{dated_on.year}年{dated_on.month}月{dated_on.day}日"
    centre = frame.right - max(room / 2, 30.0) + 4
    issuer_y, date_y = frame.closing_top + 24.0, frame.closing_top + 33.0
    marks: list[Mark] = [
        _about(issuer, centre, issuer_y, size_pt=size, fonts=fonts, tag="ZZBFJG"),
        _about(dated, centre, date_y, size_pt=ISSUER_PT, fonts=fonts, tag="ZZBFRQ"),
        Code(verify_url, frame.left - 2, frame.closing_top + 8, CODE_MM),
    ]
    captions = [*CAPTION, *_broken(verify_url, 56.0, CAPTION_PT, fonts)]
    marks += [
        Text(line, frame.left + CODE_MM, frame.closing_top + 16 + index * 3.8, CAPTION_PT, colour=GREY)
        for index, line in enumerate(captions)
    ]
    return marks, centre, (issuer_y + date_y) / 2 - 5.0


def footer(
    identifier: str, notes: Sequence[str], number: int, pages: int, *, frame: Frame, fonts: FontSet
) -> list[Mark]:
    """Return the identifier inside the frame's foot, and the notes below the frame."""
    named = f"证照标识 {identifier}" + (f"　第 {number} 页，共 {pages} 页" if pages > 1 else "")
    marks: list[Mark] = [centred(named, frame, fonts, frame.foot, size_pt=FOOT_PT, colour=GREY, tag="ZZBS")]
    line = "　".join(notes)
    if line:
        marks.append(centred(line, frame, fonts, frame.height - OUTER + NOTE_PITCH + 1, size_pt=FOOT_PT, colour=GREY))
    return marks


@lru_cache(maxsize=HELD_FURNITURE)
def watermark(frame: Frame, fonts: FontSet) -> tuple[Mark, ...]:
    """Return the words across the page that keep a demonstration from being taken for the real thing."""
    angle = math.degrees(math.atan2(frame.height, frame.width)) * 0.8
    return (
        _across(SPECIMEN, frame, fonts, 76.0, angle=angle, face=Face.HEADING, below=0.0, colour=PALE_RED),
        _across(SPECIMEN_EN, frame, fonts, 26.0, angle=angle, face=Face.BODY, below=19.0, colour=PALE_RED),
    )


def copy_lines(notes: Sequence[str], frame: Frame, fonts: FontSet) -> list[Mark]:
    """Return the first note three times across the page: whom an annotated copy is for, what for, and until when."""
    if not notes:
        return []
    natural = fonts.width(notes[0], Face.BODY) * MM_PER_POINT
    size = min(COPY_PT, COPY_SHARE * frame.width / (natural * math.cos(math.radians(COPY_ANGLE))))
    return [
        _across(notes[0], frame, fonts, size, angle=COPY_ANGLE, face=Face.BODY, below=below, colour=PALE_GREY)
        for below in (-48.0, 34.0, 76.0)
    ]


@dataclass(frozen=True)
class _Cell:
    """One element: label and lines of value, at `left`."""

    key: str
    label: Sequence[str]
    lines: Sequence[str]
    left: float
    em: float

    def marks(self, top: float, size_pt: float, colour: Colour) -> list[Mark]:
        """Return the marks of the cell whose row begins at `top`."""
        first, pitch = top + 0.88 * self.em, PITCH_EM * self.em
        value_x = self.left + (LABEL_EM + GAP_EM) * self.em
        labels = [
            Text(line, self.left, first + index * pitch, size_pt, colour=colour)
            for index, line in enumerate(self.label)
        ]
        values = [
            Text(line, value_x, first + index * pitch, size_pt, tag=self.key) for index, line in enumerate(self.lines)
        ]
        return [*labels, *values]


def _rows(elements: Sequence[tuple[str, str, str]], frame: Frame, fonts: FontSet, em: float) -> list[tuple[_Cell, ...]]:
    whole = frame.right - frame.left
    half = (whole - COLUMN_GAP) / 2
    rows: list[tuple[_Cell, ...]] = []
    waiting: _Cell | None = None
    for key, name, value in elements:
        label = [name] if len(name) <= LABEL_EM else balanced(name, LABEL_EM, partial(fonts.width, face=Face.BODY))
        short = _value(value, half, em, fonts)
        if len(short) > 2 or frame.height > frame.width:  # upright there is room for one column
            rows += [(waiting,)] if waiting else []
            long = _value(value, whole, em, fonts)
            rows.append((_Cell(key, label, _padded(long, len(label)), frame.left, em),))
            waiting = None
        elif waiting is None:
            waiting = _Cell(key, label, _padded(short, len(label)), frame.left, em)
        else:
            cell = _Cell(key, label, _padded(short, len(label)), frame.left + half + COLUMN_GAP, em)
            rows.append((waiting, cell))
            waiting = None
    return [*rows, (waiting,)] if waiting else rows


def _padded(lines: list[str], count: int) -> list[str]:
    """Return the lines, blank ones added, so that a row is as tall as its label."""
    return lines + [""] * (count - len(lines))


def _value(value: str, room_mm: float, em: float, fonts: FontSet) -> list[str]:
    measure = room_mm / em - LABEL_EM - GAP_EM
    if len(value) <= measure and "\n" not in value:  # no character is wider than an em
        return [value]
    paragraphs = value.splitlines() or [""]
    return [
        line.text for text in paragraphs for line in break_lines(text, measure, partial(fonts.width, face=Face.BODY))
    ]


def _broken(text: str, room_mm: float, size_pt: float, fonts: FontSet) -> list[str]:
    measure = room_mm / (size_pt * MM_PER_POINT)
    return [line.text for line in break_lines(text, measure, partial(fonts.width, face=Face.BODY))]


def _about(text: str, centre: float, baseline: float, *, size_pt: float, fonts: FontSet, tag: str) -> Text:
    width = fonts.width(text, Face.BODY) * size_pt * MM_PER_POINT
    return Text(text, centre - width / 2, baseline, size_pt, tag=tag)


def _across(
    text: str,
    frame: Frame,
    fonts: FontSet,
    size_pt: float,
    *,
    angle: float,
    face: Face,
    below: float,
    colour: Colour,
) -> Text:
    half = fonts.width(text, face) * size_pt * MM_PER_POINT / 2
    turn = math.radians(angle)
    x = frame.width / 2 - half * math.cos(turn) + below * math.sin(turn)
    y = frame.height / 2 + half * math.sin(turn) + below * math.cos(turn)
    return Text(text, x, y, size_pt, face=face, colour=colour, angle=angle)


def _ornament(x: float, y: float, colour: Colour) -> list[Mark]:
    """Return two squares, one turned by an eighth, as lines."""
    marks: list[Mark] = []
    for radius, start in ((3.1, 0.0), (3.1, math.pi / 4)):
        points = [
            (x + radius * math.cos(start + turn * math.pi / 2), y + radius * math.sin(start + turn * math.pi / 2))
            for turn in range(5)
        ]
        marks += [Rule(*points[n], *points[n + 1], 0.3, colour) for n in range(4)]
    return marks
