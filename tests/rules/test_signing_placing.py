"""The seal finds its place by the words it covers; strips across the edges of all pages make one seal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import sqrt
from pathlib import Path

import pytest

from hub.signing.fonts import FontSet
from hub.signing.gbt9704 import lay_out
from hub.signing.layout import GREY, Layout, Page, SealPlace, Text
from hub.signing.placing import (
    MAX_STRIPS,
    Impression,
    IssuerAndDateMissing,
    SealPageWithoutText,
    across_edges,
    impression_at,
    over_issuer_and_date,
)
from tests.signing_desk import ISSUER, decision

DATED = "2026年11月25日"
BODY = Text("经审查，准予许可。", 28, 100, 16)
CLOSING = (Text(ISSUER, 100, 150, 16), Text(DATED, 120, 160, 16))


@pytest.fixture(scope="module")
def fonts(font_file: Path) -> FontSet:
    return FontSet(font_file)


def document(*pages: tuple[Text, ...]) -> Layout:
    return Layout(tuple(Page(marks) for marks in pages), SealPlace(0, 0, 0), "", "", "")


def placed(layout: Layout, fonts: FontSet, diameter: float = 42.0) -> SealPlace:
    return over_issuer_and_date(layout, fonts, issuer=ISSUER, diameter_mm=diameter)


def ridden(layout: Layout, place: SealPlace, fonts: FontSet, *, year: str, month: str) -> bool:
    """Say whether the disc rides the year from its middle on and covers the month, on the date's baseline."""
    dated = [m for m in layout.pages[place.page].marks if isinstance(m, Text) and m.text.startswith(year + month)][-1]
    reach = sqrt(21**2 - (dated.baseline_mm - place.y_mm) ** 2)
    middle, end = (
        dated.x_mm + width * dated.size_pt * 25.4 / 72
        for width in (fonts.width(year, dated.face) / 2, fonts.width(year + month, dated.face))
    )
    return place.x_mm - reach <= middle and end <= place.x_mm + reach


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 11, 25), date(2026, 12, 31)])
def test_the_seal_rides_the_year_and_covers_the_month_of_the_date(fonts: FontSet, day: date) -> None:
    layout = lay_out(replace(decision(), dated_on=day), fonts)
    assert ridden(layout, layout.seal, fonts, year=f"{day.year}年", month=f"{day.month}月")


def test_the_seal_follows_year_and_month_where_the_issuer_stands_aside(fonts: FontSet) -> None:
    aside = (BODY, replace(CLOSING[0], x_mm=30), replace(CLOSING[1], x_mm=140))
    layout = document(aside)
    assert ridden(layout, placed(layout, fonts), fonts, year="2026年", month="11月")


def test_the_centre_lies_on_the_middle_of_the_issuer(fonts: FontSet) -> None:
    middle = 100 + fonts.width(ISSUER, CLOSING[0].face) * 16 * 25.4 / 72 / 2
    layout = document((BODY, CLOSING[0], replace(CLOSING[1], x_mm=middle - 19)))
    assert placed(layout, fonts).x_mm == pytest.approx(middle)


def test_issuer_and_date_lie_a_little_below_the_centre(fonts: FontSet) -> None:
    assert 150 < placed(document((BODY, *CLOSING)), fonts).y_mm + 4 < 157


def test_the_last_page_with_issuer_and_date_is_sealed(fonts: FontSet) -> None:
    pages = (BODY, *CLOSING)
    assert placed(document(pages, pages), fonts).page == 1


def test_no_seal_is_placed_on_a_page_without_text(fonts: FontSet) -> None:
    with pytest.raises(SealPageWithoutText) as refused:
        placed(document((BODY,), CLOSING), fonts)
    assert refused.value.page == 2


def test_a_caption_above_the_issuer_is_no_text(fonts: FontSet) -> None:
    caption = Text("扫码核验", 28, 100, 7.5, colour=GREY)
    with pytest.raises(SealPageWithoutText):
        placed(document((caption, *CLOSING)), fonts)


def test_a_page_that_says_it_has_no_text_is_refused(fonts: FontSet) -> None:
    with pytest.raises(SealPageWithoutText):
        placed(document((replace(BODY, text="（此页无正文）"), *CLOSING)), fonts)


@pytest.mark.parametrize("lines", range(1, 60, 3))
def test_a_decision_is_laid_out_so_that_its_date_never_falls_on_an_empty_page(fonts: FontSet, lines: int) -> None:
    text = "\n".join(["经审查，申请材料齐全。"] * lines)
    layout = lay_out(replace(decision(), paragraphs=((None, text),)), fonts)
    assert layout.seal == placed(layout, fonts) and layout.seal.page == len(layout.pages) - 1


def test_a_document_without_its_issuer_has_no_place_for_the_seal(fonts: FontSet) -> None:
    with pytest.raises(IssuerAndDateMissing):
        placed(document((BODY, CLOSING[1])), fonts)


def test_a_date_above_the_issuer_is_not_the_documents_date(fonts: FontSet) -> None:
    with pytest.raises(IssuerAndDateMissing):
        placed(document((BODY, CLOSING[0], replace(CLOSING[1], baseline_mm=120))), fonts)


def test_a_stamp_stands_about_its_place() -> None:
    assert impression_at(SealPlace(2, 100, 150), 42) == Impression(2, 79, 129, 42)


def test_a_document_of_one_page_has_no_cross_page_seal() -> None:
    assert across_edges(document((BODY,)), 42) == ()


@pytest.mark.parametrize("pages", [2, 3, 7, 8, 9, 20, 33])
def test_strips_show_the_whole_of_each_cross_page_seal_once(pages: int) -> None:
    strips = [impression.strip for impression in across_edges(document(*[(BODY,)] * pages), 42) if impression.strip]
    starts = [index for index, (first, _) in enumerate(strips) if first == 0]
    seals = [strips[start:end] for start, end in zip(starts, [*starts[1:], pages], strict=True)]
    for seal in seals:
        assert 2 <= len(seal) <= MAX_STRIPS and seal[-1][1] == pytest.approx(42)
        assert all(a[1] == pytest.approx(b[0]) for a, b in zip(seal, seal[1:], strict=False))


@pytest.mark.parametrize("pages", [2, 5, 12])
def test_every_strip_ends_at_the_right_edge_of_its_own_page(pages: int) -> None:
    impressions = across_edges(document(*[(BODY,)] * pages), 42)
    assert [impression.page for impression in impressions] == list(range(pages))
    assert all(
        impression.x_mm + impression.strip[1] == pytest.approx(210) for impression in impressions if impression.strip
    )
