"""Keys in files: encrypted, private to their owner, and opened for the one purpose they were made for."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hub.signing.key_files import FileKeyStore
from hub.signing.keys import (
    ED25519,
    P256,
    RSA,
    SM2,
    Key,
    KeyAlgorithmUnsupported,
    KeyExists,
    KeyFileRefused,
    KeyMissing,
    KeyNameRefused,
    KeyPurposeRefused,
    KeyStore,
    KeyUnreadable,
    Purpose,
)
from hub.signing.sm2 import verify
from tests.signing_desk import voice

PASSPHRASE = b"correct horse"


@pytest.fixture
def store(tmp_path: Path) -> FileKeyStore:
    return FileKeyStore(tmp_path / "keys", PASSPHRASE)


def test_a_file_store_is_a_key_store_and_its_keys_are_keys(store: FileKeyStore) -> None:
    any_store: KeyStore = store
    key: Key = any_store.create(Purpose.LEDGER, "first", ED25519)
    assert key.name == "first"


def test_an_ed25519_key_signs_so_that_its_public_half_verifies(store: FileKeyStore) -> None:
    key = store.create(Purpose.LEDGER, "first", ED25519)
    ed25519.Ed25519PublicKey.from_public_bytes(key.raw_public).verify(key.sign(b"message"), b"message")


def test_a_p256_key_signs_der_ecdsa_over_sha256(store: FileKeyStore) -> None:
    key = store.create(Purpose.SEAL, "bureau", P256)
    public = load_der_public_key(key.public_key_der)
    assert isinstance(public, ec.EllipticCurvePublicKey) and key.raw_public[0] == 4 and len(key.raw_public) == 65
    public.verify(key.sign(b"message"), b"message", ec.ECDSA(hashes.SHA256()))


def test_an_sm2_key_signs_so_that_its_public_half_verifies(store: FileKeyStore) -> None:
    key = store.create(Purpose.SEAL, "bureau", SM2)
    assert key.algorithm == SM2 and verify(key.raw_public, b"message", key.sign(b"message"))


def test_outside_the_demonstration_no_organs_sm2_key_is_made_in_a_file(tmp_path: Path) -> None:
    strict = FileKeyStore(tmp_path / "keys", PASSPHRASE, organs_sm2=False)
    strict.create(Purpose.LEDGER, "ledger", SM2)
    with pytest.raises(KeyFileRefused):
        strict.create(Purpose.SEAL, "bureau", SM2)


def test_outside_the_demonstration_an_organs_sm2_key_left_in_a_file_is_not_opened(
    store: FileKeyStore, tmp_path: Path
) -> None:
    store.create(Purpose.SEAL, "bureau", SM2)
    with pytest.raises(KeyFileRefused):
        FileKeyStore(tmp_path / "keys", PASSPHRASE, organs_sm2=False).open(Purpose.SEAL, "bureau")


@pytest.mark.parametrize("algorithm", [ED25519, P256, SM2])
def test_a_reopened_key_is_the_same_key(store: FileKeyStore, algorithm: str) -> None:
    made = store.create(Purpose.SEAL, "bureau", algorithm)
    assert store.open(Purpose.SEAL, "bureau").public_key_der == made.public_key_der


def test_a_key_is_not_opened_for_another_purpose(store: FileKeyStore) -> None:
    store.create(Purpose.SEAL, "bureau", P256)
    with pytest.raises(KeyPurposeRefused):
        store.open(Purpose.LEDGER, "bureau")


def test_a_key_file_moved_to_another_purpose_is_not_opened(store: FileKeyStore, tmp_path: Path) -> None:
    store.create(Purpose.SEAL, "bureau", P256)
    moved = tmp_path / "keys" / "ledger" / "bureau.key"
    moved.parent.mkdir()
    (tmp_path / "keys" / "seal" / "bureau.key").rename(moved)
    with pytest.raises(KeyPurposeRefused):
        store.open(Purpose.LEDGER, "bureau")


def test_an_unknown_key_is_missing(store: FileKeyStore) -> None:
    with pytest.raises(KeyMissing):
        store.open(Purpose.SEAL, "bureau")


def test_a_wrong_passphrase_opens_nothing(store: FileKeyStore, tmp_path: Path) -> None:
    store.create(Purpose.SEAL, "bureau", P256)
    with pytest.raises(KeyUnreadable):
        FileKeyStore(tmp_path / "keys", b"wrong").open(Purpose.SEAL, "bureau")


def test_a_key_is_never_overwritten(store: FileKeyStore) -> None:
    first = store.create(Purpose.SEAL, "bureau", P256)
    with pytest.raises(KeyExists):
        store.create(Purpose.SEAL, "bureau", P256)
    assert store.open(Purpose.SEAL, "bureau").public_key_der == first.public_key_der


def test_a_key_file_is_readable_by_its_owner_alone(store: FileKeyStore, tmp_path: Path) -> None:
    store.create(Purpose.SEAL, "bureau", P256)
    path = tmp_path / "keys" / "seal" / "bureau.key"
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)


def test_a_key_file_is_encrypted_pkcs8_that_openssl_opens_with_the_purpose_in_the_passphrase(
    store: FileKeyStore, tmp_path: Path
) -> None:
    store.create(Purpose.SEAL, "bureau", P256)
    path = tmp_path / "keys" / "seal" / "bureau.key"
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    said = voice(
        "openssl", "openssl", "pkey", "-in", path, "-passin", "pass:seal/bureau/correct horse", "-noout", "-text"
    )
    assert "prime256v1" in said


def test_no_half_written_file_stays_behind(store: FileKeyStore, tmp_path: Path) -> None:
    store.create(Purpose.SEAL, "bureau", P256)
    assert [path.name for path in (tmp_path / "keys" / "seal").iterdir()] == ["bureau.key"]


@pytest.mark.parametrize("name", ["", "../bureau", "a/b", "Bureau", ".hidden", "x" * 65, "局"])
def test_a_name_that_could_leave_the_folder_is_refused(store: FileKeyStore, name: str) -> None:
    with pytest.raises(KeyNameRefused):
        store.create(Purpose.SEAL, name, P256)


def test_an_algorithm_that_files_do_not_offer_is_refused(store: FileKeyStore) -> None:
    with pytest.raises(KeyAlgorithmUnsupported) as refused:
        store.create(Purpose.SEAL, "bureau", RSA)
    assert refused.value.offered == (ED25519, P256, SM2)


def test_names_are_listed_by_purpose(store: FileKeyStore) -> None:
    for name in ("b", "a"):
        store.create(Purpose.WITNESS, name, ED25519)
    assert (store.names(Purpose.WITNESS), store.names(Purpose.SEAL)) == (["a", "b"], [])
