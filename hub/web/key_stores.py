"""Which store holds which keys, by the settings: organs' seals in files, in a device or behind a service; everything else in files.

A wrong setting stops the start here, and so does a Python without OpenSSL 3's SM2; a device that is away does not: sealing waits for it.
"""

from __future__ import annotations

from pathlib import Path

from hub.settings import SettingInvalid, Settings
from hub.signing.key_files import FileKeyStore
from hub.signing.key_pkcs11 import DeviceSettings, Pkcs11KeyStore
from hub.signing.key_remote import RemoteKeyStore
from hub.signing.key_routes import RoutedKeyStore
from hub.signing.keys import KeyStore, Purpose
from hub.signing.libcrypto import library

PIN_FILE = "pkcs11.pin"
SERVICE_TOKEN_FILE = "signing-service.token"  # noqa: S105  the name of a file
ELSEWHERE = frozenset({Purpose.SEAL})


def file_store(settings: Settings, passphrase: bytes) -> FileKeyStore:
    """Return the store of keys in files; in earnest, under the national profile, it refuses organs' SM2 keys. Raises OpenSslMissing."""
    library()
    organs_sm2 = settings.demonstration or settings.crypto_profile != "national"
    return FileKeyStore(settings.secrets_dir / "keys", passphrase, organs_sm2=organs_sm2)


def key_store(settings: Settings, files: FileKeyStore) -> KeyStore:
    """Return the store the hub opens its keys in (HUB_KEY_STORE); raise SettingInvalid when what it needs is not set."""
    if settings.key_store == "file":
        return files
    return RoutedKeyStore(ELSEWHERE, _device(settings) if settings.key_store == "pkcs11" else _service(settings), files)


def _device(settings: Settings) -> Pkcs11KeyStore:
    if settings.pkcs11_module is None or not settings.pkcs11_token:
        raise SettingInvalid(
            "HUB_KEY_STORE 为 pkcs11 时，须设置 HUB_PKCS11_MODULE 和 HUB_PKCS11_TOKEN。",
            "With HUB_KEY_STORE=pkcs11, HUB_PKCS11_MODULE and HUB_PKCS11_TOKEN must be set.",
        )
    pin = _secret(settings.secrets_dir / PIN_FILE).decode()
    device = DeviceSettings(settings.pkcs11_module, settings.pkcs11_token, pin, settings.pkcs11_sm2_mechanism)
    return Pkcs11KeyStore(device, settings.secrets_dir / "certificates")


def _service(settings: Settings) -> RemoteKeyStore:
    url = settings.signing_service_url
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:", "http://[::1]:")):
        raise SettingInvalid(
            "HUB_KEY_STORE 为 remote 时，HUB_SIGNING_SERVICE_URL 须以 https:// 开头（本机可用 http://127.0.0.1:）。",
            "With HUB_KEY_STORE=remote, HUB_SIGNING_SERVICE_URL must begin with https:// (http://127.0.0.1: on this machine).",
        )
    return RemoteKeyStore(url, _secret(settings.secrets_dir / SERVICE_TOKEN_FILE))


def _secret(path: Path) -> bytes:
    try:
        return path.read_bytes().strip()
    except OSError as missing:
        raise SettingInvalid(f"缺少文件 {path.name}。", f"The file {path.name} is missing.") from missing
