"""Keys in a PKCS#11 device (OASIS PKCS #11 v3.0): an HSM, a smart card, or SoftHSM in tests. The private half never leaves it.

A key's label is `<purpose>/<name>`, so that a key made for one purpose is found for no other; its chain lies in a folder beside, or in the
token under the same label. Devices sign plain ECDSA unless told otherwise, also on the SM2 curve: every key signs once at opening, and one that
is SM2 by its curve but not by its signatures is refused. The library is loaded on first use. Must not cache or log the PIN elsewhere.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asn1crypto import core
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from hub.errors import HubError
from hub.signing import sm2
from hub.signing.der import BIT_STRING, OID, SEQUENCE, tlv
from hub.signing.key_chains import ChainFolder
from hub.signing.key_proof import algorithm_of, holds, raw_of_key
from hub.signing.keys import (
    P256,
    SM2,
    KeyAlgorithmUnsupported,
    KeyExists,
    KeyMissing,
    KeyPurposeRefused,
    Purpose,
    checked_name,
)

EC_PUBLIC_KEY = tlv(OID, bytes.fromhex("2a8648ce3d0201"))
CURVES = {P256: bytes.fromhex("06082a8648ce3d030107"), SM2: bytes.fromhex("06082a811ccf5501822d")}
POINT_BYTES = 65


class KeyDeviceUnavailable(HubError):
    """The PKCS#11 device does not answer as it should; `fact` is what its library said, or which setting fits no device.

    Cure: see that the device is connected and that module, token label and PIN in the settings are right, then try again.
    """

    code = "key.device_unavailable"

    def __init__(self, fact: str) -> None:
        super().__init__(f"密码设备不可用（{fact}）。", f"The cryptographic device is not available ({fact}).")
        self.fact = fact


class KeyNotSm2(HubError):
    """The device's key lies on the SM2 curve, but what it signs is no SM2 signature (many devices sign plain ECDSA there).

    Cure: name the device's own SM2 mechanism in HUB_PKCS11_SM2_MECHANISM, or keep the key in a device certified for SM2.
    """

    code = "key.not_sm2"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"设备密钥“{name}”在 SM2 曲线上，但签出的不是 SM2 签名，拒绝使用。",
            f"Device key {name} lies on the SM2 curve but does not sign SM2; it is refused.",
        )
        self.name = name


class KeyDeviceFaulty(HubError):
    """The device's signature does not verify with the public key the device names; nothing it signs can be used.

    Cure: see whether two keys in the device share a label; otherwise have the device examined.
    """

    code = "key.device_faulty"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"设备密钥“{name}”的签名与其公钥不符，拒绝使用。",
            f"Signatures of device key {name} do not fit its public key; it is refused.",
        )
        self.name = name


@dataclass(frozen=True)
class DeviceSettings:
    """Which device: the vendor's module, the token's label, its PIN, and the vendor's mechanism number for SM2 where it has one."""

    module: Path
    token: str
    pin: str = field(repr=False)
    sm2_mechanism: int | None = None


@dataclass(frozen=True)
class Pkcs11Key:
    """A key in a device; it satisfies `hub.signing.keys.Key`."""

    name: str
    algorithm: str
    public_key_der: bytes
    _sign: Callable[[bytes], bytes] = field(repr=False)

    @property
    def raw_public(self) -> bytes:
        """65 bytes `04||X||Y`."""
        return raw_of_key(self.public_key_der)

    def sign(self, message: bytes) -> bytes:
        """Return the signature, DER: ECDSA over SHA-256 (P-256) or SM2 over SM3 with ZA; raise KeyDeviceUnavailable."""
        return self._sign(message)


