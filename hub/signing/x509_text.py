"""How a certificate is named to people: its subject in one line, and its fingerprint. Decides nothing about trust."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hub.signing.shown import shown

HELD_SUBJECTS = 256
MOST_NAME = 200


def fingerprint(certificate_der: bytes) -> str:
    """Return the SHA-256 of the DER certificate, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(certificate_der).hexdigest()


@lru_cache(maxsize=HELD_SUBJECTS)
def subject(certificate: x509.Certificate) -> str:
    """Return the common name, with the unit (where 演示专用 stands) in brackets; the whole subject when there is no common name.

    As it is `shown`, at most 200 characters: it is for people to read.
    """
    # asn1crypto, because cryptography warns of names over 64 bytes, and RFC 5280 appendix A.1 counts characters
    name = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)).subject
    parts = name.native
    common, unit = parts.get("common_name"), parts.get("organizational_unit_name")
    if not isinstance(common, str):
        return shown(str(name.human_friendly), MOST_NAME)
    return shown(f"{common}（{unit}）" if isinstance(unit, str) else common, MOST_NAME)
