"""Takes e-seals and e-seal signatures apart: GM/T 0031-2014 (version 1), GB/T 38540-2020 (version 4) and GM/T 0031-2025 (version 5).

Strict about shape, lenient where real seals differ (extensions untagged or under [0], either kind of time). Original bytes are kept and
never written again: they are what was signed. What is wrong without hiding the rest is a fault in the parsed value, so that the
judgement can name everything; only what cannot be read at all is raised. Nothing here has been verified.
"""

from __future__ import annotations

from hub.signing.der import tlv
from hub.signing.der_reading import (
    BOOLEAN,
    CONTEXT_0,
    GENERALIZED_TIME,
    OCTET_STRING,
    SEQUENCE,
    UTC_TIME,
    DerMalformed,
    Element,
    bits,
    dotted,
    instant,
    integer,
    octets,
    read_der,
    string,
)
from hub.signing.ses_values import (
    CERTIFICATES,
    DIGESTS,
    MAGIC,
    V1,
    V4,
    V5,
    CertificateDigest,
    Extension,
    ParsedSeal,
    ParsedSignature,
    Picture,
    SealMalformed,
    SealVersionUnknown,
    SesSignatureMalformed,
)

MAX_BYTES = 1024 * 1024
MAX_LISTED = 64

__all__ = [
    "CertificateDigest",
    "Extension",
    "ParsedSeal",
    "ParsedSignature",
    "Picture",
    "SealMalformed",
    "SealVersionUnknown",
    "SesSignatureMalformed",
    "parse_seal",
    "parse_signature",
    "unwrapped",
]


def parse_seal(data: bytes) -> ParsedSeal:
    """Return the e-seal in `data` (DER, also wrapped once in an OCTET STRING, at most 1 MiB); raise SealMalformed."""
    try:
        return _seal(unwrapped(data))
    except DerMalformed as malformed:
        raise SealMalformed(malformed.fact) from malformed


def parse_signature(data: bytes) -> ParsedSignature:
    """Return the e-seal signature in `data` (as for parse_seal); raise SesSignatureMalformed, or SealMalformed for the seal in it."""
    try:
        root = unwrapped(data)
        parts = root.members(2, 5, "SES_Signature")
        return _first_signature(root) if len(parts) == 2 else _later_signature(root)
    except DerMalformed as malformed:
        raise SesSignatureMalformed(malformed.fact) from malformed


def unwrapped(data: bytes) -> Element:
    """Return the outermost element of `data`, without the OCTET STRING some producers put around it; raise DerMalformed."""
    if len(data) > MAX_BYTES:
        raise DerMalformed(f"> {MAX_BYTES} bytes")
    root = read_der(data)
    return read_der(root.content) if root.tag == OCTET_STRING else root


def _seal(root: Element) -> ParsedSeal:
    parts = root.members(2, 5, "SESeal")
    if len(parts) == 3:
        raise DerMalformed("SESeal")
    found = _Information(parts[0], first=len(parts) == 2)
    version, faults = _seal_version(len(parts), found)
    if version == V1:
        maker, algorithm, signed = parts[1].members(3, 3, "SES_SignInfo")
        covered = tlv(bytes([SEQUENCE]), parts[0].raw, maker.raw, algorithm.raw)
    else:
        maker, algorithm, signed = parts[1:4]
        covered = parts[0].raw
    return ParsedSeal(
        version=version,
        vendor_id=found.vendor_id,
        es_id=found.es_id,
        kind=found.kind,
        name=found.name,
        certificates=found.certificates,
        digests=found.digests,
        created_at=found.times[0],
        valid_from=found.times[1],
        valid_until=found.times[2],
        picture=found.picture,
        extensions=found.extensions,
        maker_certificate=octets(maker, "cert"),
        algorithm=dotted(algorithm, "signAlgID"),
        signed_bytes=covered,
        signature=bits(signed, "signedValue"),
        time_stamp=_time_stamp(parts[4:]),
        faults=(*faults, *found.faults),
        raw=root.raw,
    )


def _seal_version(count: int, found: _Information) -> tuple[int, tuple[str, ...]]:
    """Return the version by shape and header; version 1 headers hold anything (the 2014 text's own example is 11)."""
    if count == 2:
        return V1, ()
    if found.version > V5:
        raise SealVersionUnknown(str(found.version))
    version = V5 if count == 5 or found.version == V5 else V4
    return version, () if found.version == version else ("version",)


