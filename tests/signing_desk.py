"""What the tests of signing work with: a demonstration authority with its keys in a folder, a sample decision, and outside tools.

Everything is real: keys are made, certificates issued, tokens stamped, documents laid out with the document font and sealed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hub.clock import FixedClock
from hub.signing.anchors import Anchors
from hub.signing.authority import certify_seal, certify_time_stamps
from hub.signing.fonts import FontSet
from hub.signing.gbt9704 import DecisionDocument, lay_out
from hub.signing.key_files import FileKeyStore
from hub.signing.keys import Purpose
from hub.signing.pades import SealingAct, seal_pdf
from hub.signing.pdf_render import render_pdf
from hub.signing.seal_drawing import SealShape, draw_seal
from hub.signing.timestamp import TimeStampAuthority
from hub.signing.timestamp_client import TimeStampClient

FOUNDED = datetime(2026, 11, 1, tzinfo=UTC)
SIGNED = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
ISSUER = "沣东新城行政审批与政务服务局"
CONTENTS = re.compile(rb"/ByteRange\s*\[\s*0 (\d+) (\d+) (\d+)\s*\]")


def decision(
    *, paragraphs: int = 2, demonstration: bool = True, title: str = "关于食品经营许可申请的批复"
) -> DecisionDocument:
    """Return a sample decision of so many paragraphs, three lines each."""
    text = "你单位提交的食品经营许可申请收悉。经审查，申请材料齐全，符合法定形式，符合《食品经营许可和备案管理办法》规定的条件，准予许可。"
    return DecisionDocument(
        issuer_zh=ISSUER,
        number="沣东审批〔2026〕128号",
        kind_zh="批复",
        title=title,
        addressee="西安某某餐饮管理有限公司",
        paragraphs=tuple((f"第{number}项" if number % 3 == 0 else None, text) for number in range(1, paragraphs + 1)),
        dated_on=date(2026, 11, 25),
        verify_url="https://hub.example/verify/Zk3vQx7LtP9aWc2N",
        demonstration=demonstration,
    )


@dataclass(frozen=True)
class SigningDesk:
    """A key store with a root, a seal and a time-stamp authority, and the fonts."""

    store: FileKeyStore
    fonts: FontSet
    folder: Path
    seal_chain: list[bytes]
    stamp_chain: list[bytes]

    @property
    def root_pem(self) -> bytes:
        """The root's certificate, PEM."""
        return x509.load_der_x509_certificate(self.seal_chain[-1]).public_bytes(Encoding.PEM)

    @property
    def anchors(self) -> Anchors:
        """The root as the one trust anchor."""
        return Anchors.from_pem(self.root_pem)

    def authority(self, at: datetime = SIGNED) -> TimeStampAuthority:
        """The time-stamp authority with its clock at `at`."""
        return TimeStampAuthority(self.store.open(Purpose.TIMESTAMP, "tsa"), self.stamp_chain, FixedClock(at))

    def client(self, at: datetime = SIGNED) -> TimeStampClient:
        """A client of that authority."""
        return TimeStampClient(self.authority(at).respond, self.stamp_chain[0])

    def rendered(self, document: DecisionDocument) -> bytes:
        """The PDF before it is sealed."""
        return render_pdf(lay_out(document, self.fonts), self.fonts)

    def sealed(
        self, document: DecisionDocument | None = None, *, at: datetime = SIGNED, client: TimeStampClient | None = None
    ) -> bytes:
        """A sealed decision, stamped at `at` by the hub's own authority, or by `client`."""
        layout = lay_out(document or decision(), self.fonts)
        shape = SealShape(ISSUER, "行政审批专用章", 42.0, demonstration=True)
        act = SealingAct(
            key=self.store.open(Purpose.SEAL, "bureau"),
            chain=self.seal_chain,
            drawing=draw_seal(shape, self.fonts),
            place=layout.seal,
            signed_at=at,
            timestamp=(client or self.client(at)).token,
            reason="准予许可",
        )
        return seal_pdf(render_pdf(layout, self.fonts), act)


def found_desk(folder: Path, font: Path) -> SigningDesk:
    """Make keys and certificates below `folder`."""
    store = FileKeyStore(folder / "keys", b"a passphrase for tests")
    stamps = certify_time_stamps(store, "tsa", "沣东新城管理委员会", FOUNDED)
    return SigningDesk(store, FontSet(font), folder, certify_seal(store, "bureau", ISSUER, FOUNDED), stamps)


def gap(sealed: bytes) -> tuple[int, int]:
    """Return where `<Contents>` begins and ends in a file with one signature."""
    found = CONTENTS.search(sealed)
    assert found is not None
    return int(found[1]), int(found[2])


def flipped(data: bytes, position: int, bit: int = 0) -> bytes:
    """Return `data` with one bit turned over."""
    changed = bytearray(data)
    changed[position] ^= 1 << bit
    return bytes(changed)


def voice(program: str, package: str, *arguments: str | Path) -> str:
    """Run an outside program and return all it says; leave the test out, naming the Debian package, where it is not installed."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is missing: install the Debian package {package}")
    ended = subprocess.run([path, *map(str, arguments)], capture_output=True, check=False)
    return (ended.stdout + ended.stderr).decode("utf-8", "replace")


def years(count: float) -> timedelta:
    """Return that many years of 365 days."""
    return timedelta(days=365 * count)
