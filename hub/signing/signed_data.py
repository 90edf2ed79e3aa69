"""Builds CMS SignedData (RFC 5652) with the attributes that CAdES and RFC 3161 ask for.

One builder serves the seal on a PDF (detached) and the time-stamp token (with content). Must not decide what is signed or by whom.
`signing-certificate-v2` (RFC 5035) binds the signature to its certificate, so another certificate for the same key cannot be put in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from asn1crypto import cms, tsp, x509

from hub.signing.keys import P256, Key, KeyAlgorithmUnsupported

SIGNATURE_ALGORITHMS = {P256: "sha256_ecdsa"}
DIGEST = "sha256"


def detached(digest: bytes, *, key: Key, chain: Sequence[bytes]) -> cms.ContentInfo:
    """Return SignedData over content that is kept elsewhere; `digest` is its SHA-256, 32 bytes.

    `chain` is DER, the signer's certificate first; a self-signed root is left out, because a verifier has its own anchors.
    Raises KeyAlgorithmUnsupported for keys without a place in SIGNATURE_ALGORITHMS.
    """
    return _signed("v1", {"content_type": "data"}, digest, key=key, chain=chain)


def time_stamp_token(info: tsp.TSTInfo, *, key: Key, chain: Sequence[bytes], embed: bool) -> cms.ContentInfo:
    """Return the RFC 3161 token that carries `info`; certificates are embedded when the request asked (`embed`)."""
    encoded = info.dump()
    content = {"content_type": "tst_info", "content": cms.ParsableOctetString(encoded)}
    return _signed("v3", content, hashlib.sha256(encoded).digest(), key=key, chain=chain, embed=embed)


def with_time_stamp(signed: cms.ContentInfo, token: bytes) -> cms.ContentInfo:
    """Return `signed` with `token` as unsigned attribute `signature-time-stamp-token` (RFC 3161 appendix A): CAdES-T."""
    attribute = cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [cms.ContentInfo.load(token)]})
    signed["content"]["signer_infos"][0]["unsigned_attrs"] = [attribute]
    return signed


def signature_value(signed: cms.ContentInfo) -> bytes:
    """Return the signature's own bytes, which a time stamp is taken over."""
    return bytes(signed["content"]["signer_infos"][0]["signature"].native)


def _signed(
    version: str, content: dict[str, object], digest: bytes, *, key: Key, chain: Sequence[bytes], embed: bool = True
) -> cms.ContentInfo:
    certificates = [x509.Certificate.load(der) for der in chain]
    attributes = _attributes(str(content["content_type"]), digest, certificates[0])
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": {"issuer_and_serial_number": _issuer_and_serial(certificates[0])},
            "digest_algorithm": {"algorithm": DIGEST},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": _signature_algorithm(key)},
            "signature": key.sign(attributes.dump()),
        }
    )
    fields: dict[str, object] = {
        "version": version,
        "digest_algorithms": [{"algorithm": DIGEST}],
        "encap_content_info": content,
        "signer_infos": [signer],
    }
    if embed:
        fields["certificates"] = [own for own in certificates if own is certificates[0] or own.self_issued is False]
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(fields)})


def _attributes(content_type: str, digest: bytes, certificate: x509.Certificate) -> cms.CMSAttributes:
    reference = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(certificate.dump()).digest()})
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": [content_type]}),
            cms.CMSAttribute({"type": "message_digest", "values": [digest]}),
            cms.CMSAttribute(
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [reference]})]}
            ),
        ]
    )


def _issuer_and_serial(certificate: x509.Certificate) -> cms.IssuerAndSerialNumber:
    return cms.IssuerAndSerialNumber({"issuer": certificate.issuer, "serial_number": certificate.serial_number})


def _signature_algorithm(key: Key) -> str:
    if key.algorithm not in SIGNATURE_ALGORITHMS:
        raise KeyAlgorithmUnsupported(key.algorithm, tuple(SIGNATURE_ALGORITHMS))
    return SIGNATURE_ALGORITHMS[key.algorithm]
