"""Takes the SignedData of GB/T 35275-2017 apart: an SM2 signature with its certificate, over content kept elsewhere.

The structure is PKCS #7's with OIDs of its own; the signature is over the content itself, or over attributes that name its SM3. The answer
is a `ParsedSignature`, so that `verify_signature.judge` treats it as any other. Nothing is trusted here.
"""

from __future__ import annotations

from dataclasses import replace

from asn1crypto import cms, core
from cryptography.hazmat.primitives.serialization import Encoding

from hub.signing.der_reading import DerMalformed, read_der
from hub.signing.signature_faults import SignatureMalformed
from hub.signing.signed_data import canonical_gb_form
from hub.signing.sm2 import sm3
from hub.signing.verify_cms import (
    MALFORMED,
    MAX_CERTIFICATES,
    ParsedSignature,
    attributes_of,
    certificates_of,
    digest_of,
    key_for,
    signature_holds,
    token_of,
)
from hub.signing.x509_text import subject

GB_ARC = "1.2.156.10197.6.1.4.2"
DATA, SIGNED_DATA = f"{GB_ARC}.1", f"{GB_ARC}.2"
MAX_BYTES = 256 * 1024
CONTENT = "data"  # as `verify_cms` names a content that is plain data


class _ContentInfo(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("content_type", core.ObjectIdentifier),
        ("content", cms.SignedData, {"explicit": 0}),
    ]


def looks_like_gb_signed_data(data: bytes) -> bool:
    """Say whether `data` begins as a SignedData of GB/T 35275 (and not as a bare signature or CMS)."""
    return core.ObjectIdentifier(SIGNED_DATA).dump() in data[:32]


def parse_sm2_signed_data(data: bytes, content: bytes) -> ParsedSignature:
    """Return the single signer's signature in `data`, said to be over `content`; raise SignatureMalformed for anything else.

    `message_digest` is the SM3 of `content` where the content itself is signed, and what the attributes claim where there are any: compare it
    with `sm3(content)`, as `judge` does.
    """
    try:
        if len(data) > MAX_BYTES:
            raise SignatureMalformed("size")
        read_der(data)  # refuses deep nesting before anything recurses
        info = _ContentInfo.load(data, strict=True)
        if info["content_type"].dotted != SIGNED_DATA:
            raise SignatureMalformed("content type")
        parsed = _parsed(info["content"], content)
        return replace(parsed, canonical=_canonical(parsed, content) == data)
    except (DerMalformed, *MALFORMED) as malformed:
        raise SignatureMalformed("structure") from malformed


def verify_sm2_signed_data(data: bytes, content: bytes) -> bool:
    """Say whether `data` is a SignedData whose signature over `content` holds; who signed, and whether one trusts them, is asked apart."""
    try:
        parsed = parse_sm2_signed_data(data, content)
    except SignatureMalformed:
        return False
    return parsed.message_digest == sm3(content) and signature_holds(parsed)


def _parsed(signed: cms.SignedData, content: bytes) -> ParsedSignature:
    signers = signed["signer_infos"]
    if len(signers) != 1 or len(signed["certificates"]) > MAX_CERTIFICATES:
        raise SignatureMalformed("signers")
    signer = signers[0]
    own, others = certificates_of(signed, signer)
    name = digest_of(signer)
    encapsulated = signed["encap_content_info"]
    if encapsulated["content_type"].dotted != DATA or encapsulated["content"].native is not None:
        raise SignatureMalformed("content type")
    bare = not signer["signed_attrs"]
    attributes = {} if bare else attributes_of(signer["signed_attrs"])
    return ParsedSignature(
        certificate=own,
        signer=subject(own),
        certificate_der=own.public_bytes(Encoding.DER),
        others=others,
        public_key=key_for(own, name),
        digest_name=name,
        signature=bytes(signer["signature"].native),
        signed_bytes=content if bare else b"\x31" + bytes(signer["signed_attrs"].dump())[1:],
        content_type=CONTENT,
        message_digest=sm3(content) if bare else bytes(attributes["message_digest"].native),
        certificate_digest=None,
        encapsulated_type=CONTENT,
        content=None,
        token=token_of(signer["unsigned_attrs"]),
        canonical=False,
    )


def _canonical(parsed: ParsedSignature, content: bytes) -> bytes:
    if parsed.signed_bytes != content:
        return b""
    certificates = [parsed.certificate_der, *(each.public_bytes(Encoding.DER) for each in parsed.others)]
    return canonical_gb_form(certificates, parsed.signature, token=parsed.token)
