"""Which kind of key a public key is, and whether a signature is its own: the test a key held elsewhere must pass before it is used.

A device may sign plain ECDSA on the SM2 curve, and a service may answer with another key's signature; both are found here. Knows bare public
keys only: no certificate, no trust.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from hub.signing import sm2
from hub.signing.keys import ED25519, P256, RSA, SM2

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey
LEAST_RSA_BITS = 2048


def algorithm_of(public_key_der: bytes) -> str | None:
    """Return "SM2", "P-256", "Ed25519" or "RSA" (2048 bits or more) for a SubjectPublicKeyInfo (DER); None for any other key."""
    if _sm2_point(public_key_der) is not None:
        return SM2
    key = _loaded(public_key_der)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return P256 if isinstance(key.curve, ec.SECP256R1) else None
    if isinstance(key, rsa.RSAPublicKey):
        return RSA if key.key_size >= LEAST_RSA_BITS else None
    return ED25519 if key is not None else None


def raw_of_key(public_key_der: bytes) -> bytes:
    """Return the bare public key: 32 bytes for Ed25519, 65 bytes `04||X||Y` on a curve, the DER itself for RSA or an unreadable key."""
    point = _sm2_point(public_key_der)
    if point is not None:
        return point
    key = _loaded(public_key_der)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return key.public_bytes_raw() if isinstance(key, ed25519.Ed25519PublicKey) else public_key_der


def holds(public_key_der: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether `signature` is the key's over `message`, in the form `hub.signing.keys.Key.sign` gives; False for anything malformed."""
    point = _sm2_point(public_key_der)
    if point is not None:
        return sm2.verify(point, message, signature)
    key = _loaded(public_key_der)
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        elif key is not None:
            key.verify(signature, message)
    except InvalidSignature:
        return False
    return key is not None


def _sm2_point(public_key_der: bytes) -> bytes | None:
    point = public_key_der.removeprefix(sm2.SPKI)
    return point if len(point) == sm2.POINT_BYTES and public_key_der.startswith(sm2.SPKI) else None


def _loaded(public_key_der: bytes) -> PublicKey | None:
    try:
        key = load_der_public_key(public_key_der)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, PublicKey) else None
