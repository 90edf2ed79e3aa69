"""A revoked authority takes with it what it certified: revocation is asked about every certificate of a chain, not the last alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.x509.oid import NameOID

from hub.signing.anchors import Anchors
from hub.signing.verify_chain import check_chain

FOUNDED = datetime(2026, 1, 1, tzinfo=UTC)
NOW = FOUNDED + timedelta(days=100)
REVOKED = FOUNDED + timedelta(days=50)


def named(name: str) -> x509.Name:
    """A name of one part."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def certified(
    name: str, key: EllipticCurvePrivateKey, issuer: str, issuers_key: EllipticCurvePrivateKey, *, authority: bool
) -> x509.Certificate:
    """A certificate as RFC 5280 wants it."""
    usage = [not authority, *[False] * 4, authority, authority, False, False]
    return (
        x509.CertificateBuilder(named(issuer), named(name), key.public_key(), x509.random_serial_number())
        .not_valid_before(FOUNDED)
        .not_valid_after(FOUNDED + timedelta(days=900))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.KeyUsage(*usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuers_key.public_key()), critical=False)
        .sign(issuers_key, hashes.SHA256())
    )


def listing(issuer: str, key: EllipticCurvePrivateKey, *revoked: x509.Certificate) -> x509.CertificateRevocationList:
    """The issuer's list."""
    builder = x509.CertificateRevocationListBuilder(named(issuer), NOW, NOW + timedelta(days=30))
    for each in revoked:
        entry = x509.RevokedCertificateBuilder(each.serial_number, REVOKED).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(key, hashes.SHA256())


def test_a_revoked_authority_between_is_noticed() -> None:
    root_key, between_key, own_key = (generate_private_key(SECP256R1()) for _ in range(3))
    root = certified("root", root_key, "root", root_key, authority=True)
    between = certified("between", between_key, "root", root_key, authority=True)
    own = certified("own", own_key, "between", between_key, authority=False)
    clean = listing("between", between_key)
    sound = check_chain(own, [between], Anchors((root,), (clean, listing("root", root_key))), NOW)
    revoked = check_chain(own, [between], Anchors((root,), (clean, listing("root", root_key, between))), NOW)
    assert (sound.root, sound.revoked_since) == (root, None)
    assert (revoked.root, revoked.revoked_since) == (root, REVOKED)
