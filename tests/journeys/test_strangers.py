"""Verifiers that share no code with this program: pymerkle on the ledger, OpenSSL on its note, on seals and on time stamps, pdfsig on the PDF.

They are given what anybody can fetch: bundles of headers, checkpoints, `/trust/keys.json`, `/trust/anchors.pem`, the sealed file.
Where one of the tools is not installed, its tests are left out and the summary says which.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from asn1crypto import cms
from pymerkle import InmemoryTree

from seeds.hubs import INTERNATIONAL
from tests.journeys.five import Demonstration
from tests.journeys.partner import SECONDS, Partner, Sealed
from tests.journeys.tools import kept, needs, run
from tests.journeys.trees import Note, read_note

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = 256
KEY_ID_BYTES = 4
VALID, WHOLE, ALTERED = "Signature is Valid.", "Total document signed", "Digest Mismatch"
PASSED_STATUS, FAILED_STATUS, CANNOT_TELL_STATUS = 0, 1, 3
ADDRESS = re.compile(r"/verify/[0-9a-f]{32}$")


@dataclass(frozen=True)
class Evidence:
    """A sealed PDF in a folder with what belongs to it, each in a file of its own for the tools."""

    sealed: Sealed
    pdf: Path
    altered: Path
    anchors: Path
    signature: Path  # the CMS as it stands in the PDF
    signed: Path  # the bytes that it covers
    token: Path  # the time stamp in it
    stamped: Path  # the bytes that the time stamp covers


@dataclass(frozen=True)
class Ledger:
    """A public ledger as it was fetched: its note, and the headers of its bundles in order."""

    note: Note
    headers: list[bytes]


@pytest.fixture(scope="module")
def asker(demonstration: Demonstration) -> Partner:
    """Whoever asks the hub that keeps to SHA-256, which the tools speak."""
    return Partner(demonstration, INTERNATIONAL)


@pytest.fixture(scope="module")
def ledger(asker: Partner) -> Ledger:
    """The public ledger as files: a checkpoint, and bundles of headers after C2SP tlog-tiles."""
    base = f"{asker.url}/ledger/public"
    note = read_note(httpx.get(f"{base}/checkpoint", timeout=SECONDS).raise_for_status().text)
    headers: list[bytes] = []
    for start in range(0, note.size, BUNDLE):
        width = min(BUNDLE, note.size - start)
        path = f"tile/entries/{start // BUNDLE:03}" + (f".p/{width}" if width < BUNDLE else "")
        rest = httpx.get(f"{base}/{path}", timeout=SECONDS).raise_for_status().content
        while rest:
            length = int.from_bytes(rest[:2], "big")
            headers.append(rest[2 : 2 + length])
            rest = rest[2 + length :]
    return Ledger(note, headers)


@pytest.fixture(scope="module")
def evidence(asker: Partner, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """A document that was sealed a moment ago, taken apart without this program."""
    sealed, folder = asker.sealed(), tmp_path_factory.mktemp("sealed")
    anchors = httpx.get(f"{asker.url}/trust/anchors.pem", timeout=SECONDS).raise_for_status().content
    start, length, rest, tail = covered(sealed.pdf)
    contents = sealed.pdf[start + length + 1 : rest - 1]
    signature = cms.ContentInfo.load(bytes.fromhex(contents.decode("ascii")))
    signer = signature["content"]["signer_infos"][0]
    token = next(
        attribute["values"][0]
        for attribute in signer["unsigned_attrs"]
        if attribute["type"].native == "signature_time_stamp_token"
    )
    altered = bytearray(sealed.pdf)
    altered[length // 2] ^= 1
    return Evidence(
        sealed=sealed,
        pdf=kept(folder / "sealed.pdf", sealed.pdf),
        altered=kept(folder / "altered.pdf", bytes(altered)),
        anchors=kept(folder / "anchors.pem", anchors),
        signature=kept(folder / "signature.der", signature.dump()),
        signed=kept(folder / "signed", sealed.pdf[start : start + length] + sealed.pdf[rest : rest + tail]),
        token=kept(folder / "token.der", token.dump()),
        stamped=kept(folder / "stamped", signer["signature"].native),
    )


def covered(pdf: bytes) -> tuple[int, int, int, int]:
    """Return the ByteRange of the only signature."""
    (found,) = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)
    start, length, rest, tail = map(int, found)
    return start, length, rest, tail


# The ledger


def test_pymerkle_finds_the_root_that_the_checkpoint_signs(ledger: Ledger) -> None:
    tree = InmemoryTree(algorithm="sha256")
    for header in ledger.headers:
        tree.append_entry(header)
    assert (len(ledger.headers), tree.get_root()) == (ledger.note.size, ledger.note.root)


def test_pymerkle_finds_another_root_when_one_header_is_left_out(ledger: Ledger) -> None:
    tree = InmemoryTree(algorithm="sha256")
    for header in [*ledger.headers[:7], *ledger.headers[8:]]:
        tree.append_entry(header)
    assert tree.get_root() != ledger.note.root


@pytest.mark.parametrize("change", [b"", b"1"])
def test_openssl_accepts_the_notes_signature_with_the_published_key_and_no_other_note(
    asker: Partner, ledger: Ledger, tmp_path: Path, change: bytes
) -> None:
    keys = httpx.get(f"{asker.url}/trust/keys.json", timeout=SECONDS).raise_for_status().json()["keys"]
    key = next(key for key in keys if (key["use"], key["name"]) == ("LEDGER", ledger.note.origin))
    line = ledger.note.signatures[ledger.note.origin]
    assert (key["algorithm"], line[:KEY_ID_BYTES].hex()) == ("Ed25519", key["keyId"])
    public = kept(tmp_path / "key.der", base64.b64decode(key["publicKey"]))
    signature = kept(tmp_path / "signature", line[KEY_ID_BYTES:])
    note = kept(tmp_path / "note", ledger.note.signed + change)
    told = run(
        needs("openssl"), "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", public, "-in", note,
        "-sigfile", signature,
    )  # fmt: skip
    assert (told.returncode == 0) is (change == b""), told


# The seal


def test_pdfsig_finds_the_signature_valid_and_the_whole_document_signed(evidence: Evidence) -> None:
    told = run(needs("pdfsig"), evidence.pdf).stdout
    assert VALID in told and WHOLE in told, told


def test_pdfsig_finds_one_changed_byte(evidence: Evidence) -> None:
    told = run(needs("pdfsig"), evidence.altered).stdout
    assert ALTERED in told and VALID not in told, told


def test_openssl_verifies_the_seal_against_the_published_anchors(evidence: Evidence) -> None:
    told = openssl_cms(evidence, evidence.signed, evidence.anchors)
    assert told.returncode == 0, told.stderr


def test_openssl_refuses_the_seal_over_other_bytes(evidence: Evidence, tmp_path: Path) -> None:
    other = kept(tmp_path / "other", evidence.signed.read_bytes() + b"\n")
    assert openssl_cms(evidence, other, evidence.anchors).returncode != 0


def test_openssl_refuses_the_seal_under_the_anchors_of_another_hub(
    demonstration: Demonstration, evidence: Evidence, tmp_path: Path
) -> None:
    other = httpx.get(f"{demonstration.home_url}/trust/anchors.pem", timeout=SECONDS).raise_for_status().content
    assert openssl_cms(evidence, evidence.signed, kept(tmp_path / "anchors.pem", other)).returncode != 0


def openssl_cms(evidence: Evidence, content: Path, anchors: Path) -> subprocess.CompletedProcess[str]:
    """Return what OpenSSL says of the seal over `content`."""
    return run(
        needs("openssl"), "cms", "-verify", "-binary", "-inform", "DER", "-in", evidence.signature, "-content", content,
        "-CAfile", anchors, "-purpose", "any", "-out", "/dev/null",
    )  # fmt: skip


def test_openssl_accepts_the_time_stamp_on_the_seal(evidence: Evidence) -> None:
    told = openssl_ts(evidence, evidence.stamped)
    assert (told.returncode, "Verification: OK" in told.stdout) == (0, True), told


def test_openssl_refuses_the_time_stamp_on_another_seal(evidence: Evidence, tmp_path: Path) -> None:
    assert openssl_ts(evidence, kept(tmp_path / "other", b"another signature")).returncode != 0


def openssl_ts(evidence: Evidence, stamped: Path) -> subprocess.CompletedProcess[str]:
    """Return what OpenSSL says of the time stamp over `stamped`."""
    return run(
        needs("openssl"), "ts", "-verify", "-data", stamped, "-token_in", "-in", evidence.token, "-CAfile", evidence.anchors
    )  # fmt: skip


# Our own verifier, as a stranger runs it


@pytest.fixture(scope="module")
def offline() -> list[str]:
    """The beginning of a command that runs without a network, where this system lets us take it away."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    cut = [unshare, "--net", "--map-root-user"]
    return cut if run(*cut, "true").returncode == 0 else []


