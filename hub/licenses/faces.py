"""The face of a license as a layout: a framed certificate with its elements, issuer and date under the seal, identifier, and a code.

One layout for every type; colour and direction follow the type's class (`LOOKS`). No emblem is ever drawn. A demonstration says 样张
无法律效力 across every page. What is printed is what the view shows: of an annotated copy, masked.

Source: GB/T 36905-2018 (identifier and code on the face); GB/T 9704-2012 7.3.5.1 (seal over issuer and date, by custom here too).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from hub.codes.holders import TYPES
from hub.licenses.face_marks import (
    Frame,
    block_rows,
    centred,
    closing,
    copy_lines,
    footer,
    frame_marks,
    watermark,
)
from hub.licenses.views import LicenseView
from hub.signing.fonts import Face, FontSet
from hub.signing.layout import A4_MM, BLACK, GREY, Colour, Layout, Mark, Page, SealPlace

TITLE_PT, TITLE_EN_PT, NUMBER_PT = 34.0, 11.0, 11.0
NOTICE_PT, NOTICE_BASELINE = 8.0, 6.2
SIZES_PT = (14.0, 12.5, 11.0, 9.5, 8.5)
"""Type for the elements: the largest that leaves all of them on the first page; with the last, they go on over pages."""
LONG_TERM = "长期"


@dataclass(frozen=True)
class Look:
    """How the certificates of one class look."""

    landscape: bool
    colour: Colour


LOOKS: dict[tuple[str, bool], Look] = {
    ("LICENSE", False): Look(landscape=True, colour=Colour(0.62, 0.12, 0.10)),
    ("LICENSE", True): Look(landscape=True, colour=Colour(0.10, 0.24, 0.47)),
    ("APPROVAL_DOCUMENT", False): Look(landscape=False, colour=Colour(0.10, 0.36, 0.26)),
    ("APPROVAL_DOCUMENT", True): Look(landscape=False, colour=Colour(0.10, 0.36, 0.26)),
}
"""By catalogue class, and whether only natural persons hold such a license."""


@dataclass(frozen=True, kw_only=True)
class LicenseFace:
    """What a face shows; `notes` are the lines of an annotated copy or a rendition, printed small above the frame's foot."""

    title: str
    title_en: str
    number: str = field(repr=False)
    elements: tuple[tuple[str, str, str], ...] = field(repr=False)  # key, name, value
    issuer_zh: str
    dated_on: date
    identifier: str
    verify_url: str
    demonstration: bool
    look: Look
    notes: tuple[str, ...] = ()


def face_of(seen: LicenseView, *, public_url: str, notes: tuple[str, ...] = ()) -> LicenseFace:
    """Return the face of a license as it is seen; its code opens `<public_url>/verify/<random id>`."""
    license, kind = seen.license, seen.kind
    catalog_class = (kind.catalog_class if kind else None) or "LICENSE"
    natural = kind is not None and kind.holder_kind == "NATURAL_PERSON"
    return LicenseFace(
        title=kind.name_zh if kind else license.type_code,
        title_en=(kind.name_en if kind else None) or "",
        number=seen.number,
        elements=_elements(seen),
        issuer_zh=license.issuer_zh,
        dated_on=license.issued_on,
        identifier=license.identifier,
        verify_url=f"{public_url.rstrip('/')}/verify/{license.verify_id}",
        demonstration=license.demonstration,
        look=LOOKS[catalog_class, natural],
        notes=notes,
    )


def lay_out(face: LicenseFace, fonts: FontSet) -> Layout:
    """Return the layout of the face. A few milliseconds.

    Long texts make the type smaller, and then make pages; the issuer, the seal and the code stand on the last.
    """
    width, height = (A4_MM[1], A4_MM[0]) if face.look.landscape else A4_MM
    frame = Frame(width, height)
    pages = _body(face, frame, fonts)
    end, seal_x, seal_y = closing(
        face.issuer_zh, face.dated_on, face.verify_url, frame=frame, fonts=fonts, colour=face.look.colour
    )
    pages[-1] = [*pages[-1], *end]
    whole = [
        Page(
            (
                *(watermark(frame, fonts) if face.demonstration else ()),
                *copy_lines(face.notes, frame, fonts),
                *frame_marks(frame, face.look.colour),
                *marks,
                *footer(face.identifier, face.notes, number, len(pages), frame=frame, fonts=fonts),
            )
        )
        for number, marks in enumerate(pages, 1)
    ]
    return Layout(
        tuple(whole),
        SealPlace(len(pages) - 1, seal_x, seal_y),
        title=face.title,
        author=face.issuer_zh,
        subject=face.identifier,
        width_mm=width,
        height_mm=height,
    )


def with_notice(layout: Layout, notice: str, fonts: FontSet) -> Layout:
    """Return the layout with a rendition's line (阅览件) above the frame of every page; without a notice, as it is."""
    if not notice:
        return layout
    frame = Frame(layout.width_mm, layout.height_mm)
    line = centred(notice, frame, fonts, NOTICE_BASELINE, size_pt=NOTICE_PT, colour=GREY)
    return replace(layout, pages=tuple(Page((*page.marks, line)) for page in layout.pages))


def _body(face: LicenseFace, frame: Frame, fonts: FontSet) -> list[list[Mark]]:
    """Return the marks of each page between title and closing."""
    head = _head(face, frame, fonts)
    for size in SIZES_PT:
        pages = block_rows(face.elements, frame, fonts, size_pt=size, colour=face.look.colour)
        if len(pages) == 1:
            break
    pages[0] = [*head, *pages[0]]
    return pages


def _head(face: LicenseFace, frame: Frame, fonts: FontSet) -> list[Mark]:
    title = centred(
        face.title,
        frame,
        fonts,
        frame.title_baseline,
        size_pt=TITLE_PT,
        face=Face.HEADING,
        colour=face.look.colour,
        spaced=True,
        tag="ZZMC",
    )
    marks: list[Mark] = [title]
    if face.title_en:
        marks.append(centred(face.title_en, frame, fonts, frame.title_baseline + 8, size_pt=TITLE_EN_PT, colour=GREY))
    marks.append(
        centred(
            f"证照编号：{face.number}",
            frame,
            fonts,
            frame.title_baseline + 15.5,
            size_pt=NUMBER_PT,
            colour=BLACK,
            tag="ZZBH",
        )
    )
    return marks


def _elements(seen: LicenseView) -> tuple[tuple[str, str, str], ...]:
    license = seen.license
    names = "、".join(holder.name for holder in seen.holders)
    codes = "、".join(holder.code for holder in seen.holders)
    types = dict.fromkeys(TYPES[holder.code_type].name_zh for holder in seen.holders)
    last = LONG_TERM if license.valid_until is None else _day(license.valid_until)
    return (
        ("CZZT", "持证主体", names),
        ("CZZTDM", "、".join(types), codes),
        *((element.key, element.name_zh, _shown(element.value)) for element in seen.face),
        ("ZZYXQJZRQ", "有效期", f"{_day(license.valid_from)} 至 {last}"),
    )


def _shown(value: str) -> str:
    """Return a date as people write it, and anything else as it is."""
    try:
        return _day(date.fromisoformat(value)) if len(value) == len("2026-11-25") else value
    except ValueError:
        return value


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
