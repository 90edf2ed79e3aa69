"""What an e-seal and an e-seal signature hold, as plain values, and what makes one unreadable.

Names follow GM/T 0031-2014, GB/T 38540-2020 and GM/T 0031-2025 (versions 1, 4 and 5). Nothing here is checked; times are aware.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hub.errors import HubError

V1, V4, V5 = 1, 4, 5
CERTIFICATES, DIGESTS = 1, 2
MAGIC = "ES"


class SealMalformed(HubError):
    """The bytes are not an e-seal this hub can read; a verdict reports it as SEAL_FORMAT. `fact` names the place.

    Cure: obtain the seal again from its maker.
    """

    code = "e_seal.malformed"

    def __init__(self, fact: str) -> None:
        super().__init__(f"电子印章的结构无法读取（{fact}）。", f"The e-seal's structure cannot be read ({fact}).")
        self.fact = fact


class SealVersionUnknown(SealMalformed):
    """The e-seal is of a version later than this hub knows (1, 4 and 5); a verdict reports it as cannot tell.

    Cure: check it with a verifier that knows the version.
    """

    code = "e_seal.version_unknown"


class SesSignatureMalformed(HubError):
    """The bytes are not an e-seal signature this hub can read; a verdict reports it as SIG_FORMAT. `fact` names the place.

    Cure: obtain the file again from its issuer.
    """

    code = "e_seal.signature_malformed"

    def __init__(self, fact: str) -> None:
        super().__init__(
            f"电子签章的结构无法读取（{fact}）。", f"The e-seal signature's structure cannot be read ({fact})."
        )
        self.fact = fact


@dataclass(frozen=True)
class CertificateDigest:
    """One entry of a list of digests: `kind` names the algorithm in the maker's own way (a name or an OID)."""

    kind: str
    value: bytes


@dataclass(frozen=True)
class Picture:
    """The seal's picture: `kind` is the maker's word (`PNG`, `ofd`, `SVG`), sizes are millimetres."""

    kind: str
    content: bytes
    width_mm: int
    height_mm: int


@dataclass(frozen=True)
class Extension:
    """One extension of a seal or a signature."""

    oid: str
    critical: bool
    value: bytes


@dataclass(frozen=True)
class ParsedSeal:
    """An e-seal as plain values. `signed_bytes` is what the maker signed, `raw` the whole seal; `faults` break the standard's constants.

    `certificates` (DER) or `digests` say who may sign with it; the other of the two is empty. Times are aware.
    """

    version: int
    vendor_id: str
    es_id: str
    kind: int
    name: str
    certificates: tuple[bytes, ...]
    digests: tuple[CertificateDigest, ...]
    created_at: datetime
    valid_from: datetime
    valid_until: datetime
    picture: Picture
    extensions: tuple[Extension, ...]
    maker_certificate: bytes
    algorithm: str
    signed_bytes: bytes
    signature: bytes
    time_stamp: bytes | None
    faults: tuple[str, ...]
    raw: bytes


@dataclass(frozen=True)
class ParsedSignature:
    """An e-seal signature as plain values. `claimed_at` (aware) is what the signer wrote, None where version 1 holds a token instead."""

    version: int
    seal: ParsedSeal
    claimed_at: datetime | None
    data_hash: bytes
    property_info: str
    extensions: tuple[Extension, ...]
    certificate: bytes
    algorithm: str
    signed_bytes: bytes
    signature: bytes
    time_stamp: bytes | None
    faults: tuple[str, ...]
    raw: bytes
