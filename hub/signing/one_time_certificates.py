"""One-time certificates (事件证书) of the demonstration: one SM2 key and certificate for one act of signing, bound to what is signed.

The certificate carries the SM3 of what it was issued for in an extension, is valid for fifteen minutes, and says 演示 DEMONSTRATION; its key
signs once and is gone. Must not decide who may have one.

Source: RFC 5280; GB/T 20518-2018 (SM2 certificates); GB/T 35275-2017 (SignedData); RFC 3161 section 2.4.1 (MessageImprint).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from hub.errors import HubError
from hub.signing.authority import NOTICE, SM2_ROOT, found_authority
from hub.signing.der import OCTET_STRING, SEQUENCE, tlv
from hub.signing.issuing import Issuer, Subject, certificate
from hub.signing.keys import SM2, Key, KeyStore, Purpose
from hub.signing.signed_data import SM3, sm2_signed_data
from hub.signing.sm2 import Sm2PrivateKey

BOUND_DIGEST = "2.25.146684658157713904779462572539053607840"  # a UUID as arc (ITU-T X.667) needs no registration
ISSUED_FOR = "事件证书 One-time certificate"
LASTING = timedelta(minutes=15)
BEFORE = timedelta(seconds=1)
"""How much earlier validity begins: certificates and time stamps are written to the second."""


class OneTimeKeySpent(HubError):
    """The key of an one-time certificate signs once, and it has.

    Cure: ask the provider for another certificate.
    """

    code = "one_time_certificate.key_spent"

    def __init__(self) -> None:
        super().__init__(
            "事件证书的密钥只签一次，已经用过。", "The key of an one-time certificate signs once, and it has."
        )


class OneTimeKey:
    """An SM2 key that signs once; it satisfies `hub.signing.keys.Key`."""

    name = "one-time"
    algorithm = SM2

    def __init__(self) -> None:
        """Make a fresh key."""
        self._private: Sm2PrivateKey | None = Sm2PrivateKey.generate()
        self._once = threading.Lock()
        self.public_key_der = self._private.public_key_der
        self.raw_public = self._private.public_point

    def sign(self, message: bytes) -> bytes:
        """Return the SM2 signature over `message`, DER, and let the key go; raises OneTimeKeySpent the second time."""
        with self._once:
            private, self._private = self._private, None
        if private is None:
            raise OneTimeKeySpent
        return private.sign(message)


@dataclass(frozen=True)
class OneTimeCertificate:
    """A key that signs once and its chain, DER, the one-time certificate first."""

    key: Key
    chain: Sequence[bytes]


def certify_once(store: KeyStore, name_zh: str, reference: str, *, digest: bytes, at: datetime) -> OneTimeCertificate:
    """Return an one-time certificate under the demonstration's SM2 root, bound to `digest` (SM3, 32 bytes), valid from `at` (aware).

    `name_zh` is the subject's common name (≤ 21 Chinese characters), `reference` the identity check it rests on.
    """
    key = OneTimeKey()
    subject = Subject(
        {
            "country_name": "CN",
            "organization_name": ISSUED_FOR,
            "organizational_unit_name": NOTICE,
            "common_name": name_zh,
            "serial_number": reference,
        },
        key.public_key_der,
        documents=True,
        extensions=((BOUND_DIGEST, imprint(digest)),),
    )
    root = found_authority(store, at, SM2)
    issuer = Issuer(store.open(Purpose.AUTHORITY, SM2_ROOT), root)
    return OneTimeCertificate(key, (certificate(subject, issuer, at - BEFORE, at + LASTING), root))


def sign_once(once: OneTimeCertificate, content: bytes, *, timestamp: Callable[[bytes], bytes]) -> bytes:
    """Return SignedData (GB/T 35275), DER, over `content`, which is kept elsewhere, with a time stamp.

    `timestamp` maps the SM3 of the signature value to a token. Raises OneTimeKeySpent and what `timestamp` raises.
    """
    return sm2_signed_data(content, key=once.key, chain=once.chain, timestamp=timestamp)


def imprint(digest: bytes) -> bytes:
    """Return the MessageImprint (RFC 3161) of an SM3 digest, DER: the value of the extension."""
    return tlv(SEQUENCE, SM3, tlv(OCTET_STRING, digest))


def bound_imprint(own: x509.Certificate) -> bytes | None:
    """Return the value of the certificate's binding extension, None when it has none and is no one-time certificate."""
    try:
        found = own.extensions.get_extension_for_oid(x509.ObjectIdentifier(BOUND_DIGEST)).value
    except x509.ExtensionNotFound:
        return None
    return found.value if isinstance(found, x509.UnrecognizedExtension) else None
