"""What a key is and where keys are kept, whatever holds them: a file, a PKCS#11 device, a remote signing service.

A key is opened for one named purpose and for no other; the private half never leaves its store. Algorithms are named by strings, so that
a store may offer one this module does not know. Must not log, print or return private material.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from hub.errors import HubError

ED25519 = "Ed25519"
P256 = "P-256"
SM2 = "SM2"
RSA = "RSA"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Purpose(StrEnum):
    """What a key may sign; a key is made for exactly one of these."""

    SEAL = "seal"
    LEDGER = "ledger"
    WITNESS = "witness"
    TIMESTAMP = "timestamp"
    AUTHORITY = "authority"  # certificates of the demonstration authority, nothing else
    RENDITION = "rendition"  # the hub's own signature on the file that is not the original; never an organ's
    SEAL_MAKER = "seal_maker"  # what a maker of electronic seals signs seals with (制章者, GB/T 38540-2020)


class KeyPurposeRefused(HubError):
    """The key of this name was made for another purpose and is not opened for this one.

    Cure: name the key that was made for the purpose, or make one.
    """

    code = "key.purpose_refused"

    def __init__(self, name: str, purpose: Purpose) -> None:
        super().__init__(
            f"密钥“{name}”不是为用途“{purpose}”制作的，拒绝打开。",
            f"Key {name} was not made for {purpose}; it is not opened.",
        )
        self.name, self.purpose = name, purpose


class KeyMissing(HubError):
    """The store holds no key of this name for any purpose.

    Cure: make the key, or check the name in the settings.
    """

    code = "key.missing"

    def __init__(self, name: str, purpose: Purpose) -> None:
        super().__init__(f"没有用于“{purpose}”的密钥“{name}”。", f"There is no key {name} for {purpose}.")
        self.name, self.purpose = name, purpose


class KeyExists(HubError):
    """A key of this name exists already; keys are never overwritten.

    Cure: choose another name; retire the old key by naming its successor in the settings.
    """

    code = "key.exists"

    def __init__(self, name: str, purpose: Purpose) -> None:
        super().__init__(
            f"用于“{purpose}”的密钥“{name}”已存在，不覆盖。", f"Key {name} for {purpose} exists; it is not overwritten."
        )
        self.name, self.purpose = name, purpose


class KeyUnreadable(HubError):
    """The key file does not open: the passphrase is wrong or the file is damaged.

    Cure: check the passphrase in the settings; restore the file from the backup.
    """

    code = "key.unreadable"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"密钥“{name}”打不开：口令不对或文件已损坏。",
            f"Key {name} does not open: wrong passphrase or damaged file.",
        )
        self.name = name


class KeyAlgorithmUnsupported(HubError):
    """This store, or this use, does not offer the algorithm.

    Cure: use one of the algorithms the message names.
    """

    code = "key.algorithm_unsupported"

    def __init__(self, algorithm: str, offered: Sequence[str]) -> None:
        listed = "、".join(offered)
        super().__init__(
            f"此处不支持算法“{algorithm}”，可用：{listed}。",
            f"Algorithm {algorithm} is not offered here; offered: {', '.join(offered)}.",
        )
        self.algorithm, self.offered = algorithm, tuple(offered)


class KeyNameRefused(HubError):
    """A key's name is 1 to 64 characters of a-z, 0-9, dot, underscore and hyphen, and begins with a letter or digit.

    Cure: choose such a name; it becomes a file name or a device label.
    """

    code = "key.name_refused"

    def __init__(self, name: str) -> None:
        super().__init__(
            "密钥名只能用小写字母、数字、点、下划线和连字符，最长 64 个字符。",
            "A key name has 1 to 64 characters of a-z, 0-9, dot, underscore and hyphen.",
        )
        self.name = name


class KeyFileRefused(HubError):
    """Outside the demonstration, an organ's SM2 seal key may not lie in a file under the national profile.

    Cure: keep the key in a certified device (HUB_KEY_STORE=pkcs11) or behind a signing service (HUB_KEY_STORE=remote).
    """

    code = "key.file_refused"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"正式使用时，机关电子印章的 SM2 密钥“{name}”不得存放在文件中。",
            f"In earnest, the SM2 key {name} of an organ's seal may not lie in a file.",
        )
        self.name = name


class Key(Protocol):
    """A private key somebody else holds, and the public half."""

    @property
    def name(self) -> str:
        """The name within the store and purpose."""
        ...

    @property
    def algorithm(self) -> str:
        """ "Ed25519", "P-256", "SM2" or "RSA"."""
        ...

    @property
    def public_key_der(self) -> bytes:
        """SubjectPublicKeyInfo, DER (RFC 5280 section 4.1)."""
        ...

    @property
    def raw_public(self) -> bytes:
        """The bare public key: 32 bytes for Ed25519 (RFC 8032), 65 bytes `04||X||Y` for a key on a 256-bit curve."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message` (before hashing).

        Ed25519: 64 bytes (RFC 8032). P-256: ECDSA over SHA-256, DER `SEQUENCE{r, s}`. SM2: over SM3 with ZA, DER likewise.
        RSA: PKCS #1 v1.5 over SHA-256 (RFC 8017).
        """
        ...


class KeyStore(Protocol):
    """Holds keys by purpose and name, each with the chain of certificates issued to it."""

    def open(self, purpose: Purpose, name: str) -> Key:
        """Return the key; raise KeyPurposeRefused when it was made for another purpose, KeyMissing when there is none."""
        ...

    def create(self, purpose: Purpose, name: str, algorithm: str) -> Key:
        """Make a key for `purpose` and return it; raise KeyExists, KeyNameRefused or KeyAlgorithmUnsupported."""
        ...

    def names(self, purpose: Purpose) -> list[str]:
        """Return the names of the keys made for `purpose`, sorted."""
        ...

    def certificates(self, purpose: Purpose, name: str) -> list[bytes]:
        """Return the chain of the key, DER, its own certificate first, the root last; empty when none was stored."""
        ...

    def store_certificates(self, purpose: Purpose, name: str, chain: Sequence[bytes]) -> None:
        """Keep `chain` (DER, own certificate first) with the key, replacing the former chain."""
        ...


def checked_name(name: str) -> str:
    """Return `name` when it may name a key; raise KeyNameRefused otherwise."""
    if not NAME.fullmatch(name):
        raise KeyNameRefused(name)
    return name
