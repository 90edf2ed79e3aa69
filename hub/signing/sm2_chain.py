"""Finds a path from a certificate to a trust anchor where SM2 is involved, and validates it (RFC 5280 section 6.1, GB/T 20518-2018).

The library that serves the other paths knows no SM2 signatures. Checked for every certificate: signature and names, validity at the
time asked about, no critical extension left unread; for issuers also CA, path length and keyCertSign; name constraints are not
supported, so an issuer that has any is refused. Bounded: at most MAX_STEPS signatures are looked at. Revocation is asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from hub.signing.sm2_certificates import SM2_WITH_SM3, is_sm2, signed_by

MAX_CHAIN = 4  # the certificate, at most two between, the root; as for the other paths
MAX_STEPS = 64
READ = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    }
)


@dataclass
class _Search:
    others: Sequence[x509.Certificate]
    roots: Sequence[x509.Certificate]
    at: datetime
    steps: int = field(default=MAX_STEPS)


def concerns_sm2(certificate: x509.Certificate) -> bool:
    """Say whether the certificate has an SM2 key or an SM2 signature."""
    return certificate.signature_algorithm_oid.dotted_string == SM2_WITH_SM3 or is_sm2(certificate)


def sm2_path(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
) -> list[x509.Certificate]:
    """Return the path, the certificate first and the anchor last, valid at `at` (aware); empty when there is none."""
    if not _acceptable(certificate, at):
        return []
    return _upwards([certificate], _Search(others, roots, at)) or []


def _upwards(path: list[x509.Certificate], search: _Search) -> list[x509.Certificate] | None:
    for issuer, anchored in _issuers(path, search):
        search.steps -= 1
        if search.steps < 0:
            return None
        if not signed_by(path[-1], issuer):
            continue
        longer = [*path, issuer]
        found = longer if anchored else _upwards(longer, search)
        if found is not None:
            return found
    return None


def _issuers(path: list[x509.Certificate], search: _Search) -> Iterator[tuple[x509.Certificate, bool]]:
    """Yield who may have issued the path's last certificate, anchors first; those between only while there is room for a root."""
    candidates = [(each, True) for each in search.roots]
    if len(path) + 1 < MAX_CHAIN:
        candidates += [(each, False) for each in search.others if each not in path]
    for issuer, anchored in candidates:
        if issuer.subject == path[-1].issuer and _may_certify(issuer, len(path) - 1, search.at):
            yield issuer, anchored


def _may_certify(issuer: x509.Certificate, below: int, at: datetime) -> bool:
    """Say whether `issuer` may stand above a path with `below` certificates between it and the one asked about."""
    if not _acceptable(issuer, at):
        return False
    try:
        bounds = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    if any(isinstance(each.value, x509.NameConstraints) for each in issuer.extensions):
        return False
    roomy = bounds.path_length is None or below <= bounds.path_length
    return bounds.ca and roomy and usage.key_cert_sign


def _acceptable(certificate: x509.Certificate, at: datetime) -> bool:
    valid = certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
    try:
        extensions = list(certificate.extensions)
    except ValueError:
        return False
    return valid and all(each.oid in READ or not each.critical for each in extensions)
