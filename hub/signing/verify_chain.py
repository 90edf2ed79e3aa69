"""Follows a certificate to a trust anchor at a given time (RFC 5280 section 6), and asks the revocation lists about it.

Path building and validation are the library's (cryptography.x509.verification), and `sm2_chain`'s where SM2 is involved; this module states
the policy: end-entity certificates must be meant for what they are used for, roots are trusted only when handed in. Expiry is answered
apart from the chain, so that both show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from hub.signing.anchors import Anchors
from hub.signing.sm2_certificates import list_signed_by
from hub.signing.sm2_chain import MAX_CHAIN, concerns_sm2, sm2_path

DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
NOT_FOR_DOCUMENTS = frozenset(
    {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.OCSP_SIGNING}
)


@dataclass(frozen=True)
class ChainCheck:
    """`root` is the anchor reached at the time asked about, or None; `revoked_since` is None when neither the certificate nor an authority
    between it and the root is revoked, as far as was checked. `revocation_checked` says that a list of its issuer was at hand."""

    root: x509.Certificate | None
    within_validity: bool
    revoked_since: datetime | None
    revocation_checked: bool


def check_chain(
    certificate: x509.Certificate, others: Sequence[x509.Certificate], anchors: Anchors, at: datetime
) -> ChainCheck:
    """Return what is known of `certificate` at `at` (aware).

    Outside its validity the chain is asked about at the nearest time inside, so that expiry does not hide an unknown issuer.
    """
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    chain = _path(certificate, others, anchors, min(max(at, first), last))
    asked = [(own, _lists_of(issuer, anchors)) for own, issuer in zip(chain, chain[1:] or chain, strict=False)]
    revoked = [
        entry.revocation_date_utc for own, lists in asked for each in lists if (entry := _entry(each, own)) is not None
    ]
    return ChainCheck(
        root=chain[-1] if chain else None,
        within_validity=first <= at <= last,
        revoked_since=min(revoked, default=None),
        revocation_checked=bool(asked and asked[0][1]),
    )


def may_sign(certificate: x509.Certificate) -> bool:
    """Say whether the key usage permits signing documents (digitalSignature or nonRepudiation; RFC 5280 section 4.2.1.3).

    A certificate whose extended key usage is for servers, time stamps or OCSP answers alone is for no document.
    """
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return (usage.digital_signature or usage.content_commitment) and not (
        extended_usage(certificate) <= NOT_FOR_DOCUMENTS
    )


def may_make_seals(certificate: x509.Certificate) -> bool:
    """Say whether the certificate may make e-seals: it may sign, and is not restricted to documents (RFC 9336), as this hub's seal holders
    are; otherwise whoever holds a seal could make one in another organ's name."""
    return may_sign(certificate) and DOCUMENT_SIGNING not in extended_usage(certificate)


def extended_usage(certificate: x509.Certificate) -> frozenset[x509.ObjectIdentifier]:
    """Return the purposes of the extended key usage; without the extension, the one that stands for all (RFC 5280 section 4.2.1.12)."""
    try:
        return frozenset(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return frozenset({ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})


def may_stamp(certificate: x509.Certificate) -> bool:
    """Say whether the certificate is a time-stamp authority's: critical extended key usage, timeStamping alone (RFC 3161 section 2.3)."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def _path(
    certificate: x509.Certificate, others: Sequence[x509.Certificate], anchors: Anchors, at: datetime
) -> list[x509.Certificate]:
    if not anchors.certificates:
        return []
    if any(concerns_sm2(each) for each in (certificate, *others)):
        return sm2_path(certificate, others, anchors.certificates, at)
    builder = (
        PolicyBuilder()
        .store(Store(list(anchors.certificates)))
        .time(at.astimezone(UTC).replace(tzinfo=None))
        .max_chain_depth(MAX_CHAIN)
        .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all())
    )
    try:
        return list(builder.build_client_verifier().verify(certificate, list(others)).chain)
    except (VerificationError, ValueError, UnsupportedAlgorithm):  # malformed extensions surface as ValueError
        return []


def _lists_of(issuer: x509.Certificate, anchors: Anchors) -> list[x509.CertificateRevocationList]:
    return [each for each in anchors.revocation_lists if list_signed_by(each, issuer)]


def _entry(
    revocations: x509.CertificateRevocationList, certificate: x509.Certificate
) -> x509.RevokedCertificate | None:
    return revocations.get_revoked_certificate_by_serial_number(certificate.serial_number)
