"""Builds CMS SignedData (RFC 5652) with the attributes that CAdES and RFC 3161 ask for, and the SignedData of GB/T 35275-2017 for SM2.

One builder serves the signature on a PDF (detached), the time-stamp token (with content) and the SM2 signature on an OFD (detached). Must
not decide what is signed or by whom. `signing-certificate-v2` (RFC 5035) binds a CMS signature to its certificate, so another certificate for
the same key cannot be put in; GB/T 35275 signs the content itself and binds nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from asn1crypto import core, x509

from hub.signing.der import CONTEXT_0, CONTEXT_1, INTEGER, OCTET_STRING, SEQUENCE, SET, set_of, tlv
from hub.signing.keys import P256, RSA, SM2, Key, KeyAlgorithmUnsupported
from hub.signing.sm2 import sm3

DIGEST = "sha256"
NULL = b"\x05\x00"
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
GB_DATA, GB_SIGNED_DATA = (core.ObjectIdentifier(f"1.2.156.10197.6.1.4.2.{arc}").dump() for arc in (1, 2))
HELD_CERTIFICATES = 256


def _identifier(dotted: str, parameters: bytes = b"") -> bytes:
    return tlv(SEQUENCE, core.ObjectIdentifier(dotted).dump(), parameters)


@dataclass(frozen=True)
class Suite:
    """What keys of one algorithm sign with: hashlib's name of the digest, and both AlgorithmIdentifiers (DER)."""

    digest: str
    digest_identifier: bytes
    signature_identifier: bytes


SHA256, SM3 = _identifier("2.16.840.1.101.3.4.2.1"), _identifier("1.2.156.10197.1.401")
SUITES = {
    P256: Suite("sha256", SHA256, _identifier("1.2.840.10045.4.3.2")),
    RSA: Suite("sha256", SHA256, _identifier("1.2.840.113549.1.1.11", NULL)),
    SM2: Suite("sm3", SM3, _identifier("1.2.156.10197.1.501")),
}
GB_SUITE = replace(SUITES[SM2], signature_identifier=_identifier("1.2.156.10197.1.301.1"))  # GB/T 35275 names SM2-1


@dataclass(frozen=True)
class SignedData:
    """A signature with what belongs around it, ready to be written; `signature` is what a time stamp is taken over."""

    suite: Suite
    version: int
    encapsulated: bytes
    certificates: tuple[bytes, ...]
    signer: bytes
    signature: bytes
    content_type: bytes = SIGNED_DATA

    def encoded(self, token: bytes | None = None) -> bytes:
        """Return ContentInfo, DER; with `token` as unsigned attribute `signature-time-stamp-token` (RFC 3161 appendix A)."""
        stamp = tlv(CONTEXT_1, tlv(SEQUENCE, TIME_STAMP_TOKEN, tlv(SET, token))) if token else b""
        signer = tlv(SEQUENCE, self.signer, tlv(OCTET_STRING, self.signature), stamp)
        content = tlv(
            SEQUENCE,
            tlv(INTEGER, bytes([self.version])),
            tlv(SET, self.suite.digest_identifier),
            self.encapsulated,
            tlv(CONTEXT_0, *sorted(self.certificates)) if self.certificates else b"",
            tlv(SET, signer),
        )
        return tlv(SEQUENCE, self.content_type, tlv(CONTEXT_0, content))


def detached(digest: bytes, *, key: Key, chain: Sequence[bytes]) -> SignedData:
    """Return SignedData over content that is kept elsewhere; `digest` is its SHA-256 (SM3 for an SM2 key), 32 bytes.

    `chain` is DER, the signer's certificate first; a self-signed root is left out, because a verifier has its own anchors.
    Raises KeyAlgorithmUnsupported for keys without a place in SUITES.
    """
    return replace(_signed(DATA, digest, key=key, chain=chain), encapsulated=tlv(SEQUENCE, DATA))


def attributes_to_sign(digest: bytes, *, algorithm: str, certificate: bytes) -> bytes:
    """Return what a key that is elsewhere must sign for `detached`: the SET OF signed attributes, DER, before hashing.

    `digest` is the content's, as for `detached`; `detached_from` takes the signature. Raises KeyAlgorithmUnsupported.
    """
    if algorithm not in SUITES:
        raise KeyAlgorithmUnsupported(algorithm, tuple(SUITES))
    return signed_attributes(DATA, digest, certificate, SUITES[algorithm])


def detached_from(
    attributes: bytes, signature: bytes, *, algorithm: str, chain: Sequence[bytes], token: bytes | None
) -> bytes:
    """Return ContentInfo, DER, equal to what `detached` would have made with a key at hand; the signature is not checked here."""
    return canonical_form(_embedded(chain), attributes, signature, algorithm=algorithm, content=None, token=token)


def time_stamp_token(information: bytes, *, key: Key, chain: Sequence[bytes], embed: bool) -> bytes:
    """Return the RFC 3161 token that carries `information` (TSTInfo, DER); certificates are embedded when the request asked."""
    digest = hashlib.new(_suite(key).digest, information).digest()
    signed = replace(
        _signed(TST_INFO, digest, key=key, chain=chain), version=3, encapsulated=_encapsulated(information)
    )
    return (signed if embed else replace(signed, certificates=())).encoded()


