"""Writes certificates and revocation lists (RFC 5280; GB/T 20518-2018 for SM2), signed by any key of a key store.

Serves the demonstration authority alone. Must not decide who is certified, and must not see a private key: it is handed a `Key`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import algos, core, crl, keys, x509
from cryptography.x509 import random_serial_number

from hub.signing.keys import P256, SM2, Key, KeyAlgorithmUnsupported

SIGNATURES = {P256: "sha256_ecdsa", SM2: "1.2.156.10197.1.501"}  # parameters absent in both
KEY_ID_BYTES = 20
DUE = timedelta(days=30)
LAST_UTC_YEAR = 2049  # RFC 5280 section 4.1.2.5
CERTIFYING = frozenset({"key_cert_sign", "crl_sign"})
SIGNING = frozenset({"digital_signature", "non_repudiation"})
FOR_DOCUMENTS = ["1.3.6.1.5.5.7.3.36", "email_protection"]  # readers of CMS look for the second


@dataclass(frozen=True)
class Subject:
    """Whom a certificate is for: the name's parts in order (asn1crypto's field names), the public key (DER), what it may be used for.

    `documents` restricts it to documents and mail (RFC 9336): its holder cannot make e-seals.
    `extensions` are further, non-critical ones: (object identifier, DER value).
    """

    name: Mapping[str, str]
    public_key_der: bytes
    authority: bool = False
    time_stamps: bool = False
    documents: bool = False
    extensions: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Issuer:
    """Who signs: the key, and the certificate (DER) whose subject is the issuer's name; None signs oneself."""

    key: Key
    certificate: bytes | None


def certificate(subject: Subject, issuer: Issuer, at: datetime, until: datetime) -> bytes:
    """Return a certificate, DER, valid from `at` to `until` (aware); raise KeyAlgorithmUnsupported when the issuer's key cannot certify."""
    own = keys.PublicKeyInfo.load(subject.public_key_der)
    name = x509.Name.build(dict(subject.name))
    above = None if issuer.certificate is None else x509.Certificate.load(issuer.certificate)
    content = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": random_serial_number(),
            "signature": _algorithm(issuer.key),
            "issuer": name if above is None else above.subject,
            "validity": {"not_before": _time(at), "not_after": _time(until)},
            "subject": name,
            "subject_public_key_info": own,
            "extensions": _extensions(subject, above),
        }
    )
    signed = {
        "tbs_certificate": content,
        "signature_algorithm": _algorithm(issuer.key),
        "signature_value": issuer.key.sign(content.dump()),
    }
    return bytes(x509.Certificate(signed).dump())


def revocation_list(revoked: Sequence[tuple[int, datetime]], issuer: Issuer, at: datetime) -> bytes:
    """Return a revocation list, DER: (serial number, revoked since) as of `at`, next due in 30 days."""
    own = x509.Certificate.load(issuer.certificate or b"")
    fields: dict[str, Any] = {
        "version": "v2",
        "signature": _algorithm(issuer.key),
        "issuer": own.subject,
        "this_update": _time(at),
        "next_update": _time(at + DUE),
    }
    if revoked:
        fields["revoked_certificates"] = [
            {"user_certificate": serial, "revocation_date": _time(since)} for serial, since in revoked
        ]
    content = crl.TbsCertList(fields)
    signed = {
        "tbs_cert_list": content,
        "signature_algorithm": _algorithm(issuer.key),
        "signature": issuer.key.sign(content.dump()),
    }
    return bytes(crl.CertificateList(signed).dump())


def _algorithm(key: Key) -> algos.SignedDigestAlgorithm:
    if key.algorithm not in SIGNATURES:
        raise KeyAlgorithmUnsupported(key.algorithm, tuple(SIGNATURES))
    return algos.SignedDigestAlgorithm({"algorithm": SIGNATURES[key.algorithm]})


def _extensions(subject: Subject, above: x509.Certificate | None) -> list[dict[str, Any]]:
    bounds = {"ca": True, "path_len_constraint": 0} if subject.authority else {"ca": False}
    usage = CERTIFYING if subject.authority else SIGNING
    listed = [
        _extension("key_identifier", core.OctetString(_key_identifier(subject.public_key_der))),
        _extension("basic_constraints", x509.BasicConstraints(bounds), critical=True),
        _extension("key_usage", x509.KeyUsage(set(usage)), critical=True),
    ]
    if above is not None:
        reference = x509.AuthorityKeyIdentifier({"key_identifier": above.key_identifier})
        listed.append(_extension("authority_key_identifier", reference))
    if subject.time_stamps:
        listed.append(_extension("extended_key_usage", x509.ExtKeyUsageSyntax(["time_stamping"]), critical=True))
    if subject.documents:
        listed.append(_extension("extended_key_usage", x509.ExtKeyUsageSyntax(FOR_DOCUMENTS)))
    return [*listed, *(_extension(oid, core.ParsableOctetString(value)) for oid, value in subject.extensions)]


def _extension(name: str, value: core.Asn1Value, *, critical: bool = False) -> dict[str, Any]:
    return {"extn_id": name, "critical": critical, "extn_value": value}


def _key_identifier(public_key_der: bytes) -> bytes:
    """RFC 7093 section 2, method 4: the leftmost 160 bits of SHA-256 over SubjectPublicKeyInfo."""
    return hashlib.sha256(public_key_der).digest()[:KEY_ID_BYTES]


def _time(at: datetime) -> x509.Time:
    moment = at.astimezone(UTC).replace(microsecond=0)
    return x509.Time({"utc_time" if moment.year <= LAST_UTC_YEAR else "general_time": moment})
