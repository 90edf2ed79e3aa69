"""The trust anchors of a verification: root certificates with their revocation lists, and the public keys of ledgers.

Trust is handed in, never found: as PEM (/trust/anchors.pem) and as JSON (/trust/keys.json), both compared with their fingerprints by a person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509

from hub.errors import HubError

CRL_BLOCK = re.compile(
    rb"-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----"
)  # no dash within, so that it is sought once only
CERTIFICATE_BEGIN = b"-----BEGIN CERTIFICATE-----"
MAX_PEM_BYTES = 4 * 1024 * 1024
LEDGER_USE = "LEDGER"


class AnchorsUnreadable(HubError):
    """The file of trust anchors is neither PEM with certificates and revocation lists nor the JSON of public keys, or larger than 4 MiB.

    Cure: fetch it again from the published address.
    """

    code = "anchors.unreadable"

    def __init__(self) -> None:
        super().__init__("信任锚文件无法读取。", "The file of trust anchors cannot be read.")


@dataclass(frozen=True)
class LedgerAnchor:
    """A key that is trusted to sign the checkpoints of the ledger `origin`; `public_key` is SubjectPublicKeyInfo, DER, base64."""

    origin: str
    public_key: str


@dataclass(frozen=True)
class Anchors:
    """Roots that are trusted, revocation lists (each checked against its issuer when used), and keys of ledgers."""

    certificates: tuple[x509.Certificate, ...] = ()
    revocation_lists: tuple[x509.CertificateRevocationList, ...] = ()
    ledger_keys: tuple[LedgerAnchor, ...] = ()

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

    @classmethod
    def from_files(cls, contents: Iterable[bytes]) -> Anchors:
        """Read files of either kind, PEM or the JSON of /trust/keys.json, into one; raise AnchorsUnreadable."""
        read = [cls._from_keys(one) if one.lstrip()[:1] == b"{" else cls.from_pem(one) for one in contents]
        return cls(
            tuple(each for one in read for each in one.certificates),
            tuple(each for one in read for each in one.revocation_lists),
            tuple(each for one in read for each in one.ledger_keys),
        )

    @classmethod
    def _from_keys(cls, content: bytes) -> Anchors:
        try:
            keys = json.loads(content[: MAX_PEM_BYTES + 1])["keys"]
            told = [(key["use"], key["name"], key["publicKey"]) for key in keys]
        except (ValueError, KeyError, TypeError, RecursionError) as unreadable:
            raise AnchorsUnreadable from unreadable
        if not all(isinstance(text, str) for one in told for text in one):
            raise AnchorsUnreadable
        return cls(ledger_keys=tuple(LedgerAnchor(name, key) for use, name, key in told if use == LEDGER_USE))