class Pkcs11KeyStore:
    """Keeps keys in one token; it satisfies `hub.signing.keys.KeyStore`. One session, used by one thread at a time, opened anew when lost."""

    def __init__(self, device: DeviceSettings, certificates: Path) -> None:
        self._device = device
        self._chains = ChainFolder(certificates)
        self._lock = threading.Lock()
        self._session: Any = None

    def open(self, purpose: Purpose, name: str) -> Pkcs11Key:
        """Return the key after it has signed once and the signature was verified.

        Raises KeyPurposeRefused, KeyMissing, KeyNotSm2, KeyDeviceFaulty, KeyAlgorithmUnsupported, KeyDeviceUnavailable.
        """
        checked_name(name)
        with self._using() as session:
            public = _public_key(session, _label(purpose, name))
            others = [] if public else [each for each in Purpose if _public_key(session, _label(each, name))]
        if public is None:
            raise KeyPurposeRefused(name, purpose) if others else KeyMissing(name, purpose)
        return self._proven(purpose, name, public)

    def create(self, purpose: Purpose, name: str, algorithm: str) -> Pkcs11Key:
        """Make a key in the device and return it; an SM2 key the device cannot sign SM2 with is destroyed again (KeyNotSm2).

        Raises KeyExists, KeyNameRefused, KeyAlgorithmUnsupported and what `open` raises.
        """
        checked_name(name)
        if algorithm not in CURVES:
            raise KeyAlgorithmUnsupported(algorithm, tuple(CURVES))
        label = _label(purpose, name)
        with self._using() as session:
            if _public_key(session, label) is not None:
                raise KeyExists(name, purpose)
            _generate(session, label, CURVES[algorithm])
        try:
            return self.open(purpose, name)
        except (KeyNotSm2, KeyDeviceFaulty):
            with self._using() as session:
                for found in list(_objects(session, label)):
                    found.destroy()
            raise

    def names(self, purpose: Purpose) -> list[str]:
        """Return the names of the device's keys made for `purpose`, sorted; raise KeyDeviceUnavailable."""
        prefix = _label(purpose, "")
        with self._using() as session:
            labels = {str(found.label) for found in _objects(session, None)}
        return sorted(label.removeprefix(prefix) for label in labels if label.startswith(prefix))

    def certificates(self, purpose: Purpose, name: str) -> list[bytes]:
        """Return the chain kept beside; otherwise the certificates the token holds under the key's label, in its order."""
        kept = self._chains.read(purpose, name)
        if kept:
            return kept
        from pkcs11 import Attribute, ObjectClass

        with self._using() as session:
            held = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.LABEL: _label(purpose, name)}
            return [bytes(found[Attribute.VALUE]) for found in session.get_objects(held)]

    def store_certificates(self, purpose: Purpose, name: str, chain: Sequence[bytes]) -> None:
        """Keep `chain` (DER, own certificate first) in the folder beside: many devices hold no foreign certificates."""
        self._chains.write(purpose, name, chain)

    def _proven(self, purpose: Purpose, name: str, public: bytes) -> Pkcs11Key:
        algorithm = algorithm_of(public)
        if algorithm not in CURVES:
            raise KeyAlgorithmUnsupported(algorithm or "?", tuple(CURVES))
        label = _label(purpose, name)
        key = Pkcs11Key(name, algorithm, public, lambda message: self._signature(label, public, message))
        message = secrets.token_bytes(32)
        if not holds(public, message, key.sign(message)):
            raise KeyNotSm2(name) if algorithm == SM2 else KeyDeviceFaulty(name)
        return key

    def _signature(self, label: str, public: bytes, message: bytes) -> bytes:
        """Sign; a session that was lost (device restarted) is opened once more, for a signature that failed was never given out."""
        try:
            return self._signed(label, public, message)
        except KeyDeviceUnavailable:
            return self._signed(label, public, message)

    def _signed(self, label: str, public: bytes, message: bytes) -> bytes:
        from pkcs11 import Attribute, Mechanism, ObjectClass

        is_sm2 = algorithm_of(public) == SM2
        digest = sm2.message_digest(raw_of_key(public), message) if is_sm2 else hashlib.sha256(message).digest()
        vendors = self._device.sm2_mechanism if is_sm2 else None
        mechanism = Mechanism.ECDSA if vendors is None else vendors
        with self._using() as session:
            wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: label}
            for private in list(session.get_objects(wanted)):  # a search left open blocks the session
                raw = bytes(private.sign(digest, mechanism=mechanism))
                half = len(raw) // 2
                return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
        raise KeyDeviceUnavailable(label)

    @contextmanager
    def _using(self) -> Iterator[Any]:
        """Lend the session, opened when there is none; whatever the library raises ends it and becomes KeyDeviceUnavailable."""
        from pkcs11.exceptions import PKCS11Error

        with self._lock:
            try:
                if self._session is None:
                    self._session = self._opened()
                yield self._session
            except (PKCS11Error, RuntimeError, OSError) as fault:  # RuntimeError: another module is loaded already
                self._session = None
                raise KeyDeviceUnavailable(type(fault).__name__) from fault

    def _opened(self) -> Any:
        import pkcs11

        token = pkcs11.lib(str(self._device.module)).get_token(token_label=self._device.token)
        try:
            return token.open(rw=True, user_pin=self._device.pin)
        except pkcs11.exceptions.UserAlreadyLoggedIn:  # by another session of this process: the login is shared
            return token.open(rw=True)


def _label(purpose: Purpose, name: str) -> str:
    return f"{purpose}/{name}"


def _objects(session: Any, label: str | None) -> Iterator[Any]:
    """Yield the private and public halves with this label, or with any."""
    from pkcs11 import Attribute, ObjectClass

    narrowed = {} if label is None else {Attribute.LABEL: label}
    for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY):
        yield from session.get_objects({Attribute.CLASS: kind, **narrowed})


def _public_key(session: Any, label: str) -> bytes | None:
    """Return the public half as SubjectPublicKeyInfo, None when there is no key on a curve with this label."""
    from pkcs11 import Attribute, KeyType, ObjectClass

    wanted = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.KEY_TYPE: KeyType.EC, Attribute.LABEL: label}
    for found in list(session.get_objects(wanted)):
        point = bytes(found[Attribute.EC_POINT])
        bare = point if len(point) == POINT_BYTES else bytes(core.OctetString.load(point).native)
        return tlv(
            SEQUENCE, tlv(SEQUENCE, EC_PUBLIC_KEY, bytes(found[Attribute.EC_PARAMS])), tlv(BIT_STRING, b"\0", bare)
        )
    return None


def _generate(session: Any, label: str, curve: bytes) -> None:
    from pkcs11 import Attribute, KeyType

    domain = session.create_domain_parameters(KeyType.EC, {Attribute.EC_PARAMS: curve}, local=True)
    domain.generate_keypair(store=True, label=label)
