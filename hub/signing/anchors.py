"""The trust anchors of a verification: root certificates, and the revocation lists that came with them. Trust is handed in, never found."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cryptography import x509

from hub.errors import HubError

CRL_BLOCK = re.compile(rb"-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----")  # no dash within, so that it is sought once only
CERTIFICATE_BEGIN = b"-----BEGIN CERTIFICATE-----"
MAX_PEM_BYTES = 4 * 1024 * 1024


class AnchorsUnreadable(HubError):
    """The file of trust anchors is not PEM with certificates and revocation lists, or larger than 4 MiB.

    Cure: fetch it again from the published address.
    """

    code = "anchors.unreadable"

    def __init__(self) -> None:
        super().__init__("信任锚文件无法读取。", "The file of trust anchors cannot be read.")


@dataclass(frozen=True)
class Anchors:
    """Roots that are trusted, and revocation lists (each checked against its issuer when used)."""

    certificates: tuple[x509.Certificate, ...] = ()
    revocation_lists: tuple[x509.CertificateRevocationList, ...] = ()

    @classmethod
    def from_pem(cls, pem: bytes) -> Anchors:
        """Read CERTIFICATE and X509 CRL blocks; an empty file gives no anchors; raise AnchorsUnreadable."""
        if len(pem) > MAX_PEM_BYTES:
            raise AnchorsUnreadable
        try:
            certificates = x509.load_pem_x509_certificates(pem) if CERTIFICATE_BEGIN in pem else []
            lists = [x509.load_pem_x509_crl(block) for block in CRL_BLOCK.findall(pem)]
        except ValueError as unreadable:
            raise AnchorsUnreadable from unreadable
        return cls(tuple(certificates), tuple(lists))
