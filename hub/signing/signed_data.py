"""Builds CMS SignedData (RFC 5652) with the attributes that CAdES and RFC 3161 ask for.

One builder serves the seal on a PDF (detached) and the time-stamp token (with content). Must not decide what is signed or by whom.
`signing-certificate-v2` (RFC 5035) binds the signature to its certificate, so another certificate for the same key cannot be put in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import core, x509

from hub.signing.der import CONTEXT_0, CONTEXT_1, INTEGER, OCTET_STRING, SEQUENCE, SET, set_of, tlv
from hub.signing.keys import P256, Key, KeyAlgorithmUnsupported

DIGEST = "sha256"
SHA256 = tlv(SEQUENCE, core.ObjectIdentifier("2.16.840.1.101.3.4.2.1").dump())
SIGNATURE_ALGORITHMS = {P256: tlv(SEQUENCE, core.ObjectIdentifier("1.2.840.10045.4.3.2").dump())}
DATA, SIGNED_DATA, TST_INFO, CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE_V2, TIME_STAMP_TOKEN = (
    core.ObjectIdentifier(dotted).dump()
    for dotted in (
        "1.2.840.113549.1.7.1",
        "1.2.840.113549.1.7.2",
        "1.2.840.113549.1.9.16.1.4",
        "1.2.840.113549.1.9.3",
        "1.2.840.113549.1.9.4",
        "1.2.840.113549.1.9.16.2.47",
        "1.2.840.113549.1.9.16.2.14",
    )
)
HELD_CERTIFICATES = 256


@dataclass(frozen=True)
class SignedData:
    """A signature with what belongs around it, ready to be written; `signature` is what a time stamp is taken over."""

    version: int
    encapsulated: bytes
    certificates: tuple[bytes, ...]
    signer: bytes
    signature: bytes

    def encoded(self, token: bytes | None = None) -> bytes:
        """Return ContentInfo, DER; with `token` as unsigned attribute `signature-time-stamp-token` (RFC 3161 appendix A)."""
        stamp = tlv(CONTEXT_1, tlv(SEQUENCE, TIME_STAMP_TOKEN, tlv(SET, token))) if token else b""
        signer = tlv(SEQUENCE, self.signer, tlv(OCTET_STRING, self.signature), stamp)
        content = tlv(
            SEQUENCE,
            tlv(INTEGER, bytes([self.version])),
            tlv(SET, SHA256),
            self.encapsulated,
            tlv(CONTEXT_0, *sorted(self.certificates)) if self.certificates else b"",
            tlv(SET, signer),
        )
        return tlv(SEQUENCE, SIGNED_DATA, tlv(CONTEXT_0, content))


def detached(digest: bytes, *, key: Key, chain: Sequence[bytes]) -> SignedData:
    """Return SignedData over content that is kept elsewhere; `digest` is its SHA-256, 32 bytes.

    `chain` is DER, the signer's certificate first; a self-signed root is left out, because a verifier has its own anchors.
    Raises KeyAlgorithmUnsupported for keys without a place in SIGNATURE_ALGORITHMS.
    """
    signer, signature = _sign(DATA, digest, key=key, certificate=chain[0])
    return SignedData(1, tlv(SEQUENCE, DATA), _embedded(chain), signer, signature)


def time_stamp_token(information: bytes, *, key: Key, chain: Sequence[bytes], embed: bool) -> bytes:
    """Return the RFC 3161 token that carries `information` (TSTInfo, DER); certificates are embedded when the request asked."""
    signer, signature = _sign(TST_INFO, hashlib.sha256(information).digest(), key=key, certificate=chain[0])
    return SignedData(3, _encapsulated(information), _embedded(chain) if embed else (), signer, signature).encoded()


def canonical_form(
    certificates: Sequence[bytes], attributes: bytes, signature: bytes, *, content: bytes | None, token: bytes | None
) -> bytes:
    """Return the one way this hub would write a P-256 signature with these parts; the signer's certificate comes first.

    A verifier compares: whatever differs lies in bytes no signature covers, and was not written here. `attributes` is the SET OF signed.
    """
    version, encapsulated = (1, tlv(SEQUENCE, DATA)) if content is None else (3, _encapsulated(content))
    signer = _signer_fields(certificates[0], attributes, SIGNATURE_ALGORITHMS[P256])
    return SignedData(version, encapsulated, tuple(certificates), signer, signature).encoded(token)


def _sign(content_type: bytes, digest: bytes, *, key: Key, certificate: bytes) -> tuple[bytes, bytes]:
    """Return the fields of SignerInfo before the signature, and the signature over the attributes."""
    if key.algorithm not in SIGNATURE_ALGORITHMS:
        raise KeyAlgorithmUnsupported(key.algorithm, tuple(SIGNATURE_ALGORITHMS))
    reference = tlv(
        SEQUENCE, tlv(OCTET_STRING, hashlib.sha256(certificate).digest())
    )  # ESSCertIDv2, SHA-256 by default
    attributes = set_of(
        tlv(SEQUENCE, CONTENT_TYPE, tlv(SET, content_type)),
        tlv(SEQUENCE, MESSAGE_DIGEST, tlv(SET, tlv(OCTET_STRING, digest))),
        tlv(SEQUENCE, SIGNING_CERTIFICATE_V2, tlv(SET, tlv(SEQUENCE, tlv(SEQUENCE, reference)))),
    )
    return _signer_fields(certificate, attributes, SIGNATURE_ALGORITHMS[key.algorithm]), key.sign(attributes)


def _signer_fields(certificate: bytes, attributes: bytes, algorithm: bytes) -> bytes:
    """Return SignerInfo up to the signature; attributes are signed under SET OF, written under IMPLICIT [0] (RFC 5652 section 5.4)."""
    version, implicit = tlv(INTEGER, b"\x01"), CONTEXT_0 + attributes[1:]
    return version + _issuer_and_serial(certificate) + SHA256 + implicit + algorithm


def _encapsulated(information: bytes) -> bytes:
    return tlv(SEQUENCE, TST_INFO, tlv(CONTEXT_0, tlv(OCTET_STRING, information)))


def _embedded(chain: Sequence[bytes]) -> tuple[bytes, ...]:
    return (chain[0], *(der for der in chain[1:] if not _is_root(der)))


@lru_cache(maxsize=HELD_CERTIFICATES)
def _issuer_and_serial(certificate: bytes) -> bytes:
    parsed = x509.Certificate.load(certificate)
    return tlv(SEQUENCE, parsed.issuer.dump(), parsed["tbs_certificate"]["serial_number"].dump())


@lru_cache(maxsize=HELD_CERTIFICATES)
def _is_root(certificate: bytes) -> bool:
    parsed = x509.Certificate.load(certificate)
    return bool(parsed.issuer == parsed.subject)
