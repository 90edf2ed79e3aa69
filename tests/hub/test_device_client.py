"""The client in docs/how-to signs with the openssl command what the hub accepts."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from cryptography import x509

from hub.seals.device import checked_signature, device_certificate
from hub.signing.keys import P256, RSA, SM2
from tests.signing_desk import voice

CLIENT = Path(__file__).parents[2] / "docs/how-to/device_client.py"
KEYS = {
    P256: ("ecparam", "-name", "prime256v1", "-genkey", "-noout"),
    SM2: ("ecparam", "-name", "SM2", "-genkey", "-noout"),
    RSA: ("genrsa", "2048"),
}
MESSAGE = b"\x31\x82 the bytes before hashing"


@pytest.fixture(scope="module")
def client() -> ModuleType:
    spec = importlib.util.spec_from_file_location("device_client", CLIENT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("algorithm", KEYS)
def test_the_client_signs_what_the_hub_accepts(client: ModuleType, tmp_path: Path, algorithm: str) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.der"
    command, *rest = KEYS[algorithm]
    voice("openssl", "openssl", command, "-out", key, *rest)
    how = ("-sm3", "-sigopt", client.SM2_USER_ID) if algorithm == SM2 else ("-sha256",)
    voice(
        "openssl", "openssl",
        "req", "-x509", "-new", "-key", key, "-subj", "/CN=device", "-days", "365", *how,
        "-addext", "keyUsage=critical,digitalSignature", "-outform", "DER", "-out", certificate,
    )  # fmt: skip
    der = certificate.read_bytes()
    issued = x509.load_der_x509_certificate(der).not_valid_before_utc
    assert device_certificate(der, issued).algorithm == algorithm
    signature = client.signed(MESSAGE, algorithm=algorithm, key=key)
    assert checked_signature(der, algorithm, MESSAGE, signature) == signature
