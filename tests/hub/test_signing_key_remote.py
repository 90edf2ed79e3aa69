"""Keys behind a signing service: a small reference server speaks the documented protocol over real HTTP, well and badly."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hub.settings import SettingInvalid, settings_from
from hub.signing.authority import certify_seal
from hub.signing.key_files import FileKeyStore
from hub.signing.key_proof import holds
from hub.signing.key_remote import (
    MAX_ANSWER_BYTES,
    KeyServiceFaulty,
    KeyServiceRefused,
    KeyServiceUnavailable,
    RemoteKeyStore,
)
from hub.signing.key_routes import RoutedKeyStore
from hub.signing.keys import (
    P256,
    SM2,
    KeyExists,
    KeyFileRefused,
    KeyMissing,
    KeyPurposeRefused,
    KeyStore,
    Purpose,
)
from hub.web.key_stores import file_store, key_store
from tests.signing_desk import FOUNDED, ISSUER

SECRET = b"a-secret-of-tests"
Answer = tuple[int, dict[str, Any]]


@dataclass
class Service:
    """The reference server's state: real keys, and what the next answer shall be instead of the right one."""

    keys: FileKeyStore
    instead: Callable[[], Answer] | None = None
    asked: list[str] = field(default_factory=list)

    def answer(self, method: str, parts: list[str], body: dict[str, Any]) -> Answer:
        """Answer as docs/how-to/remote-signing.md says."""
        self.asked.append(f"{method} {'/'.join(parts)}")
        if self.instead is not None:
            return self.instead()
        purpose = Purpose(parts[1])
        if len(parts) == 2:
            return 200, {"names": self.keys.names(purpose)}
        try:
            return self._of_key(method, purpose, parts, body)
        except KeyMissing:
            return 404, {}
        except KeyExists:
            return 409, {}
        except KeyPurposeRefused as refused:
            return 403, {"code": refused.code}

    def _of_key(self, method: str, purpose: Purpose, parts: list[str], body: dict[str, Any]) -> Answer:
        name = parts[2]
        if parts[3:] == ["signatures"]:
            signature = self.keys.open(purpose, name).sign(base64.b64decode(body["message"]))
            return 200, {"signature": base64.b64encode(signature).decode()}
        if parts[3:] == ["certificates"]:
            self.keys.store_certificates(purpose, name, [base64.b64decode(each) for each in body["certificates"]])
            return 200, {}
        key = self.keys.create(purpose, name, body["algorithm"]) if method == "PUT" else self.keys.open(purpose, name)
        chain = [base64.b64encode(der).decode() for der in self.keys.certificates(purpose, name)]
        public = base64.b64encode(key.public_key_der).decode()
        return 201 if method == "PUT" else 200, {"algorithm": key.algorithm, "publicKey": public, "certificates": chain}


