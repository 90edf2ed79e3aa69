"""Where a seal goes on a laid-out document: over the issuer and the date it finds by their words, and across the edges of all pages.

骑年盖月: the seal lies over issuer and date, rides the year and covers the month (GB/T 9704-2012 7.3.5.1). It never stands on a page without
text, and no page says 此页无正文: such a document is laid out anew instead (7.3.5.4). 骑缝章: a seal in vertical strips, one on the right edge of
each page, so that an exchanged page shows. Positions only: draws nothing, knows no file format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from hub.errors import HubError
from hub.signing.fonts import FontSet
from hub.signing.layout import BLACK, MM_PER_POINT, Layout, SealPlace, Text

DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")
NO_TEXT_NOTICE = "此页无正文"
ABOVE_MIDDLE_MM = 3.5  # issuer and date lie a little below the seal's centre (7.3.5.1)
ASCENT_EM, DESCENT_EM = 0.88, 0.12  # the box of a Chinese character about its baseline
MAX_STRIPS = 8  # of a 42 mm seal, strips of 5 mm; longer documents are sealed in groups of pages


class IssuerAndDateMissing(HubError):
    """No page of the document has the issuer's line with a date below it, so there is no place for the seal.

    Cure: print the issuer's name and, below it, the date as 2026年11月25日, each as a line of its own.
    """

    code = "seal.place_missing"

    def __init__(self, issuer: str) -> None:
        super().__init__(
            f"文件中找不到落款“{issuer}”及其下方的成文日期，无处盖章。",
            f"The document has no line {issuer} with a date below it; the seal has no place.",
        )
        self.issuer = issuer


class SealPageWithoutText(HubError):
    """The page that would carry the seal has no text of the document, or says 此页无正文; `page` counts from 1.

    Cure: lay the document out anew so that the last lines of its text stand above the seal.
    """

    code = "seal.page_without_text"

    def __init__(self, page: int) -> None:
        super().__init__(
            f"第 {page} 页没有正文，不能在空白页上盖章，也不得标注“{NO_TEXT_NOTICE}”；请重新排版。",
            f"Page {page} has no text of the document; no seal goes on it. Lay the document out anew.",
        )
        self.page = page


@dataclass(frozen=True)
class Impression:
    """One appearance of a seal: page from 0, the left top corner of its whole square in millimetres, and the strip of it that shows.

    `strip` is (first, last) in millimetres from the square's left edge, None when all of the seal shows. A square with a strip may
    reach over the page's edge; the strip never does.
    """

    page: int
    x_mm: float
    y_mm: float
    side_mm: float
    strip: tuple[float, float] | None = None


def over_issuer_and_date(layout: Layout, fonts: FontSet, *, issuer: str, diameter_mm: float) -> SealPlace:
    """Return where a round seal goes over the last lines `issuer` and, nearest below it, a date.

    Centred on the issuer, and moved sideways as far as it would not ride the year and cover the month. Raises IssuerAndDateMissing and
    SealPageWithoutText.
    """
    for page in range(len(layout.pages) - 1, -1, -1):
        texts = [mark for mark in layout.pages[page].marks if isinstance(mark, Text) and not mark.angle]
        pairs = [(name, date) for name in texts if name.text == issuer for date in _below(name, texts)]
        if pairs:
            name, date = min(pairs, key=lambda pair: pair[1].baseline_mm - pair[0].baseline_mm)
            _require_text(texts, name, page)
            return _centre(name, date, page, fonts=fonts, radius=diameter_mm / 2)
    raise IssuerAndDateMissing(issuer)


def impression_at(place: SealPlace, diameter_mm: float) -> Impression:
    """Return the whole seal with its centre at `place`."""
    return Impression(place.page, place.x_mm - diameter_mm / 2, place.y_mm - diameter_mm / 2, diameter_mm)


def across_edges(layout: Layout, diameter_mm: float) -> tuple[Impression, ...]:
    """Return the strips of the cross-page seal (骑缝章), half way down the right edges; none for a document of one page.

    Strips of one seal are equally wide, and laid side by side they are the seal. Above `MAX_STRIPS` pages there are several seals.
    """
    impressions: list[Impression] = []
    for first, count in _groups(len(layout.pages)):
        width = diameter_mm / count
        impressions += [
            Impression(
                page=first + index,
                x_mm=layout.width_mm - (index + 1) * width,
                y_mm=(layout.height_mm - diameter_mm) / 2,
                side_mm=diameter_mm,
                strip=(index * width, (index + 1) * width),
            )
            for index in range(count)
        ]
    return tuple(impressions)


def _groups(pages: int) -> Iterator[tuple[int, int]]:
    """Yield (first page, how many) of each cross-page seal: of about equal size, none of one page."""
    if pages < 2:
        return
    groups = -(-pages // MAX_STRIPS)
    sizes = [pages // groups + (index < pages % groups) for index in range(groups)]
    yield from zip(accumulate([0, *sizes[:-1]]), sizes, strict=True)


def _below(name: Text, texts: list[Text]) -> list[Text]:
    return [mark for mark in texts if DATE.fullmatch(mark.text) and mark.baseline_mm > name.baseline_mm]


def _require_text(texts: list[Text], name: Text, page: int) -> None:
    """Return when running text stands above the issuer's line: black, and not smaller than the issuer by more than a fifth."""
    above = [
        mark
        for mark in texts
        if mark.baseline_mm < name.baseline_mm and mark.colour == BLACK and mark.size_pt >= 0.8 * name.size_pt
    ]
    if not above or any(NO_TEXT_NOTICE in mark.text for mark in texts):
        raise SealPageWithoutText(page + 1)


def _centre(name: Text, date: Text, page: int, *, fonts: FontSet, radius: float) -> SealPlace:
    top = name.baseline_mm - ASCENT_EM * _em(name)
    bottom = date.baseline_mm + DESCENT_EM * _em(date)
    y = (top + bottom) / 2 - ABOVE_MIDDLE_MM
    first, last = _ridden(date, fonts)
    reach = max(radius**2 - (bottom - y) ** 2, 0.0) ** 0.5  # half of what the disc covers at the date's lower edge
    x = name.x_mm + _width(name, name.text, fonts) / 2
    return SealPlace(page, _between(x, last - reach, first + reach), y)


def _ridden(date: Text, fonts: FontSet) -> tuple[float, float]:
    """Return from where to where the seal must lie on the date: it rides the year, from its middle on, and covers the month."""
    year, month = date.text.index("年") + 1, date.text.index("月") + 1
    return date.x_mm + _width(date, date.text[:year], fonts) / 2, date.x_mm + _width(date, date.text[:month], fonts)


def _between(value: float, least: float, most: float) -> float:
    """Return `value` moved into the range; the middle of the bounds where they leave no range."""
    return (least + most) / 2 if least > most else min(max(value, least), most)


def _width(mark: Text, text: str, fonts: FontSet) -> float:
    return fonts.width(text, mark.face) * _em(mark) + mark.spacing_mm * len(text)


def _em(mark: Text) -> float:
    return mark.size_pt * MM_PER_POINT
