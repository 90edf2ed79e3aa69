"""One frozen Settings, read once from the environment; nothing else reads the environment.

Secrets are files in `secrets_dir` (mode 0600), never variables in a process listing. docs/how-to/settings.md has a row for each.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from hub.errors import HubError

CryptoProfile = Literal["national", "international"]
KeyStoreKind = Literal["file", "pkcs11", "remote"]


class SettingInvalid(HubError):
    """A setting is missing or has a value the hub does not know.

    Cure: set the variable named in the message to one of the values it lists.
    """

    code = "settings.invalid"


@dataclass(frozen=True)
class Settings:
    """Everything a hub is told from outside."""

    region: str  # HUB_REGION: this hub's region code
    database_url: str  # HUB_DATABASE_URL: sqlite:///… or postgresql+psycopg://…
    crypto_profile: CryptoProfile  # HUB_CRYPTO_PROFILE: national (SM3 ledgers) or international (SHA-256)
    seal_version: int  # HUB_SEAL_VERSION: of the e-seals made here: 4 (GB/T 38540-2020) or 5 (GM/T 0031-2025)
    public_url: str  # HUB_PUBLIC_URL: the address others reach this hub at, without a slash at the end
    bind_host: str  # HUB_BIND_HOST
    bind_port: int  # HUB_BIND_PORT
    secrets_dir: Path  # HUB_SECRETS_DIR: keys, key passphrase, outgoing tokens
    files_dir: Path  # HUB_FILES_DIR: content-addressed store of sealed files
    import_dir: Path  # HUB_IMPORT_DIR: where the file adapter may read
    font_file: Path  # HUB_FONT_FILE: the TTF embedded in documents
    demonstration: bool  # HUB_DEMONSTRATION: mark everything made as 演示
    outgoing_allowed: tuple[
        str, ...
    ]  # HUB_OUTGOING_ALLOWED: host:port pairs inside private networks that may be called
    trusted_proxies: int  # HUB_TRUSTED_PROXIES: how many proxies in front set X-Forwarded-*
    introspection: bool  # HUB_INTROSPECTION: whether the GraphQL schema may be asked for
    signature_provider: str  # HUB_SIGNATURE_PROVIDER: who checks applicants' identities and certifies their signatures
    rate_limit: str  # HUB_RATE_LIMIT: per caller, e.g. "600/minute"
    key_store: KeyStoreKind  # HUB_KEY_STORE: where the keys of organs' seals are
    pkcs11_module: Path | None  # HUB_PKCS11_MODULE: the vendor's library
    pkcs11_token: str  # HUB_PKCS11_TOKEN: the token's label; its PIN is secrets_dir/pkcs11.pin
    pkcs11_sm2_mechanism: int | None  # HUB_PKCS11_SM2_MECHANISM: the vendor's number for SM2 signatures over a digest
    trust_anchors_file: Path | None  # HUB_TRUST_ANCHORS_FILE: PEM of the roots that seals of other systems lead to
    signing_service_url: str  # HUB_SIGNING_SERVICE_URL: its bearer secret is secrets_dir/signing-service.token

    @property
    def ledger_algorithms(self) -> tuple[str, ...]:
        """Return what keys a ledger opened under this profile signs with: every note carries a line of each."""
        return ("Ed25519", "SM2") if self.crypto_profile == "national" else ("Ed25519",)

    @property
    def ledger_hash(self) -> Literal["SHA-256", "SM3"]:
        """Return the hash a ledger opened under this profile is given at genesis."""
        return "SM3" if self.crypto_profile == "national" else "SHA-256"


def settings_from(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in `environment` (default: the process's); raises SettingInvalid."""
    env = os.environ if environment is None else environment
    var = Path(env.get("HUB_VAR_DIR", "var/hub"))
    profile = env.get("HUB_CRYPTO_PROFILE", "national")
    if profile not in ("national", "international"):
        raise SettingInvalid(
            "HUB_CRYPTO_PROFILE 只能是 national 或 international。",
            "HUB_CRYPTO_PROFILE must be national or international.",
        )
    store = env.get("HUB_KEY_STORE", "file")
    if store not in ("file", "pkcs11", "remote"):
        raise SettingInvalid(
            "HUB_KEY_STORE 只能是 file、pkcs11 或 remote。", "HUB_KEY_STORE must be file, pkcs11 or remote."
        )
    port = _whole(env, "HUB_BIND_PORT", "8000")
    module, anchors = env.get("HUB_PKCS11_MODULE", ""), env.get("HUB_TRUST_ANCHORS_FILE", "")
    return Settings(
        region=_required(env, "HUB_REGION"),
        database_url=env.get("HUB_DATABASE_URL", f"sqlite:///{(var / 'hub.db').absolute()}"),
        crypto_profile="national" if profile == "national" else "international",
        seal_version=_seal_version(env),
        public_url=env.get("HUB_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        bind_host=env.get("HUB_BIND_HOST", "127.0.0.1"),
        bind_port=port,
        secrets_dir=Path(env.get("HUB_SECRETS_DIR", str(var / "secrets"))),
        files_dir=Path(env.get("HUB_FILES_DIR", str(var / "files"))),
        import_dir=Path(env.get("HUB_IMPORT_DIR", str(var / "import"))),
        font_file=Path(env.get("HUB_FONT_FILE", "hub/web/static/vendor/document/NotoSerifSC-Regular.ttf")),
        demonstration=env.get("HUB_DEMONSTRATION", "1") == "1",
        outgoing_allowed=tuple(part for part in env.get("HUB_OUTGOING_ALLOWED", "").split(",") if part),
        trusted_proxies=_whole(env, "HUB_TRUSTED_PROXIES", "0"),
        introspection=env.get("HUB_INTROSPECTION", "1") == "1",
        signature_provider=env.get("HUB_SIGNATURE_PROVIDER", "demonstration"),
        rate_limit=env.get("HUB_RATE_LIMIT", "1200/minute"),
        key_store=cast(KeyStoreKind, store),
        pkcs11_module=Path(module) if module else None,
        pkcs11_token=env.get("HUB_PKCS11_TOKEN", ""),
        pkcs11_sm2_mechanism=_number(env, "HUB_PKCS11_SM2_MECHANISM"),
        trust_anchors_file=Path(anchors) if anchors else None,
        signing_service_url=env.get("HUB_SIGNING_SERVICE_URL", "").rstrip("/"),
    )


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise SettingInvalid(f"缺少环境变量 {name}。", f"The environment variable {name} is missing.")
    return value


def _seal_version(env: Mapping[str, str]) -> int:
    version = env.get("HUB_SEAL_VERSION", "4")
    if version not in ("4", "5"):
        raise SettingInvalid("HUB_SEAL_VERSION 只能是 4 或 5。", "HUB_SEAL_VERSION must be 4 or 5.")
    return int(version)


def _number(env: Mapping[str, str], name: str) -> int | None:
    """Return a number written in decimal or, as vendors' manuals have it, as 0x…; None when it is not set."""
    value = env.get(name, "")
    try:
        return int(value, 0) if value else None
    except ValueError as malformed:
        raise SettingInvalid(f"{name} 必须是整数。", f"{name} must be a whole number.") from malformed


def _whole(env: Mapping[str, str], name: str, default: str) -> int:
    value = env.get(name, default)
    if not value.isdecimal():
        raise SettingInvalid(f"{name} 必须是非负整数。", f"{name} must be a whole number.")
    return int(value)
