"""The face of a license: what stands on it, that nothing leaves the page, and what an annotated copy says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hub.licenses.faces import LOOKS, LicenseFace, lay_out, with_notice
from hub.signing.fonts import FontSet
from hub.signing.layout import MM_PER_POINT, Code, Layout, Text

IDENTIFIER = "1.2.156.3005.2.11100000000013338W011.11610100MB0000000J.20261124000000000001.001.8"
FACE = LicenseFace(
    title="建筑施工企业安全生产管理人员考核合格证书",
    title_en="Certificate of competence",
    number="演示-2026-0001",
    elements=(
        ("CZZT", "持证主体", "示例企业（演示）"),
        ("CZZTDM", "统一社会信用代码", "91350100M000100Y43"),
        ("KZ_SCOPE", "考核类别与范围", "演示"),
        ("ZZYXQJZRQ", "有效期", "2026年11月24日 至 2029年11月23日"),
    ),
    issuer_zh="沣东新城行政审批局（演示）",
    dated_on=date(2026, 11, 24),
    identifier=IDENTIFIER,
    verify_url="https://hub.example/verify/0123456789abcdef0123456789abcdef",
    demonstration=True,
    look=LOOKS["LICENSE", False],
)


@pytest.fixture(scope="session")
def fonts(font_file: Path) -> FontSet:
    return FontSet(font_file)


def texts(layout: Layout) -> list[Text]:
    return [mark for page in layout.pages for mark in page.marks if isinstance(mark, Text)]


def said(layout: Layout) -> str:
    return "\n".join(mark.text for mark in texts(layout))


@pytest.mark.parametrize("look", LOOKS.values(), ids=str)
def test_every_look_shows_elements_issuer_identifier_and_code(look: object, fonts: FontSet) -> None:
    layout = lay_out(replace(FACE, look=look), fonts)  # type: ignore[arg-type]
    for words in (FACE.title, "示例企业（演示）", FACE.issuer_zh, "2026年11月24日", IDENTIFIER, FACE.number):
        assert words in said(layout)
    codes = [mark for page in layout.pages for mark in page.marks if isinstance(mark, Code)]
    assert [code.payload for code in codes] == [FACE.verify_url]


def test_a_demonstration_says_so_across_every_page_and_a_real_license_does_not(fonts: FontSet) -> None:
    long = replace(
        FACE, elements=(*FACE.elements, ("KZ_X", "范围", "许可范围。" * 390), ("KZ_Y", "范围", "范围。" * 600))
    )
    layout = lay_out(long, fonts)
    assert len(layout.pages) > 1
    for page in layout.pages:
        assert any(isinstance(mark, Text) and mark.text == "样张 无法律效力" for mark in page.marks)
    assert "样张" not in said(lay_out(replace(FACE, demonstration=False), fonts))


def test_nothing_that_stands_upright_leaves_the_frame(fonts: FontSet) -> None:
    values = ("许可范围。" * 40, "A" * 200, "甲", "地址" * 45)
    elements = tuple((f"KZ_{n}", "很长很长的照面要素名称"[: 2 + 3 * n], value) for n, value in enumerate(values))
    layout = lay_out(replace(FACE, title="很长的证照名称" * 6, elements=elements), fonts)
    for mark in texts(layout):
        if mark.angle == 0:
            width = fonts.width(mark.text, mark.face) * mark.size_pt * MM_PER_POINT
            assert mark.x_mm >= 9
            assert mark.x_mm + width + mark.spacing_mm * (len(mark.text) - 1) <= layout.width_mm - 9
            assert 9 <= mark.baseline_mm <= layout.height_mm


def test_the_seal_lies_over_issuer_and_date_on_the_last_page(fonts: FontSet) -> None:
    layout = lay_out(FACE, fonts)
    named = next(mark for mark in texts(layout) if mark.text == FACE.issuer_zh)
    dated = next(mark for mark in texts(layout) if mark.tag == "ZZBFRQ")
    assert layout.seal.page == len(layout.pages) - 1
    assert named.baseline_mm - 21 < layout.seal.y_mm < dated.baseline_mm
    assert layout.seal.y_mm + 21 < layout.height_mm
    width = fonts.width(named.text, named.face) * named.size_pt * MM_PER_POINT
    assert layout.seal.x_mm == pytest.approx(named.x_mm + width / 2)


def test_face_elements_are_tagged_with_their_keys(fonts: FontSet) -> None:
    tags = {mark.tag for mark in texts(lay_out(FACE, fonts))}
    assert {"ZZMC", "ZZBH", "CZZT", "CZZTDM", "KZ_SCOPE", "ZZBFJG", "ZZBFRQ", "ZZBS"} <= tags


def test_the_note_of_a_copy_and_of_a_rendition_stand_on_every_page(fonts: FontSet) -> None:
    note = "加注件：仅供演示系统用于“核验”，有效期至2026年12月25日，复制无效"
    layout = with_notice(lay_out(replace(FACE, notes=(note,)), fonts), "阅览件，以 OFD 原件为准。", fonts)
    assert said(layout).count(note) == 4
    assert "阅览件" in said(layout)


def test_the_same_face_is_laid_out_the_same(fonts: FontSet) -> None:
    assert lay_out(FACE, fonts) == lay_out(FACE, fonts)
