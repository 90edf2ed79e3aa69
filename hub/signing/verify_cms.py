"""Takes one CMS SignedData apart, strictly and at once, and says whether its signature holds (RFC 5652, RFC 5035).

`parse_signed_data` is where bytes of unknown origin meet a lazy parser: everything is read there, under one foreseen refusal, so
that what follows deals with plain values. Only what a signature vouches for is trusted; the unsigned shell must be the one shape we write.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from hub.signing.certificate_form import strictly_formed
from hub.signing.keys import P256, RSA, SM2
from hub.signing.own_signed_data import OwnForm, own_form
from hub.signing.signature_faults import SignatureMalformed, SignatureUnsupported, SignatureWeak
from hub.signing.signed_data import SUITES, canonical_form
from hub.signing.sm2_certificates import SM2_WITH_SM3, Sm2PublicKey, public_key
from hub.signing.x509_text import subject

DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sm3": hashes.SM3,
}
SM3_OIDS = frozenset({"1.2.156.10197.1.401", "1.2.156.10197.1.401.1"})
# SM2 as a signature: with SM3 (GB/T 20518), as SM2-1 (GB/T 35275), and by the curve alone, as some devices write it
SM2_OIDS = frozenset({SM2_WITH_SM3, "1.2.156.10197.1.301.1", "1.2.156.10197.1.301"})
# What lazy readers of ASN.1 and X.509 raise on bytes that are not what they claim to be; UserWarning where warnings are errors.
MALFORMED = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    UserWarning,
)
MAX_CERTIFICATES = 16
HELD_CERTIFICATES = 256
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | Sm2PublicKey


@dataclass(frozen=True)
class ParsedSignature:
    """One signer's signature as plain values; nothing in it has been verified yet.

    `signed_bytes` is what the signature is over: the signed attributes (DER SET OF), or under GB/T 35275 the content itself.
    `canonical` says that the bytes are the very ones this hub would have written around these values.
    """

    certificate: x509.Certificate
    signer: str
    certificate_der: bytes
    others: tuple[x509.Certificate, ...]
    public_key: PublicKey
    digest_name: str
    signature: bytes
    signed_bytes: bytes
    content_type: str
    message_digest: bytes
    certificate_digest: tuple[str, bytes] | None
    encapsulated_type: str
    content: bytes | None
    token: bytes | None
    canonical: bool

    def digest(self, message: bytes) -> bytes:
        """Return the digest of `message` under the algorithm the signer used."""
        return hashlib.new(self.digest_name, message).digest()


def parse_signed_data(der: bytes) -> ParsedSignature:
    """Return the single signer's signature in `der` (ContentInfo); raise SignatureMalformed for anything else."""
    try:
        if own := own_form(der):
            return _from_own(own)
        info = cms.ContentInfo.load(der, strict=True)
        if info["content_type"].native != "signed_data":
            raise SignatureMalformed("content type")
        parsed = _parsed(info["content"])
        return replace(parsed, canonical=_canonical(parsed) == der)
    except MALFORMED as malformed:
        raise SignatureMalformed("structure") from malformed


def _from_own(form: OwnForm) -> ParsedSignature:
    """Return what the general reader would return of the form; the certificates are read as strictly."""
    own, digest = _readable(form.certificates[0]), SUITES[form.algorithm].digest
    return ParsedSignature(
        certificate=own,
        signer=subject(own),
        certificate_der=form.certificates[0],
        others=tuple(map(_readable, form.certificates[1:])),
        public_key=key_for(own, digest),
        digest_name=digest,
        signature=form.signature,
        signed_bytes=form.attributes,
        content_type=form.content_type,
        message_digest=form.message_digest,
        certificate_digest=(digest, hashlib.new(digest, form.certificates[0]).digest()),
        encapsulated_type=form.content_type,
        content=form.content,
        token=form.token,
        canonical=True,
    )


def _parsed(signed: cms.SignedData) -> ParsedSignature:
    signers = signed["signer_infos"]
    if len(signers) != 1 or len(signed["certificates"]) > MAX_CERTIFICATES:
        raise SignatureMalformed("signers")
    signer = signers[0]
    own, others = certificates_of(signed, signer)
    digest_name = digest_of(signer)
    attributes = attributes_of(signer["signed_attrs"])
    return ParsedSignature(
        certificate=own,
        signer=subject(own),
        certificate_der=own.public_bytes(Encoding.DER),
        others=others,
        public_key=key_for(own, digest_name),
        digest_name=digest_name,
        signature=bytes(signer["signature"].native),
        # the bytes as they came, under the tag SET OF instead of IMPLICIT [0] (RFC 5652 section 5.4); never re-encoded
        signed_bytes=b"\x31" + bytes(signer["signed_attrs"].dump())[1:],
        content_type=str(attributes["content_type"].native),
        message_digest=bytes(attributes["message_digest"].native),
        certificate_digest=_certificate_digest(attributes),
        encapsulated_type=str(signed["encap_content_info"]["content_type"].native),
        content=_content(signed["encap_content_info"]),
        token=token_of(signer["unsigned_attrs"]),
        canonical=False,
    )


def signature_holds(parsed: ParsedSignature) -> bool:
    """Say whether the signature value is the certificate key's over what is signed."""
    key, signature, signed = parsed.public_key, parsed.signature, parsed.signed_bytes
    if isinstance(key, Sm2PublicKey):
        return key.holds(signed, signature)
    digest = DIGESTS[parsed.digest_name]()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(digest))
        else:
            key.verify(signature, signed, padding.PKCS1v15(), digest)
    except InvalidSignature:
        return False
    return True


