"""The keys that speak for a ledger or a witness: how each is named in a note, and whether a signature is its own.

No private key passes through here, and no trust is decided here: a `Verifier` is a key somebody already trusts.

C2SP assigns no signature type to SM2; its lines use the 0xff escape with the identifiers in `_LINE_TYPES`, the public key as
0x04 || X || Y (65 bytes), the signature as DER SEQUENCE {r, s} over SM3 with ZA for the user id "1234567812345678"
(GB/T 32918.2-2016, GB/T 35276-2017). An algorithm `CHECKS` does not name counts as unknown; so does SM2 for readers of C2SP notes elsewhere,
which is why a ledger's SM2 line always stands beside an Ed25519 one.

Source: C2SP signed-note (key ID, Ed25519 type 0x01), tlog-cosignature (Ed25519 type 0x04); RFC 8032 (Ed25519).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.errors import ValidationFailed
from hub.signing.sm2 import verify as _sm2_holds

KEY_ID_BYTES: Final = 4
"""How many bytes of a hash over name, type and public key stand for the key in a signature line."""

Check = Callable[[bytes, bytes, bytes], bool]
"""Says whether (bare public key, message, signature) belong together; False, and no error, for malformed ones."""

_LINE_TYPES: Final[dict[tuple[str, bool], bytes]] = {
    # (algorithm, cosignature?): what stands before the public key in the key ID
    ("Ed25519", False): b"\x01",
    ("Ed25519", True): b"\x04",
    ("SM2", False): b"\xfftongban/sm2-sm3/v1",
    ("SM2", True): b"\xfftongban/sm2-sm3-cosignature/v1",
}
_PUBLIC_KEY_BYTES: Final[dict[str, int]] = {"Ed25519": 32, "SM2": 65}


class Signer(Protocol):
    """A key that signs, opened for the purpose of a ledger or a witness; every `hub.signing.keys.Key` is one."""

    @property
    def algorithm(self) -> str:
        """Return "Ed25519" or "SM2"."""

    @property
    def raw_public(self) -> bytes:
        """Return the bare public key: 32 bytes for Ed25519, 0x04 || X || Y for SM2."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message`: 64 bytes for Ed25519, DER for SM2."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A key somebody trusts, under the name it signs with. Raises ValidationFailed if either has not its form."""

    name: str
    algorithm: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name) or len(self.public_key) != _PUBLIC_KEY_BYTES.get(self.algorithm):
            raise ValidationFailed("密钥名称或公钥格式不对。", "The key's name or public key has the wrong form.")

    @property
    def key_id(self) -> bytes:
        """Return the ID (bytes, 4) that its signature lines begin with."""
        return _key_id(self, cosignature=False)

    @property
    def cosigner_key_id(self) -> bytes:
        """Return the ID (bytes, 4) that its cosignature lines begin with."""
        return _key_id(self, cosignature=True)


def is_key_name(name: str) -> bool:
    """Say whether a note allows this name: not empty, no Unicode space, no plus, no control character."""
    return bool(name) and "+" not in name and not any(character.isspace() or character < " " for character in name)


def _key_id(verifier: Verifier, *, cosignature: bool) -> bytes:
    line_type = _LINE_TYPES[verifier.algorithm, cosignature]
    # SHA-256 whatever the ledger's hash: the ID names a key, it protects nothing (signed-note, Signatures).
    return hashlib.sha256(verifier.name.encode() + b"\n" + line_type + verifier.public_key).digest()[:KEY_ID_BYTES]


def _ed25519_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):  # ValueError: not a point on the curve
        return False
    return True


CHECKS: Final[Mapping[str, Check]] = {"Ed25519": _ed25519_holds, "SM2": _sm2_holds}
"""The algorithms whose lines this hub verifies."""