def verified(offline: list[str], folder: Path, file: Path, anchors: Path | None) -> int:
    """Return the exit status of `python -m hub verify`, run in a folder without settings."""
    command = [*offline, "env", "-i", f"PYTHONPATH={ROOT}", sys.executable, "-m", "hub", "verify", str(file)]
    if anchors is not None:
        command += ["--anchors", str(anchors)]
    told = run(*command, folder=folder)
    assert "Traceback" not in told.stderr and list(folder.iterdir()) == []
    return told.returncode


def test_the_offline_verifier_passes_the_sealed_file(offline: list[str], evidence: Evidence, tmp_path: Path) -> None:
    assert verified(offline, tmp_path, evidence.pdf, evidence.anchors) == PASSED_STATUS


def test_the_offline_verifier_fails_the_altered_file(offline: list[str], evidence: Evidence, tmp_path: Path) -> None:
    assert verified(offline, tmp_path, evidence.altered, evidence.anchors) == FAILED_STATUS


def test_the_offline_verifier_cannot_tell_without_anchors(
    offline: list[str], evidence: Evidence, tmp_path: Path
) -> None:
    assert verified(offline, tmp_path, evidence.pdf, None) == CANNOT_TELL_STATUS


@pytest.mark.parametrize(("file", "outcome"), [("pdf", "passed"), ("altered", "failed")])
def test_the_verify_page_gives_the_same_verdict(asker: Partner, evidence: Evidence, file: str, outcome: str) -> None:
    path: Path = getattr(evidence, file)
    told = httpx.post(
        f"{asker.url}/verify",
        files={"file": (path.name, path.read_bytes())},
        headers={"Accept": "application/json"},
        timeout=SECONDS,
    ).raise_for_status()
    assert told.json()["outcome"] == outcome


