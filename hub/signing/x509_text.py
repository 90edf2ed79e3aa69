"""How a certificate is named to people: its subject in one line, and its fingerprint. Decides nothing about trust."""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.x509.oid import NameOID


def fingerprint(certificate_der: bytes) -> str:
    """Return the SHA-256 of the DER certificate, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(certificate_der).hexdigest()


def subject(certificate: x509.Certificate) -> str:
    """Return the common name, or the whole subject in RFC 4514 form when there is none."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()
