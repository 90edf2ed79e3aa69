"""Public keys of certificates, SM2 ones included, and whether one certificate signed another (GB/T 20518-2018, RFC 5280).

`cryptography` reads SM2 certificates but neither their keys nor their signatures; this module takes both. The signature algorithm is
SM2-with-SM3 with parameters absent or NULL: both occur. Must not decide about trust, time or use.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from hub.signing import sm2

SM2_WITH_SM3 = "1.2.156.10197.1.501"
LEAST_RSA_BITS = 2048
HELD_CERTIFICATES = 1024
# AlgorithmIdentifier of SM2-with-SM3 as it may stand in a certificate: parameters absent, or NULL
SM2_IDENTIFIERS = (bytes.fromhex("300a06082a811ccf55018375"), bytes.fromhex("300c06082a811ccf550183750500"))


@dataclass(frozen=True)
class Sm2PublicKey:
    """The public key of an SM2 certificate: `point` is 65 bytes `04||X||Y`."""

    point: bytes

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Say whether `signature` (DER) is this key's over `message` under the default user id."""
        return sm2.verify(self.point, message, signature)


PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey | Sm2PublicKey


def is_sm2(certificate: x509.Certificate) -> bool:
    """Say whether the certificate's own key is an SM2 key."""
    return public_point(certificate) is not None


@lru_cache(maxsize=HELD_CERTIFICATES)
def public_point(certificate: x509.Certificate) -> bytes | None:
    """Return the SM2 public key, 65 bytes `04||X||Y`; None when the key is on another curve or of another kind."""
    try:
        spki = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)).public_key.dump()
    except (ValueError, TypeError, KeyError):
        return None
    point = spki.removeprefix(sm2.SPKI)
    return bytes(point) if len(point) == sm2.POINT_BYTES and spki.startswith(sm2.SPKI) else None


def public_key(certificate: x509.Certificate) -> PublicKey | None:
    """Return the public key, None when it is of no kind this hub verifies with."""
    point = public_point(certificate)
    if point is not None:
        return Sm2PublicKey(point)
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey) else None


@lru_cache(maxsize=HELD_CERTIFICATES)
def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Say whether the key of `issuer` signed `certificate`, and the names agree; MD5, SHA-1 and short RSA keys never count."""
    if certificate.issuer != issuer.subject:
        return False
    point = public_point(issuer)
    if point is None:
        return _signed_otherwise(certificate, issuer)
    return (
        certificate.signature_algorithm_oid.dotted_string == SM2_WITH_SM3
        and _identifier_is_sm2(certificate.public_bytes(Encoding.DER), certificate.signature)
        and sm2.verify(point, certificate.tbs_certificate_bytes, certificate.signature)
    )


def list_signed_by(revocations: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Say whether the key of `issuer` signed this revocation list, and the names agree."""
    if revocations.issuer != issuer.subject:
        return False
    key = public_key(issuer)
    if key is None:
        return False
    if isinstance(key, Sm2PublicKey):
        return revocations.signature_algorithm_oid.dotted_string == SM2_WITH_SM3 and _list_holds(
            key.point, revocations.tbs_certlist_bytes, revocations.signature
        )
    try:
        return revocations.is_signature_valid(key)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False


@lru_cache(maxsize=HELD_CERTIFICATES // 16)
def _list_holds(point: bytes, signed: bytes, signature: bytes) -> bool:
    return sm2.verify(point, signed, signature)


def _identifier_is_sm2(certificate_der: bytes, signature: bytes) -> bool:
    """The identifier outside the signed part is covered by no signature: only the two known spellings stand before the value."""
    before = certificate_der[: -len(signature) - len(b"\x03\x48\x00")]
    return before.endswith(SM2_IDENTIFIERS)


def _signed_otherwise(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    key = public_key(issuer)
    digest = certificate.signature_hash_algorithm
    strong = digest is None or isinstance(digest, hashes.SHA256 | hashes.SHA384 | hashes.SHA512)
    if not strong or (isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS):
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True