# The code on the page


@pytest.fixture(scope="module")
def address(evidence: Evidence) -> str:
    """What a phone reads off the printed page."""
    page = evidence.pdf.with_name("page")
    run(needs("pdftoppm"), "-r", "200", "-png", "-singlefile", evidence.pdf, page)
    told = run(needs("zbarimg"), "--quiet", "--raw", page.with_suffix(".png"))
    return told.stdout.strip()


def test_the_code_on_the_page_is_the_documents_own_address(asker: Partner, address: str) -> None:
    assert address.startswith(f"{asker.url}/verify/") and ADDRESS.search(address), address


def test_the_address_in_the_code_describes_the_document_and_asks_for_the_file(
    asker: Partner, address: str, evidence: Evidence
) -> None:
    document = "query($id: ID!) { node(id: $id) { ... on Approval { number title } } }"
    token = asker.officer("checker-1")
    approval = asker.demonstration.graphql(asker.region, document, {"id": evidence.sealed.id}, token)["node"]
    told = httpx.get(address, headers={"Accept": "text/html"}, timeout=SECONDS).raise_for_status().text
    assert approval["number"] in told and approval["title"] in told and 'type="file"' in told


def test_a_file_is_compared_with_the_one_its_code_describes(asker: Partner, address: str, evidence: Evidence) -> None:
    told = [
        httpx.post(
            f"{asker.url}/verify",
            data={"code": address.rpartition("/")[2]},
            files={"file": (path.name, path.read_bytes())},
            headers={"Accept": "application/json"},
            timeout=SECONDS,
        ).json()["asDescribed"]
        for path in (evidence.pdf, evidence.altered)
    ]
    assert told == [True, False]
