"""Takes one CMS SignedData apart, strictly and at once, and says whether its signature holds (RFC 5652, RFC 5035).

`parse_signed_data` is where bytes of unknown origin meet a lazy parser: everything is read there, under one foreseen refusal, so
that what follows deals with plain values. Only what a signature vouches for is trusted; the unsigned shell must be the one shape we write.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from asn1crypto import cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from hub.errors import HubError
from hub.signing.signed_data import canonical_form
from hub.signing.x509_text import subject

DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
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
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class SignatureMalformed(HubError):
    """The bytes are not a signature this verifier can read; a verdict reports it as SIG_FORMAT and nothing is raised to callers of it.

    Cure: obtain the file again from its issuer.
    """

    code = "signature.malformed"

    def __init__(self, fact: str) -> None:
        super().__init__(f"签名结构无法读取（{fact}）。", f"The signature structure cannot be read ({fact}).")
        self.fact = fact


class SignatureUnsupported(SignatureMalformed):
    """The signature uses an algorithm this verifier does not know; a verdict reports it as cannot tell.

    Cure: check the file with a verifier that knows the algorithm.
    """

    code = "signature.unsupported"


class SignatureWeak(SignatureMalformed):
    """The signature rests on MD5 or SHA-1, which can be forged; a verdict reports it as failed.

    Cure: ask the issuer for a file signed with a present-day algorithm.
    """

    code = "signature.weak"


@dataclass(frozen=True)
class ParsedSignature:
    """One signer's signature as plain values; nothing in it has been verified yet.

    `canonical` says that the bytes are the very ones this hub would have written around these values.
    """

    certificate: x509.Certificate
    signer: str
    certificate_der: bytes
    others: tuple[x509.Certificate, ...]
    public_key: PublicKey
    digest_name: str
    signature: bytes
    signed_attributes: bytes
    content_type: str
    message_digest: bytes
    certificate_digest: bytes | None
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
        info = cms.ContentInfo.load(der, strict=True)
        if info["content_type"].native != "signed_data":
            raise SignatureMalformed("content type")
        parsed = _parsed(info["content"])
        return replace(parsed, canonical=_canonical(parsed) == der)
    except MALFORMED as malformed:
        raise SignatureMalformed("structure") from malformed


def _parsed(signed: cms.SignedData) -> ParsedSignature:
    signers = signed["signer_infos"]
    if len(signers) != 1 or len(signed["certificates"]) > MAX_CERTIFICATES:
        raise SignatureMalformed("signers")
    signer = signers[0]
    own, others = _certificates(signed, signer)
    digest_name = _digest_name(signer)
    attributes = _attributes(signer["signed_attrs"])
    public = own.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise SignatureMalformed("key algorithm")
    return ParsedSignature(
        certificate=own,
        signer=subject(own),
        certificate_der=own.public_bytes(Encoding.DER),
        others=others,
        public_key=public,
        digest_name=digest_name,
        signature=bytes(signer["signature"].native),
        # the bytes as they came, under the tag SET OF instead of IMPLICIT [0] (RFC 5652 section 5.4); never re-encoded
        signed_attributes=b"\x31" + bytes(signer["signed_attrs"].dump())[1:],
        content_type=str(attributes["content_type"].native),
        message_digest=bytes(attributes["message_digest"].native),
        certificate_digest=_certificate_digest(attributes),
        encapsulated_type=str(signed["encap_content_info"]["content_type"].native),
        content=_content(signed["encap_content_info"]),
        token=_token(signer["unsigned_attrs"]),
        canonical=False,
    )


def signature_holds(parsed: ParsedSignature) -> bool:
    """Say whether the signature value is the certificate key's over the signed attributes."""
    digest = DIGESTS[parsed.digest_name]()
    try:
        if isinstance(parsed.public_key, ec.EllipticCurvePublicKey):
            parsed.public_key.verify(parsed.signature, parsed.signed_attributes, ec.ECDSA(digest))
        else:
            parsed.public_key.verify(parsed.signature, parsed.signed_attributes, padding.PKCS1v15(), digest)
    except InvalidSignature:
        return False
    return True


