"""Makes e-seals and signs with them: GB/T 38540-2020 (version 4), or GM/T 0031-2025 (version 5) by setting.

Before anything is signed, the order of GM/T 0031 is kept: the signer's certificate may sign and is in force, the seal is its maker's and in
force, and its list names that certificate. Whether maker and signer are trusted is the verifier's question; who may use a seal is decided
elsewhere. Times are written in UTC with `Z` and no fraction, `critical` even where it is FALSE, as the installed readers expect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import core
from cryptography import x509

from hub.errors import HubError
from hub.signing import sm2
from hub.signing.der import CONTEXT_0, INTEGER, OCTET_STRING, SEQUENCE, tlv
from hub.signing.keys import SM2, Key, KeyAlgorithmUnsupported
from hub.signing.ses_checks import SM2_WITH_SM3, Value, listed, readable, seal_value
from hub.signing.ses_structures import parse_seal
from hub.signing.ses_values import CERTIFICATES, DIGESTS, MAGIC, V4, V5, Extension, ParsedSeal, Picture
from hub.signing.verify_chain import may_sign

__all__ = ["Picture", "SealNotInForce", "SealUnsound", "SealWanted", "SignerUnfit", "make_seal", "sign_with_seal"]

BOOLEAN, BIT_STRING, UTF8_STRING = b"\x01", b"\x03", b"\x0c"
PRINTABLE_STRING, IA5_STRING, GENERALIZED_TIME = b"\x13", b"\x16", b"\x18"
TRUE, FALSE = b"\xff", b"\x00"
ALGORITHM = bytes(core.ObjectIdentifier(SM2_WITH_SM3).dump())
VERSIONS = (V4, V5)
VENDOR = "TBAN"
Stamper = Callable[[bytes], bytes]


class SealUnsound(HubError):
    """The e-seal is not what its maker signed, or breaks the standard's constants, or cannot be made so; nothing was signed. `fact` says which.

    Cure: import the seal again from its maker.
    """

    code = "e_seal.unsound"

    def __init__(self, fact: str) -> None:
        super().__init__(
            f"电子印章本身有误（{fact}），没有用印。", f"The e-seal itself is unsound ({fact}); nothing was sealed."
        )
        self.fact = fact


class SealNotInForce(HubError):
    """The e-seal's own validity does not include the time of signing; nothing was signed.

    Cure: have the seal made anew, or wait until it begins.
    """

    code = "e_seal.not_in_force"

    def __init__(self, seal: ParsedSeal) -> None:
        super().__init__(
            f"电子印章“{seal.name}”此时不在有效期内，没有用印。",
            f"E-seal {seal.name} is not in force now; nothing was sealed.",
        )
        self.valid_from, self.valid_until = seal.valid_from, seal.valid_until


class SignerUnfit(HubError):
    """The certificate may not sign with this seal: not in its list, out of validity, not for signing, or of another key. `fact` says which.

    Cure: after a certificate was renewed, have the seal made anew with the new certificate; otherwise use the certificate in the seal.
    """

    code = "e_seal.signer_unfit"

    def __init__(self, fact: str) -> None:
        super().__init__(
            f"签章人证书不能使用此印章（{fact}）；证书更新后须重新制章。",
            f"The signer's certificate may not use this seal ({fact}); a renewed certificate needs a re-made seal.",
        )
        self.fact = fact


@dataclass(frozen=True)
class SealWanted:
    """What an e-seal is to say. `kind` is free (3 in practice); `certificates` (DER) are the signers'; times are aware.

    With `by_digest` the list holds SM3 digests of the certificates instead of the certificates.
    """

    es_id: str
    name_zh: str
    kind: int
    certificates: Sequence[bytes]
    created_at: datetime
    valid_from: datetime
    valid_until: datetime
    picture: Picture
    vendor_id: str = VENDOR
    version: int = V4
    by_digest: bool = False
    extensions: tuple[Extension, ...] = ()


def make_seal(wanted: SealWanted, *, maker: Key, maker_certificate: bytes, timestamp: Stamper | None = None) -> bytes:
    """Return the e-seal, DER, signed by its maker.

    `timestamp` maps the SM3 of the signature value to a token, in version 5 only. Raises SealUnsound when the maker's certificate could not
    stand, when the version is not written here, or when the validity is no span; KeyAlgorithmUnsupported for keys that are not SM2.
    """
    _sm2_only(maker)
    certificate = readable(maker_certificate)
    if certificate is None or not _fit(certificate, wanted.created_at):
        raise SealUnsound("SEAL_MAKER_CERT")
    if wanted.version not in VERSIONS or not wanted.certificates or wanted.valid_from > wanted.valid_until:
        raise SealUnsound("SEAL_FORMAT")
    information = _information(wanted)
    value = maker.sign(information)
    stamp = _stamped(timestamp, value) if wanted.version == V5 else b""
    seal = tlv(SEQUENCE, information, tlv(OCTET_STRING, maker_certificate), ALGORITHM, _bits(value), stamp)
    if seal_value(parse_seal(seal)) is not Value.HOLDS:
        raise SealUnsound("SEAL_SIGNATURE")
    return seal


def sign_with_seal(
    seal: bytes,
    *,
    data_hash: bytes,
    property_info: str,
    key: Key,
    certificate: bytes,
    signed_at: datetime,
    timestamp: Stamper | None,
) -> bytes:
    """Return SES_Signature, DER, of the seal's own version over `data_hash` (SM3, 32 bytes).

    `property_info` is the absolute path of the signature's description in the document; `signed_at` (aware) is what the signer claims;
    `timestamp` maps the SM3 of the signature value to a token. Raises SealMalformed, SealUnsound, SealNotInForce, SignerUnfit.
    """
    _sm2_only(key)
    if key.raw_public not in certificate:
        raise SignerUnfit("key")
    signed = bytes_to_sign(
        seal, data_hash=data_hash, property_info=property_info, certificate=certificate, signed_at=signed_at
    )
    return signature_from(signed, key.sign(signed), certificate=certificate, timestamp=timestamp)


def bytes_to_sign(
    seal: bytes, *, data_hash: bytes, property_info: str, certificate: bytes, signed_at: datetime
) -> bytes:
    """Return TBS_Sign, DER: what the key of `certificate` must sign, before hashing and without ZA; raises as `sign_with_seal`."""
    parsed = parse_seal(seal)
    _check(parsed, certificate, signed_at)
    return tlv(
        SEQUENCE,
        tlv(INTEGER, bytes([parsed.version])),
        parsed.raw,
        _time(signed_at),
        _bits(data_hash),
        _text(IA5_STRING, property_info),
    )


def signature_from(signed: bytes, value: bytes, *, certificate: bytes, timestamp: Stamper | None) -> bytes:
    """Return SES_Signature, DER, of TBS_Sign and the signature value (DER) over it, which is not checked here."""
    stamp = _stamped(timestamp, value)
    return tlv(SEQUENCE, signed, tlv(OCTET_STRING, certificate), ALGORITHM, _bits(value), stamp)


def _check(seal: ParsedSeal, certificate_der: bytes, at: datetime) -> None:
    """Keep GM/T 0031-2014's order of signing: the certificate, the seal, then the one in the other."""
    certificate = readable(certificate_der)
    if certificate is None or not _fit(certificate, at):
        raise SignerUnfit("certificate")
    if seal.version not in VERSIONS or seal.faults:
        raise SealUnsound("SEAL_FORMAT")
    if seal_value(seal) is not Value.HOLDS:
        raise SealUnsound("SEAL_SIGNATURE")
    if not seal.valid_from <= at <= seal.valid_until:
        raise SealNotInForce(seal)
    if not listed(seal, certificate_der):
        raise SignerUnfit("certList")


