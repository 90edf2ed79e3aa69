"""The commands of docs/how-to/verify-a-document.md verify what is sound and refuse what was altered: OFD, seal and signature record."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hub.signing.applicant_record import written
from hub.signing.canonical import canonical
from hub.signing.signed_data import sm2_signed_data
from tests.architecture.house import ROOT
from tests.seal_desk import SIGNED, SealDesk, with_entries

pytestmark = pytest.mark.skipif(shutil.which("unzip") is None, reason="unzip is not installed")
GUIDE = ROOT / "docs" / "how-to" / "verify-a-document.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PART = re.compile(r"\bpart (\S+) \d+ (\S+?)(?=;|$)", re.MULTILINE)
# The guide's offsets are those of one file. Here they are looked up: depth, tag, which of them (1 is the first, $ the last).
STANDS = {
    "digest.bin": "2 'BIT STRING' 1",
    "signed.der": "1 SEQUENCE 1",
    "certificate.der": "1 'OCTET STRING' 1",
    "signature.der": "1 'BIT STRING' 1",
    "token.der": "2 'BIT STRING' '$'",
    "seal.der": "1 SEQUENCE 1",
    "maker.der": "1 'OCTET STRING' 1",
    "made.der": "1 'BIT STRING' 1",
}
STANDS_IN_RECORD = STANDS | {"certificate.der": "4 SEQUENCE 2", "signature.der": "5 'OCTET STRING' 1"}
LOOK_UP = r"""
at() { openssl asn1parse -inform DER -in "$1" | sed -nE "s/^ *([0-9]+):d=$2 .*(prim|cons): $3.*/\1/p" | sed -n "$4p"; }
"""
GOOD, SAME, TRUSTED = "Signature Verified Successfully", "same", "signer.pem: OK"
MANIFEST = {"files": [{"name": "form.pdf", "sm3": "0" * 64}], "purpose": "确认申请材料真实有效"}


@pytest.fixture
def folder(seal_desk: SealDesk, tmp_path: Path) -> Path:
    """A folder with what the guide asks for: the anchors, a sealed OFD, a signature record and the file it is over."""
    signer = seal_desk.signer()
    roots = [each.public_bytes(Encoding.PEM) for each in seal_desk.anchors().certificates]
    (tmp_path / "anchors.pem").write_bytes(b"".join(roots))
    (tmp_path / "FILE.ofd").write_bytes(seal_desk.sealed())
    signature = sm2_signed_data(canonical(MANIFEST), key=signer.key, chain=signer.chain, timestamp=seal_desk.token())
    (tmp_path / "signature.json").write_bytes(written(MANIFEST, None, signature))
    (tmp_path / "form.pdf").write_bytes(b"%PDF-1.7\n")
    return tmp_path


def chapters(*titles: str) -> str:
    """Return the commands of the guide that define, and those of the chapters named, as of the time of signing."""
    text = GUIDE.read_text("utf-8").replace("openssl verify ", f"openssl verify -attime {SIGNED.timestamp():.0f} ")
    defining, *rest = text.split("\n## 4. ")[1].split("\n## ")[0].split("\n### ")
    chosen = [each for title in titles for each in rest if each.startswith(title)]
    assert len(chosen) == len(titles)
    return "".join(block for each in (defining, *chosen) for block in BLOCK.findall(each))


def said_by(folder: Path, commands: str, stands: dict[str, str]) -> str:
    """Carry the commands out in `folder` and return what they print, complaints included."""
    own = PART.sub(lambda part: f'part {part[1]} "$(at {part[1]} {stands[part[2]]})" {part[2]}', commands)
    done = subprocess.run(["sh", "-c", LOOK_UP + own], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode(errors="replace")


def test_the_guide_verifies_a_sealed_ofd_and_its_seal_with_openssl_alone(folder: Path) -> None:
    said = said_by(folder, chapters("OFD", "印章"), STANDS)
    assert (said.count(GOOD), said.count(TRUSTED), said.count(SAME), "DIFFERS" in said) == (2, 2, 6, False), said
    assert "Time stamp: Nov 25 02:00:00 2026 GMT" in said


def test_the_guide_finds_the_part_of_an_ofd_that_was_altered(folder: Path, seal_desk: SealDesk) -> None:
    altered = with_entries(seal_desk.sealed(), {"Doc_0/PublicRes.xml": b"<x/>"})
    (folder / "FILE.ofd").write_bytes(altered)
    said = said_by(folder, chapters("OFD"), STANDS)
    assert "DIFFERS Doc_0/PublicRes.xml" in said and said.count(SAME) == 5


def test_the_guide_verifies_a_signature_record_with_openssl_alone(folder: Path) -> None:
    said = said_by(folder, chapters("电子签名记录"), STANDS_IN_RECORD)
    assert (said.count(GOOD), said.count(TRUSTED), "form.pdf" in said) == (1, 1, True), said


def test_the_guide_refuses_a_signature_record_whose_purpose_was_altered(folder: Path) -> None:
    record = (folder / "signature.json").read_text("utf-8")
    (folder / "signature.json").write_text(record.replace("确认", "放弃"), "utf-8")
    assert GOOD not in said_by(folder, chapters("电子签名记录"), STANDS_IN_RECORD)
