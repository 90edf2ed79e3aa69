"""The operator's commands about seals, as processes of their own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hub.access.enrolment import enrol_officer
from hub.access.records import Role
from hub.clock import SystemClock
from hub.settings import settings_from
from hub.signing.authority import found_authority
from hub.signing.keys import SM2
from hub.web.compose import compose
from tests.hub.test_commands import Shell
from tests.seal_desk import found_seal_desk

USCC = "11610100MB0000000J"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """An operator's shell of a hub with a keeper of seals."""
    made = Shell(tmp_path)
    assert made("migrate").returncode == 0
    assert made("ledger", "open").returncode == 0
    hub = compose(settings_from(made.settings))
    with hub.database.transaction() as session:
        enrol_officer(session, code="keeper", name="保管人", region="x-test", roles=[Role.SEAL_KEEPER], clock=hub.clock)
    hub.database.close()
    return made


@pytest.fixture
def structure(tmp_path: Path) -> Path:
    """An organ's seal as the competent system gives it out, and that system's root beside it."""
    desk = found_seal_desk(tmp_path)
    now = SystemClock().now().replace(microsecond=0)
    root = x509.load_der_x509_certificate(found_authority(desk.store, now, SM2))
    (tmp_path / "roots.pem").write_bytes(root.public_bytes(Encoding.PEM))
    file = tmp_path / "organ.esl"
    wanted = desk.wanted()
    signer, maker = desk.signer(now - timedelta(hours=1)), desk.maker(now - timedelta(hours=1))
    changed = {"certificates": (signer.certificate,), "created_at": now, "valid_from": now}
    wanted = type(wanted)(**{**vars(wanted), **changed, "valid_until": now + timedelta(days=365)})
    file.write_bytes(desk.seal(wanted, maker))
    return file


def imported(shell: Shell, structure: Path, **trusted: str) -> tuple[int, str]:
    """Import the structure, and say what came of it."""
    told = ("--filing", "6101990000000001", "--owner", "审批局", "--uscc", USCC, "--keeper", "keeper")
    done = Told(shell.folder, trusted)("seal", "import", str(structure), *told)
    return done.returncode, done.stdout + done.stderr


class Told(Shell):
    """A shell whose hub is told more."""

    def __init__(self, folder: Path, more: dict[str, str]) -> None:
        super().__init__(folder)
        self.more = more

    @property
    def settings(self) -> dict[str, str]:
        """What its hub is told."""
        return super().settings | self.more


def test_an_organs_seal_is_imported_under_the_root_the_hub_was_told_of(shell: Shell, structure: Path) -> None:
    status, said = imported(shell, structure, HUB_TRUST_ANCHORS_FILE=str(structure.parent / "roots.pem"))
    assert status == 0 and "REGISTERED" in said, said
    assert shell.asked("SELECT source || ' ' || filing_number FROM seals") == "IMPORTED 6101990000000001"


def test_a_seal_of_a_system_nobody_told_the_hub_of_is_refused(shell: Shell, structure: Path) -> None:
    status, said = imported(shell, structure)
    assert status == 2 and "[seal.structure_refused]" in said
    assert shell.asked("SELECT count(*) FROM seals") == 0


def test_roots_that_cannot_be_read_are_said_in_one_sentence(shell: Shell, structure: Path) -> None:
    status, said = imported(shell, structure, HUB_TRUST_ANCHORS_FILE="absent.pem")
    assert status == 2 and "[anchors.unreadable]" in said and "Traceback" not in said


@pytest.mark.parametrize("name", ["uses.csv", "uses.xlsx"])
def test_the_register_of_uses_is_written_to_a_file(shell: Shell, name: str) -> None:
    out = shell.folder / name
    done = shell("seal", "register", "--from", "2026-01-01", "--to", "2026-12-31", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert out.read_bytes()[:2] in (b"\xef\xbb", b"PK")


def test_the_register_of_a_seal_that_is_not_there_is_refused(shell: Shell) -> None:
    out = str(shell.folder / "uses.csv")
    done = shell("seal", "register", "--from", "2026-01-01", "--to", "2026-12-31", "--out", out, "--seal", "none")
    assert done.returncode == 2 and "[seal.missing]" in done.stderr
