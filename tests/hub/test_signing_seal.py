"""Sealed documents as others see them: pdfsig and OpenSSL read ours and agree with us."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.signing.fonts import CharactersMissing
from hub.signing.seal_drawing import DEMONSTRATION_ZH, SealShape, draw_seal, pdf_content
from hub.signing.timestamp_client import TimeStampClient, TimeStampMismatch
from tests.signing_desk import ISSUER, SIGNED, SigningDesk, decision, flipped, found_desk, gap, voice


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, font_file: Path) -> SigningDesk:
    return found_desk(tmp_path_factory.mktemp("seal"), font_file)


@pytest.fixture(scope="module")
def sealed(desk: SigningDesk) -> bytes:
    return desk.sealed()


def pdfsig(content: bytes, path: Path) -> str:
    path.write_bytes(content)
    return voice("pdfsig", "poppler-utils", path)


def openssl_cms(desk: SigningDesk, content: bytes) -> str:
    """Verify the signature as a plain detached CMS: the bytes around the gap against the bytes in it."""
    start, end = gap(content)
    files = {"signature.der": bytes.fromhex(content[start + 1 : end - 1].decode()), "root.pem": desk.root_pem}
    files["covered.bin"] = content[:start] + content[end:]
    for name, written in files.items():
        (desk.folder / name).write_bytes(written)
    at = str(int(SIGNED.timestamp()))
    covered, root = desk.folder / "covered.bin", desk.folder / "root.pem"
    arguments: list[str | Path] = [
        "-binary",
        "-content",
        covered,
        "-CAfile",
        root,
        "-purpose",
        "any",
        "-attime",
        at,
        "-out",
        "/dev/null",
    ]
    signature = desk.folder / "signature.der"
    return voice("openssl", "openssl", "cms", "-verify", "-inform", "DER", "-in", signature, *arguments)


def test_pdfsig_finds_the_signature_valid_over_the_total_document(sealed: bytes, tmp_path: Path) -> None:
    said = pdfsig(sealed, tmp_path / "sealed.pdf")
    assert "Signature is Valid." in said and "Total document signed" in said and "ETSI.CAdES.detached" in said


def test_pdfsig_names_the_organ_and_the_time(sealed: bytes, tmp_path: Path) -> None:
    said = pdfsig(sealed, tmp_path / "sealed.pdf")
    assert f"Signer Certificate Common Name: {ISSUER}" in said and "Nov 25 2026" in said


def test_pdfsig_finds_an_altered_file_changed(sealed: bytes, tmp_path: Path) -> None:
    assert "Digest Mismatch" in pdfsig(flipped(sealed, 2000), tmp_path / "altered.pdf")


def test_openssl_verifies_the_seal_as_plain_cms(desk: SigningDesk, sealed: bytes) -> None:
    assert "CMS Verification successful" in openssl_cms(desk, sealed)


def test_openssl_refuses_an_altered_file(desk: SigningDesk, sealed: bytes) -> None:
    assert "CMS Verification failure" in openssl_cms(desk, flipped(sealed, 2000))


def test_sealing_only_adds_to_the_document(desk: SigningDesk, sealed: bytes) -> None:
    assert sealed.startswith(desk.rendered(decision()))


def test_no_file_comes_of_a_seal_without_a_time_stamp(desk: SigningDesk) -> None:
    silent = TimeStampClient(lambda _: b"", desk.stamp_chain[0])
    with pytest.raises(TimeStampMismatch):
        desk.sealed(client=silent)


def test_a_demonstration_seal_has_its_words_in_the_ring(desk: SigningDesk) -> None:
    real = draw_seal(SealShape(ISSUER, "行政审批专用章", 42.0, demonstration=False), desk.fonts)
    shown = draw_seal(SealShape(ISSUER, "行政审批专用章", 42.0, demonstration=True), desk.fonts)
    assert len(shown.fills) - len(real.fills) == len(DEMONSTRATION_ZH)


def test_every_outline_of_a_seal_lies_within_its_ring(desk: SigningDesk) -> None:
    drawing = draw_seal(
        SealShape("西咸新区沣东新城行政审批与政务服务局", "行政审批专用章", 42.0, demonstration=True), desk.fonts
    )
    inner = drawing.ring[0] - drawing.ring[1] / 2
    corners = [values[-2:] for contour in drawing.fills for _, values in contour if values]
    assert all(x * x + y * y < inner * inner for x, y in corners)


def test_a_seal_is_small_vectors(desk: SigningDesk) -> None:
    drawing = draw_seal(SealShape(ISSUER, "行政审批专用章", 42.0, demonstration=True), desk.fonts)
    assert len(pdf_content(drawing)) < 120_000


def test_a_seal_with_a_character_no_font_has_is_refused(desk: SigningDesk) -> None:
    with pytest.raises(CharactersMissing):
        draw_seal(SealShape("\U00020bb7野局", "专用章", 42.0, demonstration=True), desk.fonts)
