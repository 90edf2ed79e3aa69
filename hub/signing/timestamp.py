"""The hub's own time-stamp authority (RFC 3161): answers a request with a token, or with a refusal in the protocol's own words.

Its tokens bind to a time as far as one trusts the hub; a verdict says so (`time_stamp_same_operator`). Must not read the time
itself: a clock is handed in. Imprints are SHA-256 or SM3, and an SM3 imprint is answered with the SM2 key where there is one
(GM/T 0033-2014); the certificate is named by ESSCertIDv2 (RFC 5816).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from asn1crypto import cms, core, tsp

from hub.clock import Clock
from hub.signing import der_reading
from hub.signing.der import INTEGER, OCTET_STRING, SEQUENCE, integer, tlv
from hub.signing.der_reading import dotted, instant, octets, read_der
from hub.signing.keys import Key
from hub.signing.signed_data import time_stamp_token

POLICY = "2.25.312910424619640612111565348217441034770"  # a UUID as arc (ITU-T X.667) needs no registration
SHA256, SM3 = "sha256", "sm3"
IMPRINTS = {"2.16.840.1.101.3.4.2.1": SHA256, "1.2.156.10197.1.401": SM3}
OIDS = {name: oid for oid, name in IMPRINTS.items()}
IMPRINT_BYTES = 32
DIGEST_IDENTIFIERS = {
    SHA256: tlv(SEQUENCE, core.ObjectIdentifier(OIDS[SHA256]).dump(), b"\x05\x00"),  # with NULL, as everybody writes it
    SM3: tlv(SEQUENCE, core.ObjectIdentifier(OIDS[SM3]).dump()),
}
GENERALIZED_TIME, TRUE = b"\x18", b"\x01\x01\xff"
VERSION_1, ACCURACY = tlv(INTEGER, b"\x01"), tlv(SEQUENCE, tlv(INTEGER, b"\x01"))  # a second
POLICY_DER = bytes(core.ObjectIdentifier(POLICY).dump())
MAX_REQUEST_BYTES = 4096
GRANTED = bytes(tsp.PKIStatusInfo({"status": "granted"}).dump())
SERIAL_BITS = 127  # unique without a counter to lose: RFC 3161 section 2.4.2 asks for uniqueness and at most 160 bits


def random_serial() -> int:
    """Return a positive serial number that no other token has, by chance of one in 2**127."""
    return secrets.randbits(SERIAL_BITS) + 1


class Answer(core.Sequence):  # type: ignore[misc]
    """TimeStampResp as RFC 3161 section 2.4.2 has it; asn1crypto's own demands a token even of a refusal."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


@dataclass(frozen=True)
class TimeStampKey:
    """A key with its chain (DER, own certificate first)."""

    key: Key
    chain: Sequence[bytes]


@dataclass(frozen=True)
class TimeStampAuthority:
    """Answers requests with the key and chain (DER, own certificate first) of a time-stamp authority; `sm2` answers SM3 imprints."""

    key: Key
    chain: Sequence[bytes]
    clock: Clock
    serials: Callable[[], int] = field(default=random_serial)
    sm2: TimeStampKey | None = None

    def respond(self, request_der: bytes) -> bytes:
        """Return TimeStampResp, DER: granted with a token, or rejected with the reason as PKIFailureInfo. Never raises on bad input."""
        request = _parsed(request_der)
        if request is None:
            return _refusal("bad_data_format")
        reason = _objection(request)
        return _refusal(reason) if reason else self._grant(request)

    def _grant(self, request: tsp.TimeStampReq) -> bytes:
        wanted = bool(request["cert_req"].native)
        own = TimeStampKey(self.key, self.chain)
        signer = self.sm2 if self.sm2 is not None and imprint_of(request) == SM3 else own
        token = time_stamp_token(self._information(request), key=signer.key, chain=signer.chain, embed=wanted)
        return tlv(SEQUENCE, GRANTED, token)

    def _information(self, request: tsp.TimeStampReq) -> bytes:
        """Return TSTInfo, DER."""
        nonce = request["nonce"].native
        return tlv(
            SEQUENCE,
            VERSION_1,
            POLICY_DER,
            request["message_imprint"].dump(),
            integer(self.serials()),
            tlv(GENERALIZED_TIME, f"{self.clock.now().astimezone(UTC):%Y%m%d%H%M%SZ}".encode("ascii")),
            ACCURACY,
            b"" if nonce is None else integer(nonce),
        )


@dataclass(frozen=True)
class Information:
    """What a token says: the digest's OID and the digest, the time (aware), the policy, and the nonce of the request if it had one."""

    algorithm: str
    digest: bytes
    at: datetime
    policy: str
    nonce: int | None


def read_information(content: bytes) -> Information:
    """Return what a TSTInfo says, which is DER (RFC 3161 section 2.4.2); raise DerMalformed."""
    fields = read_der(content).members(5, 10, "TSTInfo")
    algorithm, digest = fields[2].members(2, 2, "messageImprint")
    identifier = algorithm.members(1, 2, "hashAlgorithm")[0]
    nonces = [
        int.from_bytes(each.content, "big", signed=True) for each in fields[5:] if each.tag == der_reading.INTEGER
    ]
    return Information(
        algorithm=dotted(identifier, "hashAlgorithm"),
        digest=octets(digest, "messageImprint"),
        at=instant(fields[4], "genTime"),
        policy=dotted(fields[1], "policy"),
        nonce=nonces[0] if nonces else None,
    )


def _parsed(request_der: bytes) -> tsp.TimeStampReq | None:
    if len(request_der) > MAX_REQUEST_BYTES:
        return None
    try:
        request = tsp.TimeStampReq.load(request_der, strict=True)
        _ = request.native  # asn1crypto parses lazily: force it here, where a malformed request is foreseen
    except (ValueError, TypeError, KeyError):
        return None
    return request


def _objection(request: tsp.TimeStampReq) -> str | None:
    if imprint_of(request) is None:
        return "bad_alg"
    if len(request["message_imprint"]["hashed_message"].native) != IMPRINT_BYTES:
        return "bad_data_format"
    if request["req_policy"].native not in (None, POLICY):
        return "unaccepted_policy"
    return "unaccepted_extensions" if request["extensions"].native else None


def _refusal(reason: str) -> bytes:
    status = {"status": "rejection", "fail_info": {reason}}
    return bytes(Answer({"status": status}).dump())


def imprint_of(asked: tsp.TimeStampReq) -> str | None:
    """Return the digest a request is about, "sha256" or "sm3"; None for any other."""
    return IMPRINTS.get(asked["message_imprint"]["hash_algorithm"]["algorithm"].dotted)


def request(digest: bytes, nonce: int, algorithm: str = SHA256) -> bytes:
    """Return TimeStampReq, DER, for a `digest` (32 bytes) by `algorithm` ("sha256" or "sm3"), asking for the certificate."""
    imprint = tlv(SEQUENCE, DIGEST_IDENTIFIERS[algorithm], tlv(OCTET_STRING, digest))
    return tlv(SEQUENCE, VERSION_1, imprint, integer(nonce), TRUE)