class _Information:
    """SES_SealInfo, read field by field; `first` tells the property of version 1 from that of versions 4 and 5."""

    def __init__(self, element: Element, *, first: bool) -> None:
        header, es_id, own, picture, *extensions = element.members(4, 5, "SES_SealInfo")
        magic, version, vendor = header.members(3, 3, "SES_Header")
        self.version = integer(version, "version")
        self.vendor_id = string(vendor, "Vid")
        self.es_id = string(es_id, "esID")
        self.faults = () if string(magic, "ID") == MAGIC else ("ID",)
        self.picture = _picture(picture)
        self.extensions = _extensions(extensions)
        fields = own.members(6, 6, "property") if first else own.members(7, 7, "property")
        self.kind = integer(fields[0], "type")
        self.name = string(fields[1], "name")
        self.times = tuple(instant(each, "createDate") for each in fields[-3:])
        self.certificates: tuple[bytes, ...] = ()
        self.digests: tuple[CertificateDigest, ...] = ()
        self._list(CERTIFICATES if first else integer(fields[2], "certListType"), fields[-4])

    def _list(self, kind: int, element: Element) -> None:
        members = element.members(1, MAX_LISTED, "certList")
        if kind == CERTIFICATES:
            self.certificates = tuple(octets(each, "certList") for each in members)
        elif kind == DIGESTS:
            pairs = [each.members(2, 2, "certList") for each in members]
            self.digests = tuple(
                CertificateDigest(string(name, "certList"), octets(value, "certList")) for name, value in pairs
            )
        else:
            raise DerMalformed("certListType")


def _picture(element: Element) -> Picture:
    kind, content, width, height = element.members(4, 4, "picture")
    sizes = integer(width, "width"), integer(height, "height")
    return Picture(string(kind, "picture"), octets(content, "picture"), *sizes)


def _extensions(found: list[Element]) -> tuple[Extension, ...]:
    """Return ExtensionDatas, which real seals leave untagged and others put under [0]; at most one element is given."""
    if not found:
        return ()
    element = found[0].children[0] if found[0].tag == CONTEXT_0 and len(found[0].children) == 1 else found[0]
    return tuple(_extension(each) for each in element.members(0, MAX_LISTED, "extDatas"))


def _extension(element: Element) -> Extension:
    oid, *flag, value = element.members(2, 3, "ExtData")
    if flag and flag[0].tag != BOOLEAN:
        raise DerMalformed("critical")
    return Extension(dotted(oid, "extnID"), bool(flag) and flag[0].content != b"\0", octets(value, "extnValue"))


def _time_stamp(rest: tuple[Element, ...]) -> bytes | None:
    """Return the token of the last field, `[0] EXPLICIT BIT STRING OPTIONAL`."""
    if not rest:
        return None
    if rest[0].tag != CONTEXT_0 or len(rest[0].children) != 1:
        raise DerMalformed("timeStamp")
    return bits(rest[0].children[0], "timeStamp")


def _first_signature(root: Element) -> ParsedSignature:
    """Read version 1, in which the certificate and the algorithm stand within what is signed."""
    signed, signature = root.children
    version, seal, time, data_hash, own, certificate, algorithm = signed.members(7, 7, "TBS_Sign")
    within = bits(time, "timeInfo")
    is_time = within[:1] in (bytes([UTC_TIME]), bytes([GENERALIZED_TIME]))
    return ParsedSignature(
        version=integer(version, "version"),
        seal=_seal(seal),
        claimed_at=instant(read_der(within), "timeInfo") if is_time else None,
        data_hash=bits(data_hash, "dataHash"),
        property_info=string(own, "propertyInfo"),
        extensions=(),
        certificate=octets(certificate, "cert"),
        algorithm=dotted(algorithm, "signatureAlgorithm"),
        signed_bytes=signed.raw,
        signature=bits(signature, "signature"),
        time_stamp=None if is_time else within,
        faults=(),
        raw=root.raw,
    )


def _later_signature(root: Element) -> ParsedSignature:
    """Read versions 4 and 5."""
    signed, certificate, algorithm, signature, *stamp = root.members(4, 5, "SES_Signature")
    version, seal, time, data_hash, own, *extensions = signed.members(5, 6, "TBS_Sign")
    parsed = _seal(seal)
    number = integer(version, "version")
    return ParsedSignature(
        version=number,
        seal=parsed,
        claimed_at=instant(time, "timeInfo"),
        data_hash=bits(data_hash, "dataHash"),
        property_info=string(own, "propertyInfo"),
        extensions=_extensions(extensions),
        certificate=octets(certificate, "cert"),
        algorithm=dotted(algorithm, "signatureAlgID"),
        signed_bytes=signed.raw,
        signature=bits(signature, "signature"),
        time_stamp=_time_stamp(tuple(stamp)),
        faults=() if number == parsed.version else ("version",),
        raw=root.raw,
    )
