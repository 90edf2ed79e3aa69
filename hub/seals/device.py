"""The two halves of sealing with a key its holder keeps: what he must sign, and the original made from his signature.

The certificate's key decides the file: SM2 the OFD, P-256 or RSA the PDF. A certificate signs only with a seal that lists it. No database,
no private key here; whether the holder may use the seal is `hub.seals.permits`'s question.

Source: 电子签名法 art. 13 (signature data under the signatory's sole control); GB/T 38540-2020 clause 6 (the seal lists its signers).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from hub.seals.custody import OpenSeal
from hub.seals.device_faults import (
    CertificateNotForSigning,
    CertificateNotInSeal,
    CertificateOutOfTerm,
    CertificateUnreadable,
    DeviceAlgorithmUnsupported,
    SignatureWrong,
)
from hub.seals.faults import SealKeyElsewhere, SealStructureMissing
from hub.seals.permits import Permit
from hub.seals.sealing import OFD, Format, Renderings, SealAct, TimeStamps, original_format
from hub.signing.keys import P256, RSA, SM2, KeyStore, Purpose
from hub.signing.seal_drawing import draw_seal
from hub.signing.ses_checks import ECDSA_WITH_SHA256, RSA_WITH_SHA256, SM2_WITH_SM3, Value, listed, readable, value_of
from hub.signing.ses_structures import parse_seal
from hub.signing.sm2_certificates import Sm2PublicKey, public_key
from hub.signing.verify_chain import may_sign

RAW_BYTES: Final = 64
SIGNATURES = {SM2: SM2_WITH_SM3, P256: ECDSA_WITH_SHA256, RSA: RSA_WITH_SHA256}
"""The OID under which a key of each algorithm signs."""


@dataclass(frozen=True)
class DeviceKey:
    """The public half of a key that is elsewhere: it is a `Key`, and it never signs."""

    name: str
    algorithm: str
    raw_public: bytes
    public_key_der: bytes

    def sign(self, message: bytes) -> bytes:
        """Raise SealKeyElsewhere: only the holder signs."""
        raise SealKeyElsewhere


@dataclass(frozen=True)
class DeviceCertificate:
    """A certificate that may sign now, and the algorithm of its key."""

    der: bytes
    algorithm: str
    parsed: x509.Certificate

    @property
    def original(self) -> Format:
        """Which file its key signs."""
        return original_format(self.algorithm)

    @property
    def key(self) -> DeviceKey:
        """Its key, as far as it is here."""
        return DeviceKey("device", self.algorithm, b"", b"")


@dataclass(frozen=True)
class PreparedOriginal:
    """The original without its signature, what is to be signed, and what else completing needs (plain JSON)."""

    content: bytes
    to_sign: bytes
    kept: Mapping[str, Any]


def device_certificate(der: bytes, at: datetime) -> DeviceCertificate:
    """Return the certificate when its key may sign documents at `at` (aware).

    Raises CertificateUnreadable, DeviceAlgorithmUnsupported, CertificateNotForSigning, CertificateOutOfTerm.
    """
    parsed = readable(der)
    if parsed is None:
        raise CertificateUnreadable
    algorithm = _algorithm(parsed)
    if not may_sign(parsed):
        raise CertificateNotForSigning
    if not parsed.not_valid_before_utc <= at <= parsed.not_valid_after_utc:
        raise CertificateOutOfTerm(parsed.not_valid_before_utc, parsed.not_valid_after_utc)
    return DeviceCertificate(der, algorithm, parsed)


def device_seal(permit: Permit, certificate: DeviceCertificate, *, keys: KeyStore, structure: bytes | None) -> OpenSeal:
    """Return what seals as far as it is here: no private key, and the certificate's chain where the cupboard holds it."""
    kept = keys.certificates(Purpose.SEAL, permit.key_name)
    chain = kept if kept[:1] == [certificate.der] else [certificate.der]
    return OpenSeal(permit, certificate.key, chain, structure)