def names_its_certificate(parsed: ParsedSignature) -> bool:
    """Say whether the signed attributes name this very certificate (signing-certificate-v2, required by CAdES)."""
    return parsed.certificate_digest == hashlib.sha256(parsed.certificate_der).digest()


def _certificates(
    signed: cms.SignedData, signer: cms.SignerInfo
) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    wanted = signer["sid"].chosen
    own: list[bytes] = []
    others: list[bytes] = []
    for choice in signed["certificates"]:
        if choice.name != "certificate":
            raise SignatureMalformed("certificates")
        found: asn1_x509.Certificate = choice.chosen
        matches = isinstance(wanted, cms.IssuerAndSerialNumber) and (
            found.serial_number == wanted["serial_number"].native and found.issuer.dump() == wanted["issuer"].dump()
        )
        (own if matches else others).append(found.dump())
    if len(own) != 1:
        raise SignatureMalformed("signer's certificate")
    return _readable(own[0]), tuple(_readable(der) for der in others)


def _readable(der: bytes) -> x509.Certificate:
    """Return the certificate with every part read that is looked at later, so that what cannot be read is refused here."""
    if asn1_x509.Certificate.load(der).serial_number <= 0:  # RFC 5280 section 4.1.2.2; the library only warns
        raise SignatureMalformed("serial number")
    certificate = x509.load_der_x509_certificate(der)
    _ = (certificate.version, certificate.extensions, certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    return certificate


def _canonical(parsed: ParsedSignature) -> bytes:
    others = [each.public_bytes(Encoding.DER) for each in parsed.others]
    certificates = [parsed.certificate_der, *others]
    attributes, signature = parsed.signed_attributes, parsed.signature
    return canonical_form(certificates, attributes, signature, content=parsed.content, token=parsed.token)


def _digest_name(signer: cms.SignerInfo) -> str:
    """Return the one digest used throughout; refuse a mixture, in which a weaker digest could hide."""
    name = str(signer["digest_algorithm"]["algorithm"].native)
    if name in ("md5", "sha1"):
        raise SignatureWeak(name)
    scheme = signer["signature_algorithm"]
    if name not in DIGESTS or scheme.signature_algo not in ("ecdsa", "rsassa_pkcs1v15"):
        raise SignatureUnsupported(name)
    # a bare rsaEncryption names no digest of its own (RFC 3370 section 3.2)
    if scheme["algorithm"].native != "rsassa_pkcs1v15" and scheme.hash_algo != name:
        raise SignatureMalformed("digest algorithm")
    return name


def _attributes(signed_attributes: cms.CMSAttributes) -> dict[str, core.Asn1Value]:
    """Return the signed attributes by name; each occurs once with one value (RFC 5652 section 5.3)."""
    found: dict[str, core.Asn1Value] = {}
    for attribute in signed_attributes:
        name = str(attribute["type"].native)
        if name in found or len(attribute["values"]) != 1:
            raise SignatureMalformed("signed attributes")
        found[name] = attribute["values"][0]
    return found


def _certificate_digest(attributes: dict[str, core.Asn1Value]) -> bytes | None:
    if "signing_certificate_v2" not in attributes:
        return None
    reference = attributes["signing_certificate_v2"]["certs"][0]
    is_sha256 = reference["hash_algorithm"]["algorithm"].native == "sha256"
    return bytes(reference["cert_hash"].native) if is_sha256 else None


def _content(encapsulated: cms.ContentInfo) -> bytes | None:
    content = encapsulated["content"]
    return None if content.native is None else bytes(content)


def _token(unsigned: cms.CMSAttributes) -> bytes | None:
    tokens = [each for each in unsigned if each["type"].native == "signature_time_stamp_token"]
    return bytes(tokens[0]["values"][0].dump()) if tokens else None