def sm2_signed_data(
    content: bytes, *, key: Key, chain: Sequence[bytes], timestamp: Callable[[bytes], bytes] | None = None
) -> bytes:
    """Return the SignedData of GB/T 35275-2017 (1.2.156.10197.6.1.4.2.2) by an SM2 key over `content`, kept elsewhere; DER.

    The key signs `content` itself, without attributes, as readers of OFD expect. `chain` is DER, the signer's first; the root is left out.
    `timestamp` is given the SM3 of the signature value, and its token becomes an unsigned attribute. Read it with
    `hub.signing.verify_gb_signed_data`. Raises KeyAlgorithmUnsupported for a key that is not SM2.
    """
    if key.algorithm != SM2:
        raise KeyAlgorithmUnsupported(key.algorithm, (SM2,))
    signature = key.sign(content)
    return canonical_gb_form(_embedded(chain), signature, token=timestamp(sm3(signature)) if timestamp else None)


def canonical_form(
    certificates: Sequence[bytes],
    attributes: bytes,
    signature: bytes,
    *,
    algorithm: str,
    content: bytes | None,
    token: bytes | None,
) -> bytes:
    """Return the one way this hub would write a signature by a key of `algorithm` with these parts; the signer's certificate comes first.

    A verifier compares: whatever differs lies in bytes no signature covers, and was not written here. `attributes` is the SET OF signed.
    """
    version, encapsulated = (1, tlv(SEQUENCE, DATA)) if content is None else (3, _encapsulated(content))
    suite = SUITES[algorithm]
    signer = _signer_fields(certificates[0], suite, attributes)
    return SignedData(suite, version, encapsulated, tuple(certificates), signer, signature).encoded(token)


def canonical_gb_form(certificates: Sequence[bytes], signature: bytes, *, token: bytes | None) -> bytes:
    """Return the one way `sm2_signed_data` writes a signature with these parts; the signer's certificate comes first."""
    signer = _signer_fields(certificates[0], GB_SUITE, b"")
    encapsulated = tlv(SEQUENCE, GB_DATA)
    signed = SignedData(GB_SUITE, 1, encapsulated, tuple(certificates), signer, signature, GB_SIGNED_DATA)
    return signed.encoded(token)


def _signed(content_type: bytes, digest: bytes, *, key: Key, chain: Sequence[bytes]) -> SignedData:
    """Return the signature over the attributes that name content type, digest and certificate; what it encapsulates is still to be told."""
    suite = _suite(key)
    attributes = signed_attributes(content_type, digest, chain[0], suite)
    signer = _signer_fields(chain[0], suite, attributes)
    return SignedData(suite, 1, b"", _embedded(chain), signer, key.sign(attributes))


def signed_attributes(content_type: bytes, digest: bytes, certificate: bytes, suite: Suite) -> bytes:
    """Return the SET OF attributes that a key signs, DER: content type, digest and certificate (RFC 5652, RFC 5035)."""
    return set_of(
        tlv(SEQUENCE, CONTENT_TYPE, tlv(SET, content_type)),
        tlv(SEQUENCE, MESSAGE_DIGEST, tlv(SET, tlv(OCTET_STRING, digest))),
        tlv(SEQUENCE, SIGNING_CERTIFICATE_V2, tlv(SET, tlv(SEQUENCE, tlv(SEQUENCE, _reference(certificate, suite))))),
    )


def _suite(key: Key) -> Suite:
    if key.algorithm not in SUITES:
        raise KeyAlgorithmUnsupported(key.algorithm, tuple(SUITES))
    return SUITES[key.algorithm]


def _reference(certificate: bytes, suite: Suite) -> bytes:
    """ESSCertIDv2; its digest is SHA-256 unless named (RFC 5035 section 4)."""
    named = b"" if suite.digest == DIGEST else suite.digest_identifier
    return tlv(SEQUENCE, named, tlv(OCTET_STRING, hashlib.new(suite.digest, certificate).digest()))


def _signer_fields(certificate: bytes, suite: Suite, attributes: bytes) -> bytes:
    """Return SignerInfo up to the signature; attributes are signed under SET OF, written under IMPLICIT [0] (RFC 5652 section 5.4)."""
    version, implicit = tlv(INTEGER, b"\x01"), CONTEXT_0 + attributes[1:] if attributes else b""
    identifiers = suite.digest_identifier + implicit + suite.signature_identifier
    return version + issuer_and_serial(certificate) + identifiers


def _encapsulated(information: bytes) -> bytes:
    return tlv(SEQUENCE, TST_INFO, tlv(CONTEXT_0, tlv(OCTET_STRING, information)))


def _embedded(chain: Sequence[bytes]) -> tuple[bytes, ...]:
    return (chain[0], *(der for der in chain[1:] if not _is_root(der)))


@lru_cache(maxsize=HELD_CERTIFICATES)
def issuer_and_serial(certificate: bytes) -> bytes:
    """Return IssuerAndSerialNumber, DER: what a signature names its certificate by. Raises ValueError for what is no certificate."""
    parsed = x509.Certificate.load(certificate)
    return tlv(SEQUENCE, parsed.issuer.dump(), parsed["tbs_certificate"]["serial_number"].dump())


@lru_cache(maxsize=HELD_CERTIFICATES)
def _is_root(certificate: bytes) -> bool:
    parsed = x509.Certificate.load(certificate)
    return bool(parsed.issuer == parsed.subject)
