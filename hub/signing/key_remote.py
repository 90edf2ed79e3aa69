"""Keys behind a remote signing service, over HTTP: an HSM service (SDF, GM/T 0018), a cloud seal platform, a partner's signing machine.

The protocol is docs/how-to/remote-signing.md: JSON, base64, a bearer secret from a file. A key is read once when it is opened, and what the
service signs is verified with that key before anybody sees it. Reading is tried again when the service is away; signing only when the
request cannot have reached it, because a service may count its signatures. Answers are bounded. httpx is loaded on first use.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hub.errors import HubError
from hub.signing.key_proof import algorithm_of, holds, raw_of_key
from hub.signing.keys import KeyAlgorithmUnsupported, KeyExists, KeyMissing, KeyPurposeRefused, Purpose, checked_name

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 30.0
TRIES = 3
MAX_ANSWER_BYTES = 256 * 1024
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
FORBIDDEN, MISSING, CONFLICT = 403, 404, 409
OFFERED = ("SM2", "P-256", "Ed25519", "RSA")


class KeyServiceUnavailable(HubError):
    """The signing service cannot be reached, is too slow, or answers something that is not the protocol; `fact` says which.

    Cure: see that the service runs and that its address in the settings is right; what waits for a signature is tried again.
    """

    code = "key.service_unavailable"

    def __init__(self, fact: str) -> None:
        super().__init__(f"签名服务不可用（{fact}）。", f"The signing service is not available ({fact}).")
        self.fact = fact


class KeyServiceRefused(HubError):
    """The signing service answered with a refusal; `status` is its HTTP status.

    Cure: for 401 and 403 check the secret in the settings and what it may sign; otherwise ask the operator of the service.
    """

    code = "key.service_refused"

    def __init__(self, status: int) -> None:
        super().__init__(f"签名服务拒绝了请求（HTTP {status}）。", f"The signing service refused (HTTP {status}).")
        self.status = status


class KeyServiceFaulty(HubError):
    """What the signing service answered as a signature does not verify with the key it named; it is not used.

    Cure: none here; report it to the operator of the service, with the key's name and the time.
    """

    code = "key.service_faulty"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"签名服务对密钥“{name}”给出的签名与其公钥不符，不予采用。",
            f"The service's signature does not fit the public key of {name}; it is not used.",
        )
        self.name = name


@dataclass(frozen=True)
class RemoteKey:
    """A key the service holds; it satisfies `hub.signing.keys.Key`."""

    name: str
    algorithm: str
    public_key_der: bytes
    _ask: Callable[[bytes], bytes] = field(repr=False)

    @property
    def raw_public(self) -> bytes:
        """The bare public key, as `hub.signing.keys.Key` has it; the DER itself for RSA."""
        return raw_of_key(self.public_key_der)

    def sign(self, message: bytes) -> bytes:
        """Return the signature the service made, verified; raise KeyServiceFaulty, KeyServiceUnavailable, KeyServiceRefused."""
        if len(message) > MAX_MESSAGE_BYTES:
            raise KeyServiceUnavailable("message")
        signature = self._ask(message)
        if not holds(self.public_key_der, message, signature):
            raise KeyServiceFaulty(self.name)
        return signature


class RemoteKeyStore:
    """Opens keys at the service below `base_url`; it satisfies `hub.signing.keys.KeyStore`. Any number of threads may use it."""

    def __init__(self, base_url: str, secret: bytes) -> None:
        self._base_url = base_url.rstrip("/")
        self._secret = secret
        self._client: httpx.Client | None = None
        self._lock = threading.Lock()

    def open(self, purpose: Purpose, name: str) -> RemoteKey:
        """Return the key as the service describes it now.

        Raises KeyMissing, KeyPurposeRefused (403: the key exists for another purpose), KeyAlgorithmUnsupported, KeyServiceUnavailable,
        KeyServiceRefused.
        """
        return self._key(purpose, name, self._described(purpose, name))

    def create(self, purpose: Purpose, name: str, algorithm: str) -> RemoteKey:
        """Have the service make a key; raise KeyExists, KeyAlgorithmUnsupported or what `open` raises."""
        if algorithm not in OFFERED:
            raise KeyAlgorithmUnsupported(algorithm, OFFERED)
        path = _path(purpose, name)
        status, told = self._asked("PUT", path, {"algorithm": algorithm}, again=False)
        if status == CONFLICT:
            raise KeyExists(name, purpose)
        return self._key(purpose, name, _accepted(status, told))

    def names(self, purpose: Purpose) -> list[str]:
        """Return the names of the keys the service holds for `purpose`, sorted."""
        told = _accepted(*self._asked("GET", f"/keys/{purpose}", None))
        names = told.get("names")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise KeyServiceUnavailable("names")
        return sorted(names)

    def certificates(self, purpose: Purpose, name: str) -> list[bytes]:
        """Return the chain the service keeps, DER, own certificate first; empty when it keeps none, or no such key."""
        try:
            told = self._described(purpose, name)
        except KeyMissing:
            return []
        chain = told.get("certificates", [])
        if not isinstance(chain, list):
            raise KeyServiceUnavailable("certificates")
        return [_decoded(each) for each in chain]

    def store_certificates(self, purpose: Purpose, name: str, chain: Sequence[bytes]) -> None:
        """Have the service keep `chain` (DER, own certificate first) with the key."""
        body = {"certificates": [base64.b64encode(der).decode() for der in chain]}
        _accepted(*self._asked("PUT", f"{_path(purpose, name)}/certificates", body))

    def _described(self, purpose: Purpose, name: str) -> dict[str, Any]:
        status, told = self._asked("GET", _path(purpose, name), None)
        if status == MISSING:
            raise KeyMissing(name, purpose)
        if status == FORBIDDEN and told.get("code") == KeyPurposeRefused.code:
            raise KeyPurposeRefused(name, purpose)
        return _accepted(status, told)

    def _key(self, purpose: Purpose, name: str, told: dict[str, Any]) -> RemoteKey:
        public = _decoded(told.get("publicKey"))
        algorithm = algorithm_of(public)
        if algorithm is None or algorithm != told.get("algorithm"):
            raise KeyAlgorithmUnsupported(str(told.get("algorithm")), OFFERED)
        return RemoteKey(name, algorithm, public, lambda message: self._signature(purpose, name, message))

    def _signature(self, purpose: Purpose, name: str, message: bytes) -> bytes:
        body = {"message": base64.b64encode(message).decode(), "requestId": secrets.token_hex(16)}
        told = _accepted(*self._asked("POST", f"{_path(purpose, name)}/signatures", body, again=False))
        return _decoded(told.get("signature"))

    def _asked(
        self, method: str, path: str, body: dict[str, Any] | None, *, again: bool = True
    ) -> tuple[int, dict[str, Any]]:
        """Return status and JSON object; where the service is away, `again` says that a request may be sent twice."""
        import httpx
        import stamina

        safe = httpx.TransportError if again else httpx.ConnectError
        try:
            for attempt in stamina.retry_context(on=safe, attempts=TRIES, timeout=None, wait_initial=0.2, wait_max=2.0):
                with attempt:
                    return self._answer(method, path, body)
        except httpx.HTTPError as away:
            raise KeyServiceUnavailable(type(away).__name__) from away
        raise KeyServiceUnavailable("no attempt")

    def _answer(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        with self._connected().stream(method, f"{self._base_url}{path}", json=body) as answer:
            content = bytearray()
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > MAX_ANSWER_BYTES:
                    raise KeyServiceUnavailable("size")
            return answer.status_code, _object(bytes(content))

    def _connected(self) -> httpx.Client:
        import httpx

        with self._lock:
            if self._client is None:
                self._client = httpx.Client(
                    headers={"Authorization": f"Bearer {self._secret.decode('ascii')}"},
                    timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
                    follow_redirects=False,
                    trust_env=False,
                )
            return self._client


def _path(purpose: Purpose, name: str) -> str:
    return f"/keys/{purpose}/{quote(checked_name(name))}"


def _accepted(status: int, told: dict[str, Any]) -> dict[str, Any]:
    if not 200 <= status < 300:
        raise KeyServiceRefused(status)
    return told


def _object(content: bytes) -> dict[str, Any]:
    """Return the JSON object, or an empty one for an empty or foreign answer: what is missing in it is noticed where it is needed."""
    try:
        told = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _decoded(text: object) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return b""