def require_listed(certificate: DeviceCertificate, structure: bytes | None, own_sha256: str) -> None:
    """Return when the seal lists the certificate: in its structure, or as its one certificate (`own_sha256`, hex).

    Raises CertificateNotInSeal, SealStructureMissing for an SM2 certificate and a seal without a structure.
    """
    if certificate.algorithm == SM2 and structure is None:
        raise SealStructureMissing
    if structure is not None and listed(parse_seal(structure), certificate.der):
        return
    if certificate.algorithm == SM2 or hashlib.sha256(certificate.der).hexdigest() != own_sha256:
        raise CertificateNotInSeal


def prepare_original(made: Renderings, act: SealAct) -> PreparedOriginal:
    """Return the original of the renderings prepared for the device; `act.opened` holds a DeviceKey. Raises what preparing raises."""
    certificate = act.opened.chain[0]
    if made.original == OFD:
        from hub.signing.ofd.signing import prepare_seal

        if act.opened.structure is None:
            raise SealStructureMissing
        ofd = prepare_seal(
            made.ofd,
            seal=act.opened.structure,
            certificate=certificate,
            places=made.impressions,
            signed_at=act.signed_at,
            lock=True,
        )
        return PreparedOriginal(ofd.content, ofd.to_sign, {"valuePath": ofd.value_path})
    from hub.signing.pades import DeviceAct, prepare_pdf

    device = DeviceAct(
        algorithm=act.opened.key.algorithm,
        chain=act.opened.chain,
        drawing=draw_seal(act.shape, act.fonts),
        place=made.layout.seal,
        signed_at=act.signed_at,
        reason=act.reason,
        strips=made.impressions[1:],
    )
    pdf = prepare_pdf(made.pdf, device)
    return PreparedOriginal(pdf.content, pdf.to_sign, {"gap": list(pdf.gap)})


def complete_original(
    prepared: PreparedOriginal, signature: bytes, *, algorithm: str, chain: Sequence[bytes], timestamp: TimeStamps
) -> bytes:
    """Return the sealed original; `signature` is what `checked_signature` returned. Raises what the time stamp raises."""
    if algorithm == SM2:
        from hub.signing.ofd.signing import PreparedOfd, complete_seal

        return complete_seal(
            PreparedOfd(prepared.content, prepared.kept["valuePath"], prepared.to_sign),
            signature,
            certificate=chain[0],
            timestamp=lambda digest: timestamp(digest, "sm3"),
        )
    from hub.signing.pades import PreparedPdf, complete_pdf

    first, last = prepared.kept["gap"]
    pdf = PreparedPdf(prepared.content, (first, last), prepared.to_sign)
    return complete_pdf(pdf, signature, algorithm=algorithm, chain=chain, timestamp=timestamp)


def normal_signature(signature: bytes, algorithm: str) -> bytes:
    """Return the signature in DER where it came as r||s of 64 bytes; RSA as it is."""
    if algorithm == RSA or len(signature) != RAW_BYTES:
        return signature
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    return encode_dss_signature(r, s)


def checked_signature(certificate_der: bytes, algorithm: str, to_sign: bytes, signature: bytes) -> bytes:
    """Return the signature in its normal form when it is the certificate's over `to_sign`; raises SignatureWrong."""
    certificate = readable(certificate_der)
    normal = normal_signature(signature, algorithm)
    if certificate is None or value_of(certificate, SIGNATURES[algorithm], to_sign, normal) is not Value.HOLDS:
        raise SignatureWrong
    return normal


def _algorithm(certificate: x509.Certificate) -> str:
    match public_key(certificate):
        case Sm2PublicKey():
            return SM2
        case rsa.RSAPublicKey():
            return RSA
        case ec.EllipticCurvePublicKey() as key if isinstance(key.curve, ec.SECP256R1):
            return P256
    raise DeviceAlgorithmUnsupported(tuple(SIGNATURES))
