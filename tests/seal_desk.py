"""What the tests of e-seals work with: an SM2 authority with its keys in a folder, seals for any time, a small OFD, outside tools.

Everything is real: keys are made, certificates issued, seals made by their maker, tokens stamped by the hub's own authority.
"""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from cryptography import x509

from hub.clock import FixedClock
from hub.signing.anchors import Anchors
from hub.signing.authority import (
    certify_seal,
    certify_seal_maker,
    certify_time_stamps,
    found_authority,
    revocation_list,
)
from hub.signing.der import tlv
from hub.signing.key_files import FileKey, FileKeyStore
from hub.signing.keys import SM2, Purpose
from hub.signing.ofd.package import read_package, write_package
from hub.signing.ofd.signing import OfdSealing, seal_ofd, sign_ofd
from hub.signing.placing import Impression
from hub.signing.ses_making import Picture, SealWanted, make_seal, sign_with_seal
from hub.signing.sm2 import sm3
from hub.signing.timestamp import TimeStampAuthority, TimeStampKey
from hub.signing.timestamp_client import TimeStampClient
from hub.signing.verdict import Outcome, Verdict
from hub.signing.verify import verify_document

SAMPLES = Path(__file__).parent / "samples" / "ofd"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FOUNDED = datetime(2026, 11, 1, tzinfo=UTC)
SIGNED = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
NOW = SIGNED + timedelta(days=1)
DAY = timedelta(days=1)
SIGNER, MAKER = "沣东新城行政审批与政务服务局", "通办演示"
PATH = "/Doc_0/Signs/Sign_0/Signature.xml"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="42mm" height="42mm"/>'
PLACE = Impression(page=0, x_mm=120, y_mm=200, side_mm=42)


@dataclass(frozen=True)
class Holder:
    """A key with the certificates issued to it, its own first."""

    key: FileKey
    chain: list[bytes]

    @property
    def certificate(self) -> bytes:
        """Its own certificate, DER."""
        return self.chain[0]

    @property
    def serial(self) -> int:
        """The serial number of its certificate."""
        return x509.load_der_x509_certificate(self.certificate).serial_number


