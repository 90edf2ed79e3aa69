"""The single checks that making and judging an e-seal share: a certificate is readable, a value holds, a certificate is in the list.

Each is a pure function of bytes, so its answers are kept for a while: one seal stands in thousands of documents. Trust, time and
revocation are no business of this module.
"""

from __future__ import annotations

import hashlib
from enum import Enum, auto
from functools import lru_cache

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from hub.signing import sm2
from hub.signing.certificate_form import strictly_formed
from hub.signing.ses_values import ParsedSeal
from hub.signing.sm2_certificates import public_point
from hub.signing.verify_cms import MALFORMED
from hub.signing.x509_text import subject

SM2_WITH_SM3 = "1.2.156.10197.1.501"
RSA_WITH_SHA256 = "1.2.840.113549.1.1.11"
ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"
DIGEST_OF = {SM2_WITH_SM3: "sm3", RSA_WITH_SHA256: "sha256", ECDSA_WITH_SHA256: "sha256"}
WEAK = {
    "1.2.840.113549.1.1.4": "MD5",
    "1.2.840.113549.1.1.5": "SHA-1",
    "1.2.840.10045.4.1": "SHA-1",
}
# How makers name digests, upper case without separators: by word or by OID (`…401.2` occurs too)
DIGEST_NAMES = {
    "SM3": "sm3",
    "1.2.156.10197.1.401": "sm3",
    "1.2.156.10197.1.401.1": "sm3",
    "1.2.156.10197.1.401.2": "sm3",
    "SHA256": "sha256",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "SHA384": "sha384",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "SHA512": "sha512",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "SHA1": "sha1",
    "1.3.14.3.2.26": "sha1",
    "MD5": "md5",
    "1.2.840.113549.2.5": "md5",
}
WEAK_DIGESTS = frozenset({"sha1", "md5"})
HELD = 256
_seal_values: dict[bytes, Value] = {}  # by digests, so that seals of a mebibyte are not held


class Value(Enum):
    """What became of checking one signature value."""

    HOLDS = auto()
    BROKEN = auto()
    WEAK = auto()
    UNKNOWN = auto()


@lru_cache(maxsize=HELD)
def readable(der: bytes) -> x509.Certificate | None:
    """Return the certificate with everything read that is looked at later, or None when any of it cannot be read."""
    if not strictly_formed(der):
        return None
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = (certificate.version, certificate.extensions, certificate.issuer, subject(certificate))
        _ = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    except MALFORMED:
        return None
    return certificate


def value_of(certificate: x509.Certificate, algorithm: str, message: bytes, signature: bytes) -> Value:
    """Return what a signature by the key of `certificate` over `message` under `algorithm` (dotted OID) is worth."""
    if algorithm in WEAK:
        return Value.WEAK
    if algorithm not in DIGEST_OF:
        return Value.UNKNOWN
    if algorithm == SM2_WITH_SM3:
        point = public_point(certificate)
        holds = point is not None and sm2.verify(point, message, signature)
    else:
        holds = _holds(certificate, algorithm, message, signature)
    return Value.HOLDS if holds else Value.BROKEN


def seal_value(seal: ParsedSeal) -> Value:
    """Return what the maker's signature on the seal is worth; the answer is kept, since a seal stands in many documents."""
    parts = (seal.maker_certificate, seal.algorithm.encode(), seal.signed_bytes, seal.signature)
    key = b"".join(hashlib.sha256(part).digest() for part in parts)
    if key not in _seal_values:
        if len(_seal_values) >= HELD:
            _seal_values.clear()
        maker = readable(seal.maker_certificate)
        _seal_values[key] = (
            Value.BROKEN if maker is None else value_of(maker, seal.algorithm, seal.signed_bytes, seal.signature)
        )
    return _seal_values[key]


def listed(seal: ParsedSeal, certificate_der: bytes) -> bool:
    """Say whether the seal's list names this very certificate: byte for byte, or by a digest that cannot be forged."""
    names = [(digest_name(each.kind), each.value) for each in seal.digests]
    return certificate_der in seal.certificates or any(
        name not in (None, *WEAK_DIGESTS) and hashlib.new(str(name), certificate_der).digest() == value
        for name, value in names
    )


def self_made(seal: ParsedSeal, maker: x509.Certificate) -> bool:
    """Say whether the maker's own key is in the list of those who may sign with the seal: then nobody else vouches for its name."""
    own = _key_of(maker)
    signers = (readable(der) for der in seal.certificates)
    return listed(seal, seal.maker_certificate) or any(each is not None and _key_of(each) == own for each in signers)


def digest_name(written: str) -> str | None:
    """Return hashlib's name of a digest written as makers write it, or None when it is unknown."""
    return DIGEST_NAMES.get(written.strip().upper().replace("-", ""))


@lru_cache(maxsize=HELD)
def _key_of(certificate: x509.Certificate) -> bytes:
    """Return SubjectPublicKeyInfo, DER, whatever the kind of key."""
    return bytes(asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)).public_key.dump())


def _holds(certificate: x509.Certificate, algorithm: str, message: bytes, signature: bytes) -> bool:
    try:
        key = certificate.public_key()
        if algorithm == RSA_WITH_SHA256 and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
            return True
        if algorithm == ECDSA_WITH_SHA256 and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
            return True
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return False