def _fit(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc and may_sign(certificate)


def _sm2_only(key: Key) -> None:
    if key.algorithm != SM2:
        raise KeyAlgorithmUnsupported(key.algorithm, (SM2,))


def _information(wanted: SealWanted) -> bytes:
    """SES_SealInfo: the extensions untagged, as every vendor writes them."""
    header = tlv(
        SEQUENCE,
        _text(IA5_STRING, MAGIC),
        tlv(INTEGER, bytes([wanted.version])),
        _text(IA5_STRING, wanted.vendor_id),
    )
    picture = wanted.picture
    drawn = tlv(
        SEQUENCE,
        _text(IA5_STRING, picture.kind),
        tlv(OCTET_STRING, picture.content),
        _integer(picture.width_mm),
        _integer(picture.height_mm),
    )
    extensions = tlv(SEQUENCE, *map(_extension, wanted.extensions)) if wanted.extensions else b""
    return tlv(SEQUENCE, header, _text(IA5_STRING, wanted.es_id), _property(wanted), drawn, extensions)


def _property(wanted: SealWanted) -> bytes:
    if wanted.by_digest:
        digests = (tlv(OCTET_STRING, sm2.sm3(each)) for each in wanted.certificates)
        entries = [tlv(SEQUENCE, _text(PRINTABLE_STRING, "SM3"), digest) for digest in digests]
    else:
        entries = [tlv(OCTET_STRING, each) for each in wanted.certificates]
    return tlv(
        SEQUENCE,
        _integer(wanted.kind),
        _text(UTF8_STRING, wanted.name_zh),
        _integer(DIGESTS if wanted.by_digest else CERTIFICATES),
        tlv(SEQUENCE, *entries),
        *(_time(each) for each in (wanted.created_at, wanted.valid_from, wanted.valid_until)),
    )


def _extension(extension: Extension) -> bytes:
    critical = tlv(BOOLEAN, TRUE if extension.critical else FALSE)
    return tlv(SEQUENCE, core.ObjectIdentifier(extension.oid).dump(), critical, tlv(OCTET_STRING, extension.value))


def _stamped(timestamp: Stamper | None, value: bytes) -> bytes:
    return tlv(CONTEXT_0, _bits(timestamp(sm2.sm3(value)))) if timestamp else b""


def _bits(content: bytes) -> bytes:
    return tlv(BIT_STRING, b"\0", content)


def _integer(number: int) -> bytes:
    return tlv(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _text(tag: bytes, text: str) -> bytes:
    return tlv(tag, text.encode("utf-8"))


def _time(at: datetime) -> bytes:
    return tlv(GENERALIZED_TIME, at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode("ascii"))
