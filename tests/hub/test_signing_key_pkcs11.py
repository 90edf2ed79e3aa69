"""Keys in a PKCS#11 device, here SoftHSM: P-256 works, a curve without its algorithm is found out, and purposes stay apart."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.signing.authority import certify_seal
from hub.signing.key_files import FileKeyStore
from hub.signing.key_pkcs11 import DeviceSettings, KeyDeviceUnavailable, KeyNotSm2, Pkcs11KeyStore
from hub.signing.key_proof import algorithm_of, holds
from hub.signing.key_routes import RoutedKeyStore
from hub.signing.keys import (
    ED25519,
    P256,
    SM2,
    Key,
    KeyAlgorithmUnsupported,
    KeyExists,
    KeyMissing,
    KeyPurposeRefused,
    KeyStore,
    Purpose,
)
from tests.signing_desk import FOUNDED, ISSUER

pytestmark = pytest.mark.skipif(shutil.which("softhsm2-util") is None, reason="softhsm2 is not installed")
MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/*/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
TOKEN, PIN = "tests", "567890"


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeviceSettings]:
    """A token of its own, which SoftHSM finds by the one variable it reads."""
    library = next(path for place in MODULES for path in Path("/").glob(place.lstrip("/")))
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    making = ["softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--so-pin", "123456", "--pin", PIN]
    subprocess.run(making, check=True, capture_output=True)
    yield DeviceSettings(library, TOKEN, PIN)
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture(scope="module")
def store(device: DeviceSettings, tmp_path_factory: pytest.TempPathFactory) -> Pkcs11KeyStore:
    return Pkcs11KeyStore(device, tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def bureau(store: Pkcs11KeyStore) -> Key:
    return store.create(Purpose.SEAL, "bureau", P256)


def test_a_device_store_is_a_key_store_and_its_keys_are_keys(store: Pkcs11KeyStore, bureau: Key) -> None:
    any_store: KeyStore = store
    assert any_store.names(Purpose.SEAL) == ["bureau"] and bureau.algorithm == P256 and len(bureau.raw_public) == 65


def test_a_signature_made_in_the_device_verifies_outside(bureau: Key) -> None:
    assert holds(bureau.public_key_der, b"message", bureau.sign(b"message"))
    assert not holds(bureau.public_key_der, b"another", bureau.sign(b"message"))


def test_a_key_is_found_again_by_another_store_on_the_same_token(
    device: DeviceSettings, bureau: Key, tmp_path: Path
) -> None:
    assert Pkcs11KeyStore(device, tmp_path).open(Purpose.SEAL, "bureau").public_key_der == bureau.public_key_der


def test_a_device_key_is_opened_for_its_purpose_alone(store: Pkcs11KeyStore, bureau: Key) -> None:
    with pytest.raises(KeyPurposeRefused):
        store.open(Purpose.LEDGER, bureau.name)
    with pytest.raises(KeyMissing):
        store.open(Purpose.SEAL, "unknown")


def test_a_device_key_is_never_made_twice(store: Pkcs11KeyStore, bureau: Key) -> None:
    with pytest.raises(KeyExists):
        store.create(Purpose.SEAL, bureau.name, P256)


def test_a_device_that_signs_plain_ecdsa_on_the_sm2_curve_is_found_out(store: Pkcs11KeyStore) -> None:
    with pytest.raises(KeyNotSm2):
        store.create(Purpose.SEAL, "national", SM2)
    assert "national" not in store.names(Purpose.SEAL)


def test_an_sm2_key_somebody_else_put_into_such_a_device_is_refused_at_opening(
    device: DeviceSettings, bureau: Key, tmp_path: Path
) -> None:
    import pkcs11

    assert bureau.algorithm == P256  # its store has logged in, for the whole process
    with pkcs11.lib(str(device.module)).get_token(token_label=TOKEN).open(rw=True) as session:
        curve = {pkcs11.Attribute.EC_PARAMS: bytes.fromhex("06082a811ccf5501822d")}
        domain = session.create_domain_parameters(pkcs11.KeyType.EC, curve, local=True)
        domain.generate_keypair(store=True, label="seal/imported")
    with pytest.raises(KeyNotSm2):
        Pkcs11KeyStore(device, tmp_path).open(Purpose.SEAL, "imported")


def test_an_algorithm_the_device_store_does_not_make_is_refused(store: Pkcs11KeyStore) -> None:
    with pytest.raises(KeyAlgorithmUnsupported):
        store.create(Purpose.SEAL, "other", ED25519)


def test_many_threads_sign_in_turn_with_one_session(bureau: Key) -> None:
    with ThreadPoolExecutor(4) as pool:
        signatures = list(pool.map(bureau.sign, [bytes([number]) for number in range(40)]))
    assert all(holds(bureau.public_key_der, bytes([n]), signature) for n, signature in enumerate(signatures))


def test_a_seal_key_in_the_device_is_certified_by_an_authority_in_files(
    store: Pkcs11KeyStore, bureau: Key, tmp_path: Path
) -> None:
    keys = RoutedKeyStore(frozenset({Purpose.SEAL}), store, FileKeyStore(tmp_path / "keys", b"x"))
    chain = certify_seal(keys, bureau.name, ISSUER, FOUNDED)
    assert keys.certificates(Purpose.SEAL, bureau.name) == chain and keys.names(Purpose.AUTHORITY) != []


def test_a_wrong_pin_and_an_absent_token_are_told_as_an_unavailable_device(
    device: DeviceSettings, tmp_path: Path
) -> None:
    absent = DeviceSettings(device.module, "no-such-token", PIN)
    for settings in (absent, DeviceSettings(tmp_path / "no-module.so", TOKEN, PIN)):
        with pytest.raises(KeyDeviceUnavailable):
            Pkcs11KeyStore(settings, tmp_path).names(Purpose.SEAL)


def test_the_pin_is_not_shown_when_the_settings_are_printed(device: DeviceSettings) -> None:
    assert PIN not in repr(device)


def test_the_kind_of_a_public_key_is_told_by_the_key_itself(bureau: Key) -> None:
    assert (algorithm_of(bureau.public_key_der), algorithm_of(b"\x30\x00")) == (P256, None)
