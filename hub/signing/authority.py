"""The demonstration authority: a root made on the spot, and certificates for seals and for the time-stamp authority.

Every subject says 演示 and DEMONSTRATION: these certificates are worth nothing outside the demonstration, where certificates come from a
licensed certification authority. Nothing here is ever committed; keys live in the key store under the purpose `authority`.
Certificates follow RFC 5280; the time-stamp certificate carries the critical, single extended key usage of RFC 3161 section 2.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.signing.key_files import FileKey, FileKeyStore
from hub.signing.keys import P256, Key, Purpose

ROOT = "demonstration-root"
OPERATOR = "通办演示认证机构 Tongban DEMONSTRATION authority"
ROOT_YEARS, SEAL_YEARS, TIMESTAMP_YEARS = 20, 3, 12
NOTICE = "演示专用 DEMONSTRATION ONLY"
MAX_NAME_BYTES = 64
YEAR = timedelta(days=365)


def found_authority(store: FileKeyStore, at: datetime) -> bytes:
    """Make the demonstration root unless it exists; return its certificate, DER. `at` (aware) is where its validity begins."""
    if ROOT in store.names(Purpose.AUTHORITY) and (chain := store.certificates(Purpose.AUTHORITY, ROOT)):
        return chain[0]
    known = ROOT in store.names(Purpose.AUTHORITY)  # a crash may have left the key without its certificate
    key = store.open(Purpose.AUTHORITY, ROOT) if known else store.create(Purpose.AUTHORITY, ROOT, P256)
    subject = _subject("演示根证书 DEMONSTRATION ROOT", OPERATOR)
    builder = _builder(subject, subject, key, at=at, years=ROOT_YEARS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(certificates=True), critical=True)
    root = key.certify(builder).public_bytes(Encoding.DER)
    store.store_certificates(Purpose.AUTHORITY, ROOT, [root])
    return root


def certify_seal(store: FileKeyStore, name: str, organisation_zh: str, at: datetime) -> list[bytes]:
    """Return a chain (DER, own first) for the seal key `name`, making the key when it is new; valid three years from `at`.

    `organisation_zh` is the organ whose name the seal bears; the subject adds 演示专用. The chain is stored beside the key.
    """
    key = _key(store, Purpose.SEAL, name)
    subject = _subject(organisation_zh, organisation_zh)
    return _certify(store, Purpose.SEAL, key, subject, at=at, years=SEAL_YEARS)


def certify_time_stamps(store: FileKeyStore, name: str, operator_zh: str, at: datetime) -> list[bytes]:
    """Return a chain for the time-stamp key `name`, making the key when it is new; valid twelve years from `at`.

    It outlives the seals it dates, so that a seal stays checkable after the seal's certificate has expired.
    """
    key = _key(store, Purpose.TIMESTAMP, name)
    subject = _subject(f"{operator_zh}时间戳 TSA", operator_zh)
    return _certify(store, Purpose.TIMESTAMP, key, subject, at=at, years=TIMESTAMP_YEARS)


def revocation_list(store: FileKeyStore, revoked: Sequence[tuple[int, datetime]], at: datetime) -> bytes:
    """Return the root's list of revoked certificates as PEM: (serial number, revoked since), as of `at`, next due in 30 days."""
    root = x509.load_der_x509_certificate(found_authority(store, at))
    builder = x509.CertificateRevocationListBuilder(
        issuer_name=root.subject, last_update=at, next_update=at + timedelta(days=30)
    )
    for serial, since in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder(serial_number=serial, revocation_date=since).build()
        )
    return store.open(Purpose.AUTHORITY, ROOT).certify_revocations(builder)


def _key(store: FileKeyStore, purpose: Purpose, name: str) -> FileKey:
    return store.open(purpose, name) if name in store.names(purpose) else store.create(purpose, name, P256)


def _certify(
    store: FileKeyStore, purpose: Purpose, key: Key, subject: x509.Name, *, at: datetime, years: int
) -> list[bytes]:
    root_der = found_authority(store, at)
    root = x509.load_der_x509_certificate(root_der)
    builder = _builder(subject, root.subject, key, at=at, years=years)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(certificates=False), critical=True)
    identifier = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    builder = builder.add_extension(issuer, critical=False)
    if purpose is Purpose.TIMESTAMP:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    own = store.open(Purpose.AUTHORITY, ROOT).certify(builder)
    chain = [own.public_bytes(Encoding.DER), root_der]
    store.store_certificates(purpose, key.name, chain)
    return chain


def _builder(subject: x509.Name, issuer: x509.Name, key: Key, *, at: datetime, years: int) -> x509.CertificateBuilder:
    public = load_der_public_key(key.public_key_der)
    return (
        x509.CertificateBuilder(issuer_name=issuer, subject_name=subject)
        .public_key(public)  # type: ignore[arg-type]
        .serial_number(x509.random_serial_number())
        .not_valid_before(at)
        .not_valid_after(at + years * YEAR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)  # type: ignore[arg-type]
    )


def _subject(common_name: str, organisation: str) -> x509.Name:
    parts = [
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, NOTICE),
        (NameOID.COMMON_NAME, common_name),
    ]
    return x509.Name([x509.NameAttribute(oid, _fitting(value)) for oid, value in parts])


def _fitting(name: str) -> str:
    """Return `name` within the 64 bytes the library allows (21 Chinese characters), ending in … when something was cut off."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    while len(name.encode()) + len("…".encode()) > MAX_NAME_BYTES:
        name = name[:-1]
    return f"{name}…"


def _key_usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )
