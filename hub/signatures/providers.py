"""Who checks identities and certifies signatures: one protocol, a table of providers, and the demonstration's own.

A provider in earnest is a licensed certification authority (电子认证服务机构) with a contract: one more line of PROVIDERS. The
demonstration provider checks nothing and says so in its name, in its certificates and in every verdict.

Source: 电子签名法 arts 16-22 (certification services); 电子认证服务管理办法.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from hub.clock import Clock, iso
from hub.signatures.faults import ProviderUnknown
from hub.signatures.rules import SignatureKind
from hub.signatures.signers import ShownSigner, Signer
from hub.signing.one_time_certificates import OneTimeCertificate, certify_once

if TYPE_CHECKING:
    from hub.signing.key_files import FileKeyStore


@dataclass(frozen=True)
class IdentityCheck:
    """That `provider` checked who a signer is: its own reference of the check, how strictly, and when (aware)."""

    provider: str
    reference: str
    level: str
    at: datetime

    def to_json(self) -> dict[str, Any]:
        """Return how a manifest names the check; what the provider is called is added there."""
        return {"reference": self.reference, "level": self.level, "at": iso(self.at)}


class IdentityProvider(Protocol):
    """Says whether a person is who he says he is."""

    def check_identity(self, signer: Signer) -> IdentityCheck:
        """Return the check; raises SignerDiffers when the provider denies it, and whatever its transport raises."""
        ...


class SignatureProvider(Protocol):
    """Issues one-time certificates (事件证书): one certificate and key for one act of signing."""

    def certify(
        self, signer: ShownSigner, check: IdentityCheck, *, digest: bytes, kind: SignatureKind
    ) -> OneTimeCertificate:
        """Return a certificate bound to `digest` (SM3 of the manifest, 32 bytes) with the key that signs once.

        For CERTIFICATE the signer is its subject; for DRAWN the provider is, who attests what the signer drew.
        """
        ...


class Provider(IdentityProvider, SignatureProvider, Protocol):
    """Both, under one name; `demonstration` is true for what must not be relied upon."""

    @property
    def name(self) -> str:
        """The name in the settings and in records."""
        ...

    @property
    def name_zh(self) -> str:
        """What people are told."""
        ...

    @property
    def name_en(self) -> str:
        """What people are told in English."""
        ...

    @property
    def demonstration(self) -> bool:
        """Whether its word is worth nothing outside the demonstration."""
        ...


@dataclass(frozen=True)
class DemonstrationProvider:
    """演示服务商 DEMONSTRATION: believes everybody, and certifies under the demonstration authority."""

    keys: FileKeyStore
    clock: Clock
    name: str = "demonstration"
    name_zh: str = "演示签名服务商（演示专用，未真实核验身份）"
    name_en: str = "demonstration provider (DEMONSTRATION ONLY, no identity was really checked)"
    demonstration: bool = True

    def check_identity(self, signer: Signer) -> IdentityCheck:
        """Return a check of level DEMONSTRATION, which nobody made."""
        del signer  # a provider in earnest asks its registers about him
        return IdentityCheck(self.name, f"DEMO-{secrets.token_hex(8)}", "DEMONSTRATION", self.clock.now())

    def certify(
        self, signer: ShownSigner, check: IdentityCheck, *, digest: bytes, kind: SignatureKind
    ) -> OneTimeCertificate:
        """Return an SM2 one-time certificate under the demonstration root, valid for fifteen minutes."""
        name = signer.name if kind is SignatureKind.CERTIFICATE else f"手写签名见证 {signer.name}"
        return certify_once(self.keys, name, check.reference, digest=digest, at=self.clock.now())


PROVIDERS: Mapping[str, Callable[[FileKeyStore, Clock], Provider]] = {"demonstration": DemonstrationProvider}


def provider_named(name: str, keys: FileKeyStore, clock: Clock, *, demonstration: bool) -> Provider:
    """Return the provider of the settings; raises ProviderUnknown, also for a demonstration provider outside the demonstration."""
    make = PROVIDERS.get(name)
    if make is None:
        raise ProviderUnknown(name)
    made = make(keys, clock)
    if made.demonstration and not demonstration:
        raise ProviderUnknown(name)
    return made
