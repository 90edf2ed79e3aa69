"""The PDF before sealing: the same bytes each time, with text people and machines can read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hub.signing.gbt9704 import lay_out
from hub.signing.pdf_render import render_pdf
from tests.signing_desk import ISSUER, SigningDesk, decision, found_desk, voice


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> SigningDesk:
    return found_desk(tmp_path_factory.mktemp("pdf"), font_file)


def test_the_same_document_gives_the_same_bytes(desk: SigningDesk) -> None:
    first = desk.rendered(decision())
    desk.rendered(decision(title="关于另一件事的批复"))
    assert desk.rendered(decision()) == first


def test_another_process_gives_the_same_bytes(desk: SigningDesk, font_file: Path) -> None:
    program = (
        "import sys, hashlib; from pathlib import Path; from hub.signing.fonts import FontSet;"
        "from hub.signing.gbt9704 import lay_out; from hub.signing.pdf_render import render_pdf;"
        "from tests.signing_desk import decision; fonts = FontSet(Path(sys.argv[1]));"
        "sys.stdout.buffer.write(render_pdf(lay_out(decision(), fonts), fonts))"
    )
    other = subprocess.run([sys.executable, "-c", program, str(font_file)], capture_output=True, check=True)
    assert other.stdout == desk.rendered(decision())


def test_another_document_gives_other_bytes(desk: SigningDesk) -> None:
    assert desk.rendered(decision()) != desk.rendered(decision(paragraphs=3))


def test_the_text_can_be_extracted(desk: SigningDesk, tmp_path: Path) -> None:
    path = tmp_path / "decision.pdf"
    path.write_bytes(desk.rendered(decision(demonstration=False)))
    text = "".join(voice("pdftotext", "poppler-utils", path, "-").split())
    assert ISSUER in text and "关于食品经营许可申请的批复" in text and "你单位提交的食品经营许可申请收悉" in text


def test_every_font_is_embedded_as_a_subset(desk: SigningDesk, tmp_path: Path) -> None:
    path = tmp_path / "decision.pdf"
    path.write_bytes(desk.rendered(decision()))
    fonts = [line.split() for line in voice("pdffonts", "poppler-utils", path).splitlines()[2:]]
    noto = [font for font in fonts if "Noto" in font[0]]
    assert noto and all(font[-5:-2] == ["yes", "yes", "yes"] for font in noto)


def test_a_page_is_a4(desk: SigningDesk, tmp_path: Path) -> None:
    path = tmp_path / "decision.pdf"
    path.write_bytes(desk.rendered(decision()))
    assert "(A4)" in voice("pdfinfo", "poppler-utils", path)


def test_a_decision_stays_small(desk: SigningDesk) -> None:
    layout = lay_out(decision(), desk.fonts)
    assert len(render_pdf(layout, desk.fonts)) < 100_000


def test_the_code_can_be_read_from_the_printed_page(desk: SigningDesk, tmp_path: Path) -> None:
    path = tmp_path / "decision.pdf"
    path.write_bytes(desk.rendered(decision()))
    voice("pdftoppm", "poppler-utils", "-r", "150", "-png", "-singlefile", path, tmp_path / "page")
    assert decision().verify_url in voice("zbarimg", "zbar-tools", "-q", "--raw", tmp_path / "page.png")
