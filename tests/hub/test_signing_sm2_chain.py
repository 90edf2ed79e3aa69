"""SM2 certificates and chains: ours as openssl judges them, and what a path must not be made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hub.signing.anchors import Anchors
from hub.signing.authority import SM2_ROOT, certify_seal, certify_seal_maker, found_authority, revocation_list
from hub.signing.issuing import Issuer, Subject, certificate
from hub.signing.key_files import FileKeyStore
from hub.signing.keys import P256, SM2, Key, Purpose
from hub.signing.sm2_certificates import is_sm2, public_point, signed_by
from hub.signing.verify_chain import check_chain, may_sign
from tests.signing_desk import FOUNDED, ISSUER, SIGNED, voice, years

DISTID = "distid:1234567812345678"


def read(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


def pem(*ders: bytes) -> bytes:
    return b"".join(read(der).public_bytes(Encoding.PEM) for der in ders)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FileKeyStore:
    return FileKeyStore(tmp_path_factory.mktemp("sm2-chain") / "keys", b"a passphrase for tests")


@pytest.fixture(scope="module")
def chain(store: FileKeyStore) -> list[bytes]:
    return certify_seal(store, "bureau", ISSUER, FOUNDED, algorithm=SM2)


@pytest.fixture(scope="module")
def anchors(chain: list[bytes]) -> Anchors:
    return Anchors.from_pem(pem(chain[-1]))


def issued(
    store: FileKeyStore, name: str, issuer: Issuer, *, authority: bool = False, until: datetime | None = None
) -> tuple[Key, bytes]:
    """A key and a certificate for it, named after the key."""
    purpose = Purpose.AUTHORITY if authority else Purpose.SEAL
    key = store.open(purpose, name) if name in store.names(purpose) else store.create(purpose, name, SM2)
    subject = Subject({"country_name": "CN", "common_name": name}, key.public_key_der, authority=authority)
    return key, certificate(subject, issuer, FOUNDED, until or FOUNDED + years(3))


def own_root(store: FileKeyStore, name: str) -> tuple[Issuer, Anchors]:
    """A root with its path length left at nought, as the demonstration's."""
    key = store.create(Purpose.AUTHORITY, name, SM2)
    subject = Subject({"common_name": name}, key.public_key_der, authority=True)
    root = certificate(subject, Issuer(key, None), FOUNDED, FOUNDED + years(9))
    return Issuer(key, root), Anchors.from_pem(pem(root))


def changed(der: bytes, key: Key, change: object) -> bytes:
    """The certificate with its signed part changed by `change`, signed anew by `key`."""
    parsed = asn1_x509.Certificate.load(der).copy()
    change(parsed["tbs_certificate"])  # type: ignore[operator]
    parsed["signature_value"] = key.sign(parsed["tbs_certificate"].dump(force=True))
    return bytes(parsed.dump(force=True))


def reaches(leaf: bytes, others: Sequence[bytes], anchors: Anchors, at: datetime = SIGNED) -> bool:
    return check_chain(read(leaf), [read(der) for der in others], anchors, at).root is not None