def names_its_certificate(parsed: ParsedSignature) -> bool:
    """Say whether the signed attributes name this very certificate (signing-certificate-v2, required by CAdES)."""
    if parsed.certificate_digest is None:
        return False
    name, digest = parsed.certificate_digest
    return hashlib.new(name, parsed.certificate_der).digest() == digest


def digest_of(signer: cms.SignerInfo) -> str:
    """Return the one digest used throughout; refuse a mixture, in which a weaker digest could hide, and one that is weak or unknown."""
    name = digest_name(signer["digest_algorithm"])
    if name in ("md5", "sha1"):
        raise SignatureWeak(name)
    scheme = signer["signature_algorithm"]
    if name == "sm3" and scheme["algorithm"].dotted in SM2_OIDS:
        return name
    if name == "sm3" or name not in DIGESTS or scheme.signature_algo not in ("ecdsa", "rsassa_pkcs1v15"):
        raise SignatureUnsupported(name)
    # a bare rsaEncryption names no digest of its own (RFC 3370 section 3.2)
    if scheme["algorithm"].native != "rsassa_pkcs1v15" and scheme.hash_algo != name:
        raise SignatureMalformed("digest algorithm")
    return name


def digest_name(identifier: algos.DigestAlgorithm) -> str:
    """Return hashlib's name of the digest an AlgorithmIdentifier names, or the OID when it is unknown."""
    return "sm3" if identifier["algorithm"].dotted in SM3_OIDS else str(identifier["algorithm"].native)


def key_for(certificate: x509.Certificate, digest: str) -> PublicKey:
    """Return the certificate's key when it is of the kind that goes with `digest`; raise SignatureMalformed otherwise."""
    key = public_key(certificate)
    if not isinstance(key, PublicKey) or isinstance(key, Sm2PublicKey) != (digest == "sm3"):
        raise SignatureMalformed("key algorithm")
    return key


def certificates_of(
    signed: cms.SignedData, signer: cms.SignerInfo
) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    """Return the signer's certificate and the others that came with it; raise SignatureMalformed unless there is exactly one of the signer's."""
    wanted = signer["sid"].chosen
    sought = (
        (wanted["serial_number"].native, wanted["issuer"].dump())
        if isinstance(wanted, cms.IssuerAndSerialNumber)
        else None
    )
    own: list[bytes] = []
    others: list[bytes] = []
    for choice in signed["certificates"]:
        if choice.name != "certificate":
            raise SignatureMalformed("certificates")
        der = choice.dump()
        (own if _named(der) == sought else others).append(der)
    if len(own) != 1:
        raise SignatureMalformed("signer's certificate")
    return _readable(own[0]), tuple(_readable(der) for der in others)


@lru_cache(maxsize=HELD_CERTIFICATES)
def _named(der: bytes) -> tuple[int, bytes]:
    """Return the serial number and the issuer's name (DER): what a signature names its certificate by."""
    certificate = asn1_x509.Certificate.load(der)
    return certificate.serial_number, certificate.issuer.dump()


@lru_cache(maxsize=HELD_CERTIFICATES)
def _readable(der: bytes) -> x509.Certificate:
    """Return the certificate with every part read that is looked at later, so that what cannot be read is refused here."""
    if asn1_x509.Certificate.load(der).serial_number <= 0:  # RFC 5280 section 4.1.2.2; the library only warns
        raise SignatureMalformed("serial number")
    if not strictly_formed(der):
        raise SignatureMalformed("certificate")
    certificate = x509.load_der_x509_certificate(der)
    _ = (certificate.version, certificate.extensions, certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    _ = (certificate.subject, certificate.issuer)
    return certificate


def _canonical(parsed: ParsedSignature) -> bytes:
    others = [each.public_bytes(Encoding.DER) for each in parsed.others]
    certificates = [parsed.certificate_der, *others]
    return canonical_form(
        certificates,
        parsed.signed_bytes,
        parsed.signature,
        algorithm=_algorithm(parsed.public_key),
        content=parsed.content,
        token=parsed.token,
    )


def _algorithm(key: PublicKey) -> str:
    if isinstance(key, Sm2PublicKey):
        return SM2
    return RSA if isinstance(key, rsa.RSAPublicKey) else P256


def attributes_of(signed_attributes: cms.CMSAttributes) -> dict[str, core.Asn1Value]:
    """Return the signed attributes by name; each occurs once with one value (RFC 5652 section 5.3)."""
    found: dict[str, core.Asn1Value] = {}
    for attribute in signed_attributes:
        name = str(attribute["type"].native)
        if name in found or len(attribute["values"]) != 1:
            raise SignatureMalformed("signed attributes")
        found[name] = attribute["values"][0]
    return found


def _certificate_digest(attributes: dict[str, core.Asn1Value]) -> tuple[str, bytes] | None:
    if "signing_certificate_v2" not in attributes:
        return None
    reference = attributes["signing_certificate_v2"]["certs"][0]
    name = digest_name(reference["hash_algorithm"])
    return (name, bytes(reference["cert_hash"].native)) if name in DIGESTS else None


def _content(encapsulated: cms.ContentInfo) -> bytes | None:
    content = encapsulated["content"]
    return None if isinstance(content, core.Void) else bytes(content)


def token_of(unsigned: cms.CMSAttributes) -> bytes | None:
    """Return the first `signature-time-stamp-token` among the unsigned attributes, None without."""
    tokens = [each for each in unsigned if each["type"].native == "signature_time_stamp_token"]
    return bytes(tokens[0]["values"][0].dump()) if tokens else None
