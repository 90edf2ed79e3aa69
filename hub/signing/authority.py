"""The demonstration authority: a root for each algorithm, made on the spot, and certificates for seals, their maker, renditions and time stamps.

Every subject says 演示 and DEMONSTRATION: these certificates are worth nothing outside the demonstration, where certificates come from a
licensed certification authority. Nothing here is ever committed; keys live in the key store under the purpose `authority`.
Certificates follow RFC 5280; the time-stamp certificate carries the critical, single extended key usage of RFC 3161 section 2.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hub.signing.issuing import Issuer, Subject, certificate
from hub.signing.issuing import revocation_list as signed_list
from hub.signing.keys import P256, SM2, Key, KeyStore, Purpose

ROOT, SM2_ROOT = "demonstration-root", "demonstration-root-sm2"
OPERATOR = "通办演示认证机构 Tongban DEMONSTRATION authority"
ROOT_YEARS, SEAL_YEARS, TIMESTAMP_YEARS = 20, 3, 12
NOTICE = "演示专用 DEMONSTRATION ONLY"
MAX_NAME_BYTES = 64
YEAR = timedelta(days=365)


def found_authority(store: KeyStore, at: datetime, algorithm: str = P256) -> bytes:
    """Make the demonstration root of `algorithm` (P-256 or SM2) unless it exists; return its certificate, DER.

    `at` (aware) is where its validity begins.
    """
    name = _root_name(algorithm)
    known = name in store.names(Purpose.AUTHORITY)
    if known and (chain := store.certificates(Purpose.AUTHORITY, name)):
        return chain[0]
    # a crash may have left the key without its certificate
    key = store.open(Purpose.AUTHORITY, name) if known else store.create(Purpose.AUTHORITY, name, algorithm)
    title = "演示根证书 SM2 DEMONSTRATION ROOT" if algorithm == SM2 else "演示根证书 DEMONSTRATION ROOT"
    subject = Subject(_subject(title, OPERATOR), key.public_key_der, authority=True)
    root = certificate(subject, Issuer(key, None), at, at + ROOT_YEARS * YEAR)
    store.store_certificates(Purpose.AUTHORITY, name, [root])
    return root


def certify_seal(
    store: KeyStore, name: str, organisation_zh: str, at: datetime, *, algorithm: str = P256
) -> list[bytes]:
    """Return a chain (DER, own first) for the seal key `name`, making the key when it is new; valid three years from `at`.

    `organisation_zh` is the organ whose name the seal bears; the subject adds 演示专用. The chain is stored beside the key. A key that
    exists keeps its algorithm and is certified by the root of that.
    """
    wanted = _Wanted(Purpose.SEAL, name, organisation_zh, organisation_zh, algorithm)
    return _certify(store, wanted, at)


def certify_seal_maker(store: KeyStore, name: str, operator_zh: str, at: datetime) -> list[bytes]:
    """Return an SM2 chain for the maker of electronic seals (制章者) `name`, making the key when it is new; valid three years."""
    return _certify(store, _Wanted(Purpose.SEAL_MAKER, name, f"{operator_zh}印章制作", operator_zh, SM2), at)


def certify_rendition(
    store: KeyStore, name: str, operator_zh: str, at: datetime, *, algorithm: str = P256
) -> list[bytes]:
    """Return a chain for the hub's own key that signs renditions (阅览件), making the key when it is new; valid three years."""
    return _certify(store, _Wanted(Purpose.RENDITION, name, f"{operator_zh}阅览件", operator_zh, algorithm), at)


def certify_time_stamps(
    store: KeyStore, name: str, operator_zh: str, at: datetime, *, algorithm: str = P256
) -> list[bytes]:
    """Return a chain for the time-stamp key `name`, making the key when it is new; valid twelve years from `at`.

    It outlives the seals it dates, so that a seal stays checkable after the seal's certificate has expired.
    """
    wanted = _Wanted(Purpose.TIMESTAMP, name, f"{operator_zh}时间戳 TSA", operator_zh, algorithm, years=TIMESTAMP_YEARS)
    return _certify(store, wanted, at)


def revocation_list(
    store: KeyStore, revoked: Sequence[tuple[int, datetime]], at: datetime, *, algorithm: str = P256
) -> bytes:
    """Return the root's list of revoked certificates as PEM: (serial number, revoked since), as of `at`, next due in 30 days."""
    root = found_authority(store, at, algorithm)
    issuer = Issuer(store.open(Purpose.AUTHORITY, _root_name(algorithm)), root)
    return x509.load_der_x509_crl(signed_list(revoked, issuer, at)).public_bytes(Encoding.PEM)


@dataclass(frozen=True)
class _Wanted:
    purpose: Purpose
    name: str
    title: str
    organisation: str
    algorithm: str
    years: int = SEAL_YEARS


def _certify(store: KeyStore, wanted: _Wanted, at: datetime) -> list[bytes]:
    key = _key(store, wanted)
    root = found_authority(store, at, key.algorithm)
    subject = Subject(
        _subject(wanted.title, wanted.organisation),
        key.public_key_der,
        time_stamps=wanted.purpose is Purpose.TIMESTAMP,
        documents=wanted.purpose in (Purpose.SEAL, Purpose.RENDITION),
    )
    issuer = Issuer(store.open(Purpose.AUTHORITY, _root_name(key.algorithm)), root)
    chain = [certificate(subject, issuer, at, at + wanted.years * YEAR), root]
    store.store_certificates(wanted.purpose, wanted.name, chain)
    return chain


def _key(store: KeyStore, wanted: _Wanted) -> Key:
    if wanted.name in store.names(wanted.purpose):
        return store.open(wanted.purpose, wanted.name)
    return store.create(wanted.purpose, wanted.name, wanted.algorithm)


def _root_name(algorithm: str) -> str:
    return SM2_ROOT if algorithm == SM2 else ROOT


def _subject(common_name: str, organisation: str) -> dict[str, str]:
    parts = {
        "country_name": "CN",
        "organization_name": organisation,
        "organizational_unit_name": NOTICE,
        "common_name": common_name,
    }
    return {field: _fitting(value) for field, value in parts.items()}


def _fitting(name: str) -> str:
    """Return `name` within the 64 bytes the library allows (21 Chinese characters), ending in … when something was cut off."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    while len(name.encode()) + len("…".encode()) > MAX_NAME_BYTES:
        name = name[:-1]
    return f"{name}…"