@dataclass
class SealDesk:
    """An SM2 authority founded long ago; holders of keys certified at any time; seals, signatures and sealed documents."""

    store: FileKeyStore
    holders: dict[tuple[str, datetime], Holder] = field(default_factory=dict)

    def signer(self, at: datetime = FOUNDED) -> Holder:
        """A signer certified at `at` for three years."""
        return self._holder(Purpose.SEAL, at, partial(certify_seal, algorithm=SM2), SIGNER)

    def maker(self, at: datetime = FOUNDED) -> Holder:
        """A maker of seals certified at `at` for three years."""
        return self._holder(Purpose.SEAL_MAKER, at, certify_seal_maker, MAKER)

    def stamper(self, at: datetime = FOUNDED) -> Holder:
        """The time-stamp authority's SM2 key."""
        return self._holder(Purpose.TIMESTAMP, at, partial(certify_time_stamps, algorithm=SM2), MAKER)

    def token(self, at: datetime = SIGNED) -> Callable[[bytes], bytes]:
        """What turns the SM3 of a signature value into a token of the time `at`."""
        own = self.stamper()
        authority = TimeStampAuthority(own.key, own.chain, FixedClock(at), sm2=TimeStampKey(own.key, own.chain))
        return TimeStampClient(authority.respond, own.certificate, own.certificate).sm3_token

    def anchors(self, *revoked: tuple[int, datetime], listed_at: datetime = NOW) -> Anchors:
        """The SM2 root, with its list of what is revoked since when."""
        root = found_authority(self.store, LONG_AGO, SM2)
        pem = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(root) + b"-----END CERTIFICATE-----\n"
        return Anchors.from_pem(pem + revocation_list(self.store, revoked, listed_at, algorithm=SM2))

    def wanted(self, version: int = 4) -> SealWanted:
        """The seal that is made when nothing else is asked for."""
        return SealWanted(
            es_id="61019900000001",
            name_zh="沣东新城行政审批专用章（演示专用）",
            kind=3,
            certificates=(self.signer().certificate,),
            created_at=FOUNDED,
            valid_from=FOUNDED,
            valid_until=FOUNDED + 700 * DAY,
            picture=Picture("SVG", DRAWING, 42, 42),
            version=version,
        )

    def seal(self, wanted: SealWanted | None = None, maker: Holder | None = None) -> bytes:
        """An e-seal."""
        own = maker or self.maker()
        return make_seal(wanted or self.wanted(), maker=own.key, maker_certificate=own.certificate)

    def act(self, seal: bytes | None = None, signer: Holder | None = None, **changes: object) -> OfdSealing:
        """The act of sealing at SIGNED, stamped, over one place of the first page."""
        own = signer or self.signer()
        act = OfdSealing(seal or self.seal(), own.key, own.certificate, (PLACE,), SIGNED, self.token())
        return replace(act, **changes)  # type: ignore[arg-type]

    def sealed(self, act: OfdSealing | None = None, ofd: bytes | None = None) -> bytes:
        """The small document, sealed."""
        return seal_ofd(ofd or small_ofd(), act or self.act())

    def signed(self, ofd: bytes | None = None, *, lock: bool = False, stamped: bool = True) -> bytes:
        """The small document, signed without a seal."""
        own, token = self.signer(), self.token() if stamped else None
        return sign_ofd(ofd or small_ofd(), key=own.key, chain=own.chain, signed_at=SIGNED, timestamp=token, lock=lock)

    def signature(self, seal: bytes, signer: Holder | None = None, at: datetime = SIGNED) -> bytes:
        """An e-seal signature over a text, with a token."""
        own = signer or self.signer()
        return sign_with_seal(
            seal,
            data_hash=sm3(b"text"),
            property_info=PATH,
            key=own.key,
            certificate=own.certificate,
            signed_at=at,
            timestamp=self.token(at),
        )

    def verdict(self, data: bytes, *revoked: tuple[int, datetime], at: datetime = NOW) -> Verdict:
        """What the one verifier says, trusting the root, asked at `at`."""
        return verify_document(data, self.anchors(*revoked), at)

    def _holder(
        self,
        purpose: Purpose,
        at: datetime,
        certify: Callable[[FileKeyStore, str, str, datetime], list[bytes]],
        name: str,
    ) -> Holder:
        label = f"{purpose.value}-{at:%Y%m%d}".replace("_", "-")
        if (label, at) not in self.holders:
            chain = certify(self.store, label, name, at)
            self.holders[label, at] = Holder(self.store.open(purpose, label), chain)
        return self.holders[label, at]


def found_seal_desk(folder: Path) -> SealDesk:
    """Make the authority below `folder`."""
    store = FileKeyStore(folder / "sm2-keys", b"a passphrase for tests")
    found_authority(store, LONG_AGO, SM2)
    return SealDesk(store)


def sample(name: str) -> bytes:
    """A sample made by other software."""
    return (SAMPLES / name).read_bytes()


def small_ofd() -> bytes:
    """The smallest sample as an unsigned package in canonical form."""
    return write_package(read_package(sample("helloworld.ofd")).entries)


def with_entries(ofd: bytes, contents: Mapping[str, bytes | None]) -> bytes:
    """The package with entries put in, replaced, or (None) taken out."""
    entries = {**read_package(ofd).entries, **contents}
    return write_package({name: content for name, content in entries.items() if content is not None})


def codes(verdict: Verdict, *outcomes: Outcome) -> set[str]:
    """The codes of the findings with these outcomes, or of all."""
    return {each.code for each in verdict.findings if not outcomes or each.outcome in outcomes}


def failed(verdict: Verdict) -> set[str]:
    """The codes of what failed."""
    return codes(verdict, Outcome.FAILED)


def in_octets(der: bytes) -> bytes:
    """`der` wrapped in an OCTET STRING, as some producers do."""
    return tlv(b"\x04", der)


def openssl(folder: Path, *arguments: str, files: Mapping[str, bytes]) -> subprocess.CompletedProcess[bytes]:
    """Run openssl in `folder` with `files` laid there."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=False)


def serials(holders: Sequence[Holder], since: datetime) -> list[tuple[int, datetime]]:
    """What a revocation list says of `holders` revoked since then."""
    return [(each.serial, since) for each in holders]
