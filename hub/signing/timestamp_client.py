"""Asks a configured time-stamp authority for tokens and believes an answer only after checking it (RFC 3161 section 2.2).

The authority's certificates are configured, not discovered: an answer signed with another one is refused at once with both fingerprints,
so that a changed certificate is found at start-up and not when the queue of unsealed documents has grown. The transport is handed in.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from hub.errors import HubError
from hub.signing.der import SEQUENCE, first_element_length, tlv
from hub.signing.der_reading import DerMalformed
from hub.signing.signature_faults import SignatureMalformed
from hub.signing.timestamp import GRANTED, IMPRINTS, SHA256, SM3, Answer, read_information, request
from hub.signing.verify_cms import ParsedSignature, parse_signed_data, signature_holds
from hub.signing.x509_text import fingerprint

Transport = Callable[[bytes], bytes]
NONCE_BITS = 63
HEADER_BYTES = 6  # of the element around a whole answer, at most


class TimeStampRefused(HubError):
    """The authority answered, but with a refusal.

    Cure: read its reason; a refused algorithm or policy is a setting, anything else is the authority's to mend.
    """

    code = "timestamp.refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"时间戳机构拒绝了请求：{reason}。", f"The time-stamp authority refused: {reason}.")
        self.reason = reason


class TimeStampMismatch(HubError):
    """The answer is malformed, unsigned, or answers another question; `fact` names which: format, imprint, nonce or signature.

    Cure: none here; report it to the authority and do not use the token.
    """

    code = "timestamp.mismatch"

    def __init__(self, fact: str) -> None:
        super().__init__(
            f"时间戳应答与请求不符（{fact}），不予采信。",
            f"The time stamp does not answer the request ({fact}); it is not used.",
        )
        self.fact = fact


class TimeStampCertificateUnexpected(HubError):
    """The answer is signed with a certificate that is not the configured one; both fingerprints (SHA-256) are named.

    Cure: ask the authority whether it changed its certificate, and configure the new one; until then nothing is stamped.
    """

    code = "timestamp.certificate_unexpected"

    def __init__(self, configured: str, received: str) -> None:
        super().__init__(
            f"时间戳机构的证书不是配置的那一张：配置为 {configured}，收到 {received}。",
            f"The time-stamp certificate is not the configured one: configured {configured}, received {received}.",
        )
        self.configured, self.received = configured, received


@dataclass(frozen=True)
class TimeStampClient:
    """Fetches tokens over `transport` (request DER in, response DER out) from the authority with `certificate` (DER).

    `sm2_certificate` is the one that answers SM3 imprints, where the authority has another for them.
    """

    transport: Transport
    certificate: bytes
    sm2_certificate: bytes | None = None

    def token(self, digest: bytes, algorithm: str = SHA256) -> bytes:
        """Return a checked token (ContentInfo, DER) over a `digest` (32 bytes) by `algorithm`, "sha256" or "sm3".

        Raises TimeStampRefused, TimeStampMismatch, TimeStampCertificateUnexpected, and whatever the transport raises.
        """
        nonce = secrets.randbits(NONCE_BITS)
        token = _granted(self.transport(request(digest, nonce, algorithm)))
        try:
            parsed = parse_signed_data(token)
        except SignatureMalformed as malformed:
            raise TimeStampMismatch("format") from malformed
        self._check_certificate(parsed, algorithm)
        _check_answer(parsed, (algorithm, digest), nonce)
        return token

    def sm3_token(self, digest: bytes) -> bytes:
        """Return a checked token over an SM3 `digest`, 32 bytes; raises as `token`."""
        return self.token(digest, SM3)

    def check(self) -> None:
        """Ask for one token of each kind and throw them away: raises what `token` raises; for start-up and health."""
        self.token(hashlib.sha256(secrets.token_bytes(32)).digest())
        if self.sm2_certificate is not None:
            self.sm3_token(secrets.token_bytes(32))

    def _check_certificate(self, parsed: ParsedSignature, algorithm: str) -> None:
        wanted = self.sm2_certificate if algorithm == SM3 and self.sm2_certificate is not None else self.certificate
        configured, received = fingerprint(wanted), fingerprint(parsed.certificate_der)
        if configured != received:
            raise TimeStampCertificateUnexpected(configured, received)


def _granted(response_der: bytes) -> bytes:
    """Return the token of an answer; a plain grant, which nearly every answer is, is not parsed but told by its bytes."""
    at = response_der.find(GRANTED, 0, HEADER_BYTES + len(GRANTED))
    token = response_der[at + len(GRANTED) :]
    if at > 0 and first_element_length(token) == len(token) and response_der == tlv(SEQUENCE, GRANTED, token):
        return token
    try:
        answer = Answer.load(response_der, strict=True)
        status = answer["status"]
        verdict, failure = status["status"].native, status["fail_info"].native
        token = bytes(answer["time_stamp_token"].dump())
    except (ValueError, TypeError, KeyError) as malformed:
        raise TimeStampMismatch("format") from malformed
    if verdict not in ("granted", "granted_with_mods"):
        raise TimeStampRefused(", ".join(sorted(failure or {str(verdict)})))
    return token


def _check_answer(parsed: ParsedSignature, imprint: tuple[str, bytes], nonce: int) -> None:
    if parsed.content is None or parsed.message_digest != parsed.digest(parsed.content) or not signature_holds(parsed):
        raise TimeStampMismatch("signature")
    try:
        told = read_information(parsed.content)
    except DerMalformed as malformed:
        raise TimeStampMismatch("format") from malformed
    if (IMPRINTS.get(told.algorithm), told.digest) != imprint:
        raise TimeStampMismatch("imprint")
    if told.nonce != nonce:
        raise TimeStampMismatch("nonce")