def serving(service: Service) -> ThreadingHTTPServer:
    class Door(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            known = self.headers["Authorization"] == f"Bearer {SECRET.decode()}"
            parts = self.path.strip("/").split("/")
            status, told = service.answer(self.command, parts, body) if known else (401, {})
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Keep the output of the tests clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(FileKeyStore(tmp_path / "held", b"the service's own"))


@pytest.fixture
def url(service: Service) -> Iterator[str]:
    server = serving(service)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def store(url: str) -> RemoteKeyStore:
    return RemoteKeyStore(url, SECRET)


@pytest.mark.parametrize("algorithm", [SM2, P256])
def test_a_key_made_at_the_service_signs_and_is_found_again(store: RemoteKeyStore, algorithm: str) -> None:
    any_store: KeyStore = store
    made = any_store.create(Purpose.SEAL, "bureau", algorithm)
    found = any_store.open(Purpose.SEAL, "bureau")
    assert (found.algorithm, found.public_key_der) == (algorithm, made.public_key_der)
    assert holds(found.public_key_der, b"message", found.sign(b"message")) and any_store.names(Purpose.SEAL) == [
        "bureau"
    ]


def test_the_service_keeps_certificates_with_the_key(store: RemoteKeyStore, tmp_path: Path) -> None:
    keys = RoutedKeyStore(frozenset({Purpose.SEAL}), store, FileKeyStore(tmp_path / "keys", b"x"))
    chain = certify_seal(keys, "bureau", ISSUER, FOUNDED, algorithm=SM2)
    assert store.certificates(Purpose.SEAL, "bureau") == chain and store.certificates(Purpose.SEAL, "other") == []


def test_a_key_of_the_service_is_opened_for_its_purpose_alone(store: RemoteKeyStore) -> None:
    store.create(Purpose.SEAL, "bureau", SM2)
    with pytest.raises(KeyPurposeRefused):
        store.open(Purpose.LEDGER, "bureau")
    with pytest.raises(KeyMissing):
        store.open(Purpose.SEAL, "unknown")
    with pytest.raises(KeyExists):
        store.create(Purpose.SEAL, "bureau", SM2)


def test_a_wrong_secret_is_told_as_a_refusal(url: str) -> None:
    with pytest.raises(KeyServiceRefused) as refused:
        RemoteKeyStore(url, b"another").names(Purpose.SEAL)
    assert refused.value.status == 401


def test_a_signature_by_another_key_is_never_passed_on(store: RemoteKeyStore, service: Service) -> None:
    key = store.create(Purpose.SEAL, "bureau", SM2)
    wrong = service.keys.create(Purpose.SEAL, "other", SM2).sign(b"message")
    service.instead = lambda: (200, {"signature": base64.b64encode(wrong).decode()})
    with pytest.raises(KeyServiceFaulty):
        key.sign(b"message")


@pytest.mark.parametrize("told", [{}, {"signature": 7}, {"signature": "not base64"}, {"signature": ""}])
def test_an_answer_that_is_no_signature_is_refused(
    store: RemoteKeyStore, service: Service, told: dict[str, Any]
) -> None:
    key = store.create(Purpose.SEAL, "bureau", P256)
    service.instead = lambda: (200, told)
    with pytest.raises(KeyServiceFaulty):
        key.sign(b"message")


def test_an_endless_answer_is_cut_off(store: RemoteKeyStore, service: Service) -> None:
    service.instead = lambda: (200, {"names": ["x" * MAX_ANSWER_BYTES]})
    with pytest.raises(KeyServiceUnavailable):
        store.names(Purpose.SEAL)


def test_a_signature_is_asked_for_once_even_when_the_service_fails(store: RemoteKeyStore, service: Service) -> None:
    key = store.create(Purpose.SEAL, "bureau", P256)
    service.instead = lambda: (503, {})
    with pytest.raises(KeyServiceRefused):
        key.sign(b"message")
    assert [asked for asked in service.asked if asked.endswith("signatures")] == ["POST keys/seal/bureau/signatures"]


def test_a_service_that_is_away_is_told_as_unavailable(url: str, service: Service) -> None:
    begun = time.monotonic()
    with pytest.raises(KeyServiceUnavailable):
        RemoteKeyStore("http://127.0.0.1:9", SECRET).names(Purpose.SEAL)
    assert time.monotonic() - begun < 10 and service.asked == []


ENVIRONMENT = {"HUB_REGION": "xixian-fengdong", "HUB_DEMONSTRATION": "0"}


def test_in_earnest_the_composition_refuses_organs_sm2_keys_in_files(tmp_path: Path) -> None:
    settings = settings_from(ENVIRONMENT | {"HUB_SECRETS_DIR": str(tmp_path)})
    files = file_store(settings, b"x")
    assert key_store(settings, files) is files
    with pytest.raises(KeyFileRefused):
        files.create(Purpose.SEAL, "bureau", SM2)


def test_the_composition_sends_seals_to_the_service_and_keeps_the_rest_in_files(url: str, tmp_path: Path) -> None:
    told = {"HUB_SECRETS_DIR": str(tmp_path), "HUB_KEY_STORE": "remote", "HUB_SIGNING_SERVICE_URL": url}
    (tmp_path / "signing-service.token").write_bytes(SECRET + b"\n")
    settings = settings_from(ENVIRONMENT | told)
    files = file_store(settings, b"x")
    keys = key_store(settings, files)
    keys.create(Purpose.SEAL, "bureau", SM2)
    keys.create(Purpose.LEDGER, "ledger", SM2)
    assert (files.names(Purpose.SEAL), files.names(Purpose.LEDGER), keys.names(Purpose.SEAL)) == (
        [],
        ["ledger"],
        ["bureau"],
    )


@pytest.mark.parametrize(
    "told",
    [
        {"HUB_KEY_STORE": "pkcs11"},
        {"HUB_KEY_STORE": "pkcs11", "HUB_PKCS11_MODULE": "/lib/x.so", "HUB_PKCS11_TOKEN": "t"},  # no PIN
        {"HUB_KEY_STORE": "remote"},
        {"HUB_KEY_STORE": "remote", "HUB_SIGNING_SERVICE_URL": "http://signing.example/"},  # a secret in clear
        {"HUB_KEY_STORE": "remote", "HUB_SIGNING_SERVICE_URL": "https://signing.example/"},  # no secret
        {"HUB_KEY_STORE": "elsewhere"},
        {"HUB_PKCS11_SM2_MECHANISM": "many"},
    ],
)
def test_a_key_store_that_cannot_be_opened_as_set_stops_the_start(told: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid):
        settings = settings_from(ENVIRONMENT | {"HUB_SECRETS_DIR": str(tmp_path)} | told)
        key_store(settings, file_store(settings, b"x"))