def test_openssl_accepts_our_chain_when_told_the_user_id(chain: list[bytes], tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(pem(chain[1]))
    (tmp_path / "own.pem").write_bytes(pem(chain[0]))
    said = voice(
        "openssl", "openssl", "verify", "-attime", str(int(SIGNED.timestamp())), "-x509_strict",
        "-vfyopt", DISTID, "-CAfile", tmp_path / "root.pem", tmp_path / "own.pem",
    )  # fmt: skip
    assert said.strip().endswith("own.pem: OK")


def test_openssl_accepts_the_signature_on_our_revocation_list(
    store: FileKeyStore, chain: list[bytes], tmp_path: Path
) -> None:
    found = x509.load_pem_x509_crl(revocation_list(store, [(1, FOUNDED)], SIGNED, algorithm=SM2))
    (tmp_path / "root.pem").write_bytes(pem(chain[1]))
    (tmp_path / "signed").write_bytes(found.tbs_certlist_bytes)
    (tmp_path / "value").write_bytes(found.signature)
    said = voice(  # `openssl verify -crl_check` offers no way to tell it the user id for a list
        "openssl", "openssl", "pkeyutl", "-verify", "-certin", "-inkey", tmp_path / "root.pem", "-rawin",
        "-in", tmp_path / "signed", "-sigfile", tmp_path / "value", "-digest", "sm3", "-pkeyopt", DISTID,
    )  # fmt: skip
    assert "Signature Verified Successfully" in said


def test_an_sm2_chain_reaches_its_root(chain: list[bytes], anchors: Anchors) -> None:
    check = check_chain(read(chain[0]), [], anchors, SIGNED)
    assert (check.root, check.within_validity, check.revocation_checked) == (anchors.certificates[0], True, False)


def test_the_seal_makers_certificate_is_an_sm2_one_that_may_sign(store: FileKeyStore, anchors: Anchors) -> None:
    made = read(certify_seal_maker(store, "maker", "沣东新城通办枢纽", FOUNDED)[0])
    assert is_sm2(made) and may_sign(made) and check_chain(made, [], anchors, SIGNED).root is not None


def test_a_key_certified_again_keeps_its_algorithm(store: FileKeyStore, chain: list[bytes]) -> None:
    assert public_point(read(certify_seal(store, "bureau", ISSUER, FOUNDED, algorithm=P256)[0])) == public_point(read(chain[0]))  # fmt: skip


def test_both_roots_may_be_trusted_at_once(store: FileKeyStore, chain: list[bytes]) -> None:
    other = certify_seal(store, "other-bureau", ISSUER, FOUNDED)
    both = Anchors.from_pem(pem(chain[-1], other[-1]))
    assert reaches(chain[0], [], both) and reaches(other[0], [], both)


def test_a_root_nobody_handed_in_is_not_trusted(store: FileKeyStore, chain: list[bytes]) -> None:
    other = Anchors.from_pem(pem(found_authority(store, FOUNDED)))
    assert not reaches(chain[0], chain[1:], other) and not reaches(chain[0], chain[1:], Anchors())


def test_a_chain_is_sought_within_validity_so_that_expiry_shows_alone(chain: list[bytes], anchors: Anchors) -> None:
    check = check_chain(read(chain[0]), [], anchors, SIGNED + years(5))
    assert check.root is not None and not check.within_validity


@pytest.mark.parametrize("shift", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_revoked_certificate_is_revoked_since_then(store: FileKeyStore, chain: list[bytes], shift: timedelta) -> None:
    serial = read(chain[0]).serial_number
    lists = revocation_list(store, [(serial, SIGNED + shift)], SIGNED, algorithm=SM2)
    check = check_chain(read(chain[0]), [], Anchors.from_pem(pem(chain[1]) + lists), SIGNED)
    assert (check.revoked_since, check.revocation_checked) == (SIGNED + shift, True)


def test_a_list_that_another_key_signed_does_not_count(store: FileKeyStore, chain: list[bytes]) -> None:
    p256 = revocation_list(store, [(read(chain[0]).serial_number, FOUNDED)], SIGNED)
    check = check_chain(read(chain[0]), [], Anchors.from_pem(pem(chain[1]) + p256), SIGNED)
    assert (check.revoked_since, check.revocation_checked) == (None, False)


def test_a_flipped_bit_in_a_certificate_breaks_the_chain(chain: list[bytes], anchors: Anchors) -> None:
    for position in (chain[0].index("沣东".encode()), -1):
        bad = bytearray(chain[0])
        bad[position] ^= 1
        assert not signed_by(read(bytes(bad)), anchors.certificates[0]) and not reaches(bytes(bad), [], anchors)


def test_parameters_of_the_signature_algorithm_may_be_null(
    store: FileKeyStore, chain: list[bytes], anchors: Anchors
) -> None:
    absent, null = bytes.fromhex("300a06082a811ccf55018375"), bytes.fromhex("300c06082a811ccf550183750500")
    parsed = asn1_x509.Certificate.load(chain[0])
    body = parsed["tbs_certificate"].dump()
    inner = body[4:].replace(absent, null, 1)
    signed = b"\x30\x82" + len(inner).to_bytes(2, "big") + inner
    value = store.open(Purpose.AUTHORITY, SM2_ROOT).sign(signed)
    whole = signed + null + b"\x03" + bytes([len(value) + 1]) + b"\0" + value
    assert reaches(b"\x30\x82" + len(whole).to_bytes(2, "big") + whole, [], anchors)


def test_a_certificate_that_is_no_authority_certifies_nobody(store: FileKeyStore) -> None:
    root, anchors = own_root(store, "root-a")
    middle_key, middle = issued(store, "no-authority", root)
    _, leaf = issued(store, "leaf-a", Issuer(middle_key, middle))
    assert reaches(middle, [], anchors) and not reaches(leaf, [middle], anchors)


def test_a_path_longer_than_its_root_permits_is_refused(store: FileKeyStore) -> None:
    root, anchors = own_root(store, "root-b")
    middle_key, middle = issued(store, "middle-b", root, authority=True)
    _, leaf = issued(store, "leaf-b", Issuer(middle_key, middle))
    assert not reaches(leaf, [middle], anchors)


def test_a_path_through_an_authority_between_is_found_where_the_root_permits_it(store: FileKeyStore) -> None:
    root, _ = own_root(store, "root-c")

    def unbounded(content: asn1_x509.TbsCertificate) -> None:
        for extension in content["extensions"]:
            if extension["extn_id"].native == "basic_constraints":
                extension["extn_value"] = asn1_x509.BasicConstraints({"ca": True})

    open_root = changed(root.certificate or b"", root.key, unbounded)
    middle_key, middle = issued(store, "middle-c", Issuer(root.key, open_root), authority=True)
    _, leaf = issued(store, "leaf-c", Issuer(middle_key, middle))
    anchors = Anchors.from_pem(pem(open_root))
    assert reaches(leaf, [middle], anchors) and not reaches(leaf, [], anchors)


def test_an_authority_without_the_right_to_certify_is_refused(store: FileKeyStore) -> None:
    root, _ = own_root(store, "root-d")

    def lists_only(content: asn1_x509.TbsCertificate) -> None:
        for extension in content["extensions"]:
            if extension["extn_id"].native == "key_usage":
                extension["extn_value"] = asn1_x509.KeyUsage({"crl_sign"})

    weak = changed(root.certificate or b"", root.key, lists_only)
    _, leaf = issued(store, "leaf-d", Issuer(root.key, weak))
    assert not reaches(leaf, [], Anchors.from_pem(pem(weak)))


def test_a_critical_extension_nobody_reads_breaks_the_chain(store: FileKeyStore) -> None:
    root, anchors = own_root(store, "root-e")
    _, leaf = issued(store, "leaf-e", root)

    def strange(*, critical: bool) -> bytes:
        def add(content: asn1_x509.TbsCertificate) -> None:
            content["extensions"].append(
                {"extn_id": "1.2.86.11.7.1", "critical": critical, "extn_value": b"\x04\x01\x00"}
            )

        return changed(leaf, root.key, add)

    assert reaches(strange(critical=False), [], anchors) and not reaches(strange(critical=True), [], anchors)


def test_an_expired_authority_breaks_the_chain(store: FileKeyStore) -> None:
    key = store.create(Purpose.AUTHORITY, "root-f", SM2)
    subject = Subject({"common_name": "root-f"}, key.public_key_der, authority=True)
    root = certificate(subject, Issuer(key, None), FOUNDED, FOUNDED + years(1))
    _, leaf = issued(store, "leaf-f", Issuer(key, root), until=FOUNDED + years(3))
    anchors = Anchors.from_pem(pem(root))
    assert reaches(leaf, [], anchors) and not reaches(leaf, [], anchors, SIGNED + years(2))


def test_a_crowd_of_namesakes_costs_no_more_than_a_bound(store: FileKeyStore) -> None:
    root, anchors = own_root(store, "root-g")
    crowd = [issued(store, "root-g", Issuer(root.key, root.certificate), authority=True)[1] for _ in range(100)]
    _, leaf = issued(store, "leaf-g", root)
    assert reaches(leaf, crowd, anchors)  # anchors come first
    stranger, _ = own_root(store, "root-h")
    _, lost = issued(store, "leaf-h", Issuer(stranger.key, root.certificate))
    assert not reaches(lost, crowd, anchors)
